"""Every code block of the pages runs: doctests by themselves, strategies in the engine, commands as they stand."""

from __future__ import annotations

import ast
import configparser
import json
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hidden_regime.cli.main import app
from hidden_regime.data import LeanFolder, open_market
from hidden_regime.simulator import run_file
from hidden_regime.simulator.static import check_file
from tests.conftest import CASES

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "OPTIMIZATION_GUIDE.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ELSEWHERE = ("pip install", "python -m venv", "lean cloud push", "python -m benchmarks", "python docs/", "pytest")
"""What a test can't run here: it installs, pushes or measures. CI runs the README's own set-up."""
OWN = ("hidden-regime lean-check backtests",)
"""What compares with results of the reader's own LEAN: the tests of the command have some."""
OUTPUT = {"engine.md": ["1 part differs"], "OPTIMIZATION_GUIDE.md": []}


def blocks():
    for page in PAGES:
        for n, (kind, text) in enumerate(BLOCK.findall(page.read_text())):
            # A block of commands with their output is part of a story: tests/test_docs_cloud.py tells it.
            if ">>>" not in text and not (kind == "console" and text.startswith("$ ")):
                yield pytest.param(page, kind, text, id=f"{page.name}-{n}")


@pytest.fixture(scope="module")
def market():
    return open_market("us_stocks")


@pytest.mark.parametrize(("page", "kind", "text"), list(blocks()))
def test_a_block_runs(page, kind, text, market, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if kind == "python":
        _python(text, market, tmp_path)
    elif kind == "json":
        json.loads(text)
    elif kind == "toml":
        tomllib.loads(text)
    elif kind == "ini":  # units of systemd, whose keys know large and small letters
        units = configparser.ConfigParser(interpolation=None)
        units.read_string(text)
        assert all(units[section] for section in units.sections())
    else:
        assert kind in ("", "bash", "console"), f"{page.name}: a block of kind {kind!r} that no test runs"
        for line in text.splitlines():
            _command(line, page, tmp_path)


def _python(text, market, folder):
    tree = ast.parse(text)
    strategies = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    if not strategies:
        subprocess.run([sys.executable, "-c", text], check=True, cwd=folder)
        return
    path = folder / "strategy.py"
    path.write_text(text)
    assert [finding for finding in check_file(path) if finding.kind == "error"] == []
    pairs = "add_crypto" in text or "add_forex" in text  # of which the packaged stocks have none
    done = run_file(path, LeanFolder(CASES / "data", synthetic=True) if pairs else market)
    assert done.error is None, repr(done.error)
    assert done.algorithm._sim.book.orders


def _command(line, page, folder):
    if not line.strip() or line.startswith(("#", " ")) or any(word in line for word in (*ELSEWHERE, *OWN)):
        return
    if not line.startswith("hidden-regime"):
        assert any(line.startswith(known) for known in OUTPUT.get(page.name, ())) or (page.name, line[:7]) == (
            "engine.md",
            "orders[",
        ), line
        return
    arguments = line.split("#")[0].split()[1:]
    for place, argument in enumerate(arguments):
        if argument.endswith(".py") and not Path(argument).exists():
            (folder / argument).write_text(_readme_strategy())
        if argument == "lean_data" and arguments[:2] == ["data", "check"]:
            CliRunner().invoke(app, ["data", "to-lean", "us_stocks", "lean_data"])
        if argument == "--check" and arguments[0] == "bundle":
            arguments[place:] = ["--check", "--python", sys.executable]  # without an environment of LEAN's versions
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, f"{line}\n{done.output}"


def _readme_strategy():
    return next(text for kind, text in BLOCK.findall((ROOT / "README.md").read_text()) if kind == "python" and "class " in text)


def test_links_and_pictures_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_pictures_are_those_that_the_script_draws(tmp_path):
    subprocess.run([sys.executable, "-W", "ignore", str(ROOT / "docs" / "make_pictures.py"), str(tmp_path)], check=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(p.name for p in (ROOT / "docs" / "pictures").iterdir())


def test_the_gallery_shows_what_its_script_photographs():
    pages = runpy.run_path(str(ROOT / "docs" / "make_gallery.py"))["PAGES"]
    text = (ROOT / "docs" / "gallery.md").read_text()
    assert {f"{name}.png" for name in pages} == {path.name for path in (ROOT / "docs" / "gallery").iterdir()}
    assert {f"gallery/{name}.png" for name in pages} == set(re.findall(r"gallery/[\w-]+\.png", text))


def test_every_public_name_is_in_the_reference():
    """What the package's faces offer is on some page of the reference."""
    import hidden_regime
    import hidden_regime.quantconnect as quantconnect

    text = "".join(p.read_text() for p in (ROOT / "docs" / "reference").glob("*.md"))
    targets = re.findall(r"^::: (\S+)", text, re.MULTILINE)
    for face in (hidden_regime, quantconnect):
        for name, home in face._HOMES.items():
            found = getattr(face, name)
            where = getattr(found, "__module__", home)
            assert (
                any(t in (home, f"{home}.{name}", where, f"{where}.{name}") for t in targets)
                or name == "OptimizedMultiAssetExample"
            ), name


@pytest.mark.parametrize("notebook", sorted((ROOT / "docs" / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_a_notebook_is_kept_with_its_output_and_runs(notebook):
    cells = [cell for cell in json.loads(notebook.read_text())["cells"] if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in cells)
    assert not any(output["output_type"] == "error" for cell in cells for output in cell["outputs"])
    pytest.importorskip("nbmake", reason="nbmake runs notebooks: pip install nbmake")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbmake", "-c", "/dev/null", str(notebook)],
        capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
