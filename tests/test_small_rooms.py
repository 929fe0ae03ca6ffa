"""Bars, frames, observations, schedule and signals."""

from __future__ import annotations

import math
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from hidden_regime.bars.bar import Bar, BarWindow
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.bars.observer import Observer
from hidden_regime.detection.schedule import Schedule
from hidden_regime.exceptions import (
    DuplicateDateError,
    InvalidPriceError,
    MissingColumnError,
    MissingValueError,
    NonNumericError,
    ParameterError,
    RegimeError,
    RegimeNameError,
    UnsortedDataError,
)
from hidden_regime.quantconnect import RegimeSignalAdapter
from hidden_regime.regimes.state import RegimeState
from hidden_regime.signals.signal import SignalDirection, SignalStrength, check_allocations, make_signal

DAY = datetime(2020, 1, 2)


@pytest.mark.parametrize(
    "prices", [(0, 1, 1, 1), (1, 1, -1, 1), (1, math.nan, 1, 1), (1, math.inf, 1, 1), (5, 4, 3, 3.5), (3, 4, 3.5, 3.6)]
)
def test_impossible_bars_are_refused(prices):
    with pytest.raises(InvalidPriceError, match="expected"):
        BarWindow(3).append(Bar(DAY, *prices))


def test_the_window_keeps_the_latest_bars_and_rescales_them():
    window = BarWindow(2)
    for day in (1, 2, 3):
        window.append(Bar(datetime(2020, 1, day), 10, 12, 9, 11, 100))
    assert [bar.end_time.day for bar in (window[0], window[1])] == [2, 3]
    assert len(window) == 2
    window.rescale(0.5)
    assert window[-1][1:] == (5, 6, 4.5, 5.5, 200)
    with pytest.raises(ParameterError):
        window.rescale(0)
    with pytest.raises(ParameterError):
        BarWindow(0)


def frame(**columns):
    return pd.DataFrame({"close": [1.0, 2.0, 3.0], **columns}, index=pd.to_datetime(["2020-01-02", "2020-01-03", "2020-01-06"]))


@pytest.mark.parametrize(
    ("bad", "error"),
    [(frame().rename(columns={"close": "shut"}), MissingColumnError), (frame().reset_index(drop=True), MissingColumnError),
     (frame().iloc[::-1], UnsortedDataError), (pd.concat([frame(), frame().iloc[-1:]]), DuplicateDateError),
     (frame(high=[1.0, np.nan, 3.0]), MissingValueError), (frame(open=["a", "b", "c"]), NonNumericError)],
)  # fmt: skip
def test_frames_that_are_none_are_named(bad, error):
    with pytest.raises(error, match="expected"):
        list(frame_to_bars(bad))


def test_frames_with_any_case_of_letters_become_bars():
    bars = list(frame_to_bars(frame(Volume=[1, 2, 3]).rename(columns={"close": "Close"})))
    assert bars[1] == Bar(datetime(2020, 1, 3), 2.0, 2.0, 2.0, 2.0, 2.0)


def test_features_by_their_formulas():
    observer = Observer(("log_return", "log_range"))
    assert observer.observe(Bar(DAY, 10, 11, 9, 10)) is None
    row = observer.observe(Bar(datetime(2020, 1, 3), 10, 12, 9, 11))
    variance = 0.5 * math.log(12 / 9) ** 2 - (2 * math.log(2) - 1) * math.log(11 / 10) ** 2
    np.testing.assert_allclose(row, [math.log(1.1), 0.5 * math.log(variance)])
    flat = observer.observe(Bar(datetime(2020, 1, 6), 11, 11, 11, 11))
    assert flat[0] == 0.0
    assert math.isnan(flat[1])


def test_slow_features_wait_until_they_have_enough_bars():
    rng = np.random.default_rng(0)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 100)))
    volume = rng.lognormal(10, 0.3, 100)
    observer = Observer(("log_return", "log_realised_volatility", "volume_zscore"))
    rows = [
        observer.observe(Bar(pd.Timestamp("2020-01-01") + pd.Timedelta(days=i), c, c, c, c, v))
        for i, (c, v) in enumerate(zip(close, volume, strict=True))
    ]
    returns = np.diff(np.log(close))
    assert math.isnan(rows[20][1])
    assert rows[21][1] == pytest.approx(0.5 * math.log(np.mean(returns[:21] ** 2)))
    logs = np.log(volume)
    assert math.isnan(rows[62][2])
    assert rows[63][2] == pytest.approx((logs[63] - logs[:63].mean()) / logs[:63].std())


@pytest.mark.parametrize(
    ("frequency", "now", "due"),
    [("monthly", datetime(2020, 2, 3), True), ("monthly", datetime(2020, 1, 31), False), ("monthly", datetime(2021, 1, 2), True),
     ("weekly", datetime(2020, 1, 6), True), ("weekly", datetime(2020, 1, 3), False), ("quarterly", datetime(2020, 3, 31), False),
     ("quarterly", datetime(2020, 4, 1), True), ("daily", datetime(2020, 1, 3), True), ("daily", datetime(2020, 1, 2, 16), False),
     ("never", datetime(2030, 1, 1), False), (5, datetime(2020, 1, 3), True), (6, datetime(2020, 1, 3), False),
     (lambda now, at: (now - at).days > 3, datetime(2020, 1, 9), True)],
)  # fmt: skip
def test_schedules_go_by_market_time(frequency, now, due):
    assert Schedule(frequency).is_due(now, DAY, 5) is due


def state(regime="Bull", confidence=0.7):
    return RegimeState(
        DAY, regime, 2, (0.1, 0.2, confidence), ("Bear", "Sideways", "Bull"), confidence, 3, 20.0, -1.0, DAY, False
    )


def test_signals_say_what_to_hold():
    signal = make_signal(state(), check_allocations(None, 3))
    assert (signal.allocation, signal.direction, signal.strength) == (1.0, SignalDirection.LONG, SignalStrength.MODERATE)
    assert (signal.regime_name, signal.regime_state, signal.time) == ("Bull", 2, DAY)
    assert signal.is_actionable(0.7)
    assert not signal.is_actionable(0.71)
    assert signal.should_rebalance(0.85)
    assert not signal.should_rebalance(0.95)
    assert make_signal(state(), {"Bull": 1.0}, 0.8).direction is SignalDirection.NEUTRAL
    assert make_signal(state("Bear"), {"Bear": -0.5}).direction is SignalDirection.SHORT
    assert [SignalStrength.of(c).name for c in (0.8, 0.6, 0.4, 0.39)] == ["STRONG", "MODERATE", "WEAK", "VERY_WEAK"]


@pytest.mark.parametrize(
    ("confidence", "believed"), [(0.75, True), (math.nextafter(0.75, 0), False), (math.nextafter(0.75, 1), True)]
)
def test_a_confidence_exactly_at_the_limit_is_believed(confidence, believed):
    signal = make_signal(state(confidence=confidence), {"Bull": 1.0}, 0.75)
    adapted = RegimeSignalAdapter({"Bull": 1.0}, 0.75).generate_signal("Bull", 2, confidence, DAY)
    for one in (signal, adapted):
        assert one.allocation == (1.0 if believed else 0.0)
        assert one.direction is (SignalDirection.LONG if believed else SignalDirection.NEUTRAL)
        assert one.metadata.get("suppressed", False) is not believed
        assert one.is_actionable(0.75) is believed


@pytest.mark.parametrize(
    ("limit", "at", "below"), [(0.8, "STRONG", "MODERATE"), (0.6, "MODERATE", "WEAK"), (0.4, "WEAK", "VERY_WEAK")]
)
def test_a_strength_begins_exactly_at_its_limit(limit, at, below):
    assert SignalStrength.of(limit).name == at
    assert SignalStrength.of(math.nextafter(limit, 0)).name == below


def test_a_distance_exactly_at_the_threshold_is_left_alone():
    signal = make_signal(state(), {"Bull": 1.0})
    assert not signal.should_rebalance(0.75, threshold=0.25)
    assert signal.should_rebalance(math.nextafter(0.75, 0), threshold=0.25)
    assert not signal.should_rebalance(1.25, threshold=0.25)
    assert signal.should_rebalance(math.nextafter(1.25, 2), threshold=0.25)


def test_allocations_name_what_can_occur_and_all_of_it():
    assert check_allocations({"Bull": 1, "Bear": -1}, 2) == {"Bull": 1.0, "Bear": -1.0}
    assert check_allocations(None, 4)["Crisis"] == 0.0
    with pytest.raises(RegimeNameError, match="'Crisis'"):
        check_allocations({"Bull": 1, "Bear": 0, "Sideways": 0.5, "Crisis": 0}, 3)
    with pytest.raises(RegimeNameError, match="'Sideways'"):
        check_allocations({"Bull": 1, "Bear": 0}, 3)
    with pytest.raises(ParameterError, match="finite"):
        check_allocations({"Bull": float("nan"), "Bear": 0}, 2)


def test_messages_stand_alone():
    error = ParameterError("n_states", 0, "an integer of at least 1", "Ask for more.")
    assert str(error) == "hidden_regime: n_states = 0: expected an integer of at least 1. Ask for more."
    assert error.text == "n_states = 0: expected an integer of at least 1. Ask for more."
    assert isinstance(error, (RegimeError, ValueError))
