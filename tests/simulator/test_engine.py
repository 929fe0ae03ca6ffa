"""The engine where no reference case looks: hooks, errors, the loader, the offered module, schedules, sizes."""

from __future__ import annotations

import importlib
import sys
from datetime import date, datetime, timedelta
from types import ModuleType, SimpleNamespace

import pytest

from hidden_regime.data import make_market
from hidden_regime.exceptions import (
    EmptyRangeError,
    NoAlgorithmError,
    NoDataError,
    ParameterError,
    RegimeWarning,
    SeveralAlgorithmsWarning,
    StrategyError,
    UnknownStrategyError,
    UnsupportedError,
)
from hidden_regime.simulator import imports, run_file
from hidden_regime.simulator.clock import TradingCalendar, to_utc
from hidden_regime.simulator.failures import EngineError
from hidden_regime.simulator.indicators import ExponentialMovingAverage, RollingWindow, SimpleMovingAverage, StandardDeviation
from hidden_regime.simulator.models.fees import InteractiveBrokersFeeModel, OrderFeeParameters
from hidden_regime.simulator.objects import DataDictionary, Symbol, TradeBar
from hidden_regime.simulator.orders.kinds import MarketOrder
from hidden_regime.simulator.rounding import fixed, money, short, span

HEAD = """from AlgorithmImports import *

class Strategy(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2011, 1, 3)
        self.set_end_date(2011, 3, 31)
        self.spy = self.add_equity("SYN_MARKET", Resolution.DAILY).symbol
        self.seen = []
"""


@pytest.fixture(scope="module")
def market():
    return make_market(n_days=600, seed=1).market


def run(tmp_path, market, body, head=HEAD, **options):
    path = tmp_path / "strategy.py"
    path.write_text(head + body)
    return run_file(path, market, **options)


def test_both_spellings_of_hooks_and_members(tmp_path, market):
    body = """
    def OnData(self, data):
        self.seen.append(self.Portfolio.TotalPortfolioValue)
        if not self.Portfolio.Invested:
            self.SetHoldings(self.spy, 0.5)
    def OnEndOfAlgorithm(self):
        self.Log(f"{self.Time} {len(self.seen)}")
"""
    done = run(tmp_path, market, body)
    assert done.status == "Completed"
    assert len(done.algorithm.seen) > 50
    assert done.algorithm.portfolio.invested
    assert done.algorithm._sim.logs.lines[-1].endswith(f"{len(done.algorithm.seen)}")


def test_a_snake_hook_in_a_base_shadows_a_pascal_one_below_as_in_lean(tmp_path, market):
    head = (
        HEAD.replace("class Strategy", "class Base")
        + """
    def on_data(self, data):
        self.seen.append("base")

class Strategy(Base):
    def OnData(self, data):
        self.seen.append("user")
"""
    )
    with pytest.warns(RegimeWarning, match="OnData of Strategy never runs"):
        assert set(run(tmp_path, market, "", head).algorithm.seen) == {"base"}


def test_hooks_come_in_leans_order(tmp_path, market):
    body = """
        self.consolidate(self.spy, Resolution.DAILY, lambda bar: self.seen.append("bar"))
        self.schedule.on(self.date_rules.every_day(self.spy), self.time_rules.before_market_close(self.spy, 0), lambda: self.seen.append("event"))
    def on_warmup_finished(self):
        self.seen.append("warm")
    def on_securities_changed(self, changes):
        self.seen.append("changed")
    def on_end_of_day(self, symbol):
        self.seen.append("end of day")
    def on_data(self, data):
        self.seen.append("data")
"""
    seen = run(tmp_path, market, body).algorithm.seen
    assert seen[:6] == ["warm", "changed", "end of day", "event", "bar", "data"]


def test_a_strategy_that_fails_keeps_what_was_done(tmp_path, market):
    body = """
    def on_data(self, data):
        if self.time.month == 2:
            raise KeyError("lost")
        self.set_holdings(self.spy, 1)
"""
    done = run(tmp_path, market, body)
    assert done.status == "RuntimeError"
    assert isinstance(done.error, KeyError)
    assert len(done.algorithm._sim.book.orders) >= 1
    assert done.sampler.samples.equity


def test_a_failure_in_initialize_is_told(tmp_path, market):
    done = run(tmp_path, market, "        1 / 0\n")
    assert done.message.startswith("2011-01-03 00:00:00 During the algorithm initialization")
    assert "1 / 0" in done.message and "strategy.py: line" in done.message


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [("        self.add_equity('NOPE', Resolution.Daily)\n", NoDataError, "NOPE"), ("        self.set_end_date(2010, 1, 1)\n", EmptyRangeError, "after end"),
     ("        self.set_start_date(2030, 1, 1); self.set_end_date(2030, 2, 1)\n", NoDataError, "Choose other dates"),
     ("        self.set_cash(-5)\n", ParameterError, "cash"), ("        self.option_chain(self.spy)\n", UnsupportedError, "option_chain exists in LEAN only"),
     ("        self.add_equity('SYN_GROWTH', Resolution.MINUTE)\n", NoDataError, "it has DAILY"),
     ("        self.add_equity('SYN_GROWTH', Resolution.TICK)\n", UnsupportedError, "LEAN only"),
     ("        self.add_equity('SYN_GROWTH')\n", NoDataError, "add_equity's default"),
     ("        self.consolidate(self.spy, Resolution.HOUR, print)\n", EngineError, "registered for Daily data"),
     ("        self.set_start_date(2011, 13, 1)\n", ParameterError, "13")],
)  # fmt: skip
def test_wrong_set_ups_are_named(tmp_path, market, body, error, words):
    with pytest.raises(error, match=words):
        run(tmp_path, market, body)


def test_files_without_an_algorithm(tmp_path, market):
    with pytest.raises(NoAlgorithmError, match=r"strategy\.py defines"):
        run(tmp_path, market, "", "x = 1\n")
    with pytest.raises(UnknownStrategyError):
        run_file(tmp_path / "none.py", market)


@pytest.mark.parametrize(("other", "runs"), [("Zeta", "Zeta"), ("Alpha", "Strategy")])
def test_of_several_algorithms_the_alphabetically_last_runs_as_in_lean(tmp_path, market, other, runs):
    text = HEAD + "\n" + HEAD.split("\n\n", 1)[1].replace("Strategy", other)
    with pytest.warns(SeveralAlgorithmsWarning, match=f"runs {runs}"):
        assert type(run(tmp_path, market, "", text).algorithm).__name__ == runs


def test_the_module_is_offered_for_the_time_of_a_run_only():
    assert imports.MODULE not in sys.modules
    with imports.offered():
        assert importlib.import_module(imports.MODULE).QCAlgorithm
    assert imports.MODULE not in sys.modules


def test_a_real_module_is_left_alone_and_a_stub_does_not_count(monkeypatch):
    real = ModuleType(imports.MODULE)
    real.QCAlgorithm = type("QCAlgorithm", (), {})
    monkeypatch.setitem(sys.modules, imports.MODULE, real)
    with imports.offered():
        assert sys.modules[imports.MODULE] is real
    with pytest.raises(StrategyError, match="steps aside"):
        run_file("strategy.py", None)
    stub = ModuleType(imports.MODULE)
    monkeypatch.setitem(sys.modules, imports.MODULE, stub)
    with imports.offered():
        assert importlib.import_module(imports.MODULE) is not stub
    assert sys.modules[imports.MODULE] is stub


def test_orders_in_warm_up_and_of_nothing_are_refused(tmp_path, market):
    body = """
        self.set_warm_up(5, Resolution.DAILY)
        self.tickets = []
    def on_data(self, data):
        if self.is_warming_up or not self.tickets[5:]:
            self.tickets.append(self.market_order(self.spy, 0 if not self.is_warming_up else 10))
"""
    done = run(tmp_path, market, body)
    assert [t.order_id for t in done.algorithm.tickets[:6]] == [-10] * 6
    assert not done.algorithm._sim.book.orders


def test_an_order_beyond_the_margin_is_invalid(tmp_path, market):
    body = """
    def on_data(self, data):
        if not self.seen:
            self.seen.append(self.market_order(self.spy, 1000000))
"""
    done = run(tmp_path, market, body)
    assert str(done.algorithm.seen[0].status) == "INVALID"
    assert "Insufficient buying power" in done.algorithm._sim.book.events[0].message


def test_overrides_and_parameters(tmp_path, market):
    body = """
        self.got = [self.get_parameter("n", 3), self.get_parameter("x", 0.5), self.get_parameter("bad", 7), self.get_parameter("none")]
"""
    done = run(tmp_path, market, body, parameters={"n": "5", "x": "1e-3", "bad": "2.5"}, start=date(2011, 2, 1), cash=5000)
    assert done.algorithm.got == [5, 0.001, 7, None]
    assert done.algorithm.start_date == datetime(2011, 2, 1)
    assert done.algorithm._sim.parameters_read.keys() == {"n", "x", "bad", "none"}
    assert done.algorithm.portfolio.total_portfolio_value == 5000


def test_scheduled_events_fire_at_their_times(tmp_path, market):
    body = """
        note = lambda name: lambda: self.seen.append((name, self.time))
        self.schedule.on(self.date_rules.month_start(self.spy), self.time_rules.after_market_open(self.spy, 30), note("month"))
        self.schedule.on(self.date_rules.week_end(self.spy), self.time_rules.at(12, 0), note("week"))
        self.train(note("train"))
"""
    seen = run(tmp_path, market, body).algorithm.seen
    assert seen[0] == ("train", datetime(2011, 1, 3))
    assert [t for name, t in seen if name == "month"] == [datetime(2011, m, d, 10) for m, d in ((1, 3), (2, 1), (3, 1))]
    assert all(t.weekday() == 4 for name, t in seen if name == "week")


def test_orders_during_the_session_fill_at_the_close_and_near_it_at_the_next_open(tmp_path, market):
    body = """
        for at in (10, 15):
            self.schedule.on(self.date_rules.on(2011, 1, 5), self.time_rules.at(at, 50), lambda: self.market_order(self.spy, 10))
    def on_data(self, data):
        self.seen.append(data.bars[self.spy])
"""
    done = run(tmp_path, market, body)
    first, second = done.algorithm._sim.book.orders.values()
    bars = {bar.end_time.date(): bar for bar in done.algorithm.seen}
    assert (str(first.type), first.price) == ("MARKET_ON_CLOSE", bars[date(2011, 1, 5)].close)
    assert (str(second.type), second.price) == ("MARKET_ON_OPEN", bars[date(2011, 1, 6)].open)
    assert any("MarketOnClose" in line for line in done.algorithm._sim.logs.lines)


def test_plots_and_runtime_statistics_are_kept(tmp_path, market):
    from hidden_regime.simulator.result import build

    body = """
    def on_data(self, data):
        self.plot("Mine", "Close", data.bars[self.spy].close)
        self.set_runtime_statistic("Mood", 1)
"""
    built = build(run(tmp_path, market, body), "x")
    assert len(built["charts"]["Mine"]["series"]["Close"]["values"]) > 50
    assert built["runtimeStatistics"]["Mood"] == "1"


def test_sessions_and_clocks():
    calendar = TradingCalendar(date(2014, 1, 1), date(2014, 12, 31))
    assert calendar.find(date(2014, 11, 27)) is None
    assert calendar.find(date(2014, 11, 28)).close.hour == 13
    assert [s.date.day for s in calendar.before(date(2014, 7, 7), 2)] == [2, 3]
    assert to_utc(datetime(2014, 3, 9, 0)) == datetime(2014, 3, 9, 5)
    assert to_utc(datetime(2014, 3, 9, 16)) == datetime(2014, 3, 9, 20)


def test_small_objects_behave_like_leans():
    spy = Symbol("spy")
    assert spy == "SPY"
    assert {spy: 1}.get("SPY") is None
    items = DataDictionary([(spy, 5)])
    assert items["SPY"] == items[spy] == 5
    assert items.contains_key("spy")
    assert [(kv.key, kv.value) for kv in items] == [(spy, 5)]
    with pytest.raises(KeyError, match="QQQ"):
        items["QQQ"]
    window = RollingWindow[float](2)
    for value in (1.0, 2.0, 3.0):
        window.add(value)
    assert (window[0], window[1], window.is_ready, window.samples, window.most_recently_removed) == (3.0, 2.0, True, 3, 1.0)


def test_bars_are_made_as_in_lean():
    bar = TradeBar(datetime(2020, 1, 2, 9, 30), Symbol("SPY"), 1.0, 2.0, 0.5, 1.5, 100.0, timedelta(hours=1))
    assert (bar.end_time, bar.period, bar.value, bar.price) == (datetime(2020, 1, 2, 10, 30), timedelta(hours=1), 1.5, 1.5)
    assert TradeBar(bar.time, bar.symbol, 1, 1, 1, 1, 1).period == timedelta(minutes=1)


def test_indicators_by_their_formulas():
    sma, ema, std = SimpleMovingAverage(3), ExponentialMovingAverage(3), StandardDeviation(3)
    for i, value in enumerate((1.0, 2.0, 4.0, 8.0)):
        for indicator in (sma, ema, std):
            indicator.update(datetime(2020, 1, 1) + timedelta(days=i), value)
    assert sma.current.value == pytest.approx(14 / 3)
    assert ema.current.value == pytest.approx(8 * 0.5 + (7 / 3) * 0.5)
    assert std.current.value == pytest.approx(((4 + 16 + 64) / 3 - (14 / 3) ** 2) ** 0.5)
    assert sma.is_ready


def test_fees_and_printed_numbers():
    model, now = InteractiveBrokersFeeModel(), datetime(2020, 1, 2)
    fees = [
        model.get_order_fee(OrderFeeParameters(SimpleNamespace(price=p, quote_cash=SimpleNamespace(rate=1.0)), MarketOrder(Symbol("SPY"), q, now)))
        for q, p in ((10, 50.0), (-697, 100.0), (10_000, 0.5))
    ]
    assert [fee.value.amount for fee in fees] == [1.0, 3.485, 25.0]
    assert str(fees[1]) == "3.485 USD"
    assert [fixed(v, 4) for v in (0.0, 0.5, 0.14204, -0.00003)] == ["0", "0.5", "0.1420", "0.0000"]
    assert [short(v) for v in (0.7, -0.0001, 0.0004)] == ["0.7", "-0", "0"]
    assert (money(-2.905), money(1234567.0)) == ("-2.91", "1,234,567.00")
    assert span(66 * 864_000_000_000 + 5) == "66.00:00:00.0000005"
