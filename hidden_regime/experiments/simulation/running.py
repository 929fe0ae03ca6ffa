"""Simulations that run a strategy for each path: with moved parameters, or over bars that its market might have brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from hidden_regime.exceptions import ParameterError, StudyError
from hidden_regime.experiments.objective import Objective
from hidden_regime.experiments.optimization import as_objectives, run_all
from hidden_regime.experiments.reads import check_given, watch
from hidden_regime.experiments.result import Result
from hidden_regime.experiments.simulation.asked import (
    Asked,
    identity_of,
    is_run_here,
    key_of,
    run_of,
    setup_key,
    setup_of,
    setup_of_study,
    study_in,
    unset,
)
from hidden_regime.experiments.simulation.drawing import Drawn, kept_of
from hidden_regime.experiments.simulation.drawn import source_figures
from hidden_regime.experiments.simulation.figures import NAMES, absorbed
from hidden_regime.experiments.simulation.folder import expect_own, told_paths
from hidden_regime.experiments.simulation.moves import Neighbours, neighbours_of, sets_around
from hidden_regime.experiments.simulation.perturbation import columns_of, perturbation_of
from hidden_regime.experiments.simulation.simulation import Simulation
from hidden_regime.experiments.simulation.summary import fan_of, figures_summary, probabilities_of
from hidden_regime.experiments.space import Space
from hidden_regime.experiments.space.read import beside, read_space
from hidden_regime.experiments.studies.spec import targets_beyond
from hidden_regime.experiments.studies.study import Study
from hidden_regime.experiments.studies.trial import trial_of
from hidden_regime.experiments.trials.digests import digest_of
from hidden_regime.experiments.trials.outcome import COMPLETE, FAILED, IDLE, Outcome
from hidden_regime.experiments.trials.running import run_trial
from hidden_regime.experiments.trials.setup import Setup
from hidden_regime.regimes.statistics import days_per_year


def over_paths(asked: Asked, folder: Path | None) -> Simulation:
    """The strategy over bars drawn from its market's regimes."""
    import pandas as pd

    from hidden_regime.experiments.regime_paths import engine_paths

    setup, strategy = _strategy(asked)
    parameters: Any = asked.parameters
    start, end, cash = asked.start, asked.end, asked.cash
    if study_in(asked.source) is not None:
        parameters, start, end, cash = setup.base, setup.start, setup.end, setup.cash
    name = asked.name or setup.name
    question, key = asked.question(name, **run_of(setup)), setup_key(setup)
    if key and folder is not None:
        expect_own(folder, identity_of(question, key))
    found = engine_paths(
        strategy, asked.data, parameters=parameters, start=start, end=end, cash=cash, years=asked.years, n_paths=asked.n_paths,
        n_states=asked.n_states, seed=asked.seed, workers=asked.workers, backend=asked.backend, store=asked.store,
        progress=asked.progress)  # fmt: skip
    statuses = np.array(found.statuses, dtype=object)
    ran = statuses != FAILED
    if not ran.any():
        raise StudyError(f"{name} failed on all {len(statuses)} paths; on the first with: {found.errors[0]}")
    curves, own = absorbed(found.equity[ran]), _own_curve(found.original)
    year = float(days_per_year(found.days))
    drawn = kept_of(curves, year)
    held = np.full(len(statuses), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        held[:] = found.benchmark[:, -1] / found.benchmark[:, 0] - 1.0
    table = pd.DataFrame(_rows(drawn, ran) | {
        "benchmark_return": held, "n_orders": np.asarray(found.n_orders, np.float64),
        "status": pd.Series(list(found.statuses), dtype=object),
        "error": pd.Series(list(found.errors), dtype=object)})  # fmt: skip
    counted, source = told_paths(table), source_figures(own, year)
    n_steps = len(found.days) - 1
    same = own.shape[1] == n_steps + 1
    told = {
        "unit": "day", "first": str(found.days[1]), "last": str(found.days[-1]), "n_observed": own.shape[1] - 1,
        "n_steps": n_steps, "per_year": year, "same_length": same,
    }  # fmt: skip
    notes = [*_lost(found.statuses, "paths", "count as flat"), *found.notes]
    return Simulation(
        question, identity_of(question, key or key_of(found.original)), told, table, fan_of(drawn.steps, drawn.curves, own[0]),
        figures_summary(counted, source, same_length=same), probabilities_of(counted, asked.ruin, asked.drawdowns), source,
        dict(found.model), notes=tuple(notes))  # fmt: skip


def around(asked: Asked, folder: Path | None) -> Simulation:
    """The strategy with its parameters moved."""
    setup, _ = _strategy(asked)
    study = study_in(asked.source)
    goal, space, notes = _goal(asked, study), _space(asked, setup, study), []
    if study is not None and study.spec["constraints"] and unset(asked.objective):
        notes.append(f"The study's constraints ({' and '.join(study.spec['constraints'])}) are not asked of the sets")
    further = targets_beyond((goal,), ())
    setup = replace(setup, further=further)
    name = asked.name or setup.name
    declared = None if space is None else space.to_dict()["parameters"]
    target = {"target": goal.target, "direction": goal.direction}
    question, key = asked.question(name, objective=target, space=declared, **run_of(setup)), setup_key(setup)
    if key and folder is not None:
        expect_own(folder, identity_of(question, key))
    reads = watch(setup).reads
    check_given({str(one): setup.base[str(one)] for one in asked.parameters or {}}, reads, set())
    neighbours, said = neighbours_of(reads, setup.base, space)
    sets = sets_around(neighbours, asked.n_paths, asked.seed)
    outcomes = []
    winner = run_trial(setup, {})
    if winner.status != COMPLETE:
        raise StudyError(f"{name} {_why(winner)} with the parameters that are to be moved: expected a run that trades.")
    for outcome in run_all(setup, asked.pool, sets):
        outcomes.append(outcome)
        if asked.progress is not None:
            asked.progress(len(outcomes), len(sets))
    key = key or digest_of(winner.equity.tolist())  # nobody knows what the data hold: what came of them tells them apart
    return _assembled(question, identity_of(question, key), goal, neighbours, sets, winner, outcomes, [*notes, *said])


def _assembled(question: dict[str, Any], identity: str, goal: Objective, neighbours: list[Neighbours],
               sets: list[dict[str, str]], winner: Outcome, outcomes: list[Outcome], notes: list[str]) -> Simulation:  # fmt: skip
    import pandas as pd

    statuses, errors = [one.status for one in outcomes], [one.error for one in outcomes]
    for i, outcome in enumerate(outcomes):
        if outcome.status == COMPLETE and not np.array_equal(outcome.days, winner.days):
            statuses[i], errors[i] = FAILED, f"it ran over {len(outcome.days)} days, the winner over {len(winner.days)}"
    values = [_value(goal, outcome) if status == COMPLETE else None for outcome, status in zip(outcomes, statuses, strict=True)]
    moved = perturbation_of(goal, _value(goal, winner), neighbours, sets, values)
    if moved.value is None:
        raise ParameterError("objective", goal.target, "a statistic that the winner's result has")
    if moved.share is None:
        notes.append(f"The winner's {goal.target} isn't above 0, so half of it says nothing: no share is told")
    own = absorbed(winner.equity[None])
    kept = [outcome.equity for outcome, status in zip(outcomes, statuses, strict=True) if status != FAILED]
    ran = np.array([status != FAILED for status in statuses])
    year = float(days_per_year(winner.days))
    drawn = kept_of(absorbed(np.stack(kept)), year) if kept else None
    table = pd.DataFrame(
        (_rows(drawn, ran) if drawn is not None else {one: np.full(len(sets), np.nan) for one in NAMES})
        | {"objective": np.array([np.nan if value is None else value for value in values])}
        | {name: pd.Series(texts, dtype=object) for name, texts in columns_of(moved).items()}
        | {"status": pd.Series(statuses, dtype=object), "error": pd.Series(errors, dtype=object)})  # fmt: skip
    source, days = source_figures(own, year), winner.days.astype("datetime64[D]")
    told = {
        "unit": "day", "first": str(days[1]), "last": str(days[-1]), "n_observed": len(days) - 1, "n_steps": len(days) - 1,
        "per_year": year, "same_length": True,
    }  # fmt: skip
    return Simulation(
        question, identity, told, table, None if drawn is None else fan_of(drawn.steps, drawn.curves, own[0]),
        figures_summary(told_paths(table), source, same_length=True), (), source, perturbation=moved,
        notes=(*_lost(statuses, "sets", "have no objective"), *notes))  # fmt: skip


def _strategy(asked: Asked) -> tuple[Setup, str | Path]:
    study = study_in(asked.source)
    if study is not None:
        setup = setup_of_study(asked, study)
        return setup, setup.strategy
    if not is_run_here(asked.source):
        raise ParameterError(
            "source", asked.source if isinstance(asked.source, (str, Path)) else type(asked.source).__name__,
            f"a strategy, or the folder of a study, with kind={asked.kind!r}", "A finished run can't be run again.")  # fmt: skip
    return setup_of(asked), asked.source


def _goal(asked: Asked, study: Study | None) -> Objective:
    if study is not None and unset(asked.objective):
        one = study.spec["objectives"][0]
        return Objective(one["target"], one["direction"])
    return as_objectives(asked.objective)[0]


def _space(asked: Asked, setup: Setup, study: Study | None) -> Space | None:
    """What is moved, where that is declared."""
    if asked.space is not None:
        is_file = isinstance(asked.space, (str, Path))
        return read_space(asked.space).space if is_file else Space.of(asked.space)
    if study is not None:
        return Space.from_dict({"parameters": study.spec["space"]})
    return read_space(beside(setup.strategy)).space if beside(setup.strategy).is_file() else None


def _value(goal: Objective, outcome: Outcome) -> float | None:
    values = trial_of(0, {}, outcome, (goal,), ()).values
    return None if values is None else values[0]


def _why(outcome: Outcome) -> str:
    return "sends no order" if outcome.status == IDLE else f"fails ({outcome.error})"


def _own_curve(original: Result) -> Any:
    return absorbed(original.equity["equity"].dropna().to_numpy(np.float64)[None])


def _rows(drawn: Drawn, ran: Any) -> dict[str, Any]:
    """Figures of all paths: NaN of those that failed."""
    out = {}
    for name, values in drawn.figures.items():
        out[name] = np.full(len(ran), np.nan)
        out[name][ran] = values
    return out


def _lost(statuses: Sequence[str], what: str, idle: str) -> list[str]:
    n, failed, none = len(statuses), statuses.count(FAILED), statuses.count(IDLE)
    said = [f"{failed} of {n} {what} failed and are left out of the figures"] if failed else []
    return said + ([f"{none} of {n} {what} sent no order and {idle}"] if none else [])
