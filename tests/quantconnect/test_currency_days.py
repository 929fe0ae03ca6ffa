"""Days of currencies are those of UTC in every resolution: the same bars, regimes and restarts as of daily files."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hidden_regime.data import LeanFolder
from hidden_regime.quantconnect.currency_days import utc_day, utc_week
from hidden_regime.simulator.object_store import ObjectStore
from tests.conftest import CASES
from tests.quantconnect.running import HEAD, run

NEW_YORK, UTC = ZoneInfo("America/New_York"), ZoneInfo("UTC")
TEXT = (
    HEAD
    + """
class Pairs(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(*map(int, self.get_parameter("start").split("-")))
        self.set_end_date(*map(int, self.get_parameter("end").split("-")))
        self.set_benchmark(lambda time: 1.0)
        self.enable_restarts()
        kind = Resolution[self.get_parameter("kind")]
        add = self.add_crypto if self.get_parameter("ticker") == "ETHUSD" else self.add_forex
        symbol = add(self.get_parameter("ticker"), kind).symbol
        self.seen, self.changes = {}, []
        self.initialize_regime_detection(symbol, n_states=2, lookback_days=int(self.get_parameter("lookback", "150")),
                                         bars=self.get_parameter("bars", "daily"))
        self.detector = self._hr.get().detector
        self.known_at_once = self.detector.state
        offer = self.detector.offer

        def note(bar):
            self.seen[bar.end_time] = (self.time, bar)
            return offer(bar)

        self.detector.offer = note

    def on_regime_change(self, old, new, confidence, ticker):
        self.changes.append((self._hr.get().seen, old, new, confidence))
"""
)


@pytest.fixture(scope="module")
def market():
    return LeanFolder(CASES / "data", synthetic=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pairs")


def made(folder, market, kind, start, end, ticker="EURUSD", store=None, **further):
    parameters = {"kind": kind, "start": start, "end": end, "ticker": ticker} | further
    return run(folder, market, TEXT, parameters=parameters, store=None if store is None else store._root())


def utc_days_of_hours(ticker):
    """Open, high, low and close of each day of UTC, by the rows of the file of hours: their first stamp is one of UTC."""
    rows = {}
    with zipfile.ZipFile(CASES / "data" / "forex" / "oanda" / "hour" / f"{ticker}.zip") as packed:
        lines = packed.read(packed.namelist()[0]).decode().splitlines()
    for line in lines:
        stamp, *cells = line.split(",")
        rows.setdefault(stamp[:8], []).append([float(cell) for cell in cells[:4] + cells[5:9]])
    out = {}
    for day, found in rows.items():
        x = np.array(found)
        sides = np.array([[x[0, i], x[:, i + 1].max(), x[:, i + 2].min(), x[-1, i + 3]] for i in (0, 4)])
        out[datetime.strptime(day, "%Y%m%d").date()] = sides.mean(axis=0)
    return out


def test_hours_make_the_days_of_daily_bars_and_regimes_change_alike(folder, market):
    """A year with both changes of the clock: Sundays belong to Mondays, and nobody waits for midnight in New York."""
    daily, hourly = (made(folder, market, kind, "2016-02-01", "2016-12-30").algorithm for kind in ("DAILY", "HOUR"))
    assert len(hourly.seen) > 230 and daily.seen.keys() - hourly.seen.keys() <= {max(daily.seen)}
    for end, (moment, bar) in hourly.seen.items():
        assert end.weekday() < 5
        assert moment == daily.seen[end][0]
        assert bar[1:5] == daily.seen[end][1][1:5]
    assert len(daily.changes) > 5
    assert hourly.changes == [change for change in daily.changes if change[0] in hourly.seen]
    days = utc_days_of_hours("eurusd")
    for end, (_, bar) in hourly.seen.items():
        last = end.replace(tzinfo=NEW_YORK).astimezone(UTC) - timedelta(seconds=1)
        np.testing.assert_allclose(bar[1:5], days[last.date()], rtol=1e-12)


def test_minutes_make_them_too(folder, market):
    """Over the Sunday in March on which clocks change. OANDA's minutes pause at 17:00."""
    found = made(folder, market, "MINUTE", "2016-03-07", "2016-03-18", "USDJPY").algorithm.seen
    assert list(found) == [
        *(datetime(2016, 3, day, 19) for day in range(7, 12)), *(datetime(2016, 3, day, 20) for day in range(14, 18)),
    ]  # fmt: skip
    daily = made(folder, market, "DAILY", "2016-03-07", "2016-03-18", "USDJPY").algorithm.seen
    for end, (moment, bar) in found.items():
        assert moment == end or end.weekday() == 4  # after Friday's close nothing wakes LEAN
        assert bar.close == pytest.approx(daily[end][1].close, rel=1e-3)
        assert bar.low <= min(bar.open, bar.close) and bar.high >= max(bar.open, bar.close)


def test_a_day_without_quotes_is_none(tmp_path, folder):
    """LEAN's hours are open on that Wednesday, and every bar of it is filled forward."""
    for kind in ("daily", "hour"):
        path = tmp_path / "data" / "forex" / "oanda" / kind / "eurusd.zip"
        path.parent.mkdir(parents=True)
        with zipfile.ZipFile(CASES / path.relative_to(tmp_path)) as packed:
            name = packed.namelist()[0]
            lines = packed.read(name).decode().splitlines()
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr(name, "".join(f"{line}\n" for line in lines if not line.startswith("20170614")))
    market = LeanFolder(tmp_path / "data", synthetic=True)
    for kind in ("DAILY", "HOUR"):
        days = [end.date() for end in made(folder, market, kind, "2017-06-08", "2017-06-17").algorithm.seen]
        assert days[:5] == [date(2017, 6, day) for day in (8, 9, 12, 13, 15)]


@pytest.mark.parametrize("kinds", [("HOUR", "HOUR"), ("DAILY", "HOUR"), ("HOUR", "DAILY")])
def test_a_restart_after_a_gap_goes_on(tmp_path, market, kinds):
    first, then = kinds
    whole = made(tmp_path, market, "DAILY", "2016-08-01", "2016-12-30")
    begun = made(tmp_path, market, first, "2016-08-01", "2016-10-14", store=ObjectStore(tmp_path / "kept"))
    again = made(tmp_path, market, then, "2016-11-09", "2016-12-30", store=ObjectStore(tmp_path / "kept"))
    assert not [line for line in again.algorithm._sim.logs.lines if "hidden_regime: " in line]
    known = {state.time: state for state in whole.algorithm._hr.get().states}
    late = again.algorithm._hr.get().states
    last = begun.algorithm._hr.get().states[-1].time
    assert last < late[0].time < last + timedelta(days=4)  # the kept model goes on: a new one begins with its window
    assert again.algorithm.known_at_once == known[datetime(2016, 11, 8, 19)]
    assert len(late) > 50 and all(state == known[state.time] for state in late if state.time in known)


def test_weeks_begin_on_sunday_evening_whatever_they_are_made_of(folder, market):
    daily, hourly = (
        made(folder, market, kind, "2016-08-01", "2016-12-30", bars="weekly", lookback="60").algorithm
        for kind in ("DAILY", "HOUR")
    )
    assert hourly.seen.keys() == daily.seen.keys() and len(hourly.seen) > 19
    for end, (_, bar) in hourly.seen.items():
        assert end.weekday() == 5 and end.hour == (20 if end < datetime(2016, 11, 6) else 19)
        assert bar[1:5] == daily.seen[end][1][1:5]
    assert hourly.changes == daily.changes


def test_a_coins_day_that_began_with_an_outage_is_made_of_what_was_traded(folder, market):
    """ETHUSD's trades stop for two days in February 2018."""
    daily, hourly = (
        made(folder, market, kind, "2018-01-02", "2018-02-28", "ETHUSD", lookback="30").algorithm for kind in ("DAILY", "HOUR")
    )
    assert len(hourly.seen) > 50 and hourly.seen.keys() <= daily.seen.keys()
    for end, (_, bar) in hourly.seen.items():
        np.testing.assert_allclose(bar[1:], daily.seen[end][1][1:], rtol=1e-9)


@given(st.datetimes(datetime(2007, 1, 1), datetime(2037, 1, 1)))
def test_days_and_weeks_of_utc_in_new_yorks_time_follow_one_another(moment):
    utc = moment.replace(tzinfo=NEW_YORK).astimezone(UTC)
    for rule, length in ((utc_day, 1), (utc_week, 7)):
        start, period = rule(moment)
        begin, end = (x.replace(tzinfo=NEW_YORK).astimezone(UTC) for x in (start, start + period))
        assert start <= moment < start + period or moment.month in (3, 11)  # an hour that the clock shows twice, or skips
        assert begin <= utc < end and end - begin == timedelta(days=length)
        assert (begin.hour, begin.minute) == (0, 0) and (length == 1 or begin.weekday() == 6)
        assert rule(start + period).start == start + period
