"""What the trials of a study say of its parameters: slices, edges, local optima, importance, and why trials have no value.

After LEAN's optimisation analysis (Optimizer/Analysis), which always goes by the Sharpe ratio: here it is the study's first
objective. Each different set of parameters counts once, and also where it doesn't meet a constraint: it can't be the best, but
tells how the objective depends on a value. LEAN's k-means clusters are left out: the slices and the local optima show the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from hidden_regime.experiments.importance import is_complete_grid, main_effects
from hidden_regime.experiments.space import Choice, Range, Space
from hidden_regime.experiments.trials.outcome import COMPLETE, FAILED

if TYPE_CHECKING:
    from hidden_regime.experiments.studies.study import Study
    from hidden_regime.experiments.studies.trial import Trial

EDGE = Decimal("0.02")
"""Share of a range without a step that counts as its edge."""
FEWEST = 3
"""Values that a parameter must have to have an edge: of two, each is one."""
NO_VALUE = "has no value of the objective"


class Level(NamedTuple):
    """The objective over the sets that have one value of a parameter."""

    value: str
    n: int
    mean: float
    best: float
    worst: float


class Mode(NamedTuple):
    """A set that is strictly better than each of its `neighbours`, which differ by one value of one parameter."""

    trial: int
    value: float
    neighbours: int


class Failure(NamedTuple):
    """Trials without a value for one reason, and the parameters of the first."""

    reason: str
    n: int
    parameters: dict[str, str]


@dataclass(frozen=True)
class ParameterReport:
    """What is known of one parameter.

    Attributes
    ----------
    name : str
    numeric : bool
        All of its values are numbers.
    levels : tuple of Level
        In rising order, or in that of the space.
    best_value : str or None
        Of the study's best trial.
    edge : str
        "lowest" or "highest", where that is the end of what was searched; else empty.
    importance : float or None
        Share of the objective's variance that it explains alone, see `main_effects`; None where that can't be said.
    n_slices : int
        Groups of at least two sets that differ in this parameter alone.
    mean_range, max_range : float or None
        Of the objective within a slice.
    max_step : float or None
        Largest change of the objective from one value to the next within a slice; None of a parameter that isn't numeric.
    """

    name: str
    numeric: bool
    levels: tuple[Level, ...]
    best_value: str | None
    edge: str
    importance: float | None
    n_slices: int
    mean_range: float | None
    max_range: float | None
    max_step: float | None

    @property
    def varies(self) -> bool:
        """Whether there are two values of it."""
        return len(self.levels) > 1


@dataclass(frozen=True)
class Analysis:
    """What the trials of a study say.

    Attributes
    ----------
    parameters : tuple of ParameterReport
        In the space's order.
    n_sets : int
        Different sets with a value of the objective.
    is_grid : bool
        They are all combinations of their values: importances are exact, and sum to 1 less what parameters do together.
    modes : tuple of Mode
        The best first.
    failures : tuple of Failure
        The most frequent first.
    """

    parameters: tuple[ParameterReport, ...]
    n_sets: int
    is_grid: bool
    modes: tuple[Mode, ...]
    failures: tuple[Failure, ...]

    @property
    def by_importance(self) -> list[ParameterReport]:
        """Parameters that vary, the most important first; those of which nobody knows last."""
        return sorted((p for p in self.parameters if p.varies), key=lambda p: -1.0 if p.importance is None else -p.importance)


def valued(study: Study) -> list[Trial]:
    """The first trial of each set that has a value of the first objective."""
    seen: dict[tuple[tuple[str, str], ...], Trial] = {}
    for trial in study.trials:
        if trial.values is not None and math.isfinite(trial.values[0]):
            seen.setdefault(tuple(sorted(trial.parameters.items())), trial)
    return list(seen.values())


def analyse(study: Study) -> Analysis:
    """What the trials of a study say of its parameters.

    Examples
    --------
    >>> from hidden_regime.experiments.studies.study import make_study
    >>> from hidden_regime.experiments.studies.trial import Trial
    >>> spec = {"strategy": "s", "method": "grid", "objectives": [{"target": "Sharpe Ratio", "direction": "max", "value": None}],
    ...         "space": [{"name": "n", "low": "1", "high": "3", "step": "1"}]}
    >>> trials = [Trial(i, {"n": str(i + 1)}, "complete", (value,), (), {}) for i, value in enumerate((0.2, 0.1, 0.6))]
    >>> found = analyse(make_study(spec, "id", trials, {}, "all"))
    >>> found.parameters[0].edge, found.parameters[0].max_step, [mode.trial for mode in found.modes]
    ('highest', 0.5, [2, 0])
    """
    space = Space.from_dict({"parameters": study.spec["space"]})
    trials = valued(study)
    sign = 1.0 if study.directions[0] == "max" else -1.0
    values = [sign * (trial.values or (0.0,))[0] for trial in trials]
    columns = [[trial.parameters.get(name, "") for trial in trials] for name in space.names]
    numeric = [is_numeric([*column, *_declared(one)]) for column, one in zip(columns, space, strict=True)]
    keys: list[list[Any]] = [[float(t) for t in c] if n else list(c) for c, n in zip(columns, numeric, strict=True)]
    best = study.best
    reports = []
    for i, (one, share) in enumerate(zip(space, main_effects(keys, values), strict=True)):
        own = None if best is None else best.parameters.get(one.name)
        edge = "" if own is None or not numeric[i] else edge_of(one, own, columns[i])
        order = sorted(set(keys[i])) if numeric[i] else [t for t in dict.fromkeys([*_declared(one), *columns[i]]) if t in keys[i]]
        levels = tuple(_level(key, keys[i], columns[i], values, sign) for key in order)
        ranges, steps = _slices(i, keys, values, numeric[i])
        reports.append(ParameterReport(
            one.name, numeric[i], levels, own, edge, share, len(ranges), sum(ranges) / len(ranges) if ranges else None,
            max(ranges, default=None), max(steps, default=None)))  # fmt: skip
    modes = tuple(
        Mode(trials[place].number, sign * values[place], n) for place, n in _modes(keys, values, numeric)
    )  # fmt: skip
    return Analysis(tuple(reports), len(trials), is_complete_grid(keys), modes, _failures(study.trials))


def is_numeric(texts: Sequence[str]) -> bool:
    """Whether all texts are finite numbers."""
    try:
        return bool(texts) and all(math.isfinite(float(text)) for text in texts)
    except ValueError:
        return False


def edge_of(one: Range | Choice, value: str, tried: Sequence[str] = ()) -> str:
    """Which end of what was searched a value is: "lowest", "highest", or neither.

    LEAN calls all within half a step of the range's ends its edge. This is the first and the last value that can be reached, so
    that 20 is the end of 10:29:10, too, and within `EDGE` of the length where there is no step.
    """
    number = Decimal(value)
    if isinstance(one, Choice):
        listed = sorted({Decimal(text) for text in (*one.values(), *tried)})
        if len(listed) < FEWEST:
            return ""
        low, high, near = listed[0], listed[-1], Decimal(0)
    else:
        if one.low == one.high or (one.count is not None and one.count < FEWEST):
            return ""
        low, high, near = one.low, one.high, Decimal(0)
        if one.step is not None:
            high = low + (high - low) // one.step * one.step
        elif not one.whole:
            near = EDGE * (high - low)
    if number <= low + near:
        return "lowest"
    return "highest" if number >= high - near else ""


def _declared(one: Range | Choice) -> tuple[str, ...]:
    return one.values() if isinstance(one, Choice) else ()


def _level(key: object, keys: Sequence[object], texts: Sequence[str], values: Sequence[float], sign: float) -> Level:
    own = [value for k, value in zip(keys, values, strict=True) if k == key]
    return Level(texts[keys.index(key)], len(own), sign * sum(own) / len(own), sign * max(own), sign * min(own))


def _slices(place: int, keys: Sequence[Sequence[Any]], values: Sequence[float], numeric: bool) -> tuple[list[float], list[float]]:
    """Of the sets that share all other parameters: the range of their values, and the changes from one to the next."""
    groups: dict[tuple[Any, ...], list[tuple[Any, float]]] = {}
    for row, value in zip(zip(*keys, strict=True), values, strict=True):
        groups.setdefault(row[:place] + row[place + 1 :], []).append((row[place], value))
    ranges: list[float] = []
    steps: list[float] = []
    for group in groups.values():
        if len(group) > 1:
            ranges.append(max(v for _, v in group) - min(v for _, v in group))
            if numeric:
                along = [v for _, v in sorted(group)]
                steps.extend(abs(b - a) for a, b in zip(along, along[1:], strict=False))
    return ranges, steps


def _modes(keys: Sequence[Sequence[Any]], values: Sequence[float], numeric: Sequence[bool]) -> list[tuple[int, int]]:
    """Places of the local optima and how many neighbours they have, the best first.

    Neighbours have the next value, below or above, that was tried of one number; or any other one of a parameter without order.
    """
    rows = list(zip(*keys, strict=True))
    at = dict(zip(rows, values, strict=True))
    axes = [sorted(set(column)) if n else list(dict.fromkeys(column)) for column, n in zip(keys, numeric, strict=True)]
    found = []
    for place, row in enumerate(rows):
        near = []
        for i, (axis, n) in enumerate(zip(axes, numeric, strict=True)):
            own = axis.index(row[i])
            others = [axis[j] for j in (own - 1, own + 1) if 0 <= j < len(axis)] if n else [v for v in axis if v != row[i]]
            near += [at[there] for v in others if (there := (*row[:i], v, *row[i + 1 :])) in at]
        if near and values[place] > max(near):
            found.append((place, len(near)))
    return sorted(found, key=lambda one: (-values[one[0]], one[0]))


def _failures(trials: Sequence[Trial]) -> tuple[Failure, ...]:
    groups: dict[str, list[Trial]] = {}
    for trial in trials:
        if trial.status != COMPLETE:
            reason = trial.error.strip() or ("failed without a text" if trial.status == FAILED else "sent no order")
            groups.setdefault(reason, []).append(trial)
        elif trial.values is None:
            groups.setdefault(NO_VALUE, []).append(trial)
    found = [Failure(reason, len(group), group[0].parameters) for reason, group in groups.items()]
    return tuple(sorted(found, key=lambda one: -one.n))
