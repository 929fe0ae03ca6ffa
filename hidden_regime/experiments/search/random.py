"""Sets drawn at random, each by its own number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from hidden_regime.experiments.search.base import BATCH, Told, check_batch, check_count, check_seed, check_told
from hidden_regime.experiments.space import Choice, Parameter, Range, Space
from hidden_regime.experiments.space.numbers import rounded

DIGITS = 6
"""A number of a range without a step is written with so many decimals that the range has 10**6 to 10**7 different ones."""


def decimals_of(one: Range) -> Decimal:
    """The unit of the last decimal of a range's numbers."""
    return Decimal(1).scaleb((one.high - one.low).adjusted() - DIGITS) if one.high > one.low else Decimal(1).scaleb(-DIGITS)


def written(one: Range, value: float) -> str:
    """A number of a range without a step as a text, rounded and kept inside.

    Examples
    --------
    >>> written(Range("share", "0.3", "0.9"), 0.1 + 0.2 + 0.1), written(Range("n", 1, 9, whole=True), 4.6)
    ('0.4000000', '5')
    """
    exact = Decimal(value)
    return one.snapped(exact if one.whole else rounded(exact, min(decimals_of(one), Decimal(1))))


@dataclass(frozen=True)
class Random:
    """Sets drawn uniformly and independently: the i-th depends on the seed and on i alone. One may come twice.

    Parameters
    ----------
    space : Space
    n_trials : int
    seed : int
    batch : int

    Examples
    --------
    >>> space = Space.of({"fast": "5:50:5", "share": "0:1"})
    >>> [one["fast"] for one in Random(space, n_trials=3).propose([])] == [
    ...     one["fast"] for one in Random(space, n_trials=100).propose([])[:3]]
    True
    """

    space: Space
    n_trials: int = 100
    seed: int = 0
    batch: int = BATCH

    def __post_init__(self) -> None:
        check_count("n_trials", self.n_trials)
        check_seed(self.seed)
        check_batch(self.batch)

    def propose(self, told: Sequence[Told]) -> list[dict[str, str]]:
        """The next draws; empty after `n_trials`."""
        if told:
            check_told(self._draw(len(told) - 1), told[-1])
        return [self._draw(trial) for trial in range(len(told), min(len(told) + self.batch, self.n_trials))]

    def total(self) -> int:
        """The number of trials."""
        return self.n_trials

    def _draw(self, trial: int) -> dict[str, str]:
        rng = np.random.default_rng(np.random.SeedSequence([self.seed, trial]))
        return {one.name: drawn(one, rng) for one in self.space}


def drawn(one: Parameter, rng: np.random.Generator) -> str:
    """A value, each as likely as any other."""
    if isinstance(one, Choice) or one.step is not None:
        values = one.values()
        return values[int(rng.integers(len(values)))]
    if one.whole:
        return str(int(rng.integers(int(one.low), int(one.high) + 1)))
    return written(one, rng.uniform(float(one.low), float(one.high)))
