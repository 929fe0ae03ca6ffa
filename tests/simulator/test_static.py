"""What a reading of a strategy finds, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

import quantconnect_templates
from hidden_regime.exceptions import UnknownStrategyError
from hidden_regime.simulator.static import check_file
from tests.conftest import CASES

HEAD = "from AlgorithmImports import *\n\n"
GOOD = HEAD + "class S(QCAlgorithm):\n    def initialize(self):\n        self.set_cash(1)\n"


def found(tmp_path, text, name="strategy.py"):
    path = tmp_path / name
    path.write_text(text)
    return [(f.kind, f.line, f.message) for f in check_file(path)]


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (HEAD + "class A(QCAlgorithm):\n    pass\nclass B(QCAlgorithm):\n    pass\n", "error", "runs B, the alphabetically last"),
        (HEAD + "class Z(QCAlgorithm):\n    pass\nclass A(Z):\n    pass\n", "error", "runs Z"),
        (HEAD + "class A(QCAlgorithm):\n    pass\nclass B(A):\n    pass\n", "warning", "derives from the others"),
        (HEAD + "x = 1\n", "error", "inherits from QCAlgorithm"),
        ("class A(QCAlgorithm):\n    pass\n", "error", "AlgorithmImports isn't imported"),
        (HEAD + "class M:\n    pass\nclass A(QCAlgorithm, M):\n    pass\n", "error", "cannot use multiple inheritance"),
        (HEAD + "class A(QCAlgorithm, metaclass=Meta):\n    pass\n", "error", "metaclass conflict"),
        (HEAD + "class A(QCAlgorithm):\n    __slots__ = ()\n", "error", "__slots__"),
        (HEAD + "@dataclass\nclass A(QCAlgorithm):\n    x: int = 1\n", "error", "attribute is read-only"),
        (
            HEAD + "class P(PythonData):\n    @cached_property\n    def x(self):\n        return 1\n" + GOOD[len(HEAD) :],
            "error",
            "cached_property",
        ),
        (
            HEAD
            + "class B(QCAlgorithm):\n    __module__ = '_b'\n    def on_data(self, d):\n        pass\nclass A(B):\n    def OnData(self, d):\n        pass\n",
            "error",
            "OnData of A never runs",
        ),
        (GOOD + "    @staticmethod\n    def on_data(data):\n        pass\n", "error", "staticmethod"),
        (GOOD + "    async def on_data(self, data):\n        pass\n", "error", "coroutine"),
        (GOOD + "    def on_data(self, data):\n        yield 1\n", "error", "generator"),
        (GOOD + "    on_data = partial(f, 1)\n", "error", "result of partial"),
        (GOOD + "        self.time = 3\n", "error", "read-only"),
        (GOOD + "        self.portfolio = 3\n", "error", "LEAN's portfolio"),
        (GOOD + "        self.is_warming_up = True\n", "error", "believes it"),
        (GOOD + "        self.sma = self.sma('SPY', 3)\n", "warning", "hides LEAN's method sma"),
        (GOOD + "    @property\n    def on_end_of_algorithm(self):\n        return 1\n", "error", "a property: LEAN never"),
        (GOOD + "    on_order_event: object = functools.partial(g)\n", "error", "result of partial"),
        (GOOD + "        self.on_data = lambda data: None\n", "error", "self.on_data = ...: LEAN never calls it"),
        (GOOD + "        self.name = 5\n", "error", "a string in LEAN"),
        (GOOD + "        self.get_parameter('x', default_value=True)\n", "warning", "gives a number"),
        (GOOD + "        c = TradeBarConsolidator(period=timedelta(days=1))\n", "warning", "loses the last day"),
        (GOOD + "        self.schedule = None\n", "error", "the run dies"),
        (HEAD + "class A(QCAlgorithm):\n    __slots__: tuple = ()\n", "error", "__slots__"),
        (HEAD + "class M:\n    pass\nclass A(ConstantFeeModel, M):\n    pass\n", "error", "cannot use multiple inheritance"),
        (GOOD.replace("\n\n", "\nimport live.feed\n\n", 1), "error", "skip folders"),
        (GOOD + "        f = self.work\n        Thread(target=f)\n", "warning", "Thread(...) hands `self`"),
        (GOOD + "        def go():\n            self.x = 1\n        Thread(target=go)\n", "warning", "Thread(...) hands"),
        (GOOD + "        executor.submit(self.work)\n", "warning", "executor.submit(...) hands `self`"),
        (GOOD + "        threading.Thread(target=self.work).start()\n", "warning", "another thread"),
        (GOOD + "        list(pool.map(lambda s: self.history(s, 5), x))\n", "warning", "another thread"),
        (GOOD + "        print(1)\n", "warning", "muted"),
        (GOOD + "        self.history('SPY', 5)\n", "warning", "Pass the Symbol"),
        (GOOD + "        self.get_parameter('x', True)\n", "warning", "gives a number"),
        (GOOD + "        c = TradeBarConsolidator(timedelta(1))\n", "warning", "loses the last day"),
        (GOOD + "        self.object_store.save_json('a', {})\n", "error", "ends LEAN's process"),
        (GOOD + "        self.object_store.save('v1.2/x.json', 't')\n", "error", "one dot"),
        (GOOD + "        x = datetime.now()\n", "warning", "wall clock"),
        (GOOD + "    def on_data(self, data):\n        self.set_cash(5)\n", "error", "in initialize only"),
        (GOOD + "        self.option_chain(1)\n", "lean-only", "option_chain"),
        (GOOD + "# " + "x" * 33_000 + "\n", "warning", "32,000"),
        (GOOD.replace("\n\n", "\nfrom live.feed import x\n\n", 1), "error", "skip folders"),
        ("def f(:\n", "error", "can't import"),
    ],
)
def test_each_mistake_is_found_where_it_is(tmp_path, body, kind, words):
    assert any(k == kind and words in message for k, _, message in found(tmp_path, body)), found(tmp_path, body)


def test_a_good_strategy_and_leans_own_cases_are_left_alone(tmp_path):
    assert found(tmp_path, GOOD) == []
    # Some of them have several algorithm classes on purpose, and three ask LEAN what it answers of them.
    asking = ("b01_issubclass", "b08_layer_twice", "p04_history_kind")
    found_there = {path.stem: check_file(path) for path in (CASES / "algorithms").glob("*.py") if path.stem not in asking}
    wrong = {
        name: [f for f in findings if "are all algorithms to LEAN" not in f.message] for name, findings in found_there.items()
    }
    assert {name: findings for name, findings in wrong.items() if findings} == {}


def test_the_templates_are_left_alone():
    templates = Path(quantconnect_templates.__file__).parent.glob("[a-z]*.py")
    assert {path.stem: findings for path in templates if (findings := check_file(path))} == {}


@pytest.mark.parametrize(
    "body",
    [
        GOOD.replace("import *", "import QCAlgorithm as QA").replace("(QCAlgorithm)", "(QA)"),
        GOOD.replace("class S(QCAlgorithm)", "Q = QCAlgorithm\nclass S(Q)"),
        HEAD + "if True:\n    class S(QCAlgorithm):\n        pass\n",
        HEAD + "S = type('S', (QCAlgorithm,), {})\n",
        GOOD + "        self.symbol = 1\n        self.b = 2\n",
        GOOD
        + "        self.queue = self.k = 3\n        df = pd.DataFrame()\n        self.queue.submit(self)\n        c = df['close'].map(lambda v: v * self.k)\n",
        GOOD + "        self.restore = open\n        self.restore.save('2014-01-01T00:00:00')\n",
        GOOD + "        self.add_option(1)\n    def add_option(self, n):\n        pass\n",
        GOOD + "        self.add_cfd = 1\n        print_ = self.add_cfd\n",
        GOOD + "        class Inner:\n            def __init__(self):\n                self.time = 5\n",
        HEAD + "class A(B):\n    pass\nclass B(A):\n    pass\n" + GOOD[len(HEAD) :],
        "\ufeff" + GOOD,
        GOOD.replace("\n\n", "\nfrom threading import Thread\npool = {}\n\n", 1)
        + "        self.n = 1\n        def go(x):\n            return x\n        n = self.n\n        Thread(target=go, args=(n,))\n        pool.submit(go, n)\n",
        GOOD.replace("\n\n", "\nimport types\ng = print\n\n", 1)
        + "        self.on_data = types.MethodType(g, self)\n        self.name = 'x'\n",
    ],
)
def test_what_lean_runs_is_left_alone(tmp_path, body):
    assert found(tmp_path, body) == []


def test_files_in_other_encodings_are_read_and_endless_ones_named(tmp_path):
    path = tmp_path / "s.py"
    path.write_bytes(b"# -*- coding: latin-1 -*-\n" + GOOD.encode() + b"# caf\xe9\n")
    assert check_file(path) == []
    path.write_text("x = " + "-" * 200_000 + "1\n")
    assert [f.kind for f in check_file(path)] == ["error"]


def test_a_base_in_a_file_beside_is_read(tmp_path):
    (tmp_path / "main_base.py").write_text(HEAD + "class NBase(QCAlgorithm):\n    pass\n")
    text = "from AlgorithmImports import *\nfrom main_base import NBase\n\nclass Alpha(NBase):\n    pass\n"
    assert any("runs NBase" in message for _, _, message in found(tmp_path, text, "main.py"))
    assert found(tmp_path, text, "other.py") == []


def test_an_imported_base_whose_module_begins_like_the_file(tmp_path):
    text = "from AlgorithmImports import *\nfrom main_base import NAlgorithm\n\nclass Alpha(NAlgorithm):\n    pass\n"
    assert any("runs NAlgorithm" in message for _, _, message in found(tmp_path, text, "main.py"))
    assert not any("runs NAlgorithm" in message for _, _, message in found(tmp_path, text, "other.py"))


def test_a_reserved_folder_beside_the_strategy(tmp_path):
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "x.py").write_text("")
    assert any("'report' holds code" in message for _, _, message in found(tmp_path, GOOD))


def test_a_file_that_is_none(tmp_path):
    with pytest.raises(UnknownStrategyError):
        check_file(tmp_path / "none.py")


def test_a_class_factory_over_an_imported_base_is_an_algorithm(tmp_path):
    (tmp_path / "house_base.py").write_text(GOOD.replace("class S", "class House"))
    text = (
        HEAD
        + "from house_base import House\nfrom hidden_regime.quantconnect import with_regimes\n\nclass Mine(with_regimes(House)):\n    pass\n"
    )
    assert not [f for f in found(tmp_path, text) if f[0] == "error"]
    bare = HEAD + "from hidden_regime.quantconnect import with_regimes\n\nclass Mine(with_regimes()):\n    pass\n"
    assert not [f for f in found(tmp_path, bare) if f[0] == "error"]


OTHERS = """
class A(QCAlgorithm):
    __module__ = "_a"

class C(QCAlgorithm):
    __module__ = "_c"

class M(RiskManagementModel):
    pass

class N(M):
    pass

class V(A):
    def initialize(self):
        x, y = self.models
        {}
"""


@pytest.mark.parametrize(
    ("question", "wrong"),
    [
        ("issubclass(QCAlgorithm, A)", "QCAlgorithm"), ("issubclass(A, C)", "A"), ("issubclass(M, N)", "M"), ("isinstance(x, N)", "M"),
        ("issubclass(type(x), N)", "M"), ("isinstance(self, C)", "V"), ("isinstance(x, (int, N))", "M"), ("isinstance(x, int | N)", "M"),
        ("isinstance(self, HiddenRegimeAlgorithm)", "V"),
        ("issubclass(N, M)", ""), ("isinstance(self, A)", ""), ("isinstance(self, V)", ""), ("isinstance(x, M)", ""),
        ("isinstance(self, QCAlgorithm)", ""), ("isinstance(x, RiskManagementModel)", ""), ("isinstance(x, int)", ""),
        ("issubclass(N, A)", ""), ("A in type(self).__mro__", ""),
    ],
)  # fmt: skip
def test_questions_that_lean_answers_by_the_dotnet_type(tmp_path, question, wrong):
    """The pairs that LEAN's log of issubclass and isinstance shows, and those where it agrees with Python."""
    said = [m for kind, _, m in found(tmp_path, HEAD + OTHERS.format(question)) if ".NET types" in m]
    assert len(said) == bool(wrong)
    if wrong:
        assert f"is true of {wrong} as well in LEAN" in said[0]


def test_a_question_about_a_base_in_another_file(tmp_path):
    (tmp_path / "house.py").write_text(
        HEAD + "from hidden_regime.quantconnect import HiddenRegimeAlgorithmOptimized\n\n"
        "class House(HiddenRegimeAlgorithmOptimized):\n    pass\n"
    )
    text = (
        HEAD + "from house import House as H\n\nclass Mine(H):\n    def initialize(self):\n        print(isinstance(self, {}))\n"
    )
    for asked, count in (("HiddenRegimeAlgorithm", 0), ("HiddenRegimeAlgorithmOptimized", 0), ("Mine", 0)):
        assert sum(".NET types" in m for _, _, m in found(tmp_path, text.format(asked))) == count
    plain = text.replace("class Mine(H)", "class Other(H):\n    __module__ = '_o'\n\nclass Mine(H)")
    assert sum(".NET types" in m for _, _, m in found(tmp_path, plain.format("Other"))) == 1
