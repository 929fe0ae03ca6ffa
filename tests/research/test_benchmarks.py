"""The suite measures what it says, finds levers that change numbers, and knows noise from getting worse."""

from __future__ import annotations

import copy
import importlib.util
import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from hidden_regime import RegimeDetector
from hidden_regime.cli.main import app
from hidden_regime.research.benchmarks import FULL, QUICK, Scenario, compare, rival, run, suite, work
from hidden_regime.research.benchmarks.market import make_frames

TINY = [Scenario(2, 20, 60, 5, mode) for mode in ("none", "caching", "batching", "both")]


@pytest.fixture(scope="module")
def result():
    return run(TINY, repeats=1)


def test_levers_change_no_number_and_a_cache_trains_nothing(result):
    by_mode = {row["mode"]: row for row in result["scenarios"]}
    assert all(row["equal"] for row in by_mode.values())
    assert len({row["digest"] for row in by_mode.values()}) == 1
    assert {mode: (row["trainings"], row["hit_rate"]) for mode, row in by_mode.items()} == {
        "none": (10, None), "caching": (0, 1.0), "batching": (10, None), "both": (0, 1.0)}  # fmt: skip
    for row in by_mode.values():
        assert 0 < row["seconds"] < 60
        if importlib.util.find_spec("hmmlearn"):
            assert row["rival"]["fits"] == 10
            assert row["rival"]["bars"] == 2 * 20
            assert row["speed_up"] == row["rival"]["seconds"] / row["seconds"]
    assert {"processor", "cores", "python", "packages", "kernels"} <= result["machine"].keys()


def test_the_rival_fits_what_we_fit():
    """The same windows, from the same start: its likelihood is that of our own plain fit."""
    pytest.importorskip("hmmlearn")
    frame = make_frames(1, 200)["A000"]
    x = rival.observations(frame)
    assert x.shape == (199, 2)
    detector = RegimeDetector(2, lookback=199)
    assert list(detector.run(frame)["trained_at"].dropna().unique()) == [frame.index[-1]]
    np.testing.assert_array_equal(detector.course.rows.table, x)


def test_the_market_has_ranges_and_regimes():
    frames = make_frames(3, 800)
    assert list(frames) == ["A000", "A001", "A002"]
    pd.testing.assert_frame_equal(make_frames(3, 800)["A001"], frames["A001"])
    for frame in frames.values():
        assert (frame["high"] > frame[["open", "close"]].max(axis=1)).all()
        assert (frame["low"] < frame[["open", "close"]].min(axis=1)).all()


def test_scenarios_are_those_of_the_design():
    for scenarios in (FULL, QUICK):
        assert len({s.name for s in scenarios}) == len(scenarios)
        firsts = {}
        for s in scenarios:
            firsts.setdefault(s[:-1], s.mode)
        assert set(firsts.values()) == {"none"}  # what the others are compared with
    assert {s.assets for s in FULL} == {1, 3, 6, 10, 20, 100, 500}
    assert {s.retrain for s in FULL} == {"daily", "weekly", "monthly"}
    assert {s.lookback for s in FULL} == {63, 252, 1008}
    assert {s.mode for s in FULL} == {"none", "caching", "batching", "both"}


def test_tables_and_pages_say_what_was_measured(result, tmp_path):
    suite.write(result, tmp_path)
    assert json.loads((tmp_path / "benchmark.json").read_text()) == result
    lines = (tmp_path / "benchmark.md").read_text().splitlines()
    assert lines[0] == suite.heading(result["machine"])
    assert [line.split("|")[5].strip() for line in lines[4:8]] == ["none", "caching", "batching", "both"]
    assert "Times faster than hmmlearn" in (tmp_path / "benchmark.html").read_text()


def worse(result, **changes):
    out = copy.deepcopy(result)
    out["scenarios"][0] |= changes
    return out


def test_comparison_finds_what_got_worse_and_forgives_noise(result):
    old = worse(result, speed_up=100.0)
    assert compare(old, old) == []
    assert compare(old, worse(old, speed_up=60.0)) == []
    assert [f.failed for f in compare(old, worse(old, speed_up=40.0))] == [True]
    assert [f.failed for f in compare(old, worse(old, speed_up=60.0), ratio_band=0.8)] == [True]
    assert "numbers differ" in compare(old, worse(old, equal=False))[0].what
    assert "11 trainings instead of 10" in compare(old, worse(old, trainings=11))[0].what
    assert not compare(old, worse(old, speed_up=None))[0].failed
    other = copy.deepcopy(old)
    for row in other["scenarios"]:
        row["name"] = "another " + row["name"]
    assert compare(old, other)[0].failed


def test_comparison_of_instructions_needs_the_same_python_numpy_and_kernels(result):
    old, new = copy.deepcopy(result), copy.deepcopy(result)
    old["instructions"], new["instructions"] = {"a bar": 100_000.0}, {"a bar": 104_000.0}
    assert compare(old, new) == []
    new["instructions"]["a bar"] = 106_000.0
    assert "rose from 100,000 to 106,000" in compare(old, new)[0].what
    new["machine"]["packages"]["numpy"] = "0.1"
    assert [f.failed for f in compare(old, new)] == [False]
    new["instructions"] = {}
    assert "valgrind is not installed" in compare(old, new)[0].what


def test_a_scenario_that_fails_says_why():
    with pytest.raises(suite.BenchmarkError, match=r"(?s)scenario '1 x 5, window 1, daily, none' failed.*lookback"):
        run([Scenario(1, 5, 1, "daily", "none")], repeats=1)


def test_one_scenario_by_itself():
    row = work.measure(Scenario(1, 5, 60, "daily", "both"), 2, False)
    assert (row["models"], row["trainings"], row["hit_rate"]) == (6, 0, 1.0)


def test_the_command_compares(result, tmp_path):
    old, new, bad = (tmp_path / name for name in ("old.json", "new.json", "bad.json"))
    old.write_text(json.dumps(worse(result, speed_up=100.0)))
    new.write_text(json.dumps(worse(result, speed_up=10.0)))
    bad.write_text("{}")
    command = lambda *words: CliRunner().invoke(app, ["benchmark", "compare", *map(str, words)])
    assert command(old, old).output == "nothing has become worse.\n"
    said = command(old, new)
    assert said.exit_code == 1
    assert "worse: 2 x 20, window 60, 5, none: speed-up fell from 100x to 10x" in said.output
    assert command(old, bad).exit_code == 2
    assert command(old, old, "--band", "2").exit_code == 2
