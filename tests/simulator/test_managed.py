"""What LEAN's classes refuse of classes that derive from them (the table of real answers), and which hooks it calls."""

from __future__ import annotations

import abc
import functools
from dataclasses import dataclass

import pytest

from hidden_regime.data import make_market
from hidden_regime.exceptions import RegimeWarning, SeveralAlgorithmsWarning, UnsupportedError
from hidden_regime.simulator import imports, run_file
from hidden_regime.simulator.algorithm import QCAlgorithm
from hidden_regime.simulator.framework.alpha import AlphaModel
from hidden_regime.simulator.framework.construction import PortfolioConstructionModel
from hidden_regime.simulator.framework.execution import ExecutionModel
from hidden_regime.simulator.framework.risk import RiskManagementModel
from hidden_regime.simulator.framework.selection import ManualUniverseSelectionModel, UniverseSelectionModel
from hidden_regime.simulator.indicators import PythonIndicator
from hidden_regime.simulator.models.brokerages import DefaultBrokerageModel, InteractiveBrokersBrokerageModel
from hidden_regime.simulator.models.buying_power import PatternDayTradingMarginModel, SecurityMarginModel
from hidden_regime.simulator.models.fees import FeeModel
from hidden_regime.simulator.models.fills import EquityFillModel, FillModel, ImmediateFillModel, LatestPriceFillModel
from hidden_regime.simulator.models.slippage import ConstantSlippageModel, NullSlippageModel
from hidden_regime.simulator.objects import PythonData

BASES = [
    QCAlgorithm, AlphaModel, PortfolioConstructionModel, ExecutionModel, RiskManagementModel, UniverseSelectionModel,
    ManualUniverseSelectionModel, PythonIndicator, PythonData, FeeModel, FillModel, EquityFillModel, ConstantSlippageModel,
    NullSlippageModel, DefaultBrokerageModel,
]  # fmt: skip


class Mixin:
    def mixed(self):
        return 1


@pytest.mark.parametrize("base", BASES)
def test_a_single_chain_of_plain_classes_is_all_that_is_allowed(base):
    with pytest.raises(TypeError, match="cannot use multiple inheritance with managed classes"):
        type("A", (base, Mixin), {})
    with pytest.raises(TypeError, match="cannot use multiple inheritance with managed classes"):
        type("A", (type("B", (base,), {}), Mixin), {})
    with pytest.raises(TypeError, match="metaclass conflict: the metaclass of a derived class must be"):

        class A(base, abc.ABC):
            pass

    with pytest.raises(TypeError, match="metaclass conflict"):

        class A(base, metaclass=abc.ABCMeta):
            pass

    with pytest.raises(TypeError, match="subclasses of managed classes do not support __slots__"):

        class A(base):
            __slots__ = ()


def test_dataclasses_and_assigned_hooks_are_read_only():
    with pytest.raises(AttributeError, match="attribute is read-only"):

        @dataclass
        class A(QCAlgorithm):
            x: int = 1

    class B(QCAlgorithm):
        def on_data(self, data):
            pass

    with pytest.raises(AttributeError, match="attribute is read-only"):
        B.initialize = lambda self: None
    B.on_data = lambda self, data: None
    B.regime = 1
    assert B().regime == 1


def test_what_is_allowed_works():
    class Base(QCAlgorithm):
        def __init_subclass__(cls, regime=0, **keywords):
            super().__init_subclass__(**keywords)
            cls.regime = regime

        @property
        def doubled(self):
            return 2 * self.regime

    class Child(Base, regime=3):
        @functools.cached_property
        def cached(self):
            return 1

    def with_regimes(base):
        class Made(base):
            pass

        return Made

    assert Child().doubled == 6
    assert isinstance(with_regimes(Child)(), Child)
    with pytest.raises(TypeError, match="No '__dict__' attribute on 'Child' instance to cache 'cached' property"):
        _ = Child().cached
    with pytest.raises(TypeError, match="cannot pickle"):
        __import__("pickle").dumps(Child())


def between(a, b, c, n):
    """What LEAN logged of A, B(A), C below one class and N below another: who counts as whose subclass."""
    base, other = a.__mro__[1], n.__mro__[1]
    for x, y in ((base, a), (base, b), (base, c), (a, a), (a, b), (b, a), (a, c), (c, a), (c, b), (b, c), (a, base)):
        assert issubclass(x, y)
        assert isinstance(x(), y)
    for x, y in ((n, a), (n, base), (a, n), (base, n), (other, a), (base, other)):
        assert not issubclass(x, y)
        assert not isinstance(x(), y)


@pytest.mark.parametrize("base", [b for b in BASES if b not in (ConstantSlippageModel, ManualUniverseSelectionModel)])
def test_classes_below_one_of_leans_count_as_each_others(base):
    n = type("N", (FeeModel if base is not FeeModel else RiskManagementModel,), {})
    a = type("A", (base,), {})
    between(a, type("B", (a,), {}), type("C", (base,), {}), n)
    for nobody in (int, object, Mixin):
        assert not issubclass(nobody, a)
        assert not isinstance(nobody(), a)
        assert issubclass(a, nobody) is (nobody is object)
    for question in (issubclass, isinstance):
        assert not question(5, a)  # pythonnet raises nothing here
        assert not question("A", a)
    with pytest.raises(TypeError, match="must be a class"):
        issubclass(a, 5)


def test_the_nearest_class_of_leans_decides():
    """`cb.type.IsAssignableFrom(otherCb.type)` of pythonnet's MetaType, over LEAN's own chain of classes."""
    wide, narrow = type("Wide", (FillModel,), {}), type("Narrow", (EquityFillModel,), {})
    assert issubclass(narrow, wide)
    assert not issubclass(wide, narrow)
    assert issubclass(EquityFillModel, wide)
    assert not issubclass(FillModel, narrow)
    for lower, upper in (
        (LatestPriceFillModel, ImmediateFillModel), (PatternDayTradingMarginModel, SecurityMarginModel),
        (InteractiveBrokersBrokerageModel, DefaultBrokerageModel),
    ):  # fmt: skip
        assert issubclass(lower, upper)
        assert issubclass(type("Lower", (lower,), {}), type("Upper", (upper,), {}))
        assert not issubclass(type("Upper", (upper,), {}), type("Lower", (lower,), {}))


def test_the_chain_of_classes_of_an_algorithm_is_dotnets():
    a = type("A", (QCAlgorithm,), {})
    assert [cls.__name__ for cls in a.__mro__] == ["A", "QCAlgorithm", "MarshalByRefObject", "Object", "object"]
    assert a.__module__ == __name__


def test_custom_data_are_had_by_their_own_class(tmp_path, market):
    """LEAN compares the name of the class: not isinstance, by which each would be the other."""
    body = """
        self.add_data(Own, "OWN", Resolution.DAILY)

    def on_data(self, data):
        self.seen.append([len(data.get(kind)) for kind in (Own, Above, Beside)])


class Above(PythonData):
    def get_source(self, config, date, is_live_mode):
        return SubscriptionDataSource(ROWS, SubscriptionTransportMedium.LOCAL_FILE)

    def reader(self, config, line, date, is_live_mode):
        row = type(self)()
        row.time = datetime.strptime(line, "%Y-%m-%d")
        row.end_time = row.time + timedelta(1)
        row.value = 1.0
        return row


class Own(Above):
    pass


class Beside(PythonData):
    pass
"""
    rows = tmp_path / "rows.csv"
    rows.write_text("2011-01-04\n")
    got = seen(tmp_path, market, body + f"\n\nROWS = {str(rows)!r}\n")
    assert [1, 0, 0] in got
    assert {tuple(g) for g in got} == {(0, 0, 0), (1, 0, 0)}


def test_the_class_that_runs_is_found_by_pythons_chain(tmp_path, market):
    """Two that know nothing of each other are subclasses of each other in LEAN, yet only one of them runs."""
    rest = "\n\nclass Alone(QCAlgorithm):\n    pass\n"
    with pytest.warns(SeveralAlgorithmsWarning, match="the engine runs Strategy, the alphabetically last"):
        assert seen(tmp_path, market, rest) == []


HEAD = """from AlgorithmImports import *
from functools import partial, wraps

class Strategy(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2011, 1, 3)
        self.set_end_date(2011, 1, 14)
        self.spy = self.add_equity("SYN_MARKET", Resolution.DAILY).symbol
        self.seen = []
"""


@pytest.fixture(scope="module")
def market():
    return make_market(n_days=400, seed=1).market


def seen(tmp_path, market, body, head=HEAD):
    path = tmp_path / "strategy.py"
    path.write_text(head + body)
    return run_file(path, market).algorithm.seen


@pytest.mark.parametrize(
    "body",
    [
        "    def on_data(self, *args, **kw):\n        self.seen.append(1)\n",
        "    on_data = lambda self, data: self.seen.append(1)\n",
        "    def OnData(self, data):\n        self.seen.append(1)\n",
        "    def _w(f):\n        @wraps(f)\n        def g(self, d):\n            return f(self, d)\n        return g\n    @_w\n    def on_data(self, data):\n        self.seen.append(1)\n",
    ],
)
def test_functions_are_hooks(tmp_path, market, body):
    assert len(seen(tmp_path, market, body)) == 10


@pytest.mark.parametrize(
    "body",
    [
        "    @staticmethod\n    def on_data(data):\n        raise ValueError\n",
        "    def f(self, data, x):\n        raise ValueError\n    on_data = partial(f, 1)\n",
    ],
)
def test_what_is_no_function_is_never_called_and_said_so(tmp_path, market, body):
    with pytest.warns(RegimeWarning, match="LEAN never calls it"):
        assert seen(tmp_path, market, body) == []


@pytest.mark.parametrize("body", ["    def on_data(self, data):\n        self.seen.append(1)\n        yield 1\n"])
def test_the_body_of_a_generator_never_runs(tmp_path, market, body):
    with pytest.warns(RegimeWarning, match="its body never runs"):
        assert seen(tmp_path, market, body) == []


def test_what_exists_in_lean_only_says_so_when_it_is_used(tmp_path, market):
    body = "        self.chain = OptionChain\n    def on_data(self, data):\n        {}\n"
    for line, name in (
        ("OptionChain()", "OptionChain"),
        ("self.option_chain(self.spy)", "option_chain"),
        ("self.AddFuture('X')", "add_future"),
    ):
        path = tmp_path / "strategy.py"
        path.write_text(HEAD + body.format(line))
        run = run_file(path, market)
        assert isinstance(run.error, UnsupportedError)
        assert f"{name} exists in LEAN only" in run.message
    with imports.offered():
        from AlgorithmImports import CompositeAlphaModel, OptionStrategies

        assert CompositeAlphaModel.__name__ == "CompositeAlphaModel"
        with pytest.raises(UnsupportedError, match="OptionStrategies exists in LEAN only"):
            type("X", (OptionStrategies,), {})


@pytest.mark.parametrize("base", [
    AlphaModel, PortfolioConstructionModel, ExecutionModel, RiskManagementModel, ManualUniverseSelectionModel, PythonIndicator,
    FeeModel, EquityFillModel, NullSlippageModel, DefaultBrokerageModel, SecurityMarginModel,
    PatternDayTradingMarginModel,
])  # fmt: skip
def test_our_part_of_an_object_is_there_when_init_forgets_super(base):
    class Own(base):
        def __init__(self, algorithm, share):
            self.before = {name for name in vars(self) if not name.startswith("__")}
            self.algorithm, self.share = algorithm, share

    class Further(Own):
        def __init__(self, share):
            self.algorithm, self.share = None, share

    class Calls(base):
        def __init__(self, share):
            super().__init__()
            self.share = share

    plain = Calls(0.5)
    for made in (Own(None, share=0.5), Further(0.5)):
        assert made.share == 0.5
        assert vars(plain).keys() <= vars(made).keys()


def test_a_broker_that_forgets_super_refuses_orders(play):
    top = """
    class LeastCash(DefaultBrokerageModel):
        def __init__(self, algorithm, least):
            self.algorithm, self.least = algorithm, least

        def can_submit_order(self, security, order, message):
            return self.algorithm.portfolio.cash - order.get_value(security) >= self.least
    """
    hooks = """
    def on_data(self, data):
        if not self.seen:
            self.seen += [self.market_order("SPY", 1_000), self.market_order("SPY", 1)]
    """
    body = "self.set_brokerage_model(LeastCash(self, 50000.0))\nself.add_equity('SPY', Resolution.HOUR)"
    first, second = play(body, hooks, top=top).algorithm.seen
    assert (first.status.name, second.status.name) == ("INVALID", "FILLED")
