"""Bundles: within QuantConnect's limits, the same each time, and doing what their strategies do."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import hidden_regime
from hidden_regime.bundle import PINS, differing, pinned_python, proof, prove, write_bundle
from hidden_regime.bundle.imports import OUTSIDE, ROOT, homes, reach, resolve
from hidden_regime.bundle.joining import LIMIT, fits, group, needs_of, read_module
from hidden_regime.bundle.proof import copy_engine
from hidden_regime.data import make_market
from hidden_regime.exceptions import MissingDependencyError, ParameterError, StrategyError, UnsupportedError
from hidden_regime.research.strategies import find_strategy, market_parameters, template_names
from hidden_regime.simulator.static.cloud import SKIPPED
from tests.conftest import CASES
from tests.learned_store import learned_store
from tests.test_house import FORMER

HEAD = "from AlgorithmImports import *\n"
BODY = """

class Mine({base}):
    def initialize(self):
        self.set_start_date(2011, 6, 1)
        self.set_end_date(2011, 12, 30)
        self.add_equity("SYN_MARKET", Resolution.DAILY)
        {line}

    def on_data(self, data):
        self.set_holdings("SYN_MARKET", 0.5 if self.time.month % 2 else 0.1)
"""


def strategy(tmp_path, imports, line="pass", base="QCAlgorithm", name="mine.py"):
    path = tmp_path / name
    path.write_text(HEAD + imports + BODY.format(line=line, base=base))
    return path


def files(folder):
    return {str(p.relative_to(folder)): p.read_text() for p in Path(folder).rglob("*") if p.is_file()}


@pytest.mark.parametrize("name", template_names())
def test_every_template_keeps_the_limits(name, tmp_path):
    made = write_bundle(find_strategy(name), tmp_path / "out")
    found = files(tmp_path / "out")
    assert set(found) == set(made.files)
    assert len(found) - 1 <= 24
    for file, text in found.items():
        assert len(text.encode()) == made.files[file] < 32_000
        assert not set(Path(file).parts) & set(SKIPPED)
        if file.endswith(".py"):
            assert text.startswith(f"# Bundled by hidden-regime {hidden_regime.__version__} from ")
            tree = ast.parse(text)
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom):
                    assert node.level == 0
        else:
            assert file == "config.json"
    assert found["main.py"].endswith(find_strategy(name).read_text())
    parameters = json.loads(found["config.json"])["parameters"]
    assert {"start", "end", "cash"} <= set(parameters)
    assert all(isinstance(value, str) for value in parameters.values())
    again = write_bundle(find_strategy(name), tmp_path / "again")
    assert files(tmp_path / "again") == found
    assert again.modules == made.modules
    assert not any(module.split(".")[1] in ("simulator", "data", "research", "cli") for module in made.modules)


def test_a_strategy_carries_no_more_than_it_needs(tmp_path):
    plain = write_bundle(strategy(tmp_path, ""), tmp_path / "a")
    assert set(plain.files) == {"main.py", "config.json"}
    one = write_bundle(strategy(tmp_path, "from hidden_regime.detection.schedule import Schedule\n"), tmp_path / "b")
    assert set(one.modules) == {"hidden_regime.exceptions", "hidden_regime.detection.schedule"}
    base = write_bundle(find_strategy("basic_regime_switching"), tmp_path / "c")
    assert "hidden_regime.quantconnect.optimized_algorithm" not in base.modules
    assert "hidden_regime.cache.maintenance" not in base.modules


def test_names_lead_to_where_they_are_defined():
    assert resolve("hidden_regime", "RegimeDetector", "x") == ("hidden_regime.detection.detector", "RegimeDetector")
    assert resolve("hidden_regime.quantconnect", "with_regimes", "x") == ("hidden_regime.quantconnect.factory", "with_regimes")
    assert resolve("hidden_regime.signals", "make_signal", "x") == ("hidden_regime.signals.signal", "make_signal")
    assert resolve("hidden_regime.many", "run", "x") == ("hidden_regime.many.run", None)
    assert resolve("hidden_regime", "kernels", "x") == ("hidden_regime.kernels", None)
    assert resolve("hidden_regime.kernels", "VERSION", "x") == ("hidden_regime.kernels", "VERSION")
    assert homes("hidden_regime.detection.detector") == {}


def test_modules_join_only_where_no_name_changes_its_meaning():
    names = reach(ast.parse("from hidden_regime.quantconnect import HiddenRegimeAlgorithmOptimized"), "x")
    needs = needs_of(names)
    parts = group(names, needs)
    assert sorted(m.name for part in parts for m in part) == sorted(names)
    done = set()
    for part in parts:
        assert sum(m.size for m in part) <= LIMIT
        for n, module in enumerate(part):
            assert needs[module.name] <= done | {m.name for m in part[:n]}
            for other in part[:n]:
                both = module.names.keys() & other.names.keys()
                assert all(module.names[name] == other.names[name] for name in both)
        done |= {m.name for m in part}
    functions, compiled = read_module("hidden_regime.kernels.functions"), read_module("hidden_regime.kernels.compiled")
    assert not fits([functions], compiled)  # both define `overlaps`


PARAMETERS = market_parameters(make_market(n_days=900).market, None, None)


INSTALLED = {d.metadata["Name"].replace("_", "-"): d.version for d in importlib.metadata.distributions()}
ON_PINS = not differing(INSTALLED)
PROVED = template_names() if ON_PINS else ["optimized_multi_asset", "framework_regimes", "hourly_with_daily_regimes"]
"""Every template where the versions are LEAN's: that is the claim; elsewhere one of each kind."""


@pytest.mark.parametrize("name", PROVED)
def test_a_bundle_does_what_its_strategy_does(name, tmp_path):
    write_bundle(find_strategy(name), tmp_path / "out")
    more = {"data": None, "parameters": PARAMETERS}
    if name == "hourly_with_daily_regimes":
        more = {"data": str(CASES / "data"), "parameters": {"assets": "SPY", "start": "2015-01-02", "end": "2016-06-30"}}
    if name in ("bitcoin_regimes", "currency_basket"):
        more = {"data": str(CASES / "data"), "parameters": {"start": "2016-10-03", "end": "2017-06-30"}}
    if name == "learned_allocation":
        more["store"] = learned_store(tmp_path / "store")
    found = prove(find_strategy(name), tmp_path / "out", **more)
    assert found.problems == ()
    assert found.orders >= 8
    assert found.versions["python"] == ".".join(map(str, sys.version_info[:3]))


FORMS = [
    ("import hidden_regime as hr\n", "hr.RegimeDetector(2); assert hr.__version__"),
    ("import hidden_regime.quantconnect as q\n", "q.RegimeSignalAdapter()"),
    ("import hidden_regime.signals.signal\n", "hidden_regime.signals.signal.SignalStrength.of(0.5)"),
    ("import hidden_regime.cache.key as key\n", "assert key.__name__"),
    ("from hidden_regime import GaussianHMM, Bar\n", "GaussianHMM(2).fit([[float(x * x % 7)] for x in range(60)]); Bar"),
    ("from hidden_regime.exceptions import RegimeError as Mistake\n", "assert issubclass(Mistake, Exception)"),
    ("from hidden_regime.quantconnect.performance import PerformanceProfiler\n", "PerformanceProfiler().get_summary()"),
    ("from hidden_regime import kernels\n", "assert kernels.backend() == ('numba' if 'part_' in kernels.__name__ else kernels.backend())"),
    ("import beside\n", "assert beside.twice(2) == 4"),
    ("from hidden_regime.quantconnect import *\n", "RegimeSignalAdapter()"),
]  # fmt: skip


@pytest.mark.parametrize(("imports", "line"), FORMS)
def test_every_form_of_import_works_in_a_bundle(imports, line, tmp_path):
    (tmp_path / "beside.py").write_text(
        "from hidden_regime.detection.growing_table import GrowingTable\n\n\ndef twice(x):\n    GrowingTable(1)\n    return 2 * x\n"
    )
    path = strategy(tmp_path, imports, line)
    write_bundle(path, tmp_path / "out")
    found = prove(path, tmp_path / "out", synthetic={"n_days": 520})
    assert found.problems == ()
    assert found.orders > 2


LAYER = [module for module in FORMER if module.startswith("quantconnect.")]


@pytest.mark.parametrize("homes", [False, True])
def test_a_bundle_takes_names_of_the_layer_from_either_address(homes, tmp_path):
    """From former addresses, and from where the names are."""
    lines = []
    for module in LAYER:
        for name in FORMER[module]:
            place = f"hidden_regime.{module}"
            lines.append(f"from {importlib.import_module(place).__dict__[name].__module__ if homes else place} import {name}\n")
    path = strategy(
        tmp_path, "".join(lines), "RegimeSignalAdapter(); RegimeModelCache(); RegimeTradingConfig(); create_cached_detector()"
    )
    written = write_bundle(path, tmp_path / "out")
    assert all((f"hidden_regime.{module}" in written.modules) is not homes for module in LAYER)
    found = prove(path, tmp_path / "out", synthetic={"n_days": 520})
    assert found.problems == ()
    assert found.orders > 2


def test_data_by_a_relative_path_are_found_from_another_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own_data").mkdir()
    asked = []
    monkeypatch.setattr(proof, "copy_engine", lambda folder: None)

    def answer(python, given, room, what):
        asked.append(given["data"])
        return {"orders": [[1]], "error": None, "foreign": [], "versions": {}, "python": "3"}

    monkeypatch.setattr(proof, "_run", answer)
    for data in ("own_data", "us_stocks", None):
        assert prove("main.py", "out", data=data).problems == ()
    assert asked == [str(tmp_path / "own_data")] * 2 + ["us_stocks"] * 2 + [None] * 2


def test_a_bundle_that_does_something_else_is_found_out(tmp_path):
    path = strategy(tmp_path, "")
    write_bundle(path, tmp_path / "out")
    main = tmp_path / "out" / "main.py"
    text = main.read_text()
    for change, words in (
        (text.replace("0.5 if", "0.6 if"), "differs"),
        (text.replace("        pass\n", "        raise ValueError('no')\n"), "bundle: ValueError: no"),
        (text.replace("self.time.month % 2", "self.time.month < 7"), "order"),
    ):
        main.write_text(change)
        assert any(words in problem for problem in prove(path, tmp_path / "out", synthetic={"n_days": 520}).problems)
    idle = strategy(tmp_path, "", name="idle.py")
    idle.write_text(idle.read_text().replace("self.set_holdings(", "print("))
    write_bundle(idle, tmp_path / "idle")
    assert "nothing is proved" in prove(idle, tmp_path / "idle", synthetic={"n_days": 520}).problems[0]
    main.write_text("import os\nos._exit(3)\n")
    with pytest.raises(StrategyError, match="process failed"):
        prove(path, tmp_path / "out")
    with pytest.raises(StrategyError, match="can't be run"):
        prove(path, tmp_path / "out", python=tmp_path / "nothing")


@pytest.mark.parametrize(
    ("imports", "words"),
    [("from hidden_regime.simulator import run_file\n", "isn't for LEAN"), ("from hidden_regime import find_regimes\n", "isn't for LEAN"),
     ("from hidden_regime import load_dataset\n", "isn't for LEAN"), ("from hidden_regime import report\n", "no name 'report'"), ("import house_missing\n", "neither a file beside it"),
     ("from hidden_regime.nothing import x\n", "doesn't exist"), ("import hidden_regime.nothing\n", "doesn't exist"),
     ("from . import x\n", "relative import"), ("import main\n", "main.py is the strategy")],
)  # fmt: skip
def test_what_cannot_go_along_is_said(imports, words, tmp_path):
    (tmp_path / "main.py").write_text("x = 1\n")
    with pytest.raises(UnsupportedError, match=words):
        write_bundle(strategy(tmp_path, imports), tmp_path / "out")


def test_folders_and_files_that_cannot_be(tmp_path):
    path = strategy(tmp_path, "")
    with pytest.raises(StrategyError, match=r"path of a \.py file"):
        write_bundle(tmp_path / "nothing.py", tmp_path / "out")
    (tmp_path / "bad.py").write_text("class :\n")
    with pytest.raises(StrategyError, match="can't be read as Python"):
        write_bundle(tmp_path / "bad.py", tmp_path / "out")
    with pytest.raises(ParameterError, match="LEAN doesn't skip"):
        write_bundle(path, tmp_path / "backtests")
    with pytest.raises(ParameterError, match="Something else lies there"):
        write_bundle(path, tmp_path)
    with pytest.raises(ParameterError, match="A file lies there"):
        write_bundle(path, path)
    path.write_text(path.read_text() + "# " + "x" * 32_000)
    with pytest.raises(UnsupportedError, match="fewer than 32000"):
        write_bundle(path, tmp_path / "long")


def test_a_bundle_is_written_again_and_what_the_cli_noted_stays(tmp_path):
    out = tmp_path / "out"
    write_bundle(find_strategy("optimized_multi_asset"), out)
    config = json.loads((out / "config.json").read_text())
    (out / "config.json").write_text(json.dumps(config | {"cloud-id": 12345}))
    write_bundle(find_strategy("basic_regime_switching"), out, {"assets": "QQQ"})
    config = json.loads((out / "config.json").read_text())
    assert config["cloud-id"] == 12345
    assert config["parameters"]["assets"] == "QQQ"
    write_bundle(find_strategy("basic_regime_switching"), tmp_path / "anew", {"assets": "QQQ"})
    there, anew = ({p.name for p in (folder / "hidden_regime").iterdir()} for folder in (out, tmp_path / "anew"))
    assert there == anew  # nothing is left of the larger one before
    (out / "config.json").write_text("{")
    with pytest.raises(ParameterError, match="JSON"):
        write_bundle(find_strategy("basic_regime_switching"), out)


def test_files_that_are_no_bundles_are_neither_deleted_nor_written_over(tmp_path):
    out = tmp_path / "out"
    write_bundle(find_strategy("optimized_multi_asset"), out)
    own = {
        "notes.md": "mine",
        "hidden_regime/notes.py": "mine = 1\n",
        "hidden_regime/deep/part_01.py": "",
        "helper.py": "x = 1\n",
    }
    for name, text in own.items():
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_text(text, encoding="utf-8")
    write_bundle(find_strategy("basic_regime_switching"), out)
    write_bundle(strategy(tmp_path, ""), out)
    assert files(out) == own | {name: files(out)[name] for name in ("main.py", "config.json")}
    before = files(out)
    (tmp_path / "helper.py").write_text("x = 2\n", encoding="utf-8")
    with pytest.raises(ParameterError, match=r"helper\.py.*no file, or one of an earlier bundle"):
        write_bundle(strategy(tmp_path, "import helper\n"), out)
    assert files(out) == before
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "linked"
    write_bundle(strategy(tmp_path, "", name="plain.py"), link)
    (link / "hidden_regime").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ParameterError, match="hidden_regime"):
        write_bundle(find_strategy("basic_regime_switching"), link)
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize(
    ("before", "encoding"),
    [("# -*- coding: latin-1 -*-\n", "latin-1"), ("#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n", "cp1252"), ("", "utf-8-sig"),
     ("# coding: utf-8\n", "utf-8-sig"), ("", "utf-8")],
)  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_sources_are_read_as_python_reads_them_and_written_in_utf_8(tmp_path, before, encoding, end):
    source = before + HEAD + "import beside\n" + BODY.format(base="QCAlgorithm", line='self.word = "é£"')
    for name, text in (("mine.py", source), ("beside.py", before + 'WORD = "é£"\n')):
        (tmp_path / name).write_bytes(text.replace("\n", end).encode(encoding))
    write_bundle(tmp_path / "mine.py", tmp_path / "out")
    for name in ("main.py", "beside.py"):
        # As Python does, by what the file itself says.
        tree = ast.parse((tmp_path / "out" / name).read_bytes())
        assert "é£" in [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        (tmp_path / "out" / name).read_bytes().decode("utf-8")


@pytest.mark.parametrize("content", [b"# coding: nonsense\n", b"x = '\xff'\n", b"x = 1\0\n", b"x = " + b"(" * 300 + b"\n"])
def test_sources_that_are_none_are_refused(tmp_path, content):
    (tmp_path / "mine.py").write_bytes(content)
    with pytest.raises(StrategyError, match="can't be read as Python"):
        write_bundle(tmp_path / "mine.py", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_parameters_of_every_file_and_leftovers_of_an_earlier_bundle(tmp_path):
    (tmp_path / "beside.py").write_text("def ask(a):\n    return a.get_parameter('deep', 3)\n")
    first = strategy(tmp_path, "import beside\n", "self.get_parameter('floor', -0.1); self.get_parameter('x', 1 + len('a'))")
    write_bundle(first, tmp_path / "out")
    parameters = json.loads((tmp_path / "out" / "config.json").read_text())["parameters"]
    assert parameters == {"deep": "3", "floor": "-0.1"}
    write_bundle(strategy(tmp_path, "", name="plain.py"), tmp_path / "out")
    assert not (tmp_path / "out" / "beside.py").exists()


def test_the_pins_are_those_of_the_gate():
    pins = (ROOT.parent / ".ci" / "lean-pins.txt").read_text().replace("_", "-")
    for name, version in PINS.items():
        assert re.search(rf"^{name}=={re.escape(version)}$", pins, re.MULTILINE)
    assert differing(PINS) == []
    assert differing(PINS | {"numpy": ""})[0].startswith("numpy missing")


def test_an_environment_that_cannot_be_made_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 13, 0))
    with pytest.raises(MissingDependencyError, match=r"LEAN has Python 3\.11, this is 3\.13"):
        pinned_python(tmp_path)
    monkeypatch.undo()
    if sys.version_info[:2] == (3, 11):
        monkeypatch.setattr(sys, "executable", "/bin/false")
        with pytest.raises(MissingDependencyError, match="can't be installed"):
            pinned_python(tmp_path)


BELOW = [
    ".".join(["hidden_regime", *p.relative_to(ROOT).with_suffix("").parts])
    for p in sorted(ROOT.rglob("*.py"))
    if not {".".join(p.relative_to(ROOT).with_suffix("").parts[:n]) for n in (1, 2)} & {*OUTSIDE} and not p.name.startswith("__")
]


@pytest.mark.parametrize("module", BELOW)
def test_any_module_of_the_floors_below_can_go_along(module):
    names = reach(ast.parse(f"import {module}"), "x")
    assert names[-1] == module or module in names
    assert sum(len(part) for part in group(names, needs_of(names))) == len(names)


WALK = """import importlib, pkgutil, sys
import hidden_engine.data, hidden_engine.simulator
for package in (hidden_engine.data, hidden_engine.simulator):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
print([name for name in sys.modules if name.startswith("hidden_regime")])"""


def test_the_engine_is_had_whole(tmp_path):
    """Whatever a part of the engine imports of the package is a part of it too."""
    copy_engine(tmp_path / "hidden_engine")
    done = subprocess.run([sys.executable, "-c", WALK], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.strip() == "[]"
