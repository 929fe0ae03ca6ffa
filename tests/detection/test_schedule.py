"""When to retrain: real sessions, holidays, half days, missing bars, late listings, staggered assets, models that stop to fit."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import exchange_calendars
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime import RegimeDetector
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.detection.drift import ALARM, Drift
from hidden_regime.detection.schedule import Schedule
from hidden_regime.exceptions import ParameterError

CALENDAR = exchange_calendars.get_calendar("XNYS", start="2014-01-01", end="2020-12-31")
CLOSES = [t.to_pydatetime() for t in CALENDAR.closes.dt.tz_convert("America/New_York")]


def trainings(schedule: Schedule, times: list[datetime]) -> list[datetime]:
    """Bars that train, the first of all among them."""
    out, at, first = [times[0]], 0, True
    for i, now in enumerate(times[1:], start=1):
        if schedule.is_due(now, out[-1], i - at, first=first):
            out.append(now)
            at, first = i, False
    return out


def test_the_sessions_have_half_days_and_holidays():
    assert {t.hour for t in CLOSES} == {13, 16}
    assert datetime(2018, 12, 5).date() not in {t.date() for t in CLOSES}


@pytest.mark.parametrize(("name", "key"), [
    ("daily", lambda t: t.date()), ("weekly", lambda t: t.isocalendar()[:2]), ("monthly", lambda t: (t.year, t.month)),
    ("quarterly", lambda t: (t.year, (t.month + 2) // 3))])  # fmt: skip
def test_each_period_trains_once_on_its_first_session(name, key):
    expected = list({key(t): t for t in reversed(CLOSES)}.values())[::-1]
    assert trainings(Schedule(name), CLOSES) == expected


@pytest.mark.parametrize("name", ["weekly", "monthly", "quarterly"])
@settings(deadline=None)
@given(missing=st.sets(st.integers(1, 300), max_size=150))
def test_a_missed_boundary_trains_on_the_next_bar(name, missing):
    some = [t for i, t in enumerate(CLOSES[:301]) if i not in missing]
    found = trainings(Schedule(name), some)
    period = {"weekly": lambda t: t.isocalendar()[:2], "monthly": lambda t: (t.year, t.month),
              "quarterly": lambda t: (t.year, (t.month - 1) // 3)}[name]  # fmt: skip
    assert found == [t for i, t in enumerate(some) if i == 0 or period(t) != period(some[i - 1])]


def test_a_number_of_bars_counts_bars_and_never_is_never():
    assert trainings(Schedule(10), CLOSES[:101]) == CLOSES[:101:10]
    assert trainings(Schedule("10"), CLOSES[:101]) == CLOSES[:101:10]
    assert trainings(Schedule("never"), CLOSES) == CLOSES[:1]
    assert trainings(Schedule(lambda now, at: now.day == 15), CLOSES)[1:] == [t for t in CLOSES[1:] if t.day == 15]


@pytest.mark.parametrize(
    ("frequency", "low", "high"), [("weekly", 50, 54), ("monthly", 11, 13), ("quarterly", 4, 5), (10, 24, 27)]
)
@settings(deadline=None)
@given(st.text(min_size=1, max_size=5))
def test_a_staggered_asset_trains_as_often_on_days_of_its_own(frequency, low, high, name):
    year = [t for t in CLOSES if t.year == 2016]
    assert low <= len(trainings(Schedule(frequency, stagger=name), year)) <= high


@pytest.mark.parametrize(("frequency", "most"), [("weekly", 0.55), ("monthly", 0.25), ("quarterly", 0.12), (10, 0.25)])
def test_staggered_assets_are_spread_and_one_more_moves_no_other(frequency, most):
    names = [f"ASSET{i}" for i in range(100)]
    days = {name: trainings(Schedule(frequency, stagger=name), CLOSES)[1:] for name in names}
    together = Counter(day for some in days.values() for day in some)
    assert max(together.values()) <= most * len(names)
    assert trainings(Schedule(frequency), CLOSES)[1:] != days[names[0]] or frequency == 10
    assert {name: trainings(Schedule(frequency, stagger=name), CLOSES)[1:] for name in [*names[:50], "NEW"]} == {
        **{name: days[name] for name in names[:50]}, "NEW": trainings(Schedule(frequency, stagger="NEW"), CLOSES)[1:]}  # fmt: skip


def test_together_means_together_also_for_a_late_listing():
    frames = []
    for late in (0, 37):
        rng = np.random.default_rng(late)
        close = 50 * np.exp(np.cumsum(rng.normal(0, 0.01, 300 - late)))
        frames.append(pd.DataFrame({"close": close}, pd.DatetimeIndex(CLOSES[late:300])))
    old, new = (
        RegimeDetector(2, lookback=60, features=("log_return",)).run(frame)["trained_at"].dropna().unique() for frame in frames
    )
    assert new[0] == CLOSES[37 + 60]
    assert set(new[1:]) <= set(old)
    assert len(new) > 5


def test_wrong_schedules_are_named():
    for frequency in ("hourly", 0, True, 1.5, None):
        with pytest.raises(ParameterError, match="retrain"):
            Schedule(frequency)
    with pytest.raises(ParameterError, match="stagger"):
        Schedule("weekly", stagger=3)
    assert repr(Schedule("weekly", stagger="A")) == "Schedule('weekly', stagger='A')"


def page(values: np.ndarray, mean: float, sd: float) -> int | None:
    """First place where Page's sum is above the alarm, from its definition: the largest sum of a stretch that ends there."""
    charges = (mean - values) / sd - 0.5
    for n in range(1, len(values) + 1):
        if max(charges[m:n].sum() for m in range(n)) > ALARM:
            return n
    return None


@settings(deadline=None)
@given(st.integers(0, 1000), st.floats(-3, 3), st.floats(0.1, 5))
def test_the_drift_is_pages_sum(seed, mean, sd):
    values = np.random.default_rng(seed).normal(mean - 0.3 * sd, sd, 120)
    drift, alarm = Drift(0.0, mean, sd), None
    for n, value in enumerate(values, start=1):
        drift.update(value)
        if alarm is None and drift.is_alarming:
            alarm = n
    assert alarm == page(values, mean, sd)
    assert Drift.from_list(drift.to_list()) == drift


def test_the_sum_must_be_above_the_alarm():
    schedule = Schedule("adaptive")
    for total, is_due in ((ALARM, False), (float(np.nextafter(ALARM, 9)), True)):
        assert schedule.is_due(CLOSES[1], CLOSES[0], 1, drift=Drift(total, 0.0, 1.0)) == is_due


def test_a_drift_that_nobody_measured_adds_nothing_and_a_training_begins_it_again():
    drift = Drift()
    drift.update(-1e6)
    assert (drift.sum, drift.to_list()) == (0.0, [0.0])
    drift.measure(np.array([1.0, 3.0]))
    drift.update(-8.0)
    assert drift == Drift(9.5, 2.0, 1.0)
    drift.reset()
    assert (drift.sum, drift.mean) == (0.0, None)


def wait(densities: np.ndarray) -> int:
    """Bars until the alarm, or all."""
    drift = Drift(0.0, -0.5, 0.5**0.5)
    for bar, value in enumerate(densities, start=1):
        drift.update(value)
        if drift.is_alarming:
            return bar
    return len(densities)


def test_alarms_are_rare_where_the_model_fits_and_quick_where_it_does_not():
    rng = np.random.default_rng(0)
    assert 500 < np.mean([wait(-0.5 * rng.normal(0, 1, 3000) ** 2) for _ in range(400)]) < 900
    assert 4 < np.median([wait(-0.5 * rng.normal(0, 2, 200) ** 2) for _ in range(400)]) < 8


def changing(seed: int, calm: int, wild: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    sd = np.concatenate([np.full(calm, 0.006), np.full(wild, 0.024)])
    close = 50 * np.exp(np.cumsum(rng.normal(0, sd)))
    return pd.DataFrame({"close": close}, pd.bdate_range("2015-01-01", periods=calm + wild))


def test_a_model_that_stops_to_fit_is_retrained_and_one_that_fits_is_left_alone():
    rare, quick = [], []
    for seed in range(10):
        detector = RegimeDetector(1, lookback=120, retrain="adaptive", features=("log_return",))
        states = detector.run(changing(seed, 500, 40))
        at = [states.index.get_loc(t) for t in states["trained_at"].dropna().unique()]
        rare.append(sum(120 < i < 500 for i in at))
        quick.append(min(i for i in at if i >= 500) - 500 if at[-1] >= 500 else 40)
    assert np.mean(rare) < 1.5  # in a year and a half
    assert np.median(quick) <= 10


def test_a_schedule_that_becomes_adaptive_later_works_from_then_on():
    detector, alarms = RegimeDetector(1, lookback=120, retrain="never", features=("log_return",)), []
    for n, bar in enumerate(frame_to_bars(changing(1, 300, 40))):
        if n == 200:
            detector.set_schedule("adaptive")
        before = detector.n_trainings
        detector.update(bar)
        if detector.n_trainings > before:
            alarms.append(n)
    assert alarms[0] == 120
    assert any(300 < n < 315 for n in alarms)


def test_the_adaptive_schedule_survives_a_restart():
    bars = list(frame_to_bars(changing(3, 200, 60)))
    detector, expected = RegimeDetector(2, lookback=80, retrain="adaptive", features=("log_return",)), []
    for n, bar in enumerate(bars):
        expected.append(detector.update(bar))
        if n == 150:
            again = RegimeDetector.from_dict(detector.to_dict())
    assert detector.n_trainings > 1
    assert [again.update(bar) for bar in bars[151:]] == expected[151:]
    assert timedelta(0) < expected[-1].time - expected[-1].trained_at
