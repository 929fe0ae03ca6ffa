"""What needs no kernel: parameters, lines of failures, reports of notebooks that others saved, and the cloud's names."""

from __future__ import annotations

import ast
import json
import math

import pytest
from typer.testing import CliRunner

from hidden_regime.cli.notebooks import notebook_app
from hidden_regime.cloud.errors import BudgetExceeded
from hidden_regime.exceptions import DataError, ParameterError, UnsupportedError
from hidden_regime.notebooks import read_report, run_notebook
from hidden_regime.notebooks.kernel.api import Api
from hidden_regime.notebooks.kernel.failing import TIMED, line_of
from hidden_regime.notebooks.running.parameters import code_of, parameter_of
from tests.notebooks.conftest import notebook_of
from tests.notebooks.test_running import NEEDS


@pytest.mark.parametrize("value", [None, True, 5, -0.1, "a'b\"\n\\", [1, [2.0]], (1,), (), {"a": [None], 2: "x"}], ids=repr)
def test_a_parameter_is_written_as_code_that_gives_it(value):
    names: dict = {}
    exec(code_of({"given": value}), names)
    assert repr(names["given"]) == repr(value)


def test_numbers_that_are_none_are_written_too():
    names: dict = {}
    exec(code_of({"a": math.nan, "b": -math.inf}), names)
    assert math.isnan(names["a"]) and names["b"] == -math.inf
    ast.parse(code_of({}))


@pytest.mark.parametrize(("name", "value"), [("1x", 1), ("for", 1), ("x = 1; y", 1), ("a", object()), ("a", [object()]), (5, 1)])
def test_what_python_cannot_assign_is_refused(name, value):
    with pytest.raises(ParameterError, match="parameters"):
        code_of({name: value})


def test_the_commands_values_are_read_as_papermill_reads_them():
    papermill = pytest.importorskip("papermill.cli", reason="papermill isn't installed")
    for text in ("True", "False", "true", "None", "5", "-5", "1e-3", "0.5", "", "SPY", "1_000", "nan", "0x10", "[1]"):
        assert repr(parameter_of(text)) == repr(papermill._resolve_type(text)), text


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("x = 1\ny = 1 / 0", 2),
        ("def f():\n    return 1 / 0\n\nf()", 2),
        ("import json\n\njson.loads('{')", 3),
        ("x = [\n  1,\n  1 / 0,\n]", 3),
    ],
)
def test_the_line_is_the_deepest_one_of_the_cell_itself(cell, line):
    names: dict = {}
    with pytest.raises((ArithmeticError, ValueError)) as told:
        exec(compile(cell, "a cell", "exec"), names)
    assert line_of(told.value, names) == line


def test_lines_of_other_cells_of_timed_ones_and_of_no_cell():
    names: dict = {}
    exec(compile("\n\n\ndef f():\n    return 1 / 0", "first", "exec"), names)
    with pytest.raises(ZeroDivisionError) as told:
        exec(compile("x = 1\nf()", "second", "exec"), names)
    assert line_of(told.value, names) == 2
    with pytest.raises(ZeroDivisionError) as told:
        exec(compile("1 / 0", TIMED, "exec"), names)
    assert line_of(told.value, names) == 2
    with pytest.raises(SyntaxError) as told:
        compile("x = 1\nx = = 1", "third", "exec")
    assert line_of(told.value, names) == 2
    assert line_of(ValueError(), names) is None


def test_a_notebook_that_nobody_ran_and_one_that_somebody_saved(tmp_path):
    path = tmp_path / "x.ipynb"
    notebook = notebook_of("a = 1", "b = 1 / 0")
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert read_report(path).status == "not run"
    notebook["cells"][0]["execution_count"] = 1
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert read_report(path).status == "completed"
    error = {"output_type": "error", "ename": "ZeroDivisionError", "evalue": "division by zero", "traceback": []}
    notebook["cells"][1]["outputs"] = [error]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    found = read_report(path)
    assert (found.status, found.error.cell, found.error.line, found.error.error) == ("failed", 2, None, "ZeroDivisionError")
    notebook["cells"][1]["metadata"]["tags"] = ["raises-exception"]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert read_report(path).status == "completed"


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"cells": 5}', '{"cells": [5]}', '{"cells": [], "metadata": {"hidden_regime": {"error": 5}}}']
)
def test_what_is_no_notebook_is_no_report(tmp_path, content):
    path = tmp_path / "x.ipynb"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError):
        read_report(path)


@NEEDS
def test_arguments_that_cannot_be_are_refused_before_a_kernel_starts(write, tmp_path):
    path = write("x = 1")
    for said, given in (("out", {"out": path}), ("out", {"out": tmp_path / "no" / "x.ipynb"}), ("timeout", {"out": tmp_path / "o", "timeout": 0}),
                        ("cell_timeout", {"out": tmp_path / "o", "cell_timeout": float("nan")})):  # fmt: skip
        with pytest.raises(ParameterError, match=said):
            run_notebook(path, **given)
    with pytest.raises(DataError):
        run_notebook(tmp_path / "absent.ipynb", out=tmp_path / "o")
    done = CliRunner().invoke(notebook_app, ["run", str(path), "-p", "a=1", "-r", "a=2", "--out", str(tmp_path / "o.ipynb")])
    assert done.exit_code == 2 and "each name once" in done.output
    with pytest.raises(ParameterError, match="kernel"):
        run_notebook(path, out=tmp_path / "o", kernel="no such kernel")


class Groups:
    """Stands for a server that estimates a cost."""

    def __init__(self):
        self.optimizations, self.sent = self, []

    def estimate(self, spec):
        self.spec = spec
        return type("Quote", (), {"dollars": 0.5})

    def create(self, spec, budget):
        self.sent.append((spec, budget))
        return "begun"


def test_a_search_is_described_in_leans_words_and_never_dearer_than_said():
    groups = Groups()
    api = Api(groups, "the budget")
    asked = (
        7,
        "mine",
        "TotalPerformance.PortfolioStatistics.SharpeRatio",
        "max",
        None,
        "",
        "c",
        [{"name": "fast", "min": 5, "max": 15, "step": 5}],
        ["Drawdown <= 25%"],
    )
    with pytest.raises(BudgetExceeded, match="Nothing was sent"):
        api.create_optimization(*asked, estimated_cost=0.4)
    assert groups.sent == []
    assert api.CreateOptimization(*asked, estimatedCost=0.6, nodeType="O4-12") == "begun"
    spec, budget = groups.sent[0]
    assert budget == "the budget" and (spec.n_backtests, spec.node_type, spec.project_id) == (3, "O4-12", 7)
    fields = spec.fields()
    assert fields["parameters"] == [{"name": "fast", "min": 5.0, "max": 15.0, "step": 5.0}]
    assert fields["constraints"] == [
        {"target": "TotalPerformance.PortfolioStatistics.Drawdown", "operator": "LessOrEqual", "targetValue": 0.25}
    ]
    with pytest.raises(ParameterError, match="parameters"):
        api.create_optimization(*asked[:7], [{"name": "fast"}])


def test_names_of_the_api():
    api = Api()
    with pytest.raises(AttributeError, match="Did you mean read_backtest"):
        api.read_backtst
    with pytest.raises(UnsupportedError, match=r"api\.client"):
        api.ReadLiveLogs
    assert not hasattr(api, "read_live_logs")
