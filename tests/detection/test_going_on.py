"""Detectors that go on over frames, from files and from several threads."""

from __future__ import annotations

import copy
import json
import pickle
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from hidden_regime import MarketDetector, RegimeDetector, load_dataset
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.exceptions import (
    DataError,
    DuplicateDateError,
    InvalidPriceError,
    ParameterError,
    RegimeError,
    SavedModelError,
    StartsOverWarning,
    TrainingError,
    UnsortedDataError,
)

OPTIONS = [
    {"n_states": 3, "lookback": 100},
    {"n_states": 4, "lookback": 120, "retrain": 30, "memory": 0.0},
    {"n_states": 2, "lookback": 80, "emission": "student_t", "retrain": 90, "hysteresis": 0.0},
    {"n_states": 2, "lookback": 100, "retrain": "adaptive", "min_bars": 60, "covariance_type": "full"},
]


@pytest.fixture(scope="module")
def frame():
    return load_dataset("sp500").iloc[2000:2400]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("cuts", [(200,), (1, 50, 101, 102, 399), tuple(range(150, 400, 50))])
def test_pieces_give_the_rows_of_one_run(frame, options, cuts):
    whole = RegimeDetector(**options).run(frame)
    detector = RegimeDetector(**options)
    pieces = [detector.extend(frame.iloc[a:b]) for a, b in zip((0, *cuts), (*cuts, len(frame)), strict=True)]
    for begin, piece in zip((0, *cuts), pieces, strict=True):
        other = whole.iloc[begin : begin + len(piece)]
        pd.testing.assert_frame_equal(piece, other, check_dtype=bool(piece["state"].ge(0).any()))
    assert detector.state.regime == whole["regime"].iloc[-1]


def test_own_names_have_a_column_from_the_first_piece_that_knows_them(frame):
    names = iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ")

    def naming(moments):
        return [f"{next(names)}1", "rest"]

    detector = RegimeDetector(2, lookback=100, retrain=50, naming=naming)
    pieces = [detector.extend(frame.iloc[a : a + 100]) for a in range(0, 400, 100)]
    called = [[c for c in piece.columns if c.startswith("prob_") and c[5:].isalnum() and not c[5:].isdigit()] for piece in pieces]
    assert called[1] == ["prob_A1", "prob_B1", "prob_rest"]
    assert set(called[1]) < set(called[2]) < set(called[3])
    assert (pieces[3]["prob_A1"] == 0).all()


def test_a_run_goes_on_after_a_file(frame, tmp_path):
    detector = RegimeDetector(lookback=100)
    detector.run(frame.iloc[:300])
    detector.save(tmp_path / "detector")
    again = RegimeDetector.load(tmp_path / "detector")
    restored = RegimeDetector.from_dict(json.loads(json.dumps(detector.to_dict())))
    expected = RegimeDetector(lookback=100).run(frame).iloc[300:]
    for one in (copy.deepcopy(detector), pickle.loads(pickle.dumps(detector)), detector, again, restored):
        pd.testing.assert_frame_equal(one.extend(frame.iloc[300:]), expected)


def test_a_market_goes_on_too(tmp_path):
    frames = {name: load_dataset(name).iloc[500:800] for name in ("aapl", "ibm", "msft")}
    whole = MarketDetector(2, lookback=100).run(frames)
    detector = MarketDetector(2, lookback=100)
    first = detector.run({name: frame.iloc[:200] for name, frame in frames.items()})
    detector.save(tmp_path / "market")
    again = MarketDetector.load(tmp_path / "market")
    rest = {name: frame.iloc[200:] for name, frame in frames.items()}
    pd.testing.assert_frame_equal(pd.concat([first, detector.extend(rest)]), whole)
    pd.testing.assert_frame_equal(again.extend(rest), whole.iloc[200:])
    with pytest.raises(UnsortedDataError, match=r"frame begins at"):
        again.extend(rest)
    with pytest.raises(SavedModelError, match="RegimeDetector"):
        RegimeDetector.load(tmp_path / "market")


def test_bars_that_were_taken_are_refused_and_the_remedy_works(frame):
    detector = RegimeDetector(lookback=100)
    detector.run(frame.iloc[:300])
    with pytest.raises(UnsortedDataError) as error:
        detector.extend(frame.iloc[250:])
    remedy = str(error.value).split("alone: ")[1].removesuffix(".")
    later = eval(remedy, {"frame": frame})
    assert later.index[0] == frame.index[300]
    pd.testing.assert_frame_equal(detector.extend(later), RegimeDetector(lookback=100).run(frame).iloc[300:])


def test_a_bar_that_cant_be_stops_before_any_is_taken(frame):
    detector = RegimeDetector(lookback=100)
    detector.run(frame.iloc[:300])
    wrong = frame.iloc[300:].copy()
    wrong.iloc[50, wrong.columns.get_loc("low")] = -1.0
    with pytest.raises(InvalidPriceError):
        detector.extend(wrong)
    assert detector.state.time == frame.index[299]
    pd.testing.assert_frame_equal(detector.extend(frame.iloc[300:]), RegimeDetector(lookback=100).run(frame).iloc[300:])


def test_a_run_over_later_bars_says_that_it_starts_over(frame):
    detector = RegimeDetector(lookback=100)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        detector.run(frame.iloc[:200])
        detector.run(frame.iloc[:200])  # the same again is meant
    with pytest.warns(StartsOverWarning, match="extend"):
        states = detector.run(frame.iloc[200:])
    pd.testing.assert_frame_equal(states, RegimeDetector(lookback=100).run(frame.iloc[200:]))
    market = MarketDetector(2, lookback=100)
    market.run({"A": frame.iloc[:200]})
    with pytest.warns(StartsOverWarning, match="extend"):
        market.run({"A": frame.iloc[200:]})


@pytest.mark.parametrize("kind", [RegimeDetector, MarketDetector])
def test_times_with_and_without_a_zone_dont_meet(frame, kind):
    def form(part):
        return part if kind is RegimeDetector else {"A": part, "B": part}

    detector = kind(2, lookback=100)
    detector.run(form(frame.iloc[:300]))
    aware = frame.iloc[300:].tz_localize("America/New_York")
    with pytest.raises(DataError, match="no time zone"):
        detector.extend(form(aware))
    bar = next(frame_to_bars(aware))
    with pytest.raises(DataError, match="no time zone"):
        detector.update(bar if kind is RegimeDetector else {"A": bar, "B": bar})
    if kind is MarketDetector:
        with pytest.raises(DataError, match="times without a zone"):
            detector.run({"A": frame, "B": frame.tz_localize("UTC")})
        with pytest.raises(DataError, match="bars of one moment"):
            detector.update({"A": bar, "B": bar._replace(end_time=bar.end_time.replace(tzinfo=None))})


@pytest.mark.parametrize("name", ["n_states", "lookback", "hysteresis", "retrain", "features", "emission", "naming", "min_share"])
def test_options_stay_what_they_were_made_with(frame, name):
    detector = MarketDetector(2) if name == "min_share" else RegimeDetector(2)
    before = getattr(detector, name)
    with pytest.raises(ParameterError, match=rf"{name} = .*clone\({name}="):
        setattr(detector, name, 0.25)
    assert getattr(detector, name) == before
    if name == "hysteresis":
        assert detector.clone(hysteresis=0.25).hysteresis == 0.25  # the remedy
        copied = copy.deepcopy(detector)
        with pytest.raises(ParameterError):
            copied.hysteresis = 0.25


def test_a_schedule_can_be_set(frame):
    detector = RegimeDetector(2, lookback=100, retrain="never")
    detector.set_schedule(20)
    detector.run(frame)
    assert (detector.retrain, detector.n_trainings) == (20, 15)


def test_runs_in_threads_share_one_detector_without_a_wrong_row(frame):
    parts = [frame.iloc[a : a + 250] for a in (0, 40, 80, 120, 149)]
    expected = [RegimeDetector(2, lookback=100).run(part) for part in parts]
    detector = RegimeDetector(2, lookback=100)
    with ThreadPoolExecutor(4) as pool:
        for found, right in zip(pool.map(detector.run, parts * 3), expected * 3, strict=True):
            pd.testing.assert_frame_equal(found, right)


def test_bars_from_threads_are_taken_one_by_one_or_refused(frame):
    bars = list(frame_to_bars(frame))
    detector, place, lock, states = RegimeDetector(2, lookback=100, retrain=10), iter(bars), threading.Lock(), {}

    def feed():
        while True:
            with lock:
                bar = next(place, None)
            if bar is None:
                return
            try:
                states[bar.end_time] = detector.update(bar)
            except (UnsortedDataError, DuplicateDateError):
                states[bar.end_time] = "refused"

    threads = [threading.Thread(target=feed) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [bar for bar in bars if states[bar.end_time] != "refused"]
    alone = RegimeDetector(2, lookback=100, retrain=10)
    assert [alone.update(bar) for bar in taken] == [states[bar.end_time] for bar in taken]
    assert len(taken) > 100


def test_a_second_half_that_is_missing_is_named(frame):
    detector = RegimeDetector(2, lookback=100, retrain="never")
    detector.run(frame.iloc[:200])
    first, second, *_ = frame_to_bars(frame.iloc[200:])
    assert detector.push(first) is None
    for take in (detector.push, detector.update):
        with pytest.raises(TrainingError, match="adopt"):
            take(second)
    assert detector.adopt(None).time == first.end_time
    assert detector.update(second).time == second.end_time


@pytest.mark.parametrize("damage", [lambda b: b[:-9], lambda b: b"", lambda b: b.replace(b"Bear", b"Bare"), lambda b: b[30:]])
def test_damaged_files_are_refused(frame, tmp_path, damage):
    detector = RegimeDetector(2, lookback=100)
    detector.run(frame)
    detector.save(tmp_path / "detector")
    (tmp_path / "detector").write_bytes(damage((tmp_path / "detector").read_bytes()))
    with pytest.raises(SavedModelError):
        RegimeDetector.load(tmp_path / "detector")


def test_an_asset_of_several_goes_on(frame):
    found = RegimeDetector(2, lookback=100).run({"A": frame.iloc[:300], "B": frame.iloc[:250]})
    rest = found.detectors["B"].extend(frame.iloc[250:])
    pd.testing.assert_frame_equal(rest, RegimeDetector(2, lookback=100).run(frame).iloc[250:])
    with pytest.raises(RegimeError, match="one asset"):
        RegimeDetector(2).extend({"A": frame, "B": frame})
    assert np.isfinite(rest["confidence"]).all()
