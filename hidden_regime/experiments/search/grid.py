"""Every set of a space, in LEAN's order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from hidden_regime.experiments.search.axes import Axis, Listed, axes_of, check_few, count_of, set_at
from hidden_regime.experiments.search.base import BATCH, Told, check_batch, check_count, check_told
from hidden_regime.experiments.space import Space


@dataclass(frozen=True)
class Grid:
    """All sets, the first parameter outermost: LEAN's GridSearchOptimizationStrategy.

    Parameters
    ----------
    space : Space
    batch : int
    segments : int, optional
        Into how many steps to divide a range without one: LEAN's default-segment-amount.

    Raises
    ------
    ParameterError
        More than `MOST_SETS` sets, or a range without a step.

    Examples
    --------
    >>> Grid(Space.of({"fast": "5:10:5", "slow": "30:50:20"})).propose([])[:3]
    [{'fast': '5', 'slow': '30'}, {'fast': '5', 'slow': '50'}, {'fast': '10', 'slow': '30'}]
    """

    space: Space
    batch: int = BATCH
    segments: int | None = None

    def __post_init__(self) -> None:
        check_batch(self.batch)
        if self.segments is not None:
            check_count("segments", self.segments)
        check_few(self._axes)

    @cached_property
    def _axes(self) -> list[Axis | Listed]:
        return axes_of(self.space, self.segments)

    def propose(self, told: Sequence[Told]) -> list[dict[str, str]]:
        """The next sets of the grid; empty after the last."""
        if told and len(told) <= self.total():
            check_told(set_at(self._axes, len(told) - 1), told[-1])
        return [set_at(self._axes, place) for place in range(len(told), min(len(told) + self.batch, self.total()))]

    def total(self) -> int:
        """How many sets the grid has."""
        return count_of(self._axes)
