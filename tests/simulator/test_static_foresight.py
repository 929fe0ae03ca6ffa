"""What a reading foresees of the embedded engine's refusals: by what the engine is asked for and hasn't got."""

from __future__ import annotations

import pytest

from hidden_regime.exceptions import RegimeError
from hidden_regime.simulator.imports import offered
from hidden_regime.simulator.lean_names import QC_CLASSES
from hidden_regime.simulator.static import check_file, engine
from hidden_regime.simulator.static.trying import refused_resolutions

HEAD = "from AlgorithmImports import *\n\n"
GOOD = HEAD + "class S(QCAlgorithm):\n    def initialize(self):\n        self.spy = self.add_equity('SPY', Resolution.DAILY)\n"


def found(tmp_path, text, name="strategy.py"):
    (tmp_path / name).write_text(text)
    return check_file(tmp_path / name)


REFUSED = [
    "self.set_brokerage_model(BrokerageName.NO_BROKER)",
    "self.add_equity('QQQ', Resolution.MINUTE, extended_market_hours=True)",
    "self.settings.daily_precise_end_time = False",
    "self.hull_nonexistent('SPY', 3)",
    "self.Portfolio.TotalNonsense",
    "self.set_cash(no_such_argument=1)",
    "x = Symbol.create_nonsense('SPY')",
    "x = SymbolProperties(no_such_argument=1)",
    "y = self.history[NoSuchType]",
    "self.spy.no_such_model",
    "self.spy.symbol.no_such_id",
    "for t in self.transactions.get_open_order_tickets(): t.no_such_field",
    "import no_such_module_at_all",
    "import QuantConnect.NoSuchSpace",
]


@pytest.mark.parametrize("line", REFUSED)
def test_what_the_engine_refuses_is_foreseen(tmp_path, line):
    text = GOOD + f"        {line}\n"
    assert {f.line for f in found(tmp_path, text)} == {text.count("\n")}


def test_resolutions_without_bars_are_named_but_not_of_own_data_or_in_comparisons(tmp_path):
    if not refused_resolutions():
        pytest.skip("the engine has bars of every resolution")
    name = min(refused_resolutions())
    own = "class D(PythonData):\n    pass\n\n"
    text = GOOD.replace("class S", own + "class S")
    assert [f.kind for f in found(tmp_path, text + f"        self.add_equity('QQQ', Resolution.{name})\n")] == ["lean-only"]
    assert found(tmp_path, text + f"        self.add_data(D, 'D', Resolution.{name})\n") == []
    assert found(tmp_path, text + f"        x = self.spy.resolution == Resolution.{name}\n") == []
    assert found(tmp_path, text + f"        x = Resolution.{name} if self.live_mode else Resolution.DAILY\n") == []


def test_classes_that_only_lean_has_are_told_by_the_engines_own_list(tmp_path):
    names = engine.namespace().names
    missing = next(name for name in sorted(QC_CLASSES) if engine.is_lean_only(names[name]))
    with offered(), pytest.raises(RegimeError):
        names[missing]()
    assert [f.kind for f in found(tmp_path, GOOD + f"        x = {missing}(1)\n")] == ["lean-only"]
    assert found(tmp_path, GOOD + f"        x = isinstance(self.spy, {missing})\n") == []
    assert (
        found(tmp_path, GOOD + f"        try:\n            x = {missing}(1)\n        except Exception:\n            pass\n") == []
    )
    assert found(tmp_path, GOOD.replace("class S", f"{missing} = dict\n\nclass S") + f"        x = {missing}()\n") == []


def test_a_model_that_lean_makes_by_its_own_import_only(tmp_path):
    name = "MeanVarianceOptimizationPortfolioConstructionModel"
    line = f"        self.set_portfolio_construction({name}())\n"
    needs = [f.message for f in found(tmp_path, GOOD + line) if f.kind == "error"]
    assert len(needs) == 1 and f"from Portfolio.{name} import *" in needs[0]
    brought = GOOD.replace("\n\n", f"\nfrom Portfolio.{name} import *\n\n", 1)
    assert not [f for f in found(tmp_path, brought + line) if f.kind == "error"]


def test_a_base_of_the_packages_without_leans_header(tmp_path):
    text = (
        "# from AlgorithmImports import *\nfrom hidden_regime.quantconnect import HiddenRegimeAlgorithm\n"
        "class T(HiddenRegimeAlgorithm):\n    def initialize(self):\n        self.add_equity('SPY', Resolution.DAILY)\n"
    )
    assert [(f.line, f.kind) for f in found(tmp_path, text)] == [(1, "error")]
    assert "from AlgorithmImports import *" in found(tmp_path, text)[0].message
    assert found(tmp_path, text.removeprefix("# ")) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (GOOD + "        reslution = Resolutoin.DAILY\n", "error"),
        (HEAD + "x = undefined_thing\n" + GOOD[len(HEAD) :], "error"),
        (GOOD + "return 3\n", "error"),
        (HEAD + "def f(a, a):\n    pass\n" + GOOD[len(HEAD) :], "error"),
        (HEAD + "from AlgorithmImports import NoSuchName\n" + GOOD[len(HEAD) :], "error"),
        (HEAD + "import no_such_package\n" + GOOD[len(HEAD) :], "warning"),
        (GOOD + "        self.add_data(QuiverNonsense, 'SPY')\n", "lean-only"),
    ],
)
def test_what_keeps_python_from_running_the_file(tmp_path, text, kind):
    assert [f.kind for f in found(tmp_path, text)] == [kind]


def test_text_that_is_none_in_its_encoding(tmp_path):
    (tmp_path / "s.py").write_bytes(GOOD.encode() + b"# caf\xe9\n")
    assert [f.kind for f in check_file(tmp_path / "s.py")] == ["error"]


def test_findings_of_a_file_beside_stand_at_its_import(tmp_path):
    (tmp_path / "house.py").write_text(GOOD.replace("class S", "class House") + "        self.spy.no_such_model\n")
    text = HEAD + "from house import House\n\nclass Mine(House):\n    pass\n"
    assert [(f.line, f.message.partition(":")[0]) for f in found(tmp_path, text)] == [(3, "house.py line 6")]


def test_a_base_may_use_what_classes_below_it_define(tmp_path):
    base = GOOD.replace("class S", "class House") + "        self.prepare()\n"
    below = "class Mine(House):\n    def prepare(self):\n        pass\n"
    assert not [f for f in found(tmp_path, base + below) if f.kind != "warning"]
    (tmp_path / "house.py").write_text(base)
    assert found(tmp_path, HEAD + "from house import House\n\n" + below) == []
    assert [f.kind for f in found(tmp_path, base)] == ["error"]


@pytest.mark.parametrize("ticker", ["'QQQ'", "name", "self.picked[0]", "'SPY'"])
def test_a_finding_names_the_ticker_as_it_is_written(tmp_path, ticker):
    line = f"        self.add_equity({ticker}, Resolution.MINUTE, extended_market_hours=True)\n"
    messages = [f.message for f in found(tmp_path, GOOD + "        name, self.picked = input(), []\n" + line)]
    assert any(message.startswith(f"add_equity({ticker}, extended_market_hours=True)") for message in messages), messages


WALKS = """
        for symbol in {}:
            self.log(str(symbol))
"""


@pytest.mark.parametrize(
    ("walked", "count"),
    [
        ("{'SPY', 'QQQ'}", 1), ("set(self.tickers)", 1), ("list({t for t in self.tickers})", 1), ("self.chosen", 1),
        ("self.active_securities.keys()", 1), ("self.chosen - {'SPY'}", 1),
        ("sorted({'SPY', 'QQQ'})", 0), ("{1, 2}", 0), ("self.tickers", 0), ("self.securities.keys()", 0),
    ],
)  # fmt: skip
def test_walks_whose_order_lean_doesnt_keep(tmp_path, walked, count):
    text = GOOD + "        self.tickers = ['SPY']\n        self.chosen = set(self.tickers)" + WALKS.format(walked)
    assert [f.kind for f in found(tmp_path, text) if "another order" in f.message] == ["warning"] * count
    assert len(found(tmp_path, text)) == count


def test_a_walk_that_only_collects_is_left_alone(tmp_path):
    text = GOOD + "        n = 0\n        for symbol in {'SPY', 'QQQ'}:\n            n += len(symbol)\n"
    assert found(tmp_path, text) == []


def test_long_lines_and_deep_ones_are_read(tmp_path):
    text = GOOD + "        x = " + " + ".join(["1"] * 900) + "\n"
    assert found(tmp_path, text) == []
