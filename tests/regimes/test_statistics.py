"""What is said of regimes: by whose year, in which order of time, and of what is no bar."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from hidden_regime import Bar, RegimeDetector, RegimeResult, find_regimes, load_dataset
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.exceptions import DataError, ParameterError, SavedModelError
from hidden_regime.files.sealed import read_sealed, write_sealed
from hidden_regime.regimes.statistics import bars_per_year, days_per_year, regime_table

OPTIONS = {"n_states": 2, "lookback": 100, "retrain": "never"}


@pytest.fixture(scope="module")
def frame():
    return load_dataset("sp500").iloc[-200:]


@pytest.mark.parametrize(
    "shift",
    [
        lambda c: c.reset_index(drop=True),
        lambda c: c.tz_localize("UTC"),
        lambda c: c.set_axis(c.index.shift(1, "12h")),
        lambda c: c[:0],
    ],
    ids=["positions", "a zone", "other hours", "nothing"],
)
def test_closes_that_share_no_times_are_refused(frame, shift):
    states = RegimeDetector(**OPTIONS).run(frame)
    with pytest.raises(DataError, match="share no times"):
        regime_table(states, shift(frame["close"]))
    returns = np.log(frame["close"]).diff().shift(-1)[states["regime"] == "Bear"]
    assert regime_table(states, frame["close"]).loc["Bear", "annual_return"] == pytest.approx(252 * returns.mean())


NO_BARS = {
    "a row without its time": lambda f: f.iloc[0].rename(None),
    "prices without a time": lambda f: dict(f.iloc[0]),
    "a time and a price": lambda f: (f.index[0], 1.0),
    "a number": lambda f: 5.0,
}


@pytest.mark.parametrize("as_what", NO_BARS.values(), ids=NO_BARS)
def test_what_is_no_bar_is_named_and_harms_nothing(frame, as_what):
    detector = RegimeDetector(**OPTIONS)
    detector.run(frame.iloc[:150])
    with pytest.raises(ParameterError, match=r"expected a Bar\("):
        detector.update(as_what(frame.iloc[150:]))
    row = frame.iloc[150]
    state = detector.update(Bar(row.name, row.open, row.high, row.low, row.close, row.volume))  # what the message advises
    assert state.confidence == RegimeDetector(**OPTIONS).run(frame.iloc[:151])["confidence"].iloc[-1]


def sessions(begin, end):
    """Days of the New York exchange by its packaged index, beyond whose end the calendar isn't needed."""
    days = load_dataset("sp500").index
    return days[(days >= begin) & (days < end)]


def every(freq, n=1500, start="2019-01-07"):
    return pd.date_range(start, periods=n, freq=freq)


def within_sessions(minutes, count=120):
    days = pd.DatetimeIndex(sessions("2015", "2017")[:count])
    times = range(570 + minutes, 961, minutes)
    return pd.DatetimeIndex([day + pd.Timedelta(minutes=m) for day in days for m in times])


def forex_hours(weeks=60):
    """Sunday 17:00 to Friday 17:00, an hour each: 120 a week."""
    hours = every("h", 24 * 7 * weeks, "2020-01-06")
    place = hours.day_of_week * 24 + hours.hour
    return hours[(place <= 4 * 24 + 17) | (place > 6 * 24 + 17)]


CALENDARS = {
    "sessions": (sessions("2000", "2018"), 252),
    "sessions of two months": (sessions("2015", "2015-03"), 252),
    "sessions with a year missing": (sessions("2000", "2005").append(sessions("2006", "2012")), 252),
    "weekdays without holidays": (every("B"), 260.9),
    "days of a market that never closes": (every("D"), 365),
    "a month of these": (every("D", 30), 365),
    "hours of these": (every("h", 24 * 200), 365 * 24),
    "four hours of these": (every("4h"), 365 * 6),
    "minutes of these": (every("min", 1440 * 5), 365 * 1440),
    "weeks": (every("W-FRI", 300), 52),
    "every second week": (every("14D", 100), 26.1),
    "months": (every("ME", 120), 12),
    "quarters": (every("QE", 40), 4),
    "every second day": (every("2D"), 182.6),
    "ten days": (every("10D", 200), 36.5),
    "hours of sessions": (within_sessions(60), 252 * 6),
    "five minutes of sessions": (within_sessions(5), 252 * 78),
    "hours of currencies": (forex_hours(), 120 * 365.25 / 7),
    "with a zone": (every("h", 24 * 200).tz_localize("UTC").tz_convert("Europe/Berlin"), 365 * 24),
}


@pytest.mark.parametrize(("index", "count"), CALENDARS.values(), ids=CALENDARS.keys())
def test_the_bars_of_a_year_are_counted(index, count):
    assert bars_per_year(index) == pytest.approx(count, rel=0.004)
    if count in (252, 365, 52, 12, 4):
        assert bars_per_year(index) == count


@pytest.mark.parametrize("freq", ["D", "W-FRI", "ME", "h"])
def test_what_is_said_of_a_year_is_scaled_by_its_own_calendar(freq):
    rng = np.random.default_rng(3)
    index = every(freq, 400)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 400)))
    frame = pd.DataFrame({"close": close}, index=index)
    year = bars_per_year(index)
    result = find_regimes(frame, n_states=1, lookback=50, retrain="never")
    own = np.diff(np.log(close))[50:]
    assert result.bars_per_year == result.summary["bars_per_year"] == year != 252
    assert result.statistics["annual_volatility"].iloc[0] == pytest.approx(own.std() * year**0.5)
    assert result.statistics["bars_per_year"].iloc[0] == year
    assert f"p.a. of {year:,.0f} bars" in result._repr_html_()
    told = find_regimes(frame, n_states=1, lookback=50, retrain="never", bars_per_year=100)
    assert told.statistics["annual_volatility"].iloc[0] == pytest.approx(own.std() * 10)
    assert told.summary["bars_per_year"] == 100


@pytest.mark.parametrize("first", range(7))
def test_days_of_a_year_are_365_where_weekends_are_among_them(first):
    """Counted by Python's own calendar, whatever the day on which the days begin."""
    every_day = [date(2020, 1, 6) + timedelta(days=first + i) for i in range(9)]
    weekdays = [day for day in every_day if day.isoweekday() < 6]
    with_sundays = [day for day in every_day if day.isoweekday() != 6]  # currencies by LEAN
    for days, count in ((every_day, 365), (weekdays, 252), (with_sundays, 252), ([], 252)):
        assert days_per_year(np.array(days, "datetime64[D]")) == days_per_year(pd.DatetimeIndex(days)) == count


def test_bars_without_times_need_to_be_told(frame):
    states = RegimeDetector(**OPTIONS).run(frame)
    with pytest.raises(ParameterError, match="bars_per_year=252"):
        regime_table(states.reset_index(drop=True), frame["close"].reset_index(drop=True))
    table = regime_table(states.reset_index(drop=True), frame["close"].reset_index(drop=True), bars_per_year=252)  # the remedy
    assert table.equals(regime_table(states, frame["close"]))
    for wrong in (0, -1.0, float("nan"), True, "252"):
        with pytest.raises(ParameterError, match="bars_per_year"):
            regime_table(states, frame["close"], wrong)


@pytest.mark.parametrize("weight", [0.0, 10.0, 1000.0])
def test_the_share_of_the_prior_stands_beside_durations(frame, weight):
    detector = RegimeDetector(2, lookback=100, retrain="never", stay_weight=weight)
    assert np.isnan(detector.prior_shares).all()
    detector.run(frame)
    seen = weight / detector.prior_shares - weight if weight else np.full(2, 50.0)
    assert seen.sum() == pytest.approx(100)  # the window's bars
    assert "of it prior" in detector._repr_html_()
    if weight == 1000.0:
        assert (detector.prior_shares > 0.9).all()
        assert detector.state.expected_duration == pytest.approx(100, rel=0.2)  # what was asked for, whatever the market did
    if weight == 0.0:
        assert (detector.prior_shares == 0).all()


def test_positions_are_numbers_that_were_known_before_the_bar():
    result = find_regimes("sp500")
    closes = load_dataset("sp500")["close"]
    held = result.positions({"Bull": 1, "Sideways": 0.5, "Bear": 0})
    recipe = result.states["regime"].map({"Bull": 1, "Sideways": 0.5, "Bear": 0}).astype(float).shift(1)
    pd.testing.assert_series_equal(held, recipe, check_names=False)
    assert (1 + held * closes.pct_change()).prod() == pytest.approx(1.7521, abs=1e-4)
    for wrong in ({"Bull": 1}, {"Bull": 1, "Sideways": "half", "Bear": 0}):
        with pytest.raises(ParameterError, match="holdings"):
            result.positions(wrong)
    with pytest.raises(ParameterError, match="lag"):
        result.positions({"Bull": 1, "Sideways": 1, "Bear": 0}, lag=-1)


@pytest.mark.parametrize("zone", [None, "America/New_York"])
def test_results_come_back_from_files(frame, tmp_path, zone):
    given = frame.tz_localize(zone).assign(note="a")
    result = find_regimes(given, lookback=100, name="S&P", bars_per_year=250)
    result.save(tmp_path / "result")
    again = RegimeResult.load(tmp_path / "result")
    pd.testing.assert_frame_equal(again.states, result.states)
    pd.testing.assert_frame_equal(again.prices, result.prices, check_freq=False)
    assert again.summary == result.summary
    assert again._repr_html_() == result._repr_html_()
    assert repr(again) == repr(result)
    bar = next(frame_to_bars(given.iloc[-1:].shift(1, "D")))
    assert again.detector.update(bar) == result.detector.update(bar)


@pytest.mark.parametrize("damage", ["short", "kind", "column", "format", "detector", "nothing"])
def test_damaged_results_are_refused(frame, tmp_path, damage):
    path = tmp_path / "result"
    find_regimes(frame, **OPTIONS).save(path)
    content = read_sealed(path, "result")
    if damage == "short":
        path.write_bytes(path.read_bytes()[:-3])
    elif damage == "kind":
        path.write_bytes(path.read_bytes().replace(b"result", b"detector", 1))
    else:
        if damage == "column":
            content["states"]["columns"][1][2].pop()
        elif damage == "format":
            content["format"] = 99
        elif damage == "detector":
            content["detector"]["state"] = None
        write_sealed(path, "result", {} if damage == "nothing" else content)
    with pytest.raises(SavedModelError):
        RegimeResult.load(path)
