"""The axes of a grid: values of each parameter in LEAN's arithmetic, sets in LEAN's order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from hidden_regime.data.decimals import SystemDecimal
from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.space import Choice, Range, Space
from hidden_regime.experiments.space.numbers import MOST_VALUES, count_between, enumerated, exact

MOST_SETS = 100_000
"""The most sets of a grid. At half a second each so many take a core 14 hours."""


@dataclass(frozen=True)
class Axis:
    """A range with its step, which may become narrower and finer. `whole`: values are rounded half to even, each once."""

    name: str
    low: SystemDecimal
    high: SystemDecimal
    step: SystemDecimal
    min_step: SystemDecimal
    whole: bool = False

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Its values as LEAN writes them."""
        if (count := count_between(self.low, self.high, self.step)) > MOST_VALUES:
            raise ParameterError(f"{self.name}: step", str(self.step), f"at most {MOST_VALUES:,} values", f"These are {count:,}.")
        values = enumerated(self.low, self.high, self.step)
        return tuple(dict.fromkeys(str(value.round(0) if self.whole else value) for value in values))


@dataclass(frozen=True)
class Listed:
    """Texts."""

    name: str
    texts: tuple[str, ...]


def axes_of(space: Space, segments: int | None = None) -> list[Axis | Listed]:
    """The axes of a space.

    Parameters
    ----------
    space : Space
    segments : int, optional
        Into how many steps to divide a range without one. As in LEAN its finest step is then a tenth of that, whatever its
        `min_step`. A whole range has no step below 1.

    Raises
    ------
    ParameterError
        A range without a step, and no `segments`.
    """
    return [Listed(one.name, one.values()) if isinstance(one, Choice) else _axis(one, segments) for one in space]


def _axis(one: Range, segments: int | None) -> Axis:
    low, high = exact(one.low), exact(one.high)
    if one.step is not None:
        step, min_step = exact(one.step), exact(one.min_step or one.step)
    elif segments is None:
        raise ParameterError(f"{one.name}: step", None, "a step, as in 10:50:5", "Or choose method random or tpe.")
    else:
        step = abs(high - low) / SystemDecimal(segments) if one.low < one.high else SystemDecimal(1)
        min_step = step / SystemDecimal(10)
    least = SystemDecimal(1)
    if one.whole:
        step, min_step = max(least, step), max(least, min_step)
    return Axis(one.name, low, high, step, min_step, one.whole)


def count_of(axes: Sequence[Axis | Listed]) -> int:
    """How many sets the axes give."""
    return math.prod(len(axis.texts) for axis in axes)


def set_at(axes: Sequence[Axis | Listed], place: int) -> dict[str, str]:
    """One of the sets, the first axis outermost."""
    found: list[tuple[str, str]] = []
    for axis in reversed(axes):
        place, index = divmod(place, len(axis.texts))
        found.append((axis.name, axis.texts[index]))
    return dict(reversed(found))


def check_few(axes: Sequence[Axis | Listed]) -> None:
    """Raise where there are too many sets to try them all."""
    if (count := count_of(axes)) > MOST_SETS:
        remedy = "Take larger steps, or method random or tpe."
        raise ParameterError("space", f"{count:,} sets", f"at most {MOST_SETS:,}", remedy)
