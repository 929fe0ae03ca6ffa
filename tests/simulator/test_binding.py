"""Calls bound as pythonnet binds them: its rules for overloads, its conversions, its words."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pytest

from hidden_regime.simulator.binding import Binder, binding
from hidden_regime.simulator.binding.signatures import read
from hidden_regime.simulator.enums import MovingAverageType, OrderType, Resolution
from hidden_regime.simulator.fields import Field
from hidden_regime.simulator.indicators import BollingerBands, RelativeStrengthIndex, RollingWindow, SimpleMovingAverage
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.orders.kinds import KINDS
from hidden_regime.simulator.orders.targets import PortfolioTarget

SPY = Symbol("SPY")
D = Resolution.DAILY


def bind(name, places, named):
    """What a method of the algorithm's makes of a call: those that send orders have their signatures with the kind of order."""
    of_orders = {item: found for kind in KINDS.values() for item, found in read(kind.signatures).items()}
    binder = Binder(name, of_orders[name]) if name in of_orders else binding(name)
    return binder.bind(places, named)


def mismatch(name, *places, **named):
    with pytest.raises(TypeError, match=f"No method matches given arguments for {name}") as caught:
        bind(name, places, named)
    return str(caught.value).rpartition("\n")[2]


@pytest.mark.parametrize(
    ("name", "places", "named", "bound"),
    [
        ("market_order", (SPY, 5), {}, {"symbol": SPY, "quantity": 5}),
        ("market_order", ("SPY", 5, True, "t"), {}, {"symbol": "SPY", "quantity": 5, "asynchronous": True, "tag": "t"}),
        # numpy's integer is none of Python's plain types: the decimal's overload is preferred.
        ("market_order", (SPY, np.int64(5)), {"tag": "t"}, {"symbol": SPY, "quantity": 5.0, "tag": "t"}),
        ("order", (SPY, 5, OrderType.LIMIT), {}, {"symbol": SPY, "quantity": 5, "type": OrderType.LIMIT}),
        ("limit_order", (SPY, 5, "99.5"), {}, {"symbol": SPY, "quantity": 5, "limit_price": 99.5}),
        ("limit_order", (SPY, 5, Decimal("99.5")), {}, {"symbol": SPY, "quantity": 5, "limit_price": 99.5}),
        # Two numbers before the flag are the stop and the amount; one alone is the amount.
        ("trailing_stop_order", (SPY, -10, 100.0), {"trailing_amount": 0.05, "trailing_as_percentage": True},
         {"symbol": SPY, "quantity": -10, "stop_price": 100.0, "trailing_amount": 0.05, "trailing_as_percentage": True}),
        ("trailing_stop_order", (SPY, -10, 5, False), {},
         {"symbol": SPY, "quantity": -10, "trailing_amount": 5, "trailing_as_percentage": False}),
        ("liquidate", (), {}, {}),
        ("liquidate", (SPY, "t"), {}, {"symbol_to_liquidate": SPY, "tag": "t"}),
        ("liquidate", ([SPY],), {}, {"symbols": [SPY]}),
        ("set_cash", ("100000",), {}, {"starting_cash": 100000.0}),
        ("set_cash", ("USD", 5), {}, {"symbol": "USD", "starting_cash": 5}),
        ("set_cash", (), {"starting_cash": 7}, {"starting_cash": 7}),
        ("set_start_date", (2014, 1, 2), {}, {"year": 2014, "month": 1, "day": 2}),
        ("set_start_date", (), {"start": dt.date(2014, 1, 2)}, {"start": dt.date(2014, 1, 2)}),
        ("set_warm_up", (10.0,), {}, {"bar_count": 10}),
        ("set_warm_up", (dt.timedelta(5), D), {}, {"time_span": dt.timedelta(5), "resolution": D}),
        ("sma", (SPY, "10"), {}, {"symbol": SPY, "period": 10}),
        ("sma", (SPY, np.int64(10), 4), {}, {"symbol": SPY, "period": 10, "resolution": D}),
        ("sma", (SPY, 10, None, Field.VOLUME), {}, {"symbol": SPY, "period": 10, "resolution": None, "selector": Field.VOLUME}),
        ("dch", (SPY, 20, D), {}, {"symbol": SPY, "period": 20, "resolution": D}),
        ("ema", (SPY, 10, 0.5, D), {}, {"symbol": SPY, "period": 10, "smoothing_factor": 0.5, "resolution": D}),
        ("emit_insights", (), {}, {"insights": []}),
    ],
)  # fmt: skip
def test_an_overload_takes_what_leans_takes(name, places, named, bound):
    found = bind(name, places, named)
    assert found == bound
    assert [type(found[key]) for key in bound] == [type(value) for value in bound.values()]


@pytest.mark.parametrize(
    ("name", "places", "named", "said"),
    [
        # LEAN's answers of the same calls.
        ("market_order", (SPY, 1, "t"), {}, "argument 3 ('asynchronous') expected bool, got str."),
        ("order", (SPY, 1, "t"), {}, "argument 3 ('type') expected OrderType, got str."),
        ("limit_order", (SPY, 1, 200.0, "t"), {}, "argument 4 ('asynchronous') expected bool, got str."),
        ("trailing_stop_order", (SPY, 1, 5.0, False, "t"), {}, "argument 5 ('asynchronous') expected bool, got str."),
        ("buy", (SPY, 1, "t"), {}, "argument 2 ('quantity') expected float, got int."),
        ("set_holdings", (SPY, 0.01, "t"), {}, "argument 3 ('liquidate_existing_holdings') expected bool, got str."),
        ("set_holdings", (SPY, 0.01, False, "t"), {}, "argument 4 ('asynchronous') expected bool, got str."),
        ("rsi", (SPY, 14, D), {}, "argument 3 ('moving_average_type') expected MovingAverageType, got Resolution."),
        ("rsi", (SPY, 14, None, D), {}, "argument 3 ('moving_average_type') expected MovingAverageType, got NoneType."),
        ("bb", (SPY, 20, D), {}, "argument 3 ('k') expected float, got Resolution."),
        ("psar", (SPY, D), {}, "argument 2 ('af_start') expected float, got Resolution."),
        ("sma", (SPY, 10, dt.timedelta(1)), {}, "argument 3 ('resolution') expected Optional[Resolution], got datetime.timedelta."),
        ("sma", (SPY, 10, Field.VOLUME), {},
         "argument 3 ('resolution') expected Optional[Resolution], got Func[IBaseData,Decimal]."),
        # By pythonnet's rules.
        ("market_order", (SPY, 1), {"tag": 5}, "keyword argument 'tag' expected str, got int."),
        ("market_order", (SPY, 1, np.bool_(True)), {}, f"argument 3 ('asynchronous') expected bool, got {np.bool_.__name__}."),
        ("market_order", (np.str_("SPY"), 1), {}, "argument 1 ('symbol') expected Symbol, got numpy.str_."),
        ("limit_order", (SPY, 1, float("nan")), {}, "argument 3 ('limit_price') expected float, got float."),
        ("sma", (SPY, 10.5), {}, "argument 2 ('period') expected int, got float."),
        ("set_holdings", ([PortfolioTarget(SPY, 1), "SPY"],), {}, "argument 1 ('targets') expected List[PortfolioTarget], got list."),
    ],
)  # fmt: skip
def test_a_call_that_none_takes_is_refused_in_leans_words(name, places, named, said):
    found = mismatch(name, *places, **named)
    assert (
        found.replace("numpy.bool_", np.bool_.__name__).replace("numpy.bool", np.bool_.__name__) == f"Argument mismatch: {said}"
    )


def test_the_refusal_names_types_overloads_and_the_unknown_name():
    with pytest.raises(TypeError) as caught:
        binding("set_cash").bind((), {"cash": 5})
    assert str(caught.value) == (
        "No method matches given arguments for set_cash: (). Got an unexpected keyword argument 'cash'. Did you mean "
        "'starting_cash'? The following overloads are available:\n  set_cash(starting_cash: float)\n  set_cash(starting_cash: int)"
        "\n  set_cash(symbol: str, starting_cash: float, conversion_rate: float = 0)"
    )
    with pytest.raises(TypeError) as caught:
        binding("sma").bind((SPY, D), {})
    assert str(caught.value) == (
        "No method matches given arguments for sma: (<class 'QuantConnect.Symbol'>, <class 'QuantConnect.Resolution'>). The "
        "expected signature is:\n  sma(symbol: Symbol, period: int, resolution: Optional[Resolution] = None, selector: "
        "Callable[[IBaseData], float] = None)\nArgument mismatch: argument 2 ('period') expected int, got Resolution."
    )


def test_constructors_bind_too():
    assert (SimpleMovingAverage(10.0).period, SimpleMovingAverage(np.int64(10)).period) == (10, 10)
    assert (RollingWindow[float](5.0).size, RollingWindow("5").size) == (5, 5)
    with pytest.raises(TypeError, match=r"argument 1 \('period'\) expected int, got str"):
        SimpleMovingAverage("10")
    assert RelativeStrengthIndex("a", 14, MovingAverageType.SIMPLE).name == "a"
    with pytest.raises(TypeError, match=r"argument 3 \('moving_average_type'\) expected MovingAverageType, got Resolution"):
        RelativeStrengthIndex("a", 14, D)
    with pytest.raises(TypeError, match=r"argument 3 \('moving_average_type'\) expected MovingAverageType, got Resolution"):
        BollingerBands(20, 2, D)


def test_a_users_own_indicator_has_its_own_constructor():
    class Own(SimpleMovingAverage):
        def __init__(self, length, factor):
            super().__init__("own", length)
            self.factor = factor

    assert (Own(3, factor_ := 2).factor, Own(3, 2).period) == (factor_, 3)


NAMES = """
self.set_benchmark(symbol=self.spy)
self.set_brokerage_model(brokerage=BrokerageName.DEFAULT, account_type=AccountType.MARGIN)
self.set_security_initializer(security_initializer=lambda security: None)
self.set_maximum_orders(max=50)
self.set_alpha(alpha=NullAlphaModel())
self.add_alpha(alpha=NullAlphaModel())
self.set_portfolio_construction(portfolio_construction=NullPortfolioConstructionModel())
self.set_risk_management(risk_management=NullRiskManagementModel())
self.add_risk_management(risk_management=NullRiskManagementModel())
self.set_execution(execution=NullExecutionModel())
self.set_universe_selection(universe_selection=NullUniverseSelectionModel())
self.train(date_rule=self.date_rules.every_day(), time_rule=self.time_rules.noon, training_code=lambda: self.seen.append("train"))
self.consolidate(symbol=self.spy, calendar=Calendar.WEEKLY, handler=lambda bar: self.seen.append(bar.end_time))
self.bars = self.resolve_consolidator(symbol=self.spy, time_span=timedelta(days=2))
self.mean = self.SMA(self.spy, 5, selector=Field.OPEN)
self.plot_indicator(chart="c", first=self.mean)
"""
ACCOUNT = 'self.set_account_currency(account_currency="USD", starting_cash=50000)'
ORDERS = """
def on_data(self, data):
    if self.time.day == 6:
        self.ticket = self.MarketOrder(self.spy, quantity=5, asynchronous=True, orderProperties=None, tag="t")
        self.plain = self.set_holdings(targets=[PortfolioTarget(self.spy, 0.5)])[0]
        self.last = self.get_last_known_price(symbol=self.spy).close
        self.error(message="x")
"""


def test_leans_names_of_parameters_work(play):
    first = f"{ACCOUNT}\nself.spy = self.add_equity('SPY', Resolution.DAILY).symbol"
    done = play(first + NAMES, ORDERS)
    algorithm = done.algorithm
    assert algorithm.portfolio.cash_book["USD"].amount < 50_000
    assert "train" in algorithm.seen and dt.datetime(2014, 1, 6) in algorithm.seen
    assert (algorithm.ticket.submit_request.asynchronous, algorithm.plain.submit_request.asynchronous) == (True, False)
    assert (algorithm.ticket.tag, algorithm.transactions.orders_count) == ("t", 2)
