"""What LEAN's classes refuse of classes that derive from them (the table of real answers), and which hooks it calls."""

from __future__ import annotations

import abc
import functools
from dataclasses import dataclass

import pytest

from hidden_regime.data import make_market
from hidden_regime.exceptions import RegimeWarning, UnsupportedError
from hidden_regime.simulator import imports, run_file
from hidden_regime.simulator.algorithm import QCAlgorithm
from hidden_regime.simulator.framework.alpha import AlphaModel
from hidden_regime.simulator.framework.construction import PortfolioConstructionModel
from hidden_regime.simulator.framework.execution import ExecutionModel
from hidden_regime.simulator.framework.risk import RiskManagementModel
from hidden_regime.simulator.framework.selection import ManualUniverseSelectionModel, UniverseSelectionModel
from hidden_regime.simulator.indicators import PythonIndicator
from hidden_regime.simulator.models.fees import FeeModel
from hidden_regime.simulator.models.fills import EquityFillModel, FillModel
from hidden_regime.simulator.objects import PythonData

BASES = [
    QCAlgorithm, AlphaModel, PortfolioConstructionModel, ExecutionModel, RiskManagementModel, UniverseSelectionModel,
    ManualUniverseSelectionModel, PythonIndicator, PythonData, FeeModel, FillModel, EquityFillModel,
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
        ("self.AddForex('X')", "add_forex"),
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
