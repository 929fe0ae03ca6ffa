"""`lean-check`: a strategy against LEAN, read or run."""

from __future__ import annotations

import json
import lzma
import shutil

import pytest
from typer.testing import CliRunner

from hidden_regime.cli.main import app
from hidden_regime.data import LeanFolder
from hidden_regime.simulator import result, run_file
from tests.conftest import CASES

runner = CliRunner()


def call(*arguments):
    return runner.invoke(app, ["lean-check", *(str(a) for a in arguments)])


@pytest.fixture
def cases(tmp_path):
    """Two cases with their strategies and data around them, as a project keeps them."""
    for folder in ("expected", "algorithms"):
        (tmp_path / folder).mkdir()
    chosen = sorted((CASES / "expected").glob("r0[34]*.xz"))
    for path in chosen:
        shutil.copy(path, tmp_path / "expected")
        name = json.loads(lzma.decompress(path.read_bytes()))["algorithm"]
        shutil.copy(CASES / "algorithms" / name, tmp_path / "algorithms")
    (tmp_path / "data").symlink_to(CASES / "data")
    return tmp_path / "expected"


@pytest.fixture
def results(tmp_path):
    """A folder as LEAN's command leaves it: results under an id, and a copy of the code."""
    folder = tmp_path / "project" / "backtests" / "2026-01-05_10-00-00"
    strategy = CASES / "algorithms" / "r02_momentum_rotation.py"
    result.write(run_file(strategy, LeanFolder(CASES / "data", synthetic=True)), folder, "1741012345")
    (folder / "1741012345-summary.json").unlink()
    (folder / "code").mkdir()
    shutil.copy(strategy, folder / "code" / "main.py")
    (tmp_path / "data").symlink_to(CASES / "data")
    return folder


def test_a_folder_of_results_needs_nothing_but_itself(results):
    out = call(results)
    assert out.exit_code == 0, out.output
    assert out.output.startswith("equal: ")


def test_a_changed_order_is_shown_with_both_values(results):
    path = results / "1741012345.json"
    found = json.loads(path.read_text())
    order = next(iter(found["orders"].values()))
    was = order["quantity"]
    order["quantity"] += 1
    path.write_text(json.dumps(found))
    out = call(results)
    assert out.exit_code == 1
    assert out.output.startswith("1 part differs. LEAN's run has")
    assert f"quantity: LEAN {was + 1}\n" in out.output
    assert f"here {was}\n" in out.output


def test_a_folder_of_cases_is_checked_case_by_case(cases):
    n = len(list(cases.iterdir()))
    out = call(cases)
    assert out.exit_code == 0, out.output
    assert f"{n} of {n} cases are equal." in out.output
    first = min(cases.iterdir())
    first.write_bytes(b"no case")
    out = call(cases)
    assert out.exit_code == 1
    assert f"{first.name}: error: " in out.output
    assert f"{n - 1} of {n} cases are equal." in out.output


@pytest.mark.parametrize("change", [{"charts": []}, {"orders": 5}, {"statistics": None, "state": []}, {"totalPerformance": 1}])
def test_garbled_results_are_named_and_are_no_difference(results, change):
    path = results / "1741012345.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    out = call(results)
    assert (out.exit_code, "can't be read as results of LEAN's" in out.output.replace("\n", " ")) == (2, True), out.output


def test_what_is_missing_is_named(tmp_path, cases):
    (tmp_path / "empty").mkdir()
    for target, words in (
        (tmp_path / "empty", "holds neither results nor cases"),
        (cases / "none.json", "expected a case"),
    ):
        out = call(target)
        assert out.exit_code == 2, out.output
        assert words in out.output.replace("\n", " ")
    (tmp_path / "data").unlink()
    assert "--data FOLDER" in call(cases).output


def test_static_lists_what_lean_does_without_a_word(tmp_path):
    path = tmp_path / "main.py"
    path.write_text(
        "from AlgorithmImports import *\nimport threading\n\n\nclass B(QCAlgorithm):\n    def initialize(self):\n        pass\n\n\n"
        "class A(QCAlgorithm, dict):\n    def Initialize(self):\n        threading.Thread(target=self.go).start()\n"
    )
    out = call("--static", path)
    assert out.exit_code == 1
    assert f"{path}:10: error:" in out.output.replace("\n", "") or ":10: error:" in out.output
    path.write_text(
        "from AlgorithmImports import *\n\n\nclass A(QCAlgorithm):\n    def initialize(self):\n        self.set_cash(1)\n"
    )
    out = call("--static", path)
    assert (out.exit_code, "nothing found" in out.output) == (0, True)
