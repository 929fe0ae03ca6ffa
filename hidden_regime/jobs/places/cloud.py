"""QuantConnect's cloud: what a step begins there has a key of its own, by which it is found again, whoever was killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hidden_regime.experiments.trials.digests import digest_of
from hidden_regime.jobs import spending
from hidden_regime.jobs.locked import locked
from hidden_regime.jobs.work import Work

if TYPE_CHECKING:
    from hidden_regime.cloud.budget.budget import Budget
    from hidden_regime.cloud.client import QuantConnect
    from hidden_regime.cloud.records.backtests import Backtest as CloudBacktest
    from hidden_regime.experiments.studies.study import Study
    from hidden_regime.research.tables import Backtest


@contextmanager
def opened() -> Iterator[tuple[QuantConnect, Budget]]:
    """A client of the server that the environment names, and its account's budget."""
    from hidden_regime.cloud.budget.budget import Budget
    from hidden_regime.cloud.opening import open_client

    with open_client() as qc:
        yield qc, Budget(qc.account_name)


def pull_project(work: Work) -> str:
    """Make the strategy's folder as the cloud's project is; what was done, in words."""
    from hidden_regime.cloud.sync.syncing import pull

    folder = work.campaign.folder / work.hypothesis.strategy
    with opened() as (qc, _), _one_at_a_time(work, folder):
        project, changes = pull(qc, work.hypothesis.project, folder)
    return f"project {project.project_id} ({project.name}): {changes.count} files written, {len(changes.unchanged)} unchanged"


def backtest(work: Work) -> Backtest:
    """One run in the cloud, as tables."""
    from hidden_regime.cloud.results import backtest_tables

    with opened() as (qc, budget):
        folder = _folder(work)
        number, compile_id = _pushed(work, qc, budget, folder)
        given = _held(folder) | work.parameters
        work.submitting()
        begun: CloudBacktest = qc.backtests.create(
            number, compile_id, work.name, given, key=work.step.key, budget=budget,
            patience=work.campaign.target.timeout)  # fmt: skip
        work.submitted(begun.backtest_id)
        found = qc.backtests.wait(number, begun.backtest_id, timeout=work.campaign.target.timeout)
        return backtest_tables(qc, found, folder.resolve().name)


def optimise(work: Work) -> Study:
    """A search in the cloud, within the account's limits and the campaign's own, as a study in the step's folder."""
    from hidden_regime.cloud.creating import unique_name
    from hidden_regime.cloud.optimization_spec import OptimizationSpec
    from hidden_regime.cloud.results import optimization_study

    search, space = work.campaign.search, work.hypothesis.space
    assert space is not None  # a hypothesis without one has no such step
    with opened() as (qc, budget):
        folder = _folder(work)
        number, compile_id = _pushed(work, qc, budget, folder)
        held = {
            name: text for name, text in (_held(folder) | dict(work.hypothesis.parameters)).items() if name not in space.names
        }
        spec = OptimizationSpec(
            number, compile_id, work.name, space, search.objective, search.constraints, held=tuple(held.items()))  # fmt: skip
        name = unique_name(work.name, work.step.key)
        begun = qc.optimizations.find(number, name)
        if begun is None:
            spending.reserve(work.store, work.campaign, name, qc.optimizations.estimate(spec).credits)
            work.submitting()
            begun = qc.optimizations.create(spec, budget, key=work.step.key, patience=work.campaign.target.timeout)
        work.submitted(begun.optimization_id)
        found = qc.optimizations.wait(begun.optimization_id, timeout=work.campaign.target.timeout, budget=budget)
        entry = next((one for one in budget.entries() if one.remote == begun.optimization_id), None)
        if entry is not None:
            spending.book(work.store, work.campaign, name, entry.counted)
        study = optimization_study(qc, found, folder.resolve().name)
        study.save(work.folder)
        return study


def _pushed(work: Work, qc: QuantConnect, budget: Budget, folder: Path) -> tuple[int, str]:
    """Number of the project whose files are those of the folder, and a compilation of them."""
    from hidden_regime.cloud.sync.syncing import compiled, push

    with _one_at_a_time(work, folder):
        push(qc, folder, budget=budget)
        return compiled(qc, folder, timeout=work.campaign.target.timeout)


def _folder(work: Work) -> Path:
    """The folder that is pushed: a project's own, or one into which a template or a file is bundled."""
    from hidden_regime.bundle import write_bundle
    from hidden_regime.research.projects import MAIN

    path = work.strategy
    if path.name == MAIN:
        return path.parent
    folder = work.store.folder / "bundles" / path.stem
    with _one_at_a_time(work, folder):
        write_bundle(path, folder)
    return folder


def _held(folder: Path) -> dict[str, str]:
    """Parameters of the project's config.json: a cloud run that is given some takes no other ones."""
    from hidden_regime.research.projects import main_file, parameters

    return parameters(main_file(folder))


@contextmanager
def _one_at_a_time(work: Work, folder: Path) -> Iterator[None]:
    """Two workers never push one folder at once: it would become two projects."""
    with locked(work.store.folder / "pushing" / digest_of(str(folder.resolve()))[:16]):
        yield
