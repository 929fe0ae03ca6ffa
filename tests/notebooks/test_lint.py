"""A notebook is read for calls that don't exist, with the cell and line of each."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from hidden_regime.cli.notebooks import notebook_app
from hidden_regime.exceptions import DataError
from hidden_regime.notebooks import lint


def told(path):
    return [(one.cell, one.line, one.kind) for one in lint(path)]


def test_the_two_calls_that_never_existed_are_found_with_cell_and_line(write):
    path = write(
        ("markdown", "# Research"),
        "from AlgorithmImports import *\nqb = QuantBook()",
        'result = 1\n\nfound = qb.Backtest("mine")',
        'best = qb.Optimize(\n    "mine")',
    )
    found = lint(path)
    assert [(one.cell, one.line, one.kind) for one in found] == [(3, 3, "error"), (4, 1, "error")]
    assert "api.create_backtest" in found[0].message and "hidden-regime qc backtest" in found[0].message
    assert "api.create_optimization" in found[1].message and "hidden-regime qc optimize" in found[1].message
    done = CliRunner().invoke(notebook_app, ["lint", str(path)])
    assert done.exit_code == 1
    assert f"{path}: cell 3 line 3: error: qb.Backtest doesn't exist" in done.output
    assert f"{path}: 2 errors." in done.output


def test_a_notebook_of_what_there_is_has_no_findings(write):
    path = write(
        "%matplotlib inline\n%run ../start.py\nfrom AlgorithmImports import *\nqb = QuantBook()",
        "spy = qb.AddEquity('SPY').Symbol\nh = qb.history(spy, 360, Resolution.DAILY)\nqb.Indicator(RelativeStrengthIndex(14), spy, 30, Resolution.DAILY)",
        "qb.own = 5\nqb.own, qb.set_start_date(2020, 1, 1), qb.Securities.Keys, qb.object_store, qb.sma(spy, 3), qb.__class__",
        "api.read_backtest(1, 'a'), api.ReadOptimization('b'), api.client, api.create_backtest(1, 'c', 'd')",
    )
    assert lint(path) == []
    assert CliRunner().invoke(notebook_app, ["lint", str(path)]).exit_code == 0


def test_what_lean_alone_has_is_no_error(write):
    path = write("qb = QuantBook()\nqb.add_future('ES')\nqb.GetFundamental('SPY')\napi.read_live_logs(1)")
    assert told(path) == [(1, 2, "lean-only"), (1, 3, "lean-only"), (1, 4, "lean-only")]
    assert CliRunner().invoke(notebook_app, ["lint", str(path)]).exit_code == 0


@pytest.mark.parametrize(
    ("line", "hint"),
    [("qb.histroy(1)", "history"), ("qb.addEquity('SPY')", "add_equity or AddEquity"), ("api.read_backtst(1)", "read_backtest"),
     ("qb.walk_forward()", "hidden-regime walk-forward"), ("qb.ReadBacktest(1)", "api.read_backtest"), ("QuantBook().Backtest()", "api.create_backtest")],
)  # fmt: skip
def test_a_finding_says_what_to_use(write, line, hint):
    found = lint(write(f"qb = QuantBook()\n{line}"))
    assert len(found) == 1 and (found[0].line, found[0].kind) == (2, "error") and hint in found[0].message


def test_a_book_is_followed_through_names(write):
    path = write("class Study:\n    def __init__(self):\n        self.book = QuantBook()\n        self.book.Backtest()", "other = QuantBook()\nalias = other\nalias.Optimize()",
                 "def look(qb):\n    qb.Backtest()", "other = 5\nother.Backtest()", "qb = object()\nqb.Backtest()")  # fmt: skip
    assert told(path) == [(1, 4, "error"), (2, 3, "error"), (3, 2, "error")]


def test_magics_are_taken_out_and_lines_keep_their_numbers(write):
    path = write(
        "%matplotlib inline\n!ls 'it \\\n  more\nfiles = !ls\nx = %time 5\nlist?\n?list\nif True:\n    %time y = 1\n    qb.Backtest()",
        "%%time\nqb.Backtest()",
        "%%bash\nfor x in (",
        "text = '''\n%not a magic\n!nor this'''\nprint('%s'\n  % qb.Backtest())",
        "await qb.Backtest()",
    )
    assert told(path) == [(1, 10, "error"), (2, 2, "error"), (4, 5, "error"), (5, 1, "error")]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("x = 1\ndef f(:\n    pass", 2),
        ("x = 1\nreturn 5", 2),
        ("x = (1,\n", 1),
        ("for x in y:\nprint(x)", 2),
        ("x = 1\n  y = 2", 2),
    ],
)
def test_a_syntax_error_has_its_cell_and_line(write, source, line):
    found = lint(write(("markdown", "x"), source))
    assert [(one.cell, one.line, one.kind) for one in found] == [(2, line, "error")]
    assert "Python can't read the cell" in found[0].message


def test_a_star_import_behind_the_book_is_told(write):
    assert told(write("qb = QuantBook()", "from AlgorithmImports import *")) == [(2, 1, "warning")]
    assert told(write("from AlgorithmImports import *\nqb = QuantBook()", "from AlgorithmImports import Resolution")) == []


def test_several_notebooks_and_json(write):
    bad, good = write("qb.Backtest()", name="bad.ipynb"), write("qb.history(1)", name="good.ipynb")
    done = CliRunner().invoke(notebook_app, ["lint", str(good), str(bad), "--json"])
    assert done.exit_code == 1
    assert [(one["path"], one["cell"], one["line"]) for one in json.loads(done.output)] == [(str(bad), 1, 1)]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"cells": 5}', '{"cells": [5]}', "not json"])
def test_what_is_no_notebook_is_refused(tmp_path, content):
    path = tmp_path / "x.ipynb"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"expected a notebook"):
        lint(path)
    with pytest.raises(DataError):
        lint(tmp_path / "absent.ipynb")
