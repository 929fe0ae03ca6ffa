"""LEAN's Euler search: a coarse grid, then finer ones around the best set so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hidden_regime.data.decimals import SystemDecimal
from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.search.axes import Axis, Listed, axes_of, check_few, count_of, set_at
from hidden_regime.experiments.search.base import BATCH, Told, best_of, check_batch, check_count, check_direction, check_told
from hidden_regime.experiments.space import Range, Space

SEGMENTS = 4
"""LEAN's own number of segments."""


@dataclass(frozen=True)
class Euler:
    """LEAN's EulerSearchOptimizationStrategy: the same sets, with the same texts, in the same order.

    A round is a grid. When all of it is told, each range whose step is above its finest becomes `segments` steps around the
    best set so far, its step divided by `segments`; the others stay. The search ends when every step is its finest, or after a
    round in which still no set counts (see `Told.counts`). A set is the best when it is strictly better than all before it.
    Of ranges that are whole see `departures`. One more thing is otherwise: LEAN ends where the last run of a round to come
    back has failed, which depends on what runs at the same time; here the round counts as told.

    Parameters
    ----------
    space : Space
    direction : "max" or "min"
    batch : int
        Rounds are proposed in pieces of at most so many sets.
    segments : int
        LEAN's default-segment-amount.

    Examples
    --------
    >>> search = Euler(Space.of({"n": {"low": 0, "high": 20, "step": 10, "min_step": 5}}), batch=3)
    >>> [one["n"] for one in search.propose([])]
    ['0', '10', '20']
    >>> told = [Told(one, (-abs(float(one["n"]) - 14),)) for one in search.propose([])]
    >>> [one["n"] for one in search.propose(told)]
    ['0', '5', '10']
    """

    space: Space
    direction: str = "max"
    batch: int = BATCH
    segments: int = SEGMENTS

    def __post_init__(self) -> None:
        check_direction(self.direction)
        check_batch(self.batch)
        check_count("segments", self.segments)
        if self.segments < 2:
            raise ParameterError("segments", self.segments, "at least 2", "With one a step never becomes finer.")
        check_few(axes_of(self.space, self.segments))

    def propose(self, told: Sequence[Told]) -> list[dict[str, str]]:
        """The next sets of the round that isn't told yet; empty when there is no finer one."""
        axes = axes_of(self.space, self.segments)
        begin = 0
        while len(told) >= (end := begin + count_of(axes)):
            for place in range(begin, end):
                check_told(set_at(axes, place - begin), told[place])
            best = best_of(told[:end], self.direction)
            if best is None or not any(_may_refine(axis) for axis in axes):
                return []
            axes = [self._finer(axis, told[best].parameters[axis.name]) for axis in axes]
            check_few(axes)
            begin = end
        return [set_at(axes, place - begin) for place in range(len(told), min(len(told) + self.batch, end))]

    def total(self) -> None:
        """Unknown: how far the rounds reach depends on what is found."""

    def _finer(self, axis: Axis | Listed, best: str) -> Axis | Listed:
        if not isinstance(axis, Axis) or not _may_refine(axis):
            return axis
        step = max(axis.min_step, axis.step / SystemDecimal(self.segments))
        around = step * (SystemDecimal(self.segments) / SystemDecimal(2))
        middle = SystemDecimal.parse(best)
        return replace(axis, low=max(axis.low, middle - around), high=min(axis.high, middle + around), step=step)


def _may_refine(axis: Axis | Listed) -> bool:
    return isinstance(axis, Axis) and axis.step > axis.min_step


def departures(space: Space, segments: int = SEGMENTS) -> list[str]:
    """Where a search of whole numbers tries other sets than LEAN does, a sentence for each parameter.

    LEAN knows no whole numbers. Its rounds write 7.5, and 5.0 too, which `get_parameter` can't read where its default is whole:
    it answers the default, and many runs are one and the same. Here values are rounded to whole numbers, half to even, and each
    comes once in a round.

    Examples
    --------
    >>> space = Space.of({"fast": {"low": 5, "high": 25, "step": 10, "min_step": 2, "whole": True}})
    >>> departures(space)[0].partition(", which")[0]
    'fast: later rounds of LEAN take steps of 2.5 from 5.0 below the best, and write them with a point'
    """
    found = []
    for one, axis in zip(space, axes_of(space, segments), strict=True):
        if not isinstance(one, Range) or not one.whole or not isinstance(axis, Axis):
            continue
        told = _fraction(axes_of(Space((replace(one, whole=False),)), segments)[0], segments)
        if told:
            found.append(
                f"{one.name}: {told}, which get_parameter can't read as a whole number: it would silently answer its default. "
                "Here values are rounded to whole numbers, and each comes once in a round."
            )
    return found


def _fraction(axis: Axis | Listed, segments: int) -> str:
    """What first has a point in LEAN's rounds."""
    if not isinstance(axis, Axis):
        return ""
    if axis.step.scale:
        return f"LEAN would take steps of {axis.step} from the start"
    step = axis.step
    while step > axis.min_step:
        step = max(axis.min_step, step / SystemDecimal(segments))
        around = step * (SystemDecimal(segments) / SystemDecimal(2))
        if step.scale or around.scale:
            return f"later rounds of LEAN take steps of {step} from {around} below the best, and write them with a point"
    return ""
