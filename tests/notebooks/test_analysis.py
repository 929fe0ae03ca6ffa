"""Shipped notebooks run over real results, and report the figures that stand in the folder."""

from __future__ import annotations

import json
from datetime import date

import pandas as pd
import pytest
from typer.testing import CliRunner

from hidden_regime.cli.notebooks import notebook_app
from hidden_regime.exceptions import ParameterError, StudyError
from hidden_regime.experiments import optimize, walk_forward
from hidden_regime.notebooks import lint, new_notebook, read_report
from hidden_regime.notebooks.analysis import KINDS
from hidden_regime.research import tables
from hidden_regime.research.backtest import collect
from hidden_regime.simulator import run_file
from tests.experiments.small import HOLD, three_years, without_pages, write_strategy
from tests.notebooks.test_running import NEEDS

SPACE = {"share": "0.2:0.8:0.6", "every": [2, 3]}
RANGE = {"start": date(2010, 1, 4), "end": date(2012, 12, 31)}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    home = tmp_path_factory.mktemp("results")
    path = write_strategy(home, HOLD, "hold.py")
    (home / "backtest").mkdir()
    tables.write(collect(run_file(path, three_years(), **RANGE), "hold"), home / "backtest")
    with pytest.MonkeyPatch.context() as patch:
        without_pages(patch)
        usual = {"data": three_years(), "method": "grid", "workers": 1, "store": home / "store", **RANGE}
        optimize(path, SPACE, out=home / "optimization", **usual)
        walk_forward(path, SPACE, out=home / "walk-forward", **usual)
    return home


@pytest.fixture(scope="module")
def reports(results):
    """Each kind's report, of the command."""
    found = {}
    for kind in KINDS:
        assert CliRunner().invoke(notebook_app, ["new", kind, str(results / kind)]).exit_code == 0
        book, out = results / kind / f"{kind}.ipynb", results / f"{kind}.ipynb"
        assert lint(book) == []
        done = CliRunner().invoke(notebook_app, ["run", str(book), "--out", str(out)])
        assert done.exit_code == 0, done.output
        found[kind] = read_report(out)
        assert found[kind].status == "completed"
    return found


@NEEDS
def test_a_backtests_notebook_reports_what_its_folder_holds(results, reports):
    found, folder = reports["backtest"], results / "backtest"
    texts = json.loads((folder / "statistics.json").read_text(encoding="utf-8"))["statistics"]
    assert found["statistics"]["Total Orders"] == float(texts["Total Orders"]) > 0
    assert found["statistics"]["Net Profit"] == pytest.approx(float(texts["Net Profit"].rstrip("%")) / 100, abs=1e-12)
    equity = pd.read_csv(folder / "equity.csv", index_col="date", parse_dates=["date"])
    assert found["equity"]["equity"].tolist() == equity["equity"].tolist()
    assert found["total_return"] == pytest.approx(equity["equity"].iloc[-1] / equity["equity"].iloc[0] - 1, rel=1e-12)
    assert found["orders"] == len(pd.read_csv(folder / "orders.csv"))


@NEEDS
def test_a_searchs_notebook_reports_what_its_folder_holds(results, reports):
    found = reports["optimization"]
    told = json.loads((results / "optimization" / "study.json").read_text(encoding="utf-8"))
    assert found["n_trials"] == len(found["trials"]) == 4
    assert found["best_value"] == max(found["trials"]["objective_Sharpe Ratio"])
    assert found["best_parameters"] == told["best_params"]
    assert found["dsr"] == told["luck"]["dsr"]


@NEEDS
def test_a_walk_forwards_notebook_reports_what_its_folder_holds(results, reports):
    found = reports["walk-forward"]
    told = json.loads((results / "walk-forward" / "windows.json").read_text(encoding="utf-8"))
    assert found["n_windows"] == len(told["windows"]) > 2
    assert found["windows"]["oos_return"].tolist() == [one["oos_return"] for one in told["windows"]]
    assert found["out_of_sample"] == told["figures"]["out_of_sample"][0]
    assert found["total_return"] == pytest.approx(found["curve"].iloc[-1] - 1)


def test_a_notebook_is_written_only_beside_such_results_and_never_over_one(tmp_path):
    with pytest.raises(ParameterError, match="kind"):
        new_notebook("study", tmp_path)
    with pytest.raises(StudyError, match=r"holds no statistics\.json"):
        new_notebook("backtest", tmp_path)
    (tmp_path / "statistics.json").write_text("{}", encoding="utf-8")
    path = new_notebook("backtest", tmp_path)
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(StudyError, match="there already"):
        new_notebook("backtest", tmp_path)
    assert path.read_text(encoding="utf-8") == "mine"
    done = CliRunner().invoke(notebook_app, ["new", "walk-forward", str(tmp_path)])
    assert done.exit_code == 2 and "windows.json" in done.output
