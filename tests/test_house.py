"""Rules of the house that a test can hold."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import hidden_regime
from hidden_regime import exceptions

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "hidden_regime").rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_are_small_documented_and_read_no_clock(path):
    text = path.read_text()
    assert len(text.encode()) < 32_000
    assert text.count("\n") <= 600
    assert ast.get_docstring(ast.parse(text)) or path.name == "__init__.py"
    assert not re.search(r"datetime\.now\(|date\.today\(|utcnow\(|time\.time\(|import pickle|np\.random\.(seed|rand)", text)


def test_the_median_file_is_small():
    lengths = sorted(p.read_text().count("\n") for p in SOURCES)
    assert lengths[len(lengths) // 2] < 150


def test_exported_names_exist_and_are_all():
    for name in hidden_regime.__all__:
        assert getattr(hidden_regime, name) is not None
    with pytest.raises(AttributeError, match="it has"):
        hidden_regime.nonsense
    assert set(hidden_regime.__all__) <= set(dir(hidden_regime))


def test_importing_the_package_imports_nothing_heavy():
    code = "import hidden_regime, sys; print(sorted(m for m in sys.modules if m.split('.')[0] in %r))"
    heavy = ("sklearn", "plotly", "numba", "pandas", "scipy", "exchange_calendars", "AlgorithmImports")
    out = subprocess.run([sys.executable, "-c", code % (heavy,)], capture_output=True, text=True, check=True, cwd=ROOT)
    assert out.stdout.strip() == "[]"


def test_detecting_needs_neither_scikit_learn_nor_plotly_nor_the_engine():
    code = """import sys, numpy as np
from hidden_regime import GaussianHMM, RegimeDetector
GaussianHMM(2).fit(np.random.default_rng(0).normal(size=(50, 1)))
print([m for m in sys.modules if m in ('sklearn', 'plotly', 'hidden_regime.simulator', 'exchange_calendars')])"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert out.stdout.strip() == "[]"


def test_every_error_has_one_root_and_says_what_it_is():
    for value in vars(exceptions).values():
        if isinstance(value, type) and issubclass(value, Exception) and value.__module__ == exceptions.__name__:
            assert issubclass(value, (exceptions.RegimeError, exceptions.RegimeWarning))
            assert value.__doc__


def test_the_version_is_stated_once_more_only_in_the_project_file():
    assert f'version = "{hidden_regime.__version__}"' in (ROOT / "pyproject.toml").read_text()


def test_the_readmes_strategy_runs(tmp_path):
    from hidden_regime.data import open_market
    from hidden_regime.simulator import run_file

    blocks = re.findall(r"```python\n(from AlgorithmImports.*?)```", (ROOT / "README.md").read_text(), re.S)
    assert len(blocks) == 1
    path = tmp_path / "hold_bulls.py"
    path.write_text(blocks[0])
    run = run_file(path, open_market("us_stocks"))
    assert run.error is None
    assert len(run.algorithm._sim.book.orders) > 10


def _encodings_left_out(tree: ast.AST) -> list[int]:
    """Lines that read or write text in whatever encoding the locale says."""
    found = []
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        plain = isinstance(call.func, ast.Name)
        binary = any(isinstance(a, ast.Constant) and isinstance(a.value, str) and "b" in a.value for a in call.args[1:])
        text = name in ("read_text", "write_text") or (name == "open" and plain and not binary) or name == "TextIOWrapper"
        if text and not any(keyword.arg == "encoding" for keyword in call.keywords):
            found.append(call.lineno)
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_text_is_utf_8_whatever_the_locale(path):
    assert _encodings_left_out(ast.parse(path.read_text(encoding="utf-8"))) == []


def test_a_text_without_an_encoding_would_be_found():
    source = "p.read_text()\np.write_text(x)\nopen(p)\nopen(p, 'rb')\nopen(p, encoding='utf-8')\np.read_text(encoding='utf-8')\n"
    assert _encodings_left_out(ast.parse(source)) == [1, 2, 3]


FORMER = {
    "detector": ["RegimeDetector"],
    "market_detector": ["MarketDetector"],
    "frames": ["frame_to_bars"],
    "schedule": ["Schedule"],
    "parallel": ["BatchTrainer"],
    "precompute": ["precompute", "run_many"],
    "regime_statistics": ["regime_table"],
    "bars": ["Bar"],
    "regimes": ["RegimeState"],
    "signals": ["TradingSignal"],
    "quantconnect.alpha_model": ["HiddenRegimeAlphaModel"],
    "quantconnect.config": ["MultiAssetRegimeConfig", "QuantConnectConfig", "RegimeTradingConfig"],
    "quantconnect.data_adapter": [
        "HistoryDataAdapter", "QuantConnectDataAdapter", "RollingWindowDataAdapter", "create_dataframe_from_bars",
    ],
    "quantconnect.performance.batch_updates": ["BatchRegimeUpdater", "OptimizedMultiAssetUpdater", "create_batch_updater"],
    "quantconnect.performance.benchmarking": ["RegimeDetectionBenchmark"],
    "quantconnect.performance.caching": ["CachedRegimeDetector", "RegimeModelCache", "create_cached_detector"],
    "quantconnect.performance.profiling": ["PerformanceProfiler", "get_global_profiler", "profile_regime_update"],
    "quantconnect.risk_model": ["RegimeRiskManagementModel"],
    "quantconnect.signal_adapter": [
        "MultiAssetSignalAdapter", "RegimeSignalAdapter", "SignalDirection", "SignalStrength", "TradingSignal",
    ],
    "quantconnect.universe_selection": ["MultiRegimeUniverseSelection", "RegimeBasedUniverseSelection"],
}  # fmt: skip
"""Names that documents gave with these modules once."""


@pytest.mark.parametrize("module", FORMER)
def test_former_addresses_lead_to_what_moved(module):
    for name in FORMER[module]:
        found = getattr(importlib.import_module(f"hidden_regime.{module}"), name)
        assert found.__name__ == name
        assert found is getattr(importlib.import_module(found.__module__), name)


def test_nothing_of_ours_uses_a_former_address():
    files = [*SOURCES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
    former = {ROOT.joinpath("hidden_regime", *module.split(".")).with_suffix(".py"): module for module in FORMER}
    modules = [re.escape(module) for path, module in former.items() if path.is_file()]
    assert len(modules) > 10
    old = re.compile(rf"hidden_regime\.({'|'.join(modules)})\b")
    assert [path for path in files if path not in former and path != Path(__file__) and old.search(path.read_text("utf-8"))] == []


def _reached_into(path):
    """Accesses to what an object of another class keeps to itself: `other._name`."""
    own = ("self", "cls")
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Attribute) or not node.attr.startswith("_") or node.attr.startswith("__"):
            continue
        value = node.value
        is_super = isinstance(value, ast.Call) and getattr(value.func, "id", "") == "super"
        if not is_super and not (isinstance(value, ast.Name) and value.id in own):
            found.append(f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)}")
    return found


def test_few_reach_into_what_others_keep_to_themselves():
    found = [line for path in SOURCES for line in _reached_into(path)]
    assert len(found) <= 30, "\n".join(found)
    assert [line for line in found if re.search(r"\b(detector|course)\._(?!replace|asdict)", line)] == []


def test_what_is_reached_into_would_be_found(tmp_path, monkeypatch):
    path = tmp_path / "x.py"
    path.write_text("self._a\nother._b\nsuper()._c\nself.d._e\nother.__class__\n")
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    assert _reached_into(path) == ["x.py:2 other._b", "x.py:4 self.d._e"]
