"""When bars count, come and come again: windows of history, repeats beside finer data, warm-ups, timers, the current slice."""

from __future__ import annotations

import shutil
import zipfile
from datetime import date, datetime, time, timedelta

import numpy as np
import pytest

from hidden_regime.data import LeanFolder
from hidden_regime.simulator.clock import TradingCalendar
from hidden_regime.simulator.consolidation import TradeBarConsolidator
from hidden_regime.simulator.enums import Resolution
from hidden_regime.simulator.history.window import start_of
from hidden_regime.simulator.objects import Symbol, TradeBar
from tests.conftest import CASES

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
MONDAY, HALF_DAY = datetime(2013, 7, 1), datetime(2013, 7, 3)
CALENDAR = TradingCalendar(date(1990, 1, 1), date(2016, 12, 31))
SAY_BARS = """
def on_data(self, data):
    bar = data.bars.get(self.share)
    if bar is not None:
        self.seen.append((self.time, bar.time, bar.end_time, bar.close, bar.volume, bar.is_fill_forward))
"""


def stepped(now, n, length, *, strict):
    """LEAN's Time.GetStartTimeForTradeBars, step by step. `strict`: daily bars that end when the session does."""

    def opened(start, end):
        days = [start.date() + k * DAY for k in range((end.date() - start.date()).days + 1)]
        return any(s.open < end and s.close > start for s in map(CALENDAR.find, days) if s is not None)

    today = CALENDAR.find(now.date())
    current = now
    if not strict or today is None or today.close > now:
        midnight = datetime.combine(now.date(), time(0))
        current = midnight + (now - midnight) // length * length
    while n:
        current -= length
        n -= opened(current, current + length)
    return current


@pytest.mark.parametrize(
    ("resolution", "length"), [(Resolution.DAILY, DAY), (Resolution.HOUR, HOUR), (Resolution.MINUTE, MINUTE)]
)
def test_a_window_holds_the_bars_that_lean_steps_over(resolution, length):
    dice = np.random.default_rng(7)
    for half in (True, False):
        for _ in range(60):
            day = dice.choice([datetime(2013, 7, 3), datetime(2013, 11, 29), datetime(2013, 12, 24)]) if half else None
            day = day or datetime(2013, 6, 24) + int(dice.integers(0, 200)) * DAY
            now = day + int(dice.integers(0, 24 * 60)) * MINUTE
            n = int(dice.integers(1, 40)) * (1 if length == DAY else 20)
            step_by_step = stepped(now, n, length, strict=length == DAY)
            found = start_of(now, n, resolution, CALENDAR)
            if length == DAY:
                assert found == step_by_step, (now, n)
            else:  # LEAN's step may begin before the open, where no bar ends
                assert found - length < step_by_step <= found, (now, n)


def test_a_window_longer_than_the_calendar_begins_before_everything():
    for now in (MONDAY + 12 * HOUR, MONDAY + 16 * HOUR, HALF_DAY + 13 * HOUR, MONDAY):
        assert start_of(now, 10**6, Resolution.DAILY, CALENDAR) == datetime.min
    assert start_of(MONDAY, 0, Resolution.DAILY, CALENDAR) == MONDAY


def test_how_many_daily_bars_history_gives_is_leans_number(play):
    body = """
    self.share = self.add_equity("IWM", Resolution.DAILY).symbol
    self.add_equity("SPY", Resolution.HOUR)
    """
    hooks = """
    def on_data(self, data):
        if (self.time.day, self.time.hour) in ((1, 12), (3, 13), (5, 16)):
            for n in (1, 2, 6, 12, 253):
                bars = list(self.history[TradeBar](self.share, n, Resolution.DAILY))
                self.seen.append((self.time.day, n, len(bars), f"{bars[0].end_time:%m-%d}"))
    """
    seen = play(body, hooks, start="2013, 7, 1", end="2013, 7, 5").algorithm.seen
    assert seen == [
        (1, 1, 1, "06-28"), (1, 2, 2, "06-27"), (1, 6, 6, "06-21"), (1, 12, 12, "06-13"), (1, 253, 253, "06-26"),
        (3, 1, 2, "07-02"), (3, 2, 3, "07-01"), (3, 6, 6, "06-26"), (3, 12, 11, "06-19"), (3, 253, 209, "08-31"),
        (5, 1, 1, "07-05"), (5, 2, 2, "07-03"), (5, 6, 6, "06-27"), (5, 12, 12, "06-19"), (5, 253, 253, "07-02"),
    ]  # fmt: skip


def test_indicators_are_warmed_up_by_the_same_window(play):
    body = """
    self.settings.automatic_indicator_warm_up = True
    self.share = self.add_equity("IWM", Resolution.DAILY).symbol
    self.add_equity("SPY", Resolution.HOUR)
    """
    hooks = """
    def on_data(self, data):
        if self.time == datetime(2013, 7, 1, 12):
            closes = [bar.close for bar in self.history[TradeBar](self.share, 6, Resolution.DAILY)]
            by_hand = SimpleMovingAverage(6)
            self.warm_up_indicator(self.share, by_hand, Resolution.DAILY)
            past = self.indicator_history(SimpleMovingAverage(3), self.share, 4, Resolution.DAILY)
            made = self.sma(self.share, 6)
            mean, span = SimpleMovingAverage(3), timedelta(days=9)
            of_span = self.indicator_history(mean, self.share, span, Resolution.DAILY)
            of_dates = self.indicator_history(mean, self.share, self.time - span, self.time, Resolution.DAILY)
            bars = [bar.end_time for bar in self.history[TradeBar](self.share, span, Resolution.DAILY)]
            plain = len(self.indicator_history(Identity("as it is"), self.share, span, Resolution.DAILY))
            self.spans = [[p.end_time for p in of_span], [p.end_time for p in of_dates], bars, plain]
            self.seen = [(made.samples, made.current.value), (by_hand.samples, by_hand.current.value), past, closes]
    """
    done = play(body, hooks, start="2013, 7, 1", end="2013, 7, 1").algorithm
    # A span's values are those of all its bars: what the indicator needs before them comes on top.
    assert done.spans == [done.spans[2]] * 3 + [5]
    made, by_hand, past, closes = done.seen
    assert made == by_hand == (6, pytest.approx(np.mean(closes))) and len(closes) == 6
    assert [point.value for point in past] == pytest.approx(np.convolve(closes, np.ones(3) / 3, "valid"))


def test_a_daily_bar_beside_hourly_ones_is_repeated_with_its_own_times_and_counts_once(play):
    body = """
    self.add_equity("SPY", Resolution.HOUR)
    self.share = self.add_equity("IWM", Resolution.DAILY).symbol
    self.mean = self.sma(self.share, 3, Resolution.DAILY)
    self.days = []
    self.consolidate(self.share, timedelta(days=1), lambda bar: self.days.append(bar.end_time))
    self.consolidate(self.share, Calendar.WEEKLY, lambda bar: self.days.append(bar.volume))
    """
    done = play(body, SAY_BARS, start="2013, 7, 1", end="2013, 7, 8")
    seen, days = done.algorithm.seen, done.algorithm.days
    ends = [CALENDAR.find(date(2013, 7, d)).close for d in (1, 2, 3, 5, 8)]
    assert [row[2] for row in seen if not row[5]] == ends == [end for end in days if isinstance(end, datetime)]
    assert done.algorithm.mean.samples == 5
    assert days[4] == sum(row[4] for row in seen[:-1])
    for now, start, end, close, volume, repeated in seen:
        last = max(e for e in ends if e < now or (not repeated and e == now))
        assert (start, end) == (CALENDAR.find(last.date()).open, last)
        assert repeated == (now != end) and (volume == 0.0) == repeated
        assert close == next(row[3] for row in seen if row[2] == end)
    repeats = [now for now, *_, repeated in seen if repeated]
    assert repeats == [datetime(2013, 7, d, h) for d, last in ((2, 15), (3, 12), (5, 15), (8, 15)) for h in range(10, last + 1)]


def test_an_hourly_bar_beside_minute_ones_is_repeated_with_its_own_times_and_counts_once(play):
    body = """
    self.add_equity("TLT", Resolution.MINUTE)
    self.share = self.add_equity("SPY", Resolution.HOUR).symbol
    self.mean = self.sma(self.share, 3)
    """
    done = play(body, SAY_BARS, start="2015, 3, 6", end="2015, 3, 9")
    friday, monday = datetime(2015, 3, 6), datetime(2015, 3, 9)
    by_time = {row[0]: row[1:] for row in done.algorithm.seen}
    assert done.algorithm.mean.samples == 14 and len(by_time) == (6 * 60 + 1) + 390
    assert by_time[friday + 10 * HOUR][:2] == (friday + 9 * HOUR, friday + 10 * HOUR)
    for now, (start, end, close, volume, repeated) in by_time.items():
        hour = now.replace(minute=0) if now.hour > 9 else friday + 16 * HOUR
        assert (start, end, repeated) == (hour - HOUR, hour, now != hour)
        assert close == by_time[hour][2] and (volume == 0.0) == repeated
    assert monday + 9 * HOUR + 31 * MINUTE in by_time


def test_the_slice_is_current_before_anything_else_of_its_moment(play):
    body = """
    self.share = self.add_equity("SPY", Resolution.DAILY).symbol
    for hour, minute in ((9, 31), (10, 0), (12, 30), (16, 0), (20, 15)):
        self.schedule.on(self.date_rules.every_day("SPY"), self.time_rules.at(hour, minute), self.look)
    self.schedule.on(self.date_rules.on(2015, 3, 3), self.time_rules.at(11, 0), lambda: self.market_order(self.share, 10))
    """
    hooks = """
    def look(self, who="event"):
        now = self.current_slice
        self.seen.append((who, f"{self.time:%d %H:%M}", f"{now.time:%d %H:%M}", self.share in now.bars))
    def on_securities_changed(self, changes):
        self.look("changed")
    def on_order_event(self, event):
        self.look(str(event.status))
    """
    seen = play(body, hooks, start="2015, 3, 2", end="2015, 3, 4").algorithm.seen[:13]
    assert seen == [  # LEAN's answer: the benchmark's hourly bars alone make slices too
        ("changed", "02 00:00", "02 00:00", False),
        ("event", "02 09:31", "02 00:00", False), ("event", "02 10:00", "02 10:00", False),
        ("event", "02 12:30", "02 12:00", False), ("event", "02 16:00", "02 16:00", True),
        ("event", "02 20:15", "02 16:00", True),
        ("event", "03 09:31", "02 16:00", True), ("event", "03 10:00", "03 10:00", False),
        ("SUBMITTED", "03 11:00", "03 11:00", False),
        ("event", "03 12:30", "03 12:00", False), ("FILLED", "03 16:00", "03 16:00", True),
        ("event", "03 16:00", "03 16:00", True), ("event", "03 20:15", "03 16:00", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("resolution", "call", "ends"),
    [
        ("MINUTE", "4", ["15:56", "15:57", "15:58", "15:59", "16:00"]),
        ("HOUR", "4", ["12:00", "13:00", "14:00", "15:00", "16:00"]),
        ("MINUTE", "3, Resolution.HOUR", ["13:00", "14:00", "15:00", "16:00"]),
        ("HOUR", "timedelta(hours=9)", ["15:00", "16:00"]),
        ("DAILY", "timedelta(hours=8)", ["16:00"]),
        ("DAILY", "timedelta(hours=7)", []),
    ],
)
def test_a_warm_up_takes_the_bar_that_ends_as_it_begins(play, resolution, call, ends):
    body = f'self.share = self.add_equity("SPY", Resolution.{resolution}).symbol\nself.set_warm_up({call})'
    hooks = """
    def on_securities_changed(self, changes):
        self.seen.append(("changed", self.securities[self.share].price, self.current_slice.time == self.time))
    def on_data(self, data):
        if self.is_warming_up:
            self.seen.append((f"{self.time:%H:%M}", data.bars[self.share].close))
    """
    (_, price, same), *seen = play(body, hooks, start="2015, 3, 17", end="2015, 3, 17").algorithm.seen
    assert [when for when, _ in seen] == ends and same
    assert price == (seen[0][1] if seen else 0.0)


def test_a_warm_up_without_securities_counts_by_the_universes_resolution(play):
    asked = (
        "self.universe_settings.resolution = Resolution.{}\nself.set_warm_up(3)\nself.train(lambda: self.seen.append(self.time))"
    )
    for resolution, begin in (("MINUTE", datetime(2014, 1, 12, 23, 57)), ("HOUR", datetime(2014, 1, 12, 21))):
        assert play(asked.format(resolution), start="2014, 1, 13", end="2014, 1, 14").algorithm.seen == [begin]
    chosen = asked + '\nself.add_universe("u", lambda when: ["SPY"])'
    seen = play(chosen.format("DAILY"), start="2014, 1, 13", end="2014, 1, 14").algorithm.seen
    assert seen == [datetime(2014, 1, 8)]


def test_a_warm_up_longer_than_the_data_takes_all_of_them(play):
    body = 'self.share = self.add_equity("SPY", Resolution.DAILY).symbol\nself.set_warm_up(100000)'
    hooks = "def on_data(self, data):\n    self.seen.append(self.time)"
    assert play(body, hooks, start="2004, 2, 2", end="2004, 2, 3").algorithm.seen[0] == datetime(2004, 1, 2, 16)


def test_the_timers_of_consolidators_go_in_a_warm_up_too(play):
    body = """
    self.share = self.add_equity("SPY", Resolution.DAILY).symbol
    for name, period in (("week", Calendar.WEEKLY), ("month", Calendar.MONTHLY), ("three", timedelta(days=3))):
        self.consolidate(self.share, period, lambda bar, name=name: self.seen.append((name, str(self.time)[5:16])))
    self.set_warm_up(timedelta(days=50))
    """
    seen = play(body, start="2014, 7, 1", end="2014, 7, 7").algorithm.seen
    assert seen == [  # LEAN's answer
        ("three", "05-15 09:30"), ("three", "05-18 09:30"), ("week", "05-19 00:00"), ("three", "05-22 16:00"),
        ("three", "05-25 09:30"), ("week", "05-26 00:00"), ("three", "05-30 16:00"), ("month", "06-01 00:00"),
        ("week", "06-02 00:00"), ("three", "06-02 09:30"), ("three", "06-05 09:30"), ("three", "06-08 09:30"),
        ("week", "06-09 00:00"), ("three", "06-12 16:00"), ("three", "06-15 09:30"), ("week", "06-16 00:00"),
        ("three", "06-19 16:00"), ("three", "06-22 09:30"), ("week", "06-23 00:00"), ("three", "06-26 16:00"),
        ("three", "06-29 09:30"), ("week", "06-30 00:00"), ("month", "07-01 16:00"), ("three", "07-03 13:00"),
        ("three", "07-06 09:30"), ("week", "07-07 00:00"),
    ]  # fmt: skip


def test_a_consolidator_fed_before_it_is_added_begins_its_timer_then(play):
    body = """
    self.share = self.add_equity("SPY", Resolution.MINUTE).symbol
    made = TradeBarConsolidator(timedelta(minutes=30))
    for bar in self.history[TradeBar](self.share, 390, Resolution.MINUTE):
        made.update(bar)
    made.data_consolidated += lambda sender, bar: self.seen.append((str(self.time)[8:16], str(bar.end_time)[8:16]))
    self.subscription_manager.add_consolidator(self.share, made)
    """
    seen = play(body, start="2015, 3, 10", end="2015, 3, 10").algorithm.seen
    assert seen[:3] == [("10 00:01", "09 16:00"), ("10 10:00", "10 10:00"), ("10 10:30", "10 10:30")]


def test_only_the_daily_resolution_makes_bars_of_sessions(play):
    body = """
    self.share = self.add_equity("SPY", Resolution.MINUTE).symbol
    for name, period in (("span", timedelta(days=1)), ("daily", Resolution.DAILY)):
        self.consolidate(self.share, period, lambda bar, name=name: self.seen.append((name, bar.time, bar.end_time, self.time, bar.close)))
    self.mean = SimpleMovingAverage(2)
    self.warm_up_indicator(self.share, self.mean, timedelta(days=1))
    """
    done = play(body, start="2015, 3, 10", end="2015, 3, 12")
    days = [datetime(2015, 3, d) for d in (10, 11, 12)]
    sessions = [row for row in done.algorithm.seen if row[0] == "daily"]
    assert [row[1:4] for row in sessions] == [(d + 9.5 * HOUR, d + 16 * HOUR, d + 16 * HOUR) for d in days]
    assert [row[1:] for row in done.algorithm.seen if row[0] == "span"] == [
        (d, d + DAY, d + DAY, row[4]) for d, row in zip(days[:2], sessions, strict=False)
    ]
    assert done.algorithm.mean.samples == 2 and done.algorithm.mean.current.time == days[0]


def minutes(day, n, gaps=()):
    """Bars of one minute from 09:30 with prices that tell which is which."""
    begin = day + 9.5 * HOUR
    return [TradeBar(begin + k * MINUTE, Symbol("A"), k, k + 2, k - 2, k + 1, 10.0) for k in range(n) if k not in gaps]


def fed(consolidator, bars):
    """What a consolidator says of bars."""
    out = []
    consolidator.data_consolidated += lambda sender, bar: out.append(
        (f"{bar.time:%H:%M}", f"{bar.end_time:%H:%M}", bar.open, bar.close, bar.volume)
    )
    for bar in bars:
        consolidator.update(bar)
    return out


def test_a_count_with_a_length_ends_at_whichever_comes_first_and_is_not_rounded():
    day = datetime(2014, 1, 6)
    assert fed(TradeBarConsolidator(50, HOUR), minutes(day, 120)) == [
        ("09:30", "10:30", 0, 50, 500.0), ("10:20", "11:20", 50, 100, 500.0),
    ]  # fmt: skip
    late = fed(TradeBarConsolidator(50, 20 * MINUTE), minutes(day, 60))
    assert late == [("09:30", "09:50", 0, 21, 210.0), ("09:51", "10:11", 21, 42, 210.0), ("10:12", "10:32", 42, 50, 80.0)]
    with_gap = fed(TradeBarConsolidator(max_count=10, period=20 * MINUTE), minutes(day, 60, range(5, 40)))
    assert with_gap == [("09:30", "09:50", 0, 41, 60.0), ("10:11", "10:31", 41, 45, 40.0), ("10:15", "10:35", 45, 55, 100.0)]
    assert fed(TradeBarConsolidator(50), minutes(day, 60)) == [("09:30", "10:20", 0, 50, 500.0)]
    waiting = TradeBarConsolidator(50, 20 * MINUTE)
    out = fed(waiting, minutes(day, 5))
    waiting.scan(day + 9.5 * HOUR + 19 * MINUTE)
    assert out == []
    waiting.scan(day + 9.5 * HOUR + 20 * MINUTE)
    assert out == [("09:30", "09:35", 0, 5, 50.0)]


@pytest.mark.parametrize(("length", "start"), [(90, 9 * 60 + 30), (25, 7), (24 * 60, 9 * 60 + 30), (7 * 24 * 60, 30)])
def test_a_start_time_anchors_the_bars(length, start):
    made = TradeBarConsolidator(length * MINUTE, start * MINUTE)
    for k in range(0, 40 * 24 * 60, 457):
        moment = datetime(2014, 1, 20) + k * MINUTE
        first = moment.replace(day=1) if length >= 7 * 24 * 60 else moment
        anchor = datetime(first.year, first.month, first.day) + start * MINUTE
        passed = np.floor((moment - anchor).total_seconds() / (length * 60))
        assert made._rule(moment) == (anchor + int(passed) * length * MINUTE, length * MINUTE)
    assert TradeBarConsolidator(length * MINUTE, start_time=start * MINUTE)._rule(moment) == made._rule(moment)


def holed_market(tmp_path, hours, name):
    """The reference market, whose minute bars of a day lack some hours."""
    folder = tmp_path / "data"
    shutil.copytree(CASES / "data", folder)
    path = folder / "equity" / "usa" / "minute" / "spy" / name
    with zipfile.ZipFile(path) as archive:
        entry = archive.namelist()[0]
        lines = archive.read(entry).decode().splitlines()
    kept = [line for line in lines if int(line.split(",")[0]) // 3_600_000 not in hours]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, "\n".join(kept) + "\n")
    return LeanFolder(folder, synthetic=True)


def test_a_market_order_in_a_gap_of_minutes_waits_and_fills_at_the_close_that_comes(play, tmp_path):
    market = holed_market(tmp_path, (11, 12), "20150310_trade.zip")
    body = """
    self.share = self.add_equity("SPY", Resolution.MINUTE).symbol
    for hour, minute in ((11, 30), (12, 30)):
        self.schedule.on(self.date_rules.on(2015, 3, 10), self.time_rules.at(hour, minute), lambda: self.market_order(self.share, 10))
    """
    hooks = """
    def on_order_event(self, event):
        if event.status == OrderStatus.FILLED:
            bar = self.current_slice.bars[self.share]
            self.seen.append((str(self.time)[11:16], event.fill_price, bar.open, bar.close))
    """
    early, late = play(body, hooks, start="2015, 3, 10", end="2015, 3, 10", market=market).algorithm.seen
    assert early[0] == "11:30" and early[1] == early[3]  # half an hour old, and no older than the settings allow
    assert late[0] == "13:01" and late[1] == late[3] != late[2]


def test_a_price_of_the_last_minute_is_never_too_old(play):
    body = """
    self.settings.stale_price_time_span = timedelta(seconds=10)
    self.share = self.add_equity("SPY", Resolution.MINUTE).symbol
    self.schedule.on(self.date_rules.on(2015, 3, 10), self.time_rules.at(11, 0, 30), lambda: self.market_order(self.share, 10))
    """
    hooks = "def on_order_event(self, event):\n    self.seen.append(str(self.time)[11:19])"
    assert play(body, hooks, start="2015, 3, 10", end="2015, 3, 10").algorithm.seen == ["11:00:30", "11:00:30"]


def test_the_benchmark_is_asked_for_from_a_session_before_the_run(play, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(CASES / "data", folder)
    (folder / "equity" / "usa" / "map_files" / "spy.csv").write_text("20150309,spy\n20501231,spy\n")
    market = LeanFolder(folder, synthetic=True)
    done = play('self.add_equity("TLT", Resolution.HOUR)', start="2015, 3, 9", end="2015, 3, 10", market=market)
    assert any("map files first date: [SPY, 2015-03-09]" in line for line in done.algorithm._sim.logs.lines)
    done = play('self.add_equity("TLT", Resolution.HOUR)', start="2015, 3, 10", end="2015, 3, 10", market=market)
    assert not any("map files first date" in line for line in done.algorithm._sim.logs.lines)
