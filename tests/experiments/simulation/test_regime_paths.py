"""Paths of the engine as a simulation: with paths that were made by hand, and once with those of a market."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("arch")

from hidden_regime.exceptions import StudyError
from hidden_regime.experiments import monte_carlo, regime_paths
from hidden_regime.experiments.regime_paths import EnginePaths
from hidden_regime.experiments.result import Result
from hidden_regime.experiments.simulation import read_simulation
from tests.experiments.pages.test_pages import text_of
from tests.experiments.small import HOLD, market, three_years, write_strategy

DAYS = pd.bdate_range("2020-01-01", periods=5, name="date")


def made(statuses=("complete", "no orders", "failed", "complete"), **changed):
    """Paths over five days: one that doubles, one that stays, one that failed, one that loses all."""
    rows = {"complete": [100.0, 120.0, 90.0, 150.0, 200.0], "no orders": [100.0] * 5, "failed": [np.nan] * 5}
    equity = np.array([rows[status] for status in statuses])
    if len(statuses) > 3:
        equity[3] = [100.0, 50.0, -10.0, 80.0, 80.0]
    benchmark = np.tile([50.0, 50.0, 50.0, 50.0, 60.0], (len(statuses), 1))
    frame = pd.DataFrame({"equity": [100.0, 101.0, 99.0, 102.0, 110.0], "benchmark": 1.0}, index=DAYS)
    own = Result("hold", {}, {}, {}, frame, pd.DataFrame(), pd.DataFrame())
    errors = tuple("ValueError: no" if status == "failed" else "" for status in statuses)
    orders = np.array([3 if status == "complete" else 0 for status in statuses])
    again = {"n_days": 5000, "means": [[0.0001, -0.01], [0.0, 0.02]], "stay": [0.001, -0.004]}
    model = {"n_states": 2, "names": ["Calm", "Wild"], "assets": ["AAA", "BBB"], "lead": ["AAA"], "n_days": 1234, "clipped": 0.0,
             "means": [[0.001, -4.6], [-0.002, -3.7]], "stay": [0.98, 0.9], "refit": again, "method": "days"}  # fmt: skip
    parts = {"model": model, "notes": ("a note",), "id": "x"}
    return EnginePaths(DAYS.to_numpy().astype("datetime64[D]"), equity, benchmark, orders, tuple(statuses), errors, own,
                       **parts | changed)  # fmt: skip


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Simulations of given paths, and what the engine was asked for."""
    path, calls = write_strategy(tmp_path / "s", HOLD, "hold.py"), []

    def simulate(paths, **said):
        def engine_paths(strategy, data, **options):
            calls.append((strategy, data, options))
            return paths

        monkeypatch.setattr(regime_paths, "engine_paths", engine_paths)
        return monte_carlo(path, kind="regime-paths", data=market(benchmark="UP"), store=None, **said)

    simulate.calls, simulate.path = calls, path
    return simulate


def test_idle_paths_are_flat_and_failed_ones_are_counted_and_left_out(asked, tmp_path):
    found = asked(made(), out=tmp_path / "out", ruin=0.6, drawdowns=(0.2,), seed=4, years=2.0, n_states=2, workers=3)
    assert [found.count(status) for status in ("complete", "no orders", "failed")] == [2, 1, 1]
    np.testing.assert_allclose(found.paths["total_return"], [1.0, 0.0, np.nan, -1.0])
    np.testing.assert_allclose(found.paths["drawdown"], [0.25, 0.0, np.nan, 1.0])
    np.testing.assert_allclose(found.paths["n_orders"], [3, 0, 0, 3])
    chances = {one.what: (one.count, one.n) for one in found.probabilities}
    assert chances == {"loss": (1, 3), "ruin": (1, 3), "drawdown": (2, 3), "benchmark": (1, 3)}
    assert found["total_return"].n == 3 and found["sharpe"].n == 2
    assert found["total_return"].source == pytest.approx(0.1) and found["total_return"].place == pytest.approx(2 / 3)
    assert found.notes[0].startswith("1 of 4 paths failed and are left out") and "count as flat" in found.notes[1]
    assert "a note" in found.notes and found.model["n_states"] == 2
    assert read_simulation(tmp_path / "out") == found
    page = found.to_html()
    assert "ValueError: no" in page and "paths on which it ran" in page
    text = text_of(found)
    assert "Regimes of AAA, fitted to 1,234 days. Drawn are AAA, BBB, each day as a whole day of the past." in text
    assert "Calm 0.10% 1.01% 0.980 50.0 +0.01% -1.0% +0.001 Wild -0.20% 2.47% 0.900 10.0 0.00% +2.0% -0.004" in text
    ((strategy, _, options),) = asked.calls
    assert strategy == asked.path
    assert (options["n_paths"], options["n_states"], options["seed"], options["years"], options["workers"]) == (200, 2, 4, 2.0, 3)


def test_another_simulation_is_refused_before_anything_is_run(asked, tmp_path):
    asked(made(), out=tmp_path / "out")
    asked(made(), out=tmp_path / "out")
    assert len(asked.calls) == 2
    with pytest.raises(StudyError, match="holds another simulation"):
        asked(made(), out=tmp_path / "out", seed=1)
    assert len(asked.calls) == 2


def test_without_a_benchmark_nothing_is_said_of_it(asked):
    paths = made(("complete", "no orders"))
    found = asked(EnginePaths(**{**paths.__dict__, "benchmark": np.full((2, 5), np.nan)}))
    assert [one.what for one in found.probabilities if one.what == "benchmark"] == []
    assert found.to_html()


def test_where_all_failed_there_is_nothing(asked):
    with pytest.raises(StudyError, match=r"hold failed on all 2 paths; on the first with: ValueError: no"):
        asked(made(("failed", "failed")))


def test_paths_of_a_market(tmp_path):
    path = write_strategy(tmp_path, HOLD, "hold.py")
    found = monte_carlo(path, kind="regime-paths", n_paths=3, years=0.5, data=three_years(), store=None, workers=1)
    assert len(found.paths) == 3 and found.drawn["n_steps"] < 130
    assert found == monte_carlo(path, kind="regime-paths", n_paths=3, years=0.5, data=three_years(), store=None, workers=1)
