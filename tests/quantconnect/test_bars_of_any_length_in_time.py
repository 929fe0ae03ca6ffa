"""Bars of any length through what happens in the course of time: events, restarts, universes, gaps, several lengths at once."""

from __future__ import annotations

import shutil
import zipfile
from datetime import datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from hidden_regime.data import LeanFolder
from tests.conftest import CASES
from tests.quantconnect.running import HEAD, run
from tests.quantconnect.test_bars_of_any_length import OPTIONS, check, consolidated, expected, play, tracked

SHORT = OPTIONS | {"lookback_days": 30, "memory": 0}


def rows_of(done):
    return tracked(done).detector.course.rows.table


@pytest.fixture(scope="module")
def mid_week(tmp_path_factory):
    """The reference market, in which AAPL splits on a Wednesday instead of the Monday before."""
    folder = tmp_path_factory.mktemp("split") / "data"
    shutil.copytree(CASES / "data", folder)
    factors = folder / "equity" / "usa" / "factor_files" / "aapl.csv"
    rows = [line.split(",") for line in factors.read_text().splitlines()]
    (split,) = [row for row in rows if row[0] == "20140606"]
    split[0] = "20140610"
    path = folder / "equity" / "usa" / "daily" / "aapl.zip"
    with zipfile.ZipFile(path) as packed:
        name = packed.namelist()[0]
        lines = packed.read(name).decode().splitlines()
    for place, line in enumerate(lines):
        if line[:8] in ("20140609", "20140610"):
            day, *prices, volume = line.split(",")
            lines[place] = ",".join([day, *(str(int(p) * 7) for p in prices), volume])
            split[3] = str(int(prices[3]) * 7 / 1e4)
    factors.write_text("\n".join(",".join(row) for row in rows) + "\n")
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(name, "\n".join(lines) + "\n")
    return LeanFolder(folder, synthetic=True)


@pytest.mark.parametrize(("mode", "live"), [("RAW", False), ("SPLIT_ADJUSTED", False), ("ADJUSTED", True), ("RAW", True)])
@pytest.mark.parametrize("where", ["on a Monday", "within a week"])
@pytest.mark.parametrize("start", ["2014-04-07", "2014-06-05", "2014-06-07", "2014-06-09", "2014-06-10", "2014-06-12"])
def test_a_split_is_no_crash_of_weeks(tmp_path, reference_market, mid_week, where, mode, live, start):
    market = mid_week if where == "within a week" else reference_market
    found, usual = (
        play(tmp_path, market, "'weekly'", "DAILY", start, "2014-08-29", mode=kind, ticker="AAPL", options=SHORT, live=is_live)
        for kind, is_live in ((mode, live), ("ADJUSTED", False))
    )
    assert [s.time for s in tracked(found).states] == [s.time for s in tracked(usual).states]
    np.testing.assert_allclose(rows_of(found), rows_of(usual), atol=2e-3)
    assert [s.regime for s in tracked(found).states] == [s.regime for s in tracked(usual).states]


@pytest.mark.parametrize("mode", ["RAW", "SPLIT_ADJUSTED"])
def test_a_dividend_is_no_fall_of_hours(tmp_path, reference_market, mode):
    """SPY's is of 2013-06-21; bars of five hours end after the session that comes before it."""
    found, usual = (
        play(tmp_path, reference_market, "timedelta(hours=5)", "HOUR", "2013-06-10", "2013-07-05", mode=kind, options=SHORT)
        for kind in (mode, "ADJUSTED")
    )
    np.testing.assert_allclose(rows_of(found), rows_of(usual), atol=1e-4)


RESTARTED = (
    HEAD
    + """
from hidden_regime import Feature

GAP = Feature("gap", lambda bars: bars[1].open / bars[0].close - 1.0, n_bars=2)


class Again(HiddenRegimeAlgorithm):
    def initialize(self):
        self.enable_restarts()
        self.add_equity("SPY", Resolution.SUBSCRIBED)
        self.initialize_regime_detection("SPY", lookback_days=40, retrain_frequency="weekly", bars=BARS, OPTIONS)
"""
)


def again(tmp_path, market, start, end, bars, subscribed, store, options="time_of_day=False"):
    text = RESTARTED.replace("SUBSCRIBED", subscribed).replace("BARS", bars).replace("OPTIONS", options)
    return run(tmp_path, market, text, start=start, end=end, store=tmp_path / store)


@pytest.mark.parametrize(("bars", "subscribed", "options"), [
    ("Resolution.HOUR", "HOUR", "time_of_day=True"),
    ("timedelta(hours=4)", "HOUR", "features=('log_return', 'log_range', GAP)"),
    ("'weekly'", "DAILY", "memory=0"),
])  # fmt: skip
def test_a_restart_goes_on_with_its_own_bars(tmp_path, reference_market, bars, subscribed, options):
    days = [datetime(2013, 3, 4), datetime(2013, 5, 22), datetime(2013, 6, 6), datetime(2013, 7, 31)]
    first, second, third, end = (day.date() for day in days)
    whole = again(tmp_path, reference_market, first, end, bars, subscribed, "a", options)
    one = again(tmp_path, reference_market, first, second, bars, subscribed, "b", options)
    two = again(tmp_path, reference_market, third, end, bars, subscribed, "b", options)
    assert not any("from history" in line for line in two.algorithm._sim.logs.lines)
    begin, rest = tracked(one).states, tracked(two).states
    assert [s.time for s in begin + rest] == [s.time for s in tracked(whole).states]
    # What LEAN calls adjusted is that of its factor file in both runs: nothing is rounded in between.
    np.testing.assert_allclose(
        [s.probabilities for s in begin + rest], [s.probabilities for s in tracked(whole).states], rtol=0, atol=1e-12
    )
    assert rest[0].trained_at <= begin[-1].time or rest[0].trained_at == rest[0].time


def test_kept_regimes_of_another_length_are_not_taken(tmp_path, reference_market):
    first, end = datetime(2013, 3, 4).date(), datetime(2013, 7, 31).date()
    again(tmp_path, reference_market, first, first + timedelta(60), "Resolution.HOUR", "HOUR", "a")
    for bars in ("timedelta(hours=4)", "'daily'"):
        done = again(tmp_path, reference_market, first + timedelta(61), end, bars, "HOUR", "a")
        assert any("other options" in line for line in done.algorithm._sim.logs.lines)


TWO = (
    HEAD
    + """
class Both(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2014, 6, 2)
        self.set_end_date(2014, 7, 31)
        self.changes = []
        for ticker, subscribed, length in WATCHED:
            self.add_equity(ticker, subscribed)
            self.initialize_regime_detection(ticker, bars=length, lookback_days=60, retrain_frequency="daily")

    def on_regime_change(self, old, new, confidence, ticker):
        self.changes.append((self.time, ticker, old, new))

    def on_data(self, data):
        pass
"""
)
PARTS = ['("SPY", Resolution.HOUR, "daily")', '("TLT", Resolution.HOUR, Resolution.HOUR)', '("QQQ", Resolution.DAILY, "weekly")']


def test_assets_of_different_lengths_are_watched_together(tmp_path, reference_market):
    together = run(tmp_path, reference_market, TWO.replace("WATCHED", f"[{', '.join(PARTS)}]")).algorithm
    for part in PARTS:
        alone = run(tmp_path, reference_market, TWO.replace("WATCHED", f"[{part}]")).algorithm
        (ticker,) = alone._hr.assets
        assert together._hr.assets[ticker].states == alone._hr.assets[ticker].states
        assert [c for c in together.changes if c[1] == ticker] == alone.changes
        assert len(alone._hr.assets[ticker].states) > 5


UNIVERSE = (
    HEAD
    + """
class Comes(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2014, 3, 3)
        self.set_end_date(2014, 7, 31)
        self.universe_settings.resolution = Resolution.HOUR
        self.asset = Symbol.create("SPY", SecurityType.EQUITY, Market.USA)
        self.other = Symbol.create("TLT", SecurityType.EQUITY, Market.USA)
        self.add_universe_selection(ScheduledUniverseSelectionModel(
            self.date_rules.week_start(), self.time_rules.midnight, self.choose))
        self.told = []

    def choose(self, time):
        return [self.other] if GONE and 4 <= time.month <= 5 else [self.asset, self.other]

    def on_securities_changed(self, changes):
        self.told += [(self.time, "out") for s in changes.removed_securities if s.symbol == self.asset]
        for security in changes.added_securities:
            if security.symbol == self.asset:
                self.told.append((self.time, "in"))
                self.initialize_regime_detection(security.symbol, bars=timedelta(hours=2), lookback_days=60, memory=0)
"""
)


def test_a_universe_that_chooses_again_catches_up(tmp_path, reference_market):
    gone, stayed = (run(tmp_path, reference_market, f"GONE = {is_gone}\n" + UNIVERSE).algorithm for is_gone in (True, False))
    assert [what for _, what in gone.told] == ["in", "out", "in"]
    found, usual = gone._hr.assets["SPY"], stayed._hr.assets["SPY"]
    assert [s.time for s in found.states] == [s.time for s in usual.states]
    np.testing.assert_array_equal(found.detector.course.rows.table, usual.detector.course.rows.table)
    assert found.states == usual.states


def test_a_bar_by_hand_has_the_watched_length(tmp_path, reference_market):
    done = play(tmp_path, reference_market, "timedelta(hours=4)", "HOUR", "2013-06-24", "2013-07-12")
    asset = tracked(done)
    last, seen = asset.detector.latest_bar, asset.seen
    for hours, is_taken in ((3, False), (6, False), (1, False), (4, True)):
        end = seen + timedelta(days=3)
        bar = SimpleNamespace(time=end - timedelta(hours=hours), end_time=end, open=last.close, high=last.close * 1.01,
                              low=last.close * 0.99, close=last.close, volume=1000.0, is_fill_forward=False)  # fmt: skip
        done.algorithm.on_tradebar("SPY", bar)
        assert (asset.seen == end) is is_taken


@pytest.fixture(scope="module")
def late_market(tmp_path_factory):
    """The reference market, in which SPY has no trades in some hours: the first of a day, one within, and a whole day."""
    folder = tmp_path_factory.mktemp("late") / "data"
    shutil.copytree(CASES / "data", folder)
    path = folder / "equity" / "usa" / "hour" / "spy.zip"
    with zipfile.ZipFile(path) as packed:
        name = packed.namelist()[0]
        lines = packed.read(name).decode().splitlines()
    holes = {("20130708", "09:00"), ("20130708", "10:00"), ("20130709", "13:00"), ("20130711", "12:00"), ("20130711", "13:00"),
             ("20130711", "14:00"), ("20130711", "15:00")}  # fmt: skip
    kept = [line for line in lines if (line[:8], line[9:14]) not in holes and line[:8] != "20130716"]
    assert len(lines) - len(kept) == len(holes) + 7
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(name, "\n".join(kept) + "\n")
    return LeanFolder(folder, synthetic=True)


@pytest.mark.parametrize(("bars", "rule", "length"), [
    ("Resolution.HOUR", "60min", timedelta(hours=1)), ("timedelta(hours=2)", "120min", timedelta(hours=2)),
    ("timedelta(hours=4)", "240min", timedelta(hours=4)), ("'weekly'", "W-MON", timedelta(days=7)),
])  # fmt: skip
@pytest.mark.parametrize("start", ["2013-06-24", "2013-07-15"])
def test_what_was_filled_forward_is_no_price(tmp_path, late_market, bars, rule, length, start):
    done = play(tmp_path, late_market, bars, "HOUR", start, "2013-07-31", options=SHORT)
    frame = consolidated(done.algorithm.pieces, rule, length)
    frame = frame[frame.index <= done.algorithm.time]
    first = int((frame.index <= datetime.fromisoformat(start)).sum()) - 31
    check(tracked(done).states, expected(frame, first, lookback=30, retrain="daily", memory=0), atol=1e-9)


def test_a_late_listing_begins_when_its_window_is_full(tmp_path, reference_market):
    done = play(tmp_path, reference_market, "'weekly'", "DAILY", "2012-01-02", "2013-12-30", ticker="XLAT", options=SHORT)
    frame = consolidated(done.algorithm.pieces, "W-MON", timedelta(days=7))
    frame = frame[frame.index <= done.algorithm.time]
    check(tracked(done).states, expected(frame, 0, lookback=30, retrain="daily", memory=0))


LATER = (
    HEAD
    + """
class Later(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2015, 4, 1)
        self.set_end_date(2015, 4, 8)
        self.add_equity("SPY", Resolution.MINUTE)
        if not AT:
            self.watch()
        else:
            self.schedule.on(self.date_rules.on(2015, 4, 2), self.time_rules.at(*AT), self.watch)

    def watch(self):
        self.initialize_regime_detection("SPY", bars=BARS, lookback_days=40, retrain_frequency="daily", memory=0)
"""
)


@pytest.mark.parametrize("bars", ["timedelta(minutes=30)", "Resolution.HOUR", "timedelta(hours=4)"])
@pytest.mark.parametrize("at", [(11, 25), (12, 0), (15, 59), (18, 0)])
def test_a_watch_that_begins_within_a_bar_has_the_whole_of_it(tmp_path, reference_market, bars, at):
    late, usual = (
        run(tmp_path, reference_market, LATER.replace("AT", when).replace("BARS", bars)).algorithm._hr.assets["SPY"]
        for when in (str(at), "()")
    )
    assert late.seen == usual.seen
    tables = [asset.detector.course.rows.table for asset in (late, usual)]
    shared = min(len(table) for table in tables)
    np.testing.assert_array_equal(tables[0][-shared:], tables[1][-shared:])
    assert late.detector.latest_bar == usual.detector.latest_bar
    since = datetime(2015, 4, 2, *at)
    assert [s.time for s in late.states if s.time > since] == [s.time for s in usual.states if s.time > since]


@pytest.mark.parametrize("bars", ["Resolution.HOUR", "timedelta(hours=4)", "timedelta(hours=5)", "'weekly'"])
@pytest.mark.parametrize("start", ["2013-06-10", "2013-06-20", "2013-06-21", "2013-06-24"])
def test_live_hours_around_a_dividend_are_those_of_a_backtest(tmp_path, reference_market, bars, start):
    options = SHORT | {"lookback_days": 20}
    found, usual = (
        play(tmp_path, reference_market, bars, "HOUR", start, "2013-07-12", options=options, live=live) for live in (True, False)
    )
    assert [s.time for s in tracked(found).states] == [s.time for s in tracked(usual).states]
    np.testing.assert_allclose(rows_of(found), rows_of(usual), atol=2e-3)
