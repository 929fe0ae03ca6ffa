"""Plans, folders and pages of portfolios, and the command."""

from __future__ import annotations

import json
import sys
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from hidden_regime.cli.main import app
from hidden_regime.exceptions import DataError, MissingDependencyError, ParameterError, StudyError
from hidden_regime.experiments import walk_forward
from hidden_regime.operation.portfolio import Plan, build_portfolio, read_plan
from hidden_regime.operation.portfolio.plan import plan_of
from tests.experiments.small import HOLD, three_years, without_pages
from tests.operation.portfolio.test_weights import ASKED, panel


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=12).filter(lambda one: sum(one) > 0), st.floats(0.01, 1.0))
def test_weights_become_a_plan_that_never_gives_more_away(values, total):
    weights = np.array(values) / sum(values)
    plan = plan_of({f"s{i}": float(one) for i, one in enumerate(weights)}, total)
    assert Decimal(str(total)) - len(values) * Decimal("0.0001") <= plan.total <= Decimal(str(total)) + Decimal("1e-12")
    assert sum(plan.amounts(Decimal("999.99")).values()) <= Decimal("999.99")


@given(st.lists(st.text(min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=4, unique=True))
def test_a_plan_is_read_as_it_was_written(tmp_path_factory, names):
    plan = Plan({name: Decimal("0.2") for name in names})
    path = tmp_path_factory.mktemp("plan") / "plan.toml"
    plan.write(path)
    assert read_plan(path) == plan


@pytest.mark.parametrize(
    ("text", "said"),
    [("[[strategy]]\nname = 'a'\nshare = 0.7\n[[strategy]]\nname = 'b'\nshare = 0.31\n", "a sum of at most 1"),
     ("[[strategy]]\nname = 'a'\nshare = -0.1\n", "from 0 to 1"), ("[[strategy]]\nname = 'a'\nshare = nan\n", "from 0 to 1"),
     ("[[strategy]]\nname = 'a'\nshare = 0.1\n[[strategy]]\nname = 'a'\nshare = 0.1\n", "each strategy once"),
     ("[[strategy]]\nname = 'a'\nshaer = 0.1\n", "one of name, share"), ("", "at least one table")],
)  # fmt: skip
def test_plans_that_cannot_be_are_refused(tmp_path, text, said):
    (tmp_path / "plan.toml").write_text(text)
    with pytest.raises(DataError, match=said):
        read_plan(tmp_path / "plan.toml")


def test_ten_tenths_are_all_of_it():
    assert Plan({str(i): Decimal("0.1") for i in range(10)}).cash == 0
    with pytest.raises(ParameterError, match="at most 1"):
        Plan({"a": Decimal("1"), "b": Decimal("0.0001")})


def test_files_are_equal_and_without_markup_from_outside(tmp_path):
    results = [panel()[0].rename("<b>one"), panel()[1]]
    found = build_portfolio(results, "hrp", **ASKED)
    first, second = found.write(tmp_path / "a"), build_portfolio(results, "hrp", **ASKED).write(tmp_path / "b")
    assert [path.name for path in first] == ["plan.toml", "portfolio.json", "report.html", "returns.csv", "weights.csv"]
    assert all(one.read_bytes() == other.read_bytes() for one, other in zip(first, second, strict=True))
    page = (tmp_path / "a" / "report.html").read_text(encoding="utf-8")
    assert "<b>one" not in page and "equal weights" in page
    told = json.loads((tmp_path / "a" / "portfolio.json").read_text())
    assert told["schema"] == "hidden-regime/portfolio/1"
    assert told["latest"] == found.latest and set(told["equal"].values()) == {0.5}
    assert pd.read_csv(tmp_path / "a" / "weights.csv", index_col="date").to_numpy() == pytest.approx(
        found.weights.to_numpy(), abs=1e-9
    )
    assert read_plan(tmp_path / "a" / "plan.toml").total <= 1
    with pytest.raises(StudyError, match="holds another portfolio"):
        build_portfolio(results, "equal", **ASKED).write(tmp_path / "a")


def test_without_skfolio_the_extra_is_named(monkeypatch):
    monkeypatch.delitem(sys.modules, "hidden_regime.operation.portfolio.models", raising=False)
    for name in [one for one in sys.modules if one.split(".")[0] == "skfolio"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "skfolio", None)
    import hidden_regime.operation.portfolio as portfolio

    monkeypatch.delattr(portfolio, "models", raising=False)
    with pytest.raises(MissingDependencyError, match=r"hidden-regime\[portfolio\]"):
        build_portfolio(panel(), "hrp", **ASKED)
    assert set(build_portfolio(panel(n=2), "equal", **ASKED).latest.values()) == {0.5}


def call(*arguments):
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    return done.exit_code, done.output


def test_the_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for place, retrain in enumerate(("quarterly", "never")):
        code, said = call(
            "backtest",
            "basic_regime_switching",
            "--end",
            "2002-12-31",
            "-p",
            f"retrain={retrain}",
            "--quiet",
            "--no-report",
            "--out",
            f"r{place}",
        )
        assert code == 0, said
    code, said = call(
        "portfolio", "build", "r0", "r1", "--method", "min-vol", "--covariance", "regime", "--market", "sp500", "--json"
    )
    assert code == 0, said
    told = json.loads(said)
    assert sum(told["latest"].values()) == pytest.approx(1.0)
    assert [line["name"] for line in told["lines"]][:3] == ["min-vol, regime", "min-vol, ledoit-wolf", "equal weights"]
    code, said = call("portfolio", "build", "r0", "r1", "--method", "equal")
    assert code == 0 and "50.0%" in said and (tmp_path / "results").is_dir()
    plan = next((tmp_path / "results").glob("portfolio-min*")) / "plan.toml"
    assert call("portfolio", "plan", plan, "--money", "1e300")[0] == 2
    code, said = call("portfolio", "plan", plan, "--money", "1000")
    assert code == 0 and "cash" in said
    (tmp_path / "plan.toml").write_text("[[strategy]]\nname = 'a'\nshare = 1.01\n")
    for wrong in (["build", "r0"], ["build", "r0", "nothing"], ["build", "r0", "r1", "--method", "x"], ["plan", "plan.toml"]):
        code, said = call("portfolio", *wrong)
        assert code == 2 and "expected" in said, said


def test_walk_forwards_are_out_of_sample_for_certain(tmp_path, monkeypatch):
    without_pages(monkeypatch)
    folders = []
    for share in (0.4, 0.9):
        (tmp_path / f"hold_{share}.py").write_text(HOLD.replace("0.5", str(share)))
        found = walk_forward(
            tmp_path / f"hold_{share}.py", {"every": [1]}, data=three_years(), is_months=3, oos_months=6, method="grid", workers=1,
            store=None, start=date(2011, 1, 1), end=date(2011, 9, 30),
        )  # fmt: skip
        folders.append(tmp_path / f"walk_{share}")
        found.save(folders[-1])
    weights = build_portfolio(folders, "min-vol", min_days=60, n_resamples=100)
    assert weights.notes == ()
    assert weights.latest["hold_0.4, out of sample"] > 0.9  # the same market with less of it
