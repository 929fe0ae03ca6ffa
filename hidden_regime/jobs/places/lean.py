"""LEAN on this machine, through its command line and Docker."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hidden_regime.jobs.errors import StepFailed
from hidden_regime.jobs.work import Work

if TYPE_CHECKING:
    from hidden_regime.experiments.studies.study import Study
    from hidden_regime.local_lean.finding import LeanCli
    from hidden_regime.research.tables import Backtest


def backtest(work: Work) -> Backtest:
    """One run in LEAN, as tables. A run that an earlier process finished is taken."""
    from hidden_regime.local_lean.errors import LeanError
    from hidden_regime.local_lean.folders import COMPLETED, read_backtest
    from hidden_regime.local_lean.results import backtest_tables
    from hidden_regime.local_lean.running import run_backtest

    project, cli = _project(work)
    for before in _earlier(work, project / "backtests"):
        try:
            found = read_backtest(before)
        except LeanError:  # its process was killed: it is run again, beside it
            continue
        if found.status == COMPLETED:
            return backtest_tables(found, project.name)
    run = run_backtest(
        project, cli=cli, parameters=work.parameters, name=work.name, timeout=work.campaign.target.timeout,
        out=_own(work, project / "backtests"))  # fmt: skip
    return backtest_tables(run, project.name)


def optimise(work: Work) -> Study:
    """A search by LEAN's optimiser, as a study in the step's folder."""
    from hidden_regime.local_lean.results import optimization_study
    from hidden_regime.local_lean.running import run_optimization

    project, cli = _project(work)
    search = work.campaign.search
    found = run_optimization(
        project, work.hypothesis.space, search.objective, search.constraints, cli=cli, strategy=search.method,
        parameters=work.hypothesis.parameters, timeout=work.campaign.target.timeout,
        out=_own(work, project / "optimizations"))  # fmt: skip
    study = optimization_study(found, project.name)
    study.save(work.folder)
    return study


def _project(work: Work) -> tuple[Path, LeanCli]:
    """The project's folder, and LEAN's command line in the workspace above it."""
    from hidden_regime.local_lean.finding import LeanCli
    from hidden_regime.local_lean.workspace import CONFIG

    place = work.strategy.resolve().parent
    workspace = next((one for one in place.parents if (one / CONFIG).is_file()), None)
    if workspace is None:
        raise StepFailed(
            f"{place} isn't in a workspace of lean-cli, a folder with {CONFIG}. Make one: hidden-regime lean workspace FOLDER"
        )
    return place, LeanCli(workspace=workspace)


def _earlier(work: Work, folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{work.step.key}-*"))


def _own(work: Work, folder: Path) -> Path:
    """A folder that is new: lean-cli takes no other one."""
    return folder / f"{work.step.key}-{work.step.attempts}"
