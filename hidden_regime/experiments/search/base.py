"""What all searches are: a function of their arguments and of all that has been tried, in its order.

A search keeps no state. A study that was killed is resumed by telling what is known again, and which trials there are doesn't
depend on how many ran at the same time, but on the size of a batch alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hidden_regime.exceptions import ParameterError

BATCH = 8
"""How many sets a search proposes at once unless it is told otherwise."""

DIRECTIONS = ("max", "min")


@dataclass(frozen=True)
class Told:
    """What came of a set of parameters.

    Parameters
    ----------
    parameters : dict of str to str
        As proposed.
    values : tuple of float, optional
        Of the objectives; None where the run failed or has none, such as a strategy that never traded.
    violations : tuple of float
        One for each constraint: above 0 where it isn't met.
    """

    parameters: dict[str, str]
    values: tuple[float, ...] | None
    violations: tuple[float, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether the set may be the best one: it has values, and meets every constraint."""
        return self.values is not None and not any(math.isnan(x) for x in self.values) and all(v <= 0 for v in self.violations)


class Search(Protocol):
    """Which sets to try next."""

    def propose(self, told: Sequence[Told]) -> list[dict[str, str]]:
        """The next batch, given all that was told so far in the order in which it was proposed; empty when done."""
        ...  # pragma: no cover

    def total(self) -> int | None:
        """How many sets there will be; None where that depends on what comes of them."""
        ...  # pragma: no cover


def best_of(told: Sequence[Told], direction: str = "max") -> int | None:
    """Place of the best set, which counts and which no earlier one equals: LEAN's solution; None where none counts.

    By the first value, where there are several.

    Examples
    --------
    >>> best_of([Told({"n": "1"}, (0.5,)), Told({"n": "2"}, (0.5,)), Told({"n": "3"}, (0.9,), (0.1,))])
    0
    """
    best: tuple[int, float] | None = None
    for place, one in enumerate(told):
        if one.counts and one.values is not None:
            value = one.values[0]
            if best is None or (value > best[1] if direction == "max" else value < best[1]):
                best = (place, value)
    return best and best[0]


def check_batch(batch: object) -> None:
    """Raise unless it is a number of sets."""
    check_count("batch", batch)


def check_count(parameter: str, count: object) -> None:
    """Raise unless it is a whole number above 0."""
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise ParameterError(parameter, count, "a whole number above 0")


def check_seed(seed: object) -> None:
    """Raise unless it can seed a generator."""
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ParameterError("seed", seed, "a whole number of at least 0")


def check_direction(direction: object) -> None:
    """Raise unless it is a direction."""
    if direction not in DIRECTIONS:
        raise ParameterError("direction", direction, "max or min")


def check_told(expected: dict[str, str], told: Told) -> None:
    """Raise where what was told isn't what this search proposes at its place."""
    if told.parameters != expected:
        remedy = "What is told must be in the order proposed, by a search with the same arguments."
        raise ParameterError("told", told.parameters, f"what this search proposed: {expected}", remedy)
