"""Models that a strategy brings: each is asked when LEAN asks it, with LEAN's parameters, and what it says holds.

The oracles are the numbers that the models answer with, and LEAN's rules: BrokerageTransactionHandler (shortable), AlgorithmManager
(interest each hour), SubscriptionFilterEnumerator (filters), BuyingPowerModelPythonWrapper (which rules ask which).
"""

from datetime import datetime, timedelta

import pandas as pd
import pytest

from hidden_regime.data import LeanFolder
from hidden_regime.exceptions import DataError, UnsupportedError
from hidden_regime.simulator.enums import Resolution
from hidden_regime.simulator.failures import ArgumentException
from hidden_regime.simulator.globals import Globals
from hidden_regime.simulator.models.shortable import LocalDiskShortableProvider
from hidden_regime.simulator.models.volatility import StandardDeviationOfReturnsVolatilityModel
from hidden_regime.simulator.objects import Symbol
from tests.conftest import CASES

SPY = 'self.security = self.add_equity("SPY", Resolution.DAILY); self.spy = self.security.symbol\n'
HOURLY = SPY.replace("DAILY", "HOUR")


def test_a_filter_lets_through_what_it_says(play):
    top = """
    class Odd(SecurityDataFilter):
        def filter(self, vehicle, data):
            return data.end_time.day % 2 == 1
    """
    hooks = """
    def on_data(self, data):
        self.seen.append((self.time.day, self.security.price == data[self.spy].close))
    """
    done = play(SPY + "self.security.set_data_filter(Odd())", hooks, top=top)
    plain = play(SPY, hooks).algorithm.seen
    assert done.algorithm.seen == [row for row in plain if row[0] % 2 == 1]
    assert 0 < len(done.algorithm.seen) < len(plain)


def test_interest_is_asked_for_each_hour_and_paid_in_cash(play):
    top = """
    class Fee:
        def __init__(self, seen):
            self.seen = seen

        def apply_margin_interest_rate(self, parameters):
            held = parameters.security.holdings
            self.seen.append(f"{parameters.time:%d %H:%M}")
            held.get_quantity_value(held.quantity).cash.add_amount(-1.5)
    """
    body = HOURLY + "self.security.set_margin_interest_rate_model(Fee(self.seen))"
    done = play(body, top=top, start="2014, 1, 6", end="2014, 1, 7")
    assert done.algorithm.portfolio.cash == 100000 - 1.5 * len(done.algorithm.seen)
    # UTC: at 15:00 to 21:00 bars end; nothing else is a step of this run but the midnights at which days begin.
    assert [when for when in done.algorithm.seen if when[:2] == "06"][-7:] == [f"06 {h}:00" for h in range(15, 22)]


def test_short_positions_pay_and_long_ones_earn_by_the_brokers_file(play, tmp_path):
    top = """
    class Rates(NullShortableProvider):
        def fee_rate(self, symbol, local_time):
            return 0.036
    """
    body = HOURLY + (
        "self.security.set_shortable_provider(Rates())\n"
        "self.security.margin_interest_rate_model = ShortMarginInterestRateModel()\n"
        "self.security.set_fee_model(ConstantFeeModel(0))"
    )
    hooks = """
    def on_data(self, data):
        if not self.portfolio.invested:
            self.market_order(self.spy, -100)
            self.cash_then = self.portfolio.cash
        self.seen.append((self.time.day, self.security.price))
    """
    algorithm = play(body, hooks, top=top, start="2014, 1, 6", end="2014, 1, 8").algorithm
    # Of 360 days; first asked in the evening after the fill's hour, then once a day, at the price of that moment.
    charged = algorithm.portfolio.cash - algorithm.cash_then
    assert charged == pytest.approx(algorithm.security.margin_interest_rate_model.amount)
    close = dict(algorithm.seen)
    assert charged == pytest.approx(-100 * 0.036 / 360 * (close[6] + close[7]), rel=2e-3)


def test_orders_beyond_what_can_be_sold_short_are_refused(play):
    top = """
    class Few(NullShortableProvider):
        def shortable_quantity(self, symbol, local_time):
            return 100
    """
    body = SPY + "self.security.set_shortable_provider(Few())"
    hooks = """
    def on_data(self, data):
        if self.seen:
            return
        tickets = [self.limit_order(self.spy, quantity, 500) for quantity in (-101, -60, -41, -40)]
        self.seen = [(t.submit_request.status, str(t.status), t.order_id) for t in tickets]
        self.seen.append(tickets[1].update_quantity(-61).error_code)
        self.seen.append(tickets[1].update_quantity(-59).is_success)
        self.seen.append((self.shortable(self.spy), self.shortable_quantity(self.spy), self.security.shortable))
        self.seen.append(tickets[0].submit_request.response.error_message)
    """
    seen = play(body, hooks, top=top, end="2014, 1, 3").algorithm.seen
    assert [(str(a), b, c) for a, b, c in seen[:4]] == [
        ("ERROR", "INVALID", 1), ("PROCESSED", "SUBMITTED", 2), ("ERROR", "INVALID", 3), ("PROCESSED", "SUBMITTED", 4),
    ]  # fmt: skip
    assert (str(seen[4]), seen[5], seen[6]) == ("ExceedsShortableQuantity", True, (False, 100, True))
    assert seen[7] == "Order exceeds shortable quantity 100 for Symbol SPY requested -101)"


def test_a_brokers_file_says_how_many_and_at_what_rates(tmp_path, monkeypatch):
    folder = tmp_path / "equity" / "usa" / "shortable" / "mine" / "symbols"
    folder.mkdir(parents=True)
    (folder / "spy.csv").write_text("# mine\n20140106,1000,3.85,0.25\n20140107,,,\n")
    monkeypatch.setattr(Globals, "data_folder", str(tmp_path))
    found, spy = LocalDiskShortableProvider("Mine"), Symbol("SPY")
    days = [datetime(2014, 1, day, 11) for day in (6, 7, 8)]
    assert [found.shortable_quantity(spy, day) for day in days] == [1000, None, None]
    assert [(found.rebate_rate(spy, day), found.fee_rate(spy, day)) for day in days] == [(0.0385, 0.0025), (0, 0), (0, 0)]
    assert found.shortable_quantity(Symbol("TLT"), days[0]) is None
    (folder / "qqq.csv").write_text("20140106,x\n")
    with pytest.raises(DataError, match=r"qqq\.csv line 1: .*expected 'yyyyMMdd,quantity"):
        found.fee_rate(Symbol("QQQ"), days[0])


OWN = """
class Hundreds(BuyingPowerModel):
    def get_maximum_order_quantity_for_target_buying_power(self, parameters):
        base = super().get_maximum_order_quantity_for_target_buying_power(parameters).quantity
        return GetMaximumOrderQuantityResult(base // 100 * 100)

    def has_sufficient_buying_power_for_order(self, parameters):
        enough = parameters.order.absolute_quantity <= 500
        return HasSufficientBuyingPowerForOrderResult(enough, "" if enough else "more than 500")

    def get_reserved_buying_power_for_position(self, parameters):
        return parameters.result_in_account_currency(7)
"""


def test_a_buying_power_model_of_ones_own_is_asked_for_quantities_and_orders(play):
    hooks = """
    def on_data(self, data):
        if not self.seen:
            price = self.security.price
            self.seen.append((self.calculate_order_quantity(self.spy, 0.9), int(0.9 * 0.9975 * 100000 / price) // 100 * 100))
            tickets = [self.market_on_open_order(self.spy, quantity) for quantity in (600, 500)]
            self.seen.append([t.submit_request.response.is_success for t in tickets])
            self.seen.append(tickets[0].submit_request.response.error_message.partition("Reason: ")[2])
            self.seen.append(type(self.security.buying_power_model).__name__)
        elif len(self.seen) == 4:
            self.seen.append((self.portfolio.total_margin_used, self.security.holdings.quantity))
    """
    seen = play(SPY + "self.security.set_buying_power_model(Hundreds())", hooks, top=OWN).algorithm.seen
    assert seen[0][0] == seen[0][1]
    assert seen[1:] == [[False, True], "more than 500.", "Hundreds", (7.0, 500.0)]


def test_a_model_that_lacks_what_orders_ask_is_refused_and_extensions_ask_any(play):
    half = "class Half:\n    def get_leverage(self, security):\n        return 1.0\n"
    with pytest.raises(UnsupportedError, match=r"buying power model Half\.has_sufficient_buying_power_for_order"):
        play(SPY + "self.security.set_buying_power_model(Half())", top=half)
    hooks = """
    def on_data(self, data):
        model, portfolio = self.security.buying_power_model, self.portfolio
        ask = BuyingPowerModelExtensions
        self.seen = [
            ask.get_initial_margin_requirement(model, self.security, 10) / self.security.price,
            ask.get_buying_power(model, portfolio, self.security, OrderDirection.BUY) == portfolio.margin_remaining,
            ask.above_minimum_order_margin_portfolio_percentage(model, self.security, 1, portfolio, 0.5),
            ask.get_maximum_order_quantity_for_target_buying_power(model, portfolio, self.security, 0.4, 0).quantity
            == self.calculate_order_quantity(self.spy, 0.8 / 0.9975),
        ]
    """
    assert play(SPY, hooks).algorithm.seen == [5.0, True, False, True]


def test_an_execution_model_hears_of_orders_before_the_strategy(play):
    top = """
    class Mine(ExecutionModel):
        def __init__(self, told):
            super().__init__()
            self.told = told

        def execute(self, algorithm, targets):
            for target in targets:
                algorithm.market_order(target.symbol, target.quantity)

        def on_order_event(self, algorithm, order_event):
            self.told.append(("model", order_event.order_id, str(order_event.status)))
    """
    body = SPY + (
        "self.told = []\nself.set_execution(Mine(self.told))\n"
        "self.set_alpha(ConstantAlphaModel(InsightType.PRICE, InsightDirection.UP, timedelta(5)))\n"
        "self.set_portfolio_construction(EqualWeightingPortfolioConstructionModel())"
    )
    hooks = """
    def on_order_event(self, event):
        self.told.append(("strategy", event.order_id, str(event.status)))
    """
    told = play(body, hooks, top=top, end="2014, 1, 7").algorithm.told
    assert len(told) >= 4
    assert [row[0] for row in told] == ["model", "strategy"] * (len(told) // 2)
    assert told[::2] == [("model", *row[1:]) for row in told[1::2]]


def test_where_a_strategy_runs_and_what_it_is_measured_against(play):
    body = SPY + (
        "self.seen = [self.algorithm_mode == AlgorithmMode.BACKTESTING, self.deployment_target == DeploymentTarget.LOCAL_PLATFORM]"
    )
    hooks = """
    def on_end_of_algorithm(self):
        self.seen.append(self.benchmark.security.price == self.security.price > 0)
    """
    assert play(body, hooks).algorithm.seen == [True, True, True]
    own = play(SPY + "self.set_benchmark(lambda when: 3.0)\nself.seen.append(self.benchmark.evaluate(self.time))")
    assert own.algorithm.seen == [3.0]
    assert LeanFolder(CASES / "data").benchmark == "SPY"


def test_volatility_models_sample_prices(play):
    body = (
        HOURLY
        + """
self.tlt = self.add_equity("TLT", Resolution.HOUR)
self.security.set_volatility_model(StandardDeviationOfReturnsVolatilityModel(10, Resolution.HOUR))
self.tlt.volatility_model = RelativeStandardDeviationVolatilityModel(timedelta(days=1), 5)
assert self.security.volatility_model.volatility == 0
"""
    )
    hooks = """
    def on_data(self, data):
        self.seen.append((self.time, self.security.price, self.tlt.price))
    """
    algorithm = play(body, hooks, end="2014, 1, 17").algorithm
    table = pd.DataFrame(algorithm.seen, columns=["time", "spy", "tlt"]).set_index("time")
    # A bar overnight is more than an hour after the last one; of each day the first that is a day after the last is taken.
    moved = table["spy"].pct_change().iloc[-10:]
    assert algorithm.security.volatility_model.volatility == pytest.approx(moved.std() * 252**0.5)
    taken, last = [], None
    for time, price in table["tlt"].items():
        if last is None or time - last >= pd.Timedelta(days=1):
            taken.append(price)
            last = time
    latest = pd.Series(taken[-5:])
    assert algorithm.tlt.volatility_model.volatility == pytest.approx(latest.std() / latest.mean())


def test_volatility_models_parameters():
    with pytest.raises(ArgumentException, match="greater than or equal to 2"):
        StandardDeviationOfReturnsVolatilityModel(1)
    assert StandardDeviationOfReturnsVolatilityModel(Resolution.HOUR, timedelta(hours=2))._span == timedelta(hours=2)
    assert StandardDeviationOfReturnsVolatilityModel(Resolution.DAILY)._window.maxlen == 30


def test_the_day_so_far_and_the_days_before(play):
    body = (
        HOURLY
        + """
session = self.security.session
assert (session.size, session.open, session.volume, len(session), str(session), session[1]) == (0, 0, 0, 0, "", None)
session.size = 3
self.security.volatility_model = StandardDeviationOfReturnsVolatilityModel(5)
self.days, self.bars = [], []
"""
    )
    hooks = """
    def on_data(self, data):
        bar, session = data.bars[self.spy], self.security.session
        self.bars.append((bar.time.date(), bar.open, bar.high, bar.low, bar.close, bar.volume))
        today = [row for row in self.bars if row[0] == bar.time.date()]
        self.seen.append((session.open, session.high, session.low, session.close, session.volume))
        self.days.append((today[0][1], max(r[2] for r in today), min(r[3] for r in today), bar.close, sum(r[5] for r in today)))

    def on_end_of_algorithm(self):
        self.kept = [(day.time.date(), day.close) for day in self.security.session if day.volume]
        self.security.session.reset()
        self.left = (self.security.session.open, len(self.security.session))
    """
    algorithm = play(body, hooks, end="2014, 1, 10").algorithm
    assert algorithm.seen == algorithm.days
    closes = {row[0]: row[4] for row in algorithm.bars}
    assert algorithm.kept == list(reversed(closes.items()))[: len(algorithm.kept)]
    assert len(algorithm.kept) >= 2
    assert algorithm.left == (0, 1)
    assert algorithm.security.volatility_model.volatility > 0
