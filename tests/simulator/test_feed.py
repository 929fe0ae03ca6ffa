"""What arrives when: warm-ups, late additions, universes, custom data, consolidators, schedules; and damaged data."""

from __future__ import annotations

import shutil
import zipfile

import numpy as np
import pandas as pd
import pytest

from hidden_regime.data import LeanFolder, TableMarket, make_market
from hidden_regime.exceptions import (
    DataError,
    DuplicateDateError,
    InvalidPriceError,
    RegimeError,
    RegimeWarning,
    UnsortedDataError,
)
from hidden_regime.simulator import run_file
from tests.conftest import CASES

SPY = 'self.spy = self.add_equity("SPY", Resolution.DAILY).symbol'
HOUR = 'self.spy = self.add_equity("SPY", Resolution.HOUR).symbol'


def test_a_daily_warm_up_of_hourly_bars_hands_on_each_day_once(play):
    body = (
        HOUR
        + """
self.set_warm_up(3, Resolution.DAILY)
self.consolidate(self.spy, Resolution.DAILY, lambda bar: self.seen.append((bar.time, bar.end_time, bar.close)))
self.mean = self.sma(self.spy, 3, Resolution.DAILY)
"""
    )
    done = play(body, start="2014, 1, 8", end="2014, 1, 9")
    seen = done.algorithm.seen
    assert [str(end)[:16] for _, end, _ in seen] == [f"2014-01-{d:02d} 16:00" for d in (3, 6, 7, 8, 9)]
    assert done.algorithm.mean.current.value == pytest.approx(np.mean([close for *_, close in seen[-3:]]))


@pytest.mark.parametrize(
    ("call", "first"),
    [
        ("2, Resolution.HOUR", "2014-01-07 14:00:00"),
        ("timedelta(days=2)", "2014-01-06 10:00:00"),
        ("9, Resolution.HOUR", "2014-01-06 14:00:00"),
        ("2", "2014-01-07 14:00:00"),
    ],
)
def test_where_a_warm_up_begins(play, call, first):
    hooks = "def on_data(self, data):\n    self.seen.append(str(self.time))"
    done = play(HOUR + f"\nself.set_warm_up({call})", hooks, start="2014, 1, 8", end="2014, 1, 8")
    assert done.algorithm.seen[0] == first


def test_a_security_added_at_noon_arrives_the_same_day_and_one_removed_no_more(play):
    body = (
        SPY
        + """
self.schedule.on(self.date_rules.on(2014, 1, 8), self.time_rules.at(12, 0), lambda: self.add_equity("TLT", Resolution.DAILY))
self.schedule.on(self.date_rules.on(2014, 1, 10), self.time_rules.at(11, 30), lambda: self.remove_security("TLT"))
"""
    )
    hooks = """
    def on_securities_changed(self, changes):
        self.seen.append((self.time.day, self.time.hour, [s.symbol.value for s in changes.added_securities], [s.symbol.value for s in changes.removed_securities]))
    def on_data(self, data):
        if len(data.bars) == 2:
            self.seen.append((self.time.day, "both"))
    """
    done = play(body, hooks)
    assert done.algorithm.seen == [
        (2, 0, ["SPY"], []), (8, 12, ["TLT"], []), (8, "both"), (9, "both"), (10, 12, [], ["TLT"])
    ]  # fmt: skip


def test_a_security_added_in_on_data_has_its_first_bar_on_the_next_day(play):
    hooks = """
    def on_data(self, data):
        self.seen.append((self.time.day, [str(k) for k in data.bars.keys()]))
        if self.time.day == 3 and len(self.securities) == 1:
            self.add_equity("TLT", Resolution.DAILY)
    """
    seen = play(SPY, hooks, end="2014, 1, 6").algorithm.seen
    assert seen == [(2, ["SPY"]), (3, ["SPY"]), (6, ["SPY", "TLT"])]


def test_equity_and_custom_data_of_one_ticker_are_two_things(play, tmp_path):
    (tmp_path / "signal.csv").write_text("2014-01-03 12:00,5\n2014-01-03 13:00,6\n")
    top = f"""
    class Signal(PythonData):
        def GetSource(self, config, date, isLive):
            return SubscriptionDataSource("{tmp_path}/signal.csv", SubscriptionTransportMedium.LocalFile)
        def Reader(self, config, line, date, isLive):
            row = Signal()
            row.Symbol = config.Symbol
            row.Time = datetime.strptime(line.split(",")[0], "%Y-%m-%d %H:%M")
            row.EndTime = row.Time + timedelta(hours=1)
            row.Value = float(line.split(",")[1])
            row["Twice"] = 2 * row.Value
            return row
    """
    body = SPY + '\nself.sig = self.add_data(Signal, "SPY", Resolution.DAILY).symbol\nassert self.sig != self.spy'
    hooks = """
    def on_data(self, data):
        if data.contains_key(self.sig):
            row = data[self.sig]
            self.seen.append((str(self.time), row.value, row["twice"], data.bars.contains_key(self.spy)))
    def on_end_of_algorithm(self):
        self.frame = self.history(self.sig, timedelta(days=9))
    """
    done = play(body, hooks, top=top, end="2014, 1, 6")
    assert done.algorithm.seen == [("2014-01-03 13:00:00", 5.0, 10.0, False), ("2014-01-03 14:00:00", 6.0, 12.0, False)]
    assert list(done.algorithm.frame.columns) == ["twice", "value"]


def test_a_custom_source_that_is_missing_has_no_data(play):
    top = """
    class Nothing(PythonData):
        def get_source(self, config, date, live):
            return SubscriptionDataSource(f"/nowhere/{date:%Y%m%d}.csv", SubscriptionTransportMedium.LOCAL_FILE)
        def reader(self, config, line, date, live):
            raise ValueError("never")
    """
    with pytest.warns(RegimeWarning, match="no data"):
        done = play(SPY + '\nself.add_data(Nothing, "N", Resolution.DAILY)', top=top, end="2014, 1, 6")
    assert done.status == "Completed"


def test_a_reader_that_fails_stops_the_run_and_shows_its_line(play, tmp_path):
    (tmp_path / "bad.csv").write_text("x\n")
    top = f"""
    class Bad(PythonData):
        def get_source(self, config, date, live):
            return SubscriptionDataSource("{tmp_path}/bad.csv", SubscriptionTransportMedium.LOCAL_FILE)
        def reader(self, config, line, date, live):
            return float(line)
    """
    done = play(SPY + '\nself.add_data(Bad, "BAD", Resolution.DAILY)', top=top, fails=True)
    assert "Error invoking BAD data reader. Line: 'x'" in done.message


def test_consolidators_of_every_kind(play):
    body = (
        SPY
        + """
def note(name):
    return lambda bar: self.seen.append((name, bar.time, bar.end_time, bar.volume))
self.consolidate(self.spy, Calendar.MONTHLY, note("month"))
self.consolidate(self.spy, lambda when: CalendarInfo(datetime(when.year, when.month, 1 + (when.day - 1) // 10 * 10), timedelta(days=10)), note("ten"))
three = TradeBarConsolidator(3)
three.data_consolidated += lambda sender, bar: self.seen.append(("three", bar.time, bar.end_time, bar.volume))
self.subscription_manager.add_consolidator(self.spy, three)
self.subscription_manager.add_consolidator(self.spy, three)
self.register_indicator(self.spy, SimpleMovingAverage(2), three)
"""
    )
    done = play(body, end="2014, 2, 28")
    kinds = {}
    for name, start, end, volume in done.algorithm.seen:
        kinds.setdefault(name, []).append((start, end, volume))
    assert [len(kinds[name]) for name in ("three", "month")] == [13, 1]
    assert [start.day for start, _, _ in kinds["ten"]][:4] == [1, 11, 21, 31]
    assert all(volume > 0 for _, _, volume in kinds["three"])


def test_rules_of_dates_and_times(play):
    body = (
        SPY
        + """
def at(name, dates, times):
    self.schedule.on(dates, times, lambda: self.seen.append((name, str(self.time))))
at("wed", self.date_rules.every(DayOfWeek.WEDNESDAY), self.time_rules.at(9, 0))
at("two", self.date_rules.on([datetime(2014, 1, 7), datetime(2014, 1, 9)]), self.time_rules.at(12, 0, TimeZones.UTC))
at("start", self.date_rules.month_start(self.spy, 2), self.time_rules.before_market_close(self.spy, 5))
at("end", self.date_rules.month_end(self.spy), self.time_rules.after_market_open(self.spy))
at("week", self.date_rules.week_end(self.spy, 1), self.time_rules.after_market_close(self.spy, 5))
at("every", self.date_rules.on(2014, 1, 8), self.time_rules.every(timedelta(hours=7)))
gone = self.schedule.on(self.date_rules.every_day(), self.time_rules.noon, lambda: self.seen.append(("gone", "")))
self.schedule.remove(gone)
silent = self.schedule.on(self.date_rules.every_day(), self.time_rules.noon, lambda: self.seen.append(("silent", "")))
silent.Enabled = False
"""
    )
    seen = play(body).algorithm.seen
    by = {}
    for name, when in seen:
        by.setdefault(name, []).append(when[5:16])
    assert by == {
        "wed": ["01-08 09:00", "01-15 09:00", "01-22 09:00", "01-29 09:00"],
        "two": ["01-07 07:00", "01-09 07:00"], "start": ["01-06 15:55"], "end": ["01-31 09:30"],
        "week": ["01-02 16:05", "01-09 16:05", "01-16 16:05", "01-23 16:05", "01-30 16:05"],
        "every": ["01-08 00:00", "01-08 07:00", "01-08 14:00", "01-08 21:00"],
    }  # fmt: skip


def test_training_asked_for_in_initialize_runs_at_the_beginning_of_the_warm_up(play):
    body = SPY + "\nself.set_warm_up(5, Resolution.DAILY)\nself.train(lambda: self.seen.append(str(self.time)))"
    assert play(body, start="2014, 1, 13").algorithm.seen == ["2014-01-06 00:00:00"]


def test_universes_come_go_and_wait_for_positions(play):
    body = """
    self.spy = Symbol.create("SPY", SecurityType.EQUITY, Market.USA)
    self.universe_settings.resolution = Resolution.DAILY
    self.add_universe("a", lambda when: ["SPY"] if when.day < 8 else ["TLT"])
    self.add_universe("b", lambda when: ["GLD"] if when.day >= 9 else Universe.UNCHANGED)
    self.add_universe(self.date_rules.on(2014, 1, 15), self.time_rules.at(11, 0), lambda utc: [Symbol.Create("IWM", SecurityType.Equity, Market.USA)])
    """
    hooks = """
    def on_securities_changed(self, changes):
        self.seen.append((self.time.day, self.time.hour, "+" + ",".join(s.symbol.value for s in changes.added_securities), "-" + ",".join(s.symbol.value for s in changes.removed_securities)))
    def on_data(self, data):
        if self.time.day == 6:
            self.market_order(self.spy, 10)
        if self.time.day in (7, 8, 9, 10):
            self.seen.append((self.time.day, sorted(k.value for k in data.bars.keys())))
        if self.time.day == 8:
            self.liquidate(self.spy)
    """
    assert play(body, hooks, end="2014, 1, 16").algorithm.seen == [
        (2, 0, "+SPY", "-"), (7, ["SPY"]), (8, 0, "+TLT", "-SPY"), (8, ["SPY", "TLT"]), (9, 0, "+GLD", "-"),
        (9, ["GLD", "SPY", "TLT"]), (10, ["GLD", "TLT"]), (15, 11, "+IWM", "-"),
    ]  # fmt: skip


def test_nothing_stays_from_one_run_to_the_next(tmp_path, reference_market):
    for n in (1, 2):
        folder = tmp_path / str(n)
        folder.mkdir()
        (folder / "helper.py").write_text(f"VALUE = {n}\nSEEN = []\n")
        (folder / "main.py").write_text(
            "from AlgorithmImports import *\nimport helper\nclass S(QCAlgorithm):\n    def initialize(self):\n        import helper as again\n"
            "        self.set_start_date(2014, 1, 2); self.set_end_date(2014, 1, 3); helper.SEEN.append(1)\n"
            "        self.found = (helper.VALUE, len(again.SEEN)); x: List[Symbol] = []\n        self.add_equity('SPY', Resolution.DAILY)\n"
        )
        for _ in range(2):
            assert run_file(folder / "main.py", reference_market).algorithm.found == (n, 1)


def test_hourly_and_minute_frames_are_markets_too(tmp_path):
    days = pd.bdate_range("2014-01-06", "2014-01-10")
    hours = pd.DatetimeIndex([d + pd.Timedelta(hours=h) for d in days for h in range(9, 16)])
    hourly = pd.DataFrame({"close": np.arange(100.0, 100.0 + len(hours))}, index=hours)
    minutes = pd.DatetimeIndex([d + pd.Timedelta(minutes=570 + m) for d in days for m in range(390)]).tz_localize(
        "America/New_York"
    )
    minute = pd.DataFrame({"close": 50 + np.arange(len(minutes)) / 1000}, index=minutes.tz_convert("UTC"))
    market = TableMarket({"H": hourly, "M": minute})
    assert market.load("H").close.tolist() == [106.0, 113.0, 120.0, 127.0, 134.0]
    path = tmp_path / "s.py"
    path.write_text(
        "from AlgorithmImports import *\nclass S(QCAlgorithm):\n    def initialize(self):\n"
        "        self.set_start_date(2014, 1, 6); self.set_end_date(2014, 1, 10); self.seen = []\n"
        "        self.add_equity('H', Resolution.HOUR); self.add_equity('M', Resolution.MINUTE)\n"
        "        self.consolidate('M', Resolution.DAILY, lambda bar: self.seen.append((bar.open, bar.close)))\n"
        "    def on_data(self, data):\n        self.n = getattr(self, 'n', 0) + 1\n"
    )
    done = run_file(path, market)
    assert done.error is None
    assert done.algorithm.n == 5 * 390
    assert done.algorithm.seen[0] == pytest.approx((50.0, 50.389))


def spoil(tmp_path, lines):
    folder = tmp_path / "data"
    shutil.copytree(CASES / "data" / "equity", folder / "equity")
    path = folder / "equity" / "usa" / "daily" / "spy.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("spy.csv", lines)
    return folder


@pytest.mark.parametrize(
    ("lines", "error", "words"),
    [
        ("20140102 00:00,1,1,1,1,1\n20140102 00:00,1,1,1,1,1\n", DuplicateDateError, "line 2"),
        ("20140103 00:00,1,1,1,1,1\n20140102 00:00,1,1,1,1,1\n", UnsortedDataError, "rising times"),
        ("20140102 00:00,0,1,1,1,1\n", InvalidPriceError, "a price or volume of 0"),
        ("20140102 00:00,1,1,1,inf,1\n", InvalidPriceError, "a price or volume of inf"),
        ("20140230 00:00,1,1,1,1,1\n", DataError, "line 1: 20140230 is no day"),
        ("20140102 00:00,1,1,1,1,-5\n", InvalidPriceError, "a volume of -5"),
        ("20140102 00:00,1,1,2,1,5\n", InvalidPriceError, "high is below low"),
        ("20140102 00:00,1,1,1,1\n", DataError, "line 1 has 5 columns: expected 6"),
        ("hello\n", DataError, "can't be read"),
        ("", DataError, "no bars"),
    ],
)
def test_damaged_bars_are_named(tmp_path, lines, error, words):
    with pytest.raises(error, match=words):
        LeanFolder(spoil(tmp_path, lines)).load("SPY")


def test_damaged_files_around_the_bars_are_named(tmp_path):
    folder = spoil(tmp_path, "20140102 00:00,1,1,1,1,1\n")
    usa = folder / "equity" / "usa"
    (usa / "daily" / "tlt.zip").write_bytes((usa / "daily" / "tlt.zip").read_bytes()[:500])
    with pytest.raises(DataError, match=r"tlt\.zip can't be read"):
        LeanFolder(folder).load("TLT")
    for name, text in (
        ("factor_files", "20140102,0,1,5\n"),
        ("factor_files", "20140102,x\n"),
        ("map_files", "20140102,spy\n20130102,spy\n"),
        ("map_files", "\n"),
        ("map_files", "x,spy\n"),
    ):
        kept = (usa / name / "spy.csv").read_text()
        (usa / name / "spy.csv").write_text(text)
        with pytest.raises(DataError, match=name):
            LeanFolder(folder).load("SPY")
        (usa / name / "spy.csv").write_text(kept)
    kept = (usa / "factor_files" / "spy.csv").read_bytes()
    (usa / "factor_files" / "spy.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="can't be read as text"):
        LeanFolder(folder).load("SPY")
    (usa / "factor_files" / "spy.csv").write_bytes(kept)
    (usa / "map_files" / "gld.csv").unlink()
    (usa / "factor_files" / "gld.csv").unlink()
    with pytest.warns(RegimeWarning) as warned:
        assert LeanFolder(folder).load("GLD").factors.rows == []
    assert [str(w.message).partition(": GLD counts")[0].partition(": prices of GLD")[0][-24:] for w in warned] == [
        "map_files/gld.csv is missing"[-24:],
        "factor_files/gld.csv is missing"[-24:],
    ]


def test_a_factor_file_of_another_history_is_told(tmp_path):
    folder = spoil(tmp_path, "20140102 00:00,1000000,1000000,1000000,1000000,1\n20140103 00:00,1,1,1,1,1\n")
    (folder / "equity" / "usa" / "factor_files" / "spy.csv").write_text("20140102,0.9,1,120\n20501231,1,1,0\n")
    with pytest.warns(RegimeWarning, match=r"it has a close of 120 on 2014-01-02, the bars have 100\. Adjusted"):
        assert LeanFolder(folder).load("SPY").factors.rows[0].price_factor == 0.9


def test_a_market_with_days_of_its_own(tmp_path):
    made = make_market(n_days=40, seed=2)
    frame = made.market.load("SYN_MARKET").frame(adjusted=False)
    odd = frame.set_index(pd.date_range("2021-01-01", periods=len(frame)))
    path = tmp_path / "s.py"
    path.write_text(
        "from AlgorithmImports import *\nclass S(QCAlgorithm):\n    def initialize(self):\n        self.n = 0\n"
        "        self.set_start_date(2021, 1, 1); self.set_end_date(2021, 1, 31); self.add_equity('ODD', Resolution.DAILY)\n"
        "    def on_data(self, data):\n        self.n += 1\n"
    )
    assert run_file(path, TableMarket({"ODD": odd})).algorithm.n == 31


def hours(*starts, days=("2014-01-06", "2014-01-07")):
    index = pd.DatetimeIndex([f"{day} {start}" for day in days for start in starts])
    return pd.DataFrame({"close": np.arange(100.0, 100.0 + len(index))}, index=index)


@pytest.mark.parametrize(
    ("starts", "words"),
    [
        (("09:30", "10:30", "11:30"), r"starts at 2014-01-06 10:30: expected days, minutes, or hours"),
        (("09:17", "10:17"), "starts at 2014-01-06 09:17"),
        (("09:30", "10:00", "10:30"), "bars of 30 minutes"),
        (("09:30", "10:00", "11:00", "11:30"), "bars of 30 minutes"),
        (("10:00", "11:00", "16:00"), r"starts at 2014-01-06 16:00 and none at the open.*minutes=60"),
        (("09:31", "09:32", "16:00"), r"none at the open.*minutes=1\)"),
        (("09:00", "10:00"), None),
        (("09:30", "10:00"), None),
    ],
)
def test_hours_that_would_be_known_too_early_are_refused(starts, words):
    if words is None:
        assert TableMarket({"H": hours(*starts)}).intraday("H", 60) is not None
        return
    with pytest.raises(DataError, match=words):
        TableMarket({"H": hours(*starts)})


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        ([1], "frames = "),
        ({5: hours("09:00")}, "tickers as text"),
        ({"A": None}, "a DataFrame of prices"),
        ({"A": hours()}, "at least one row"),
        ({"A": hours("00:00"), "a": hours("00:00")}, "each ticker once"),
        ({"A": hours("00:00").assign(volume=-5.0)}, "volume at 2014-01-06 is -5"),
        ({"A": hours("00:00").assign(volume="x")}, "'x': expected a number"),
        ({"A": hours("00:00").assign(close=True)}, "True_?: expected a number"),
        ({"A": pd.concat([hours("00:00")] * 2, axis=1)}, "the column 'close' more than once"),
        ({"A": pd.DataFrame({"close": [1.0]}, index=pd.DatetimeIndex([pd.NaT]))}, "row 0 has no date"),
    ],
)
def test_frames_that_are_none_are_named(frames, words):
    with pytest.raises(RegimeError, match=words):
        TableMarket(frames)
    for name in ("benchmark", "defensive"):
        with pytest.raises(RegimeError, match=f"{name} = 'ZZ'"):
            TableMarket({"A": hours("00:00")}, **{name: "ZZ" if name == "benchmark" else ["ZZ"]})
