"""Modules, helper classes and members by which LEAN's own strategies work."""

from __future__ import annotations

import sys

import pytest

from hidden_regime.exceptions import ParameterError, RegimeWarning, UnsupportedError
from hidden_regime.simulator import run_file

HEADER = """import clr
clr.AddReference("System")
clr.AddReference("QuantConnect.Algorithm")
from System import *
from System.Collections.Generic import List
from QuantConnect import *
from QuantConnect.Algorithm import *
from Risk.NullRiskManagementModel import NullRiskManagementModel
from Orders.Slippage.VolumeShareSlippageModel import VolumeShareSlippageModel
import time
class Old(QCAlgorithm):
    def Initialize(self):
        self.SetStartDate(2014, 1, 2); self.SetEndDate(2014, 1, 6)
        self.AddEquity("SPY", Resolution.Daily)
        self.names = List[Symbol]()
        self.names.Add(self.Symbol("SPY"))
        assert self.names.Count == 1 and time.time() > 0 and Math.Abs(-2.0) == 2.0
"""
SPY = 'self.spy = self.add_equity("SPY", Resolution.DAILY).symbol'


def test_headers_of_old_run_and_leave_nothing_behind(tmp_path, reference_market):
    path = tmp_path / "old.py"
    path.write_text(HEADER)
    assert run_file(path, reference_market).error is None
    assert not {"clr", "System", "QuantConnect", "Risk.NullRiskManagementModel", "Orders.Slippage"} & sys.modules.keys()


def test_a_package_of_the_users_own_comes_before_leans(tmp_path, reference_market):
    (tmp_path / "Risk").mkdir()
    (tmp_path / "Risk" / "NullRiskManagementModel.py").write_text("MINE = 7")
    path = tmp_path / "own.py"
    path.write_text(
        "from AlgorithmImports import *\nfrom Risk.NullRiskManagementModel import MINE\nclass S(QCAlgorithm):\n"
        "    def initialize(self):\n        self.set_start_date(2014, 1, 2); self.set_end_date(2014, 1, 3)\n"
        "        self.add_equity('SPY', Resolution.DAILY)\n        assert MINE == 7\n"
    )
    assert run_file(path, reference_market).error is None


def test_helper_classes_give_what_nets_and_leans_do(play):
    body = (
        SPY
        + """
r = Random(42)
self.seen = [
    [r.next(100) for _ in range(5)],
    Expiry.END_OF_WEEK(datetime(2014, 1, 8, 10)), Expiry.ONE_MONTH(datetime(2014, 1, 31)), Expiry.EndOfQuarter(datetime(2014, 5, 8)),
    TimeSpan.from_days(2) == timedelta(2), Time.multiply(Time.ONE_DAY, 3) == timedelta(3),
    Extensions.round_to_significant_digits(123.4567, 5), Extensions.to_time_span(Resolution.HOUR) == timedelta(hours=1),
    str(Extensions.convert_from_utc(datetime(2014, 1, 8, 21), TimeZones.NEW_YORK)),
]
    """
    )
    seen = play(body, "    pass").algorithm.seen
    # .NET's Random(42).Next(100): 66, 14, 12, 52, 16.
    assert seen[0] == [66, 14, 12, 52, 16]
    assert [str(x) for x in seen[1:4]] == ["2014-01-13 00:00:00", "2014-02-28 00:00:00", "2014-07-01 00:00:00"]
    assert seen[4:] == [True, True, 123.46, True, "2014-01-08 16:00:00"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("self.portfolio.positions", r"SecurityPortfolioManager\.positions exists in LEAN only"),
        ("self.spy.id.generate_option", "no attribute|LEAN only"),
        ("Symbol.create_option", r"Symbol\.create_option exists in LEAN only"),
        ("self.securities[self.spy].primary_exchange", r"Equity\.primary_exchange exists in LEAN only"),
    ],
)
def test_members_that_lean_alone_has_say_so(play, line, words):
    with pytest.raises((UnsupportedError, AttributeError), match=words):
        play(SPY + f"\n{line}")
    play(SPY + '\nassert not hasattr(self.spy, "underlying")')


@pytest.mark.parametrize(
    ("line", "words"),
    [("set_data_filter(5)", "data_filter"), ("set_margin_interest_rate_model(5)", "margin_interest_rate_model"),
     ("set_shortable_provider(5)", "shortable_provider")],
)  # fmt: skip
def test_a_model_without_its_method_is_refused(play, line, words):
    with pytest.raises(ParameterError, match=words):
        play(SPY + f"\nself.securities[self.spy].{line}")


def test_a_broker_of_equities_charges_what_lean_knows(play):
    hooks = """
    def on_data(self, data):
        if not self.portfolio.invested:
            self.market_order(self.spy, 100)
    """
    with pytest.warns(RegimeWarning, match=r"BrokerageName\.ALPACA"):
        done = play("self.set_brokerage_model(BrokerageName.ALPACA)\n" + SPY, hooks)
    assert done.algorithm.portfolio.total_fees == 0.0
    with pytest.warns(RegimeWarning, match=r"BrokerageName\.ZERODHA.*DEFAULT"):
        done = play("self.set_brokerage_model(BrokerageName.ZERODHA)\n" + SPY, hooks)
    assert done.algorithm.portfolio.total_fees == 1.0


def test_orders_and_bars_are_walked_and_not_indexed(play):
    hooks = """
    def on_data(self, data):
        self.market_order(self.spy, 1)
        for found in (self.transactions.get_orders(), self.history("SPY", 3, Resolution.DAILY)):
            assert found and not found.empty and found.count() == len(found) == len(list(found))
            try:
                found[0]
            except TypeError:
                self.seen.append(type(found).__name__)
        self.seen.append(type(self.history(self.spy, 3, Resolution.DAILY)).__name__)
        self.seen.append(len(self.transactions.get_order_tickets(lambda ticket: ticket.order_type == OrderType.MARKET_ON_OPEN)))
        self.quit()
    """
    seen = play(SPY, hooks).algorithm.seen
    assert seen[:4] == ["MemoizingEnumerable[Order]", "MemoizingEnumerable[TradeBar]", "DataFrame", 1]


def test_own_members_of_a_security_and_insights_that_are_scored(play):
    body = """
self.a = self.add_equity("SPY", Resolution.DAILY)
self.a.add("x", 3)
self.a["y"] = 4
self.a.z = 5
assert (self.a.x, self.a.get("y"), self.a.get[int]("z"), self.a["x"]) == (3, 4, 5, 3)
assert self.universe_manager.count == 0 and self.subscription_manager.subscriptions.count == 1
assert self.add_equity(self.a.symbol, Resolution.DAILY) is self.a
self.insights.set_insight_score_function(Scores())
self.set_alpha(ConstantAlphaModel(InsightType.PRICE, InsightDirection.UP, timedelta(days=1)))
self.add_security_initializer(lambda security: self.seen.append(security.symbol.value))
self.add_equity("TLT", Resolution.DAILY)
    """
    top = """
class Scores:
    def score(self, manager, utc):
        for insight in manager:
            insight.score.set_score(InsightScoreType.DIRECTION, 5.0, utc)
"""
    done = play(body, "    pass", top=top)
    assert done.error is None, done.message
    assert done.algorithm.seen == ["TLT"]
    assert done.algorithm.insights.get_insights()[0].score.direction == 1.0


@pytest.mark.parametrize(
    ("line", "used"),
    [
        ("from MathNet.Numerics import Distributions", "Distributions.Normal()"),
        ("import Newtonsoft.Json", "Newtonsoft.Json.JsonConvert.SerializeObject(1)"),
    ],
)
def test_packages_of_nets_are_leans_alone(play, line, used):
    with pytest.raises(UnsupportedError, match=r"(Distributions|JsonConvert) exists in LEAN only"):
        play(used, top=line)
