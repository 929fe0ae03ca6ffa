"""The comparison of defaults and alternatives: standard errors, what may know nothing later, and what a terminal asks for."""

from __future__ import annotations

import inspect
import math
from argparse import ArgumentTypeError

import numpy as np
import pandas as pd
import pytest

from benchmarks import truth
from benchmarks.kinds import WITH_REGIMES, switching
from benchmarks.truths import reference
from benchmarks.truths.measures import Score
from benchmarks.truths.rivals import always_bull, features, hmmlearn_labels
from benchmarks.truths.series import detect, labels_of, scored, series_of
from benchmarks.truths.summary import cells, difference, mean_of, mean_over
from benchmarks.truths.tables import goal_of
from benchmarks.truths.variants import DEFAULTS, KIND_OPTIONS, QUICK, VARIANTS
from benchmarks.truths.without import look, said_no
from hidden_regime import RegimeDetector


def scores(*right):
    return [Score(r, r, r, 1.0, 2.0, 3.0, 0.1) for r in right]


def test_a_mean_over_kinds_weighs_each_alike_and_errs_within_them():
    mean = mean_over({"a": [0.8, 0.9, 1.0], "b": [0.5, 0.7]})
    assert mean.value == pytest.approx((0.9 + 0.6) / 2)
    assert mean.error == pytest.approx(math.sqrt(0.01 / 3 + 0.02 / 2) / 2)


def test_one_series_has_no_error_and_none_no_mean():
    assert math.isnan(mean_over({"a": [0.8, 0.9], "b": [0.5]}).error)
    assert math.isnan(mean_over({"a": [math.nan]}).value)
    assert mean_over({"a": [0.8, math.nan, 0.6]}).value == pytest.approx(0.7)


def test_a_difference_is_paired():
    base, other = {"a": scores(0.2, 0.9)}, {"a": scores(0.3, 1.0)}
    assert difference(other, base) == pytest.approx((0.1, 0.0), abs=1e-12)
    assert mean_of(other, "right").error > 0.3


def test_a_row_says_what_there_is():
    row = cells({"a": scores(0.25, 0.75)}, {"a": scores(0.25, 0.50)})
    assert row.split()[:4] == ["0.500", "(0.250)", "+0.125", "(0.125)"]
    assert row.split()[-1] == "-"  # nobody took the time


def test_every_alternative_is_a_detector_and_changes_something():
    known = inspect.signature(RegimeDetector).parameters
    for name, options in VARIANTS.items():
        RegimeDetector(**options)
        assert (name == DEFAULTS) == all(known[key].default == value for key, value in options.items())
    assert set(QUICK) <= set(VARIANTS)
    assert set(KIND_OPTIONS) | set(truth.QUICK_KINDS) <= set(WITH_REGIMES)
    assert set(reference.GOALS) | set(reference.QUICK_ROWS) <= set(reference.ROWS)


def test_names_become_places_from_the_worst():
    found = labels_of(pd.Series([None, "Bear", "Bull", "Crisis"]), pd.Series([math.nan, 0.5, 0.6, 0.7]), 3)
    assert found.labels.tolist() == [-1, 0, 2, -1]


def test_the_oracle_and_hmmlearn_know_nothing_later():
    pytest.importorskip("hmmlearn")
    whole, part = (reference.series_of("IWM", last) for last in (1200, 1150))
    for row in reference.ORACLES:
        long, short = (reference.oracle_labels(series, "IWM", row) for series in (whole, part))
        assert np.array_equal(long.labels[:1150], short.labels)
    x, index = features(whole.frame), whole.frame.index
    long, short = (hmmlearn_labels(x[:n], index[:n], 3, 1120, 126)[0].labels for n in (1160, 1140))
    assert np.array_equal(long[:1140], short)
    assert (long[:1120] == -1).all()
    assert (long[1120:] >= 0).all()


def test_features_are_those_of_a_detector():
    frame = switching(0, n=300).frame
    detector = RegimeDetector(2, lookback=250)
    detector.run(frame)
    assert features(frame)[-250:] == pytest.approx(detector.course.rows.latest(250), rel=1e-9)
    assert features(frame[["close"]]).shape == features(frame, ranges=False).shape == (300, 1)


def test_always_bull_is_right_as_often_as_it_was_bull():
    series = series_of("as the reference", 1)
    found = scored(series, always_bull(len(series.truth), 3))
    assert found.right == np.mean(series.truth[series.begin :] == 2)
    assert (found.flips, math.isnan(found.calibration)) == (0.0, True)


def test_both_ways_of_running_a_detector_score_alike():
    series = reference.series_of("SPY", 1300)
    run, stepped = detect(series, {}, said_no), reference.ours(series, {})
    assert stepped[:7] == run[:7]
    assert 0.0 <= stepped.moved <= 1.0
    assert run.right > 0.7


def test_who_has_notes_on_the_model_said_no():
    detector = RegimeDetector(3)
    states = detector.run(switching(0, n=600).frame)
    assert said_no(states, detector) == bool(detector.model.notes)
    assert not said_no(states, RegimeDetector(3))


def test_a_market_without_regimes_is_looked_at():
    seen = look("iid Gaussian", 0)
    assert 0.0 <= seen.bear + seen.bull <= 1.0
    assert seen.bear_sd == pytest.approx(0.01 * math.sqrt(252), rel=0.2)  # its regimes are of nothing
    assert seen.said_no in (0.0, 1.0)


@pytest.mark.parametrize(("right", "bear", "said"), [(0.83, 0.93, "met"), (0.82, 0.93, "MISSED"), (0.83, 0.92, "MISSED")])
def test_goals_are_said_to_be_met_or_missed(right, bear, said):
    found = [Score(right, right, bear, 0.0, 0.0, 0.0, 0.0)] * 2
    assert goal_of(DEFAULTS, found).endswith(f" {said}")
    assert goal_of("hysteresis 0", found) == ""
    assert goal_of(DEFAULTS, found, is_whole=False).endswith(f" {said}")
    assert goal_of("memory 0", found, is_whole=False) == "0.72 / 0.89"


def test_seeds_are_a_range():
    assert list(truth.seeds_of("0-5")) == [0, 1, 2, 3, 4, 5]
    assert list(truth.seeds_of("7")) == [7]
    for wrong in ("", "a", "5-2", "-1", "1-x"):
        with pytest.raises(ArgumentTypeError, match="expected seeds"):
            truth.seeds_of(wrong)


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(truth, "plan", lambda quick, seeds: truth.Plan(
        ["SPY"], [reference.ORACLES[1], DEFAULTS], 1150, ["closes only"], [DEFAULTS, truth.BULL], ["iid Gaussian"], seeds))  # fmt: skip


def test_tables_are_equal_whatever_the_processes(small, capsys, tmp_path):
    """All but the seconds, which are left out."""
    rows = []
    for jobs in (1, 2):
        assert truth.main(jobs=jobs, seeds=range(1), out=tmp_path / f"{jobs}.csv")
        rows.append(pd.read_csv(tmp_path / f"{jobs}.csv").drop(columns="seconds"))
    pd.testing.assert_frame_equal(*rows)
    assert rows[0]["row"].tolist() == [reference.ORACLES[1], DEFAULTS, DEFAULTS, truth.BULL]
    said = capsys.readouterr().out
    for heading in (" met", "SYNTHETIC", "1 simulated kinds", "closes only", "iid Gaussian", "said no"):
        assert heading in said


@pytest.mark.parametrize(("met", "status"), [(True, 0), (False, 1)])
def test_a_terminal_is_told_of_a_missed_goal(monkeypatch, met, status):
    seen = []
    monkeypatch.setattr(truth, "main", lambda *given: seen.append(given) or met)
    assert truth.command(["--quick", "--jobs", "3", "--seeds", "2-4"]) == status
    assert seen == [(True, 3, range(2, 5), None)]


def test_what_makes_no_sense_is_refused(capsys):
    for wrong in (["--jobs", "0"], ["--seeds", "5-2"], ["--slow"]):
        with pytest.raises(SystemExit):
            truth.command(wrong)
    assert "1 or more" in capsys.readouterr().err
