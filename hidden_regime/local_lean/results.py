"""What LEAN ran on this machine, as the tables and pages that a run of the embedded engine has."""

from __future__ import annotations

from pathlib import Path

from hidden_regime.exceptions import DataError
from hidden_regime.experiments.studies.elsewhere import TrialElsewhere, study_elsewhere
from hidden_regime.experiments.studies.study import Study
from hidden_regime.experiments.trials.outcome import FAILED
from hidden_regime.local_lean.errors import LeanResultsError
from hidden_regime.local_lean.folders import LOG, LeanRun
from hidden_regime.local_lean.no_lean.saying import WHAT
from hidden_regime.local_lean.trials import LeanOptimization, LeanTrial
from hidden_regime.research.lean_tables import backtest_of_lean, equity_of_lean
from hidden_regime.research.tables import Backtest

LEAN, STAND_IN = "LEAN on this machine", "the stand-in for LEAN (embedded engine)"
HEAD = 4096
"""Bytes of a log in which it says what ran."""


def backtest_tables(run: LeanRun, name: str) -> Backtest:
    """Tables of a backtest.

    Parameters
    ----------
    run : LeanRun
    name : str
        Of the strategy: files are called by it.
    """
    where = engine_of(run.folder)
    lean = run.result | {"state": {**(run.result.get("state") or {}), "Status": run.status, "RuntimeError": run.error}}
    return backtest_of_lean(
        lean, run.order_events, run.log, name=name, market=where, origin=f"{where}, backtest {run.id} in {run.folder}"
    )


def optimization_study(found: LeanOptimization, name: str) -> Study:
    """A study of an optimisation's trials: ranked, with its page, and with LEAN's own choice in the notes.

    Parameters
    ----------
    found : LeanOptimization
    name : str
    """
    problem = found.problem
    held = {one.name: one.values()[0] for one in problem.space if one.count == 1}
    where = f"{engine_of(found.folder)}, optimization {found.id or found.folder.name}"
    done = study_elsewhere(
        name, problem.space, problem.objectives[0], problem.constraints, [_trial(one, name) for one in found.trials],
        method=problem.method or "grid", where=where, held=held, notes=found.notes,
    )  # fmt: skip
    return done


def engine_of(folder: Path) -> str:
    """Which engine left a folder: the stand-in says at the top of its log that it is none of LEAN's."""
    try:
        with open(folder / LOG, "rb") as file:
            return STAND_IN if WHAT.encode() in file.read(HEAD) else LEAN
    except OSError:
        return LEAN


def _trial(one: LeanTrial, name: str) -> TrialElsewhere:
    error = one.error or ("it failed" if one.status == FAILED else "")
    try:
        equity = equity_of_lean(one.read().result, name)["equity"].dropna()
    except (LeanResultsError, DataError) as caught:
        return TrialElsewhere.without_curve(one.parameters, one.statistics, error or caught.text)
    days = equity.index.to_numpy().astype("datetime64[D]")
    return TrialElsewhere(one.parameters, one.statistics, days, equity.to_numpy(), error)
