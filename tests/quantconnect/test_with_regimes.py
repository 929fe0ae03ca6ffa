"""`with_regimes` over classes of every make: one layer, whatever LEAN's issubclass says, and the trades of the plain layer."""

from __future__ import annotations

import sys

import pytest

from hidden_regime.data import make_market
from hidden_regime.exceptions import ParameterError
from hidden_regime.quantconnect import HiddenRegimeAlgorithm, HiddenRegimeAlgorithmOptimized, with_regimes
from hidden_regime.simulator.algorithm import QCAlgorithm
from tests.quantconnect.running import HEAD, orders, run

SETUP = """        self.set_start_date(2011, 6, 1)
        self.set_end_date(2012, 6, 29)
"""
SNAKE = f"""
class House(QCAlgorithm):
    def initialize(self):
{SETUP}        self.prepare()

    def prepare(self):
        raise NotImplementedError

    def on_data(self, data):
        self.step()
"""
PASCAL = SNAKE.replace("def initialize", "def Initialize").replace("def on_data", "def OnData")
WITH_INIT = SNAKE.replace("    def initialize", "    def __init__(self):\n        self.mine = 5\n\n    def initialize")
BODY = """
    def prepare(self):
        self.changes = []
        self.add_equity("SYN_MARKET", Resolution.DAILY)
        self.initialize_regime_detection("SYN_MARKET", lookback_days=150, retrain_frequency="monthly")

    def on_regime_change(self, old_regime, new_regime, confidence, ticker):
        self.changes.append((self.time, ticker, old_regime, new_regime))

    def step(self):
        if self.regime_is_ready("SYN_MARKET"):
            self.set_holdings("SYN_MARKET", self.get_regime_allocation("SYN_MARKET"))
"""
ALONE = (
    BODY
    + f"""
    def initialize(self):
{SETUP}        self.prepare()

    def on_data(self, data):
        self.step()
"""
)
INIT = """
    def __init__(self):
        super().__init__()
        self.other = self.mine + 1
"""
FORMS = {
    "snake": SNAKE + "\nclass V(with_regimes(House)):" + BODY,
    "pascal": PASCAL + "\nclass V(with_regimes(House)):" + BODY,
    "init": WITH_INIT + "\nclass V(with_regimes(House)):" + INIT + BODY,
    "no init": WITH_INIT + "\nclass V(with_regimes(House)):" + BODY,
    "twice": SNAKE + "\nclass V(with_regimes(with_regimes(House))):" + BODY,
    "module": "from house_of_theirs import House\n\nclass V(with_regimes(House)):" + BODY,
    "module named alike": "from strategy_base import House\n\nclass V(with_regimes(House)):" + BODY,
    "nothing": "\nclass V(with_regimes()):" + ALONE,
    "ours": "\nclass V(with_regimes(HiddenRegimeAlgorithm)):" + ALONE,
    "ours, twice": "\nclass V(with_regimes(with_regimes(HiddenRegimeAlgorithm))):" + ALONE,
    "the optimised": "\nclass V(with_regimes(HiddenRegimeAlgorithmOptimized)):" + ALONE,
    "below ours": "\nclass House(HiddenRegimeAlgorithm):" + ALONE + "\nclass V(with_regimes(House)):\n    pass\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def market():
    return make_market(n_days=700, seed=5).market


@pytest.fixture(scope="module")
def plain(tmp_path_factory, market):
    done = run(tmp_path_factory.mktemp("plain"), market, HEAD + "\nclass V(HiddenRegimeAlgorithm):" + ALONE)
    assert len(orders(done)) > 5
    assert done.algorithm.changes
    return done


@pytest.mark.parametrize("name", FORMS)
def test_every_form_trades_as_the_layer_itself(tmp_path, market, plain, name):
    for module in ("house_of_theirs", "strategy_base"):
        (tmp_path / f"{module}.py").write_text(HEAD + SNAKE)
    done = run(tmp_path, market, HEAD + FORMS[name])
    assert type(done.algorithm).__name__ == "V"
    assert orders(done) == orders(plain)
    assert done.algorithm.changes == plain.algorithm.changes
    assert done.algorithm.get_cache_stats() is None  # of the optimised class
    if name == "init":
        assert done.algorithm.other == 6


class House(QCAlgorithm):
    pass


def made_once(cls, monkeypatch):
    """How often an algorithm of a class is given its tracker."""
    seen = []
    factory = sys.modules["hidden_regime.quantconnect.algorithm"]
    tracker = factory.Tracker
    monkeypatch.setattr(factory, "Tracker", lambda: seen.append(1) or tracker())
    cls()
    return len(seen)


@pytest.mark.parametrize(
    "made",
    [
        with_regimes(House), with_regimes(with_regimes(House)), with_regimes(type("Mine", (with_regimes(House),), {})),
        with_regimes(HiddenRegimeAlgorithm), with_regimes(with_regimes(HiddenRegimeAlgorithm)),
        with_regimes(HiddenRegimeAlgorithmOptimized), with_regimes(),
    ],
)  # fmt: skip
def test_the_layer_is_put_on_once(made, monkeypatch):
    assert made_once(made, monkeypatch) == 1
    chain = made.__mro__[: made.__mro__.index(QCAlgorithm)]
    for name in ("_hr_attach", "initialize_regime_detection", "enable_caching"):
        assert sum(name in vars(cls) for cls in chain) == 1
    assert isinstance(made(), HiddenRegimeAlgorithm)  # by .NET type, as LEAN says


def test_the_chain_of_classes_is_leans():
    """What LEAN logged for `len(type(self).__mro__)` and the first names of a strategy on a layer put on twice."""
    strategy = type("V08", (with_regimes(with_regimes(House)),), {})
    assert len(strategy.__mro__) == 8
    assert [cls.__name__ for cls in strategy.__mro__[:3]] == ["V08", "RegimesRegimesHouse", "RegimesHouse"]


def test_what_was_overridden_below_a_layer_goes_on_to_count():
    class Theirs(with_regimes(House)):
        def get_regime_allocation(self, ticker):
            return 0.25

    assert with_regimes(Theirs)().get_regime_allocation("SPY") == 0.25


@pytest.mark.parametrize("wrong", [int, 5, None, House(), type])
def test_what_is_no_algorithm_class_is_refused(wrong):
    with pytest.raises(ParameterError, match="a class that derives from QCAlgorithm"):
        with_regimes(wrong)
