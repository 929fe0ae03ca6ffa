"""A search for the parameters of a strategy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.constraint import Constraint
from hidden_regime.experiments.objective import STATISTICS, Objective, path_of, reached
from hidden_regime.experiments.reads import Watched, watch
from hidden_regime.experiments.search.base import DIRECTIONS, check_batch, check_count, check_direction, check_seed
from hidden_regime.experiments.search.euler import SEGMENTS, departures
from hidden_regime.experiments.space import Space
from hidden_regime.experiments.studies.journal import KEPT_HERE, opened
from hidden_regime.experiments.studies.spec import METHODS, Spec, targets_beyond
from hidden_regime.experiments.studies.study import Study, make_study
from hidden_regime.experiments.studies.trial import Trial, trial_of
from hidden_regime.experiments.trials.outcome import COMPLETE, Outcome, failed
from hidden_regime.experiments.trials.own_figures import OwnFigures
from hidden_regime.experiments.trials.places import cache_folder
from hidden_regime.experiments.trials.running import run_trial
from hidden_regime.experiments.trials.setup import Setup, make_setup
from hidden_regime.experiments.trials.source import Data
from hidden_regime.experiments.workers import Workers

DIED = "its process died twice"
KEPT = "auto"
"""Trials are kept in the user's folder for caches."""
Progress = Callable[[int, int | None, Trial], None]


def optimize(
    strategy: str | Path,
    space: Any,
    *,
    data: Data = None,
    start: date | None = None,
    end: date | None = None,
    cash: float | None = None,
    parameters: Mapping[str, object] | None = None,
    method: str = "tpe",
    n_trials: int = 100,
    objective: str | Objective | Sequence[str | Objective] = "Sharpe Ratio",
    direction: str = "max",
    target: float | None = None,
    constraints: Sequence[str | Constraint] = (),
    seed: int = 0,
    batch: int = 8,
    segments: int | None = None,
    workers: int | None = None,
    backend: str = "loky",
    out: str | Path | None = None,
    store: str | Path | None = KEPT,
    progress: Progress | None = None,
    figures: Sequence[OwnFigures] = (),
) -> Study:
    """Search for the parameters with which a strategy does best, and say how much of that is luck.

    Parameters
    ----------
    strategy : str or Path
        A shipped template, a .py file written for LEAN, or its project's folder.
    space : Space or mapping
        What to vary: `{"fast": "10:50:5", "share": [0.5, 1.0]}`.
    data, start, end, cash, parameters
        As of `run_strategy`; `parameters` are the same in all trials.
    method : str
        "grid" (LEAN's), "euler" (LEAN's), "random", or "tpe" (Bayesian, by Optuna).
    n_trials : int
        Of random and tpe; grid and euler end by themselves.
    objective : str, Objective, or several
        A statistic of LEAN, such as "Sharpe Ratio" or "min Drawdown"; of several the trials that none beats are in `front`.
    direction : "max" or "min"
        Of objectives that are given by name alone.
    target : float, optional
        The search ends with the first feasible trial that is as good.
    constraints : sequence of str or Constraint
        "Drawdown <= 25%": a trial that doesn't meet them is infeasible.
    seed, batch : int
        What trials there are depends on these, and not on the workers.
    segments : int, optional
        Steps that grid and euler make of a range without a step.
    workers : int, optional
        Processes; default: as many as there are processors.
    backend : str
        "loky", "dask" or "ray".
    out : str or Path, optional
        Folder of the study. A study that was stopped, however, goes on there.
    store : str or Path, optional
        Folder in which trials are kept from study to study; None: in the study's own folder.
    progress : callable, optional
        Told of the trials so far, how many there will be (None: nobody knows), and the latest.
    figures : sequence of OwnFigures
        What objectives and constraints may name besides, such as `operation.tax.AfterTax`.

    Returns
    -------
    Study
        Equal for any number of workers, and whether it was stopped on the way or not.

    Raises
    ------
    ParameterError
        A name that the strategy doesn't read, a value that it can't, an unknown statistic, an empty space.
    StudyError
        The folder holds another study, or is in use.
    MissingDependencyError
        Optuna or joblib isn't installed.

    Examples
    --------
    >>> from datetime import date
    >>> from hidden_regime.experiments import optimize
    >>> study = optimize("basic_regime_switching", {"retrain": ["quarterly", "never"]}, method="grid", workers=1,
    ...                  end=date(2003, 12, 31), store=None)
    >>> len(study.trials), study.best.parameters["retrain"] in ("quarterly", "never")
    (2, True)
    """
    goals = as_objectives(objective, direction, target)
    limits = as_constraints(constraints)
    folder = None if out is None else Path(out)
    setup = make_setup(
        strategy, data, parameters=parameters, start=start, end=end, cash=cash, further=targets_beyond(goals, limits),
        store=store_folder(store, folder), figures=figures)  # fmt: skip
    spec = make_spec(setup, space, watch(setup), method, n_trials, goals, limits, seed, batch, segments, fixed=parameters or {})
    return run_study(spec, Workers(workers, backend), folder, progress)


def as_objectives(given: Any, direction: str = "max", target: float | None = None) -> tuple[Objective, ...]:
    """Objectives of what a user gives; each must be a statistic that there is."""
    several = given if isinstance(given, (list, tuple)) else [given]
    if not several:
        raise ParameterError("objective", given, "at least one statistic, such as 'Sharpe Ratio'")
    check_direction(direction)
    if target is not None and (len(several) > 1 or isinstance(several[0], Objective)):
        raise ParameterError("target", target, "one objective, given by its name", "An Objective has a value of its own.")
    out = []
    for one in several:
        if not isinstance(one, Objective):
            one = Objective(*_directed(one, direction), target)
        if path_of(one.target).startswith(STATISTICS):
            one.of({})  # an unknown name is told here, and not after a hundred trials
        out.append(one)
    return tuple(out)


def _directed(text: Any, direction: str) -> tuple[Any, str]:
    """A statistic's name and its direction, which may stand before it: "min Drawdown"."""
    head, _, rest = text.strip().partition(" ") if isinstance(text, str) else ("", "", "")
    return (rest.strip(), head.lower()) if head.lower() in DIRECTIONS and rest.strip() else (text, direction)


def as_constraints(given: Any) -> tuple[Constraint, ...]:
    """Constraints of what a user gives."""
    out = []
    for one in [given] if isinstance(given, (str, Constraint)) else given:
        limit = one if isinstance(one, Constraint) else Constraint.parse(one)
        if path_of(limit.target).startswith(STATISTICS):
            limit.violation({})
        out.append(limit)
    return tuple(out)


def store_folder(store: str | Path | None, out: Path | None) -> Path | None:
    """Where trials are kept."""
    if store is None:
        return None if out is None else out / KEPT_HERE
    return cache_folder() if store == KEPT else Path(store)


def make_spec(setup: Setup, space: Any, watched: Watched, method: str, n_trials: int, goals: tuple[Objective, ...],
              limits: tuple[Constraint, ...], seed: int, batch: int, segments: int | None,
              fixed: Mapping[str, object]) -> Spec:  # fmt: skip
    """A study's question, checked against what the strategy reads.

    Raises
    ------
    ParameterError
    """
    check_count("n_trials", n_trials)
    check_batch(batch)
    check_seed(seed)
    if method not in METHODS:
        raise ParameterError("method", method, f"one of {', '.join(METHODS)}")
    if len(goals) > 1 and method == "euler":
        raise ParameterError("objective", [goal.target for goal in goals], "one for euler", "tpe takes several.")
    reads = watched.reads
    found = Space.of(space).with_kinds({name: read.kind for name, read in reads.items()})
    for name in fixed:
        if name in found.names:
            raise ParameterError("parameters", name, "either fixed or varied", "It stands in the space too.")
        if name not in reads:
            raise ParameterError("parameters", name, f"one of those that the strategy reads: {', '.join(sorted(reads))}")
        Space.of({name: [setup.base[name]]}).with_kinds({name: reads[name].kind})
    spec = Spec(setup, found, method, n_trials, goals, limits, seed, batch, segments, watched=watched)
    spec.search()
    return spec


def run_study(spec: Spec, workers: Workers, folder: Path | None = None, progress: Progress | None = None,
              *, write: bool = True, measure_luck: bool = True) -> Study:  # fmt: skip
    """Ask the search, run what it proposes, and tell it, until it ends.

    Parameters
    ----------
    spec : Spec
    workers : Workers
    folder : Path, optional
        Where the journal is, and the study when it is done.
    progress : callable, optional
    write : bool
        Write the study's files.
    measure_luck : bool
        Say how much of the best is luck; who doesn't ask, such as a walk-forward of its windows, is spared the time.
    """
    search = spec.search()
    total = search.total()
    trials: list[Trial] = []
    curves: dict[int, Outcome] = {}
    seconds: list[float] = []
    seen: set[str] = set()
    ended = "all"
    with _journal(folder, spec) as (add, dead):
        while ended == "all" and (proposed := search.propose([trial.told for trial in trials])):
            begin = perf_counter()
            alive = [one for number, one in enumerate(proposed, len(trials)) if number not in dead]
            found = run_all(spec.setup, workers, alive)
            for parameters in proposed:
                outcome = failed(dead[len(trials)]) if len(trials) in dead else next(found)
                trial = trial_of(len(trials), parameters, outcome, spec.objectives, spec.constraints)
                add(trial)
                trials.append(trial)
                if outcome.status == COMPLETE:
                    curves[trial.number] = outcome
                    seen |= outcome.further.keys()
                seconds.append(perf_counter() - begin)
                begin = perf_counter()
                if progress is not None:
                    progress(len(trials), total, trial)
                if trial.is_feasible and trial.values is not None and reached(spec.objectives[0], trial.values[0]):
                    ended = "target"
                    break
            _expect_figures(spec.setup.further if curves else (), seen)
        study = make_study(
            spec.to_dict(), spec.id, trials, curves, ended, _notes(spec), spec.setup.base, measure_luck=measure_luck
        )
        if folder is not None and write:
            from hidden_regime.experiments.studies.folder import write_study

            write_study(study, folder, seconds)
    return study


def run_all(setup: Setup, workers: Workers, proposed: Sequence[dict[str, str]]) -> Iterator[Outcome]:
    """Outcomes in order; of equal sets one is run."""
    places: dict[tuple[tuple[str, str], ...], int] = {}
    for parameters in proposed:
        places.setdefault(tuple(parameters.items()), len(places))
    different = [dict(key) for key in places]
    found = workers.map(partial(run_trial, setup), different, _lost)
    known: list[Outcome] = []
    for parameters in proposed:
        place = places[tuple(parameters.items())]
        while place >= len(known):
            known.append(next(found))
        yield known[place]


def _expect_figures(paths: Sequence[str], seen: set[str]) -> None:
    """Raise for a figure of LEAN's result file that none of the trials so far has: it is spelled otherwise."""
    for path in paths:
        if path not in seen:
            raise ParameterError("target", path, "a statistic of LEAN, or a path in its result file that a trial's result has")


def _lost(parameters: dict[str, str]) -> Outcome:
    return failed(f"{DIED} with {parameters}: it may need more memory than there is.")


def _notes(spec: Spec) -> list[str]:
    return departures(spec.space, spec.segments or SEGMENTS) if spec.method == "euler" else []


@contextmanager
def _journal(folder: Path | None, spec: Spec) -> Iterator[tuple[Callable[[Trial], None], dict[int, str]]]:
    """What writes a trial down, and the errors of those whose processes died: they aren't tried a third time."""
    if folder is None:
        yield lambda trial: None, {}
        return
    with opened(folder, spec.to_dict()) as journal:
        errors = {number: str(line.get("error", "")) for number, line in enumerate(journal.known)}
        yield lambda trial: journal.add(trial.to_dict()), {n: said for n, said in errors.items() if said.startswith(DIED)}
