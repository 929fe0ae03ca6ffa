"""From what a command was given to a study's question: a space from options or a file, and what is fixed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.objective import Objective
from hidden_regime.experiments.optimization import KEPT, as_constraints, as_objectives, make_spec, store_folder
from hidden_regime.experiments.reads import Read, find_reads, watch
from hidden_regime.experiments.space import Choice, Parameter, Space
from hidden_regime.experiments.space.lean_config import problem_in, read_lean_config
from hidden_regime.experiments.space.problem import Problem
from hidden_regime.experiments.space.read import beside, read_space
from hidden_regime.experiments.space.spelled import parameter_of
from hidden_regime.experiments.studies.spec import Spec, targets_beyond
from hidden_regime.experiments.trials.own_figures import OwnFigures
from hidden_regime.experiments.trials.setup import make_setup
from hidden_regime.research.strategies import find_strategy, pair_of

USUAL = "tpe"


@dataclass(frozen=True)
class Question:
    """What a command was given; see `optimize` for what each is.

    `pairs` fix a parameter or vary a number (name=10:50:5); `vary` varies texts too (name=weekly,monthly).
    """

    strategy: str
    data: str | None = None
    start: date | None = None
    end: date | None = None
    cash: float | None = None
    pairs: tuple[str, ...] = ()
    vary: tuple[str, ...] = ()
    space: Path | None = None
    optimizer_config: Path | None = None
    objective: tuple[str, ...] = ()
    direction: str = "max"
    target: float | None = None
    constraints: tuple[str, ...] = ()
    method: str | None = None
    n_trials: int = 100
    seed: int = 0
    batch: int = 8
    segments: int | None = None
    store: Path | None = None
    figures: tuple[OwnFigures, ...] = ()


def ask(question: Question) -> tuple[Spec, tuple[str, ...]]:
    """The study's question, and notes on it.

    Raises
    ------
    RegimeError
        Nothing to vary, or whatever `optimize` raises.
    """
    path = find_strategy(question.strategy)
    problem, fixed = _problem(question, path)
    goals = _goals(question, problem)
    limits = (*problem.constraints, *as_constraints(question.constraints)) if problem else as_constraints(question.constraints)
    setup = make_setup(
        path, question.data, parameters=fixed, start=question.start, end=question.end, cash=question.cash,
        further=targets_beyond(goals, limits), store=store_folder(question.store or KEPT, None),
        figures=question.figures)  # fmt: skip
    if problem is None:
        listed = f"hidden-regime optimize {question.strategy} --list prints what it reads"
        raise ParameterError(
            "-p", [*question.pairs, *question.vary], "at least one parameter to vary, such as -p fast=10:50:5",
            f"{listed}; a file {beside(path).name} may say what to vary.")  # fmt: skip
    method = question.method or problem.method or USUAL
    segments = question.segments if question.segments is not None else problem.segments
    watched, n_trials, seed, batch = watch(setup), question.n_trials, question.seed, question.batch
    spec = make_spec(setup, problem.space, watched, method, n_trials, goals, limits, seed, batch, segments, fixed=fixed)
    return spec, problem.notes


def declared(question: Question) -> tuple[dict[str, Read], dict[str, str]]:
    """What the strategy reads, and what would be varied, as texts."""
    path = find_strategy(question.strategy)
    problem, fixed = _problem(question, path)
    setup = make_setup(path, question.data, parameters=fixed, start=question.start, end=question.end, cash=question.cash)
    varied = {} if problem is None else {one.name: written(one) for one in problem.space}
    return find_reads(setup), varied


def written(one: Parameter) -> str:
    """A parameter's range as the command takes it."""
    if isinstance(one, Choice):
        return ",".join(one.values())
    return ":".join(str(part) for part in (one.low, one.high, one.step) if part is not None)


def _problem(question: Question, path: Path) -> tuple[Problem | None, dict[str, str]]:
    """What is varied, of a file and of options, which have the last word; and what is fixed."""
    if question.space is not None and question.optimizer_config is not None:
        raise ParameterError("--space", str(question.space), "either a space or a config of LEAN's optimiser", "Leave one out.")
    given: dict[str, str] = {}
    fixed: dict[str, str] = {}
    for option, text in [("-p", text) for text in question.pairs] + [("--vary", text) for text in question.vary]:
        name, value = pair_of(option, text)  # the last word on a parameter counts
        varies = option == "--vary" or _is_range(value)
        (given if varies else fixed)[name] = value
        (fixed if varies else given).pop(name, None)
    found: Problem | None = None
    if question.optimizer_config is not None:
        found = problem_in(read_lean_config(question.optimizer_config).document)  # which nobody writes again: comments stay
    elif question.space is not None:
        found = read_space(question.space)
    elif not given and beside(path).is_file():  # whoever says what to vary means that, and nothing besides
        found = read_space(beside(path))
    ranges: dict[str, Parameter] = {} if found is None else {one.name: one for one in found.space if one.name not in fixed}
    ranges |= {name: parameter_of(name, value) for name, value in given.items()}
    if not ranges:
        return None, fixed
    space = Space(tuple(ranges.values()))
    if found is None:
        return Problem(space), fixed
    return Problem(space, found.objectives, found.constraints, found.method, found.segments, found.notes), fixed


def _is_range(value: str) -> bool:
    parts = value.split(":")
    try:
        return len(parts) in (2, 3) and all(float(part) == float(part) for part in parts)
    except ValueError:
        return False


def _goals(question: Question, problem: Problem | None) -> tuple[Objective, ...]:
    if question.objective or problem is None or not problem.objectives:
        return as_objectives(list(question.objective) or "Sharpe Ratio", question.direction, question.target)
    objectives: tuple[Objective, ...] = problem.objectives
    if question.target is None:
        return objectives
    first, *rest = objectives
    return (Objective(first.target, first.direction, question.target, first.literal), *rest)
