"""Notebooks run on a kernel: what they report comes back exactly, and how they end is told with cell and line."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec

import pandas as pd
import pytest
from typer.testing import CliRunner

from hidden_regime.cli.notebooks import notebook_app
from hidden_regime.cloud.fake import FakeCloud
from hidden_regime.notebooks import QuantBook, read_report, run_notebook
from hidden_regime.notebooks.reports import Failure
from hidden_regime.simulator.enums import Resolution
from tests.cloud.fake.asking import STRATEGY

NEEDS = pytest.mark.skipif(
    find_spec("nbclient") is None or find_spec("ipykernel") is None,
    reason="nbclient and ipykernel aren't installed: the extra notebooks",
)
pytestmark = NEEDS
CELLS = (
    ("markdown", "# Research"),
    "%load_ext hidden_regime.notebooks\n%run ../start.py\nfrom AlgorithmImports import *",
    ("parameters", "n, who, share = 3, 'MSFT', 0.5"),
    "from hidden_regime.notebooks import QuantBook as ours\n"
    "assert QuantBook is ours\n"
    "qb = QuantBook()\n"
    "qb.set_start_date(2004, 2, 1)\n"
    "asset = qb.add_equity(who).symbol\n"
    "past = qb.history([asset], n, Resolution.DAILY)\n"
    "past",
    "import matplotlib.pyplot as plt\n%matplotlib inline\nplt.plot(past['close'].to_numpy())\nplt.show()",
    "report('n', n)\nreport('who', who)\nreport('share', share)\nreport('past', past)\nreport('nan', [float('nan'), 0.1 + 0.2])\n"
    "report('average', qb.indicator(SimpleMovingAverage(2), asset, n, Resolution.DAILY))\nreport('n', n + 1)",
    "raise ValueError('the end')",
)
PARAMETERS = {"n": 5, "share": 0.1}
ENVIRONMENT = {"HIDDEN_REGIME_DATA": "us_stocks"}


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    from tests.notebooks.conftest import notebook_of

    path = tmp_path_factory.mktemp("books") / "research.ipynb"
    path.write_text(json.dumps(notebook_of(*CELLS)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def ran(book):
    before = book.read_bytes()
    report = run_notebook(book, PARAMETERS, out=book.with_name("ran.ipynb"), data="us_stocks")
    assert book.read_bytes() == before
    return report


def expected():
    """What the notebook reports, made here."""
    from hidden_regime.simulator.indicators import SimpleMovingAverage

    qb = QuantBook("us_stocks")
    qb.set_start_date(2004, 2, 1)
    asset = qb.add_equity("MSFT").symbol
    return qb.history([asset], 5, Resolution.DAILY), qb.indicator(SimpleMovingAverage(2), asset, 5, Resolution.DAILY)


def test_values_are_read_back_exactly(ran):
    past, average = expected()
    assert (ran["n"], ran["who"], ran["share"]) == (6, "MSFT", 0.1)
    assert ran["nan"][1] == 0.1 + 0.2 and ran["nan"][0] != ran["nan"][0]
    found = ran["past"]
    assert found.index.names == ["symbol", "time"] and list(found.index.get_level_values(0)) == ["MSFT"] * 5
    pd.testing.assert_frame_equal(found.loc["MSFT"], pd.DataFrame(past.loc["MSFT"]), check_exact=True)
    pd.testing.assert_frame_equal(ran["average"], average, check_exact=True)


def test_a_failed_cell_is_told_by_its_number_in_the_notebook_and_its_line(ran):
    assert ran.status == "failed" and ran.parameters == PARAMETERS
    assert ran.error == Failure("failed cell", 7, 1, "raise ValueError('the end')", "ValueError", "the end")


def test_the_executed_notebook_is_whole_though_it_failed(ran):
    notebook = json.loads(ran.path.read_text(encoding="utf-8"))
    assert [cell["metadata"].get("tags") for cell in notebook["cells"]][2:4] == [["parameters"], ["injected-parameters"]]
    assert "image/png" in notebook["cells"][5]["outputs"][0]["data"]
    assert notebook["cells"][-1]["outputs"][0]["ename"] == "ValueError"
    assert read_report(ran.path) == ran
    assert [path.name for path in ran.path.parent.iterdir() if path.name.startswith(".")] == []


@pytest.mark.skipif(find_spec("papermill") is None, reason="papermill isn't installed")
def test_papermills_run_of_it_has_an_equal_report(book, ran):
    out = book.with_name("papermills.ipynb")
    given = [part for name, value in PARAMETERS.items() for part in ("-p", name, str(value))]
    command = [sys.executable, "-m", "papermill", str(book), str(out), *given, "--no-progress-bar", "--cwd", str(book.parent)]
    from os import environ

    done = subprocess.run(command, capture_output=True, text=True, env={**environ, **ENVIRONMENT}, check=False)
    assert done.returncode != 0 and "the end" in done.stderr
    assert read_report(out) == ran
    injected = [[cell["source"] for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["metadata"].get("tags") == ["injected-parameters"]]
                for path in (out, ran.path)]  # fmt: skip
    assert ["".join(source).strip() for source in injected[0]] == ["".join(source).strip() for source in injected[1]]


def test_a_cell_that_takes_too_long_is_told(write, tmp_path):
    path = write("report('before', 1)", "x = 1\nimport time\ntime.sleep(60)", "report('after', 1)")
    report = run_notebook(path, {"y": 1}, out=tmp_path / "o.ipynb", cell_timeout=2)
    assert (report.status, report.error.kind, report.error.cell) == (
        "failed",
        "timeout",
        2,
    ) and "2 seconds" in report.error.message
    assert report.values == {"before": 1} and "at the top" in report.notes[0]
    assert read_report(report.path) == report


def test_a_dead_kernel_is_told_by_the_command(write, tmp_path):
    path = write(("markdown", "x"), "report('before', float('inf'))", "import os\nos._exit(3)")
    done = CliRunner().invoke(notebook_app, ["run", str(path), "--out", str(tmp_path / "o.ipynb"), "--json"])
    assert done.exit_code == 1 and "cell 3: dead kernel" in done.output
    report = read_report(tmp_path / "o.ipynb")
    assert (report.error.kind, report.error.cell, report.values) == ("dead kernel", 3, {"before": float("inf")})


def test_a_notebook_creates_awaits_and_reads_a_backtest(write, tmp_path, monkeypatch):
    path = write(
        ("parameters", "source = ''"),
        "project = api.create_project('mine').project_id\n"
        "files = {file.name for file in api.read_project_files(project)}\n"
        "(api.UpdateProjectFileContent if 'main.py' in files else api.add_project_file)(project, 'main.py', source)\n"
        "build = api.create_compile(project)\n"
        "import time\n"
        "while api.read_compile(project, build.compile_id).state == 'InQueue':\n    time.sleep(0.2)\n"
        "begun = api.create_backtest(project, build.compile_id, 'first', {'days': 5})",
        "found = api.wait_for_backtest(project, begun.backtest_id, timeout=120)\n"
        "again = api.ReadBacktest(project, begun.backtest_id)\n"
        "report('done', again.done)\n"
        "report('figures', again.fractions)\n"
        "report('orders', [(order.symbol, float(order.quantity)) for order in api.read_backtest_orders(project, begun.backtest_id)])\n"
        "report('listed', [one.backtest_id == begun.backtest_id for one in api.list_backtests(project)])",
    )
    with FakeCloud(tmp_path / "cloud", user_id="7") as server:
        given = {
            "QC_API_URL": server.url,
            "QC_USER_ID": "7",
            "QC_API_TOKEN": "practice",
            "HIDDEN_REGIME_STATE": str(tmp_path / "state"),
        }
        report = run_notebook(path, {"source": STRATEGY}, out=tmp_path / "o.ipynb", environment=given, timeout=200)
    assert report.error is None, str(report.error)
    assert report["done"] and report["listed"] == [True]
    assert report["figures"]["Total Orders"] == len(report["orders"]) > 0
