"""Each two strategies: how much they differ, and how much of that luck makes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from hidden_regime.experiments.comparison.figures import finite
from hidden_regime.experiments.honesty.holm import holm
from hidden_regime.experiments.honesty.paired import sharpe_difference
from hidden_regime.experiments.honesty.paired_bootstrap import sharpe_difference_bootstrap
from hidden_regime.experiments.honesty.studentised import LEVEL
from hidden_regime.experiments.honesty.t_test import paired_t_test
from hidden_regime.kernels.results import Floats
from hidden_regime.regimes.statistics import TRADING_DAYS


@dataclass(frozen=True)
class Pair:
    """Two strategies, the one with the higher Sharpe ratio first. Ratios are of a year; None is infinite.

    Attributes
    ----------
    first, second : str
    difference, se : float
        Of their Sharpe ratios.
    low, high : float or None
        Interval of 95%.
    luck : float or None
        What the difference of two such strategies stays below in 95 of 100 cases if their true Sharpe ratios are equal.
    p, p_holm : float
        Of the bootstrap; the latter counts that there are as many pairs as there are.
    years : float or None
        Years of trading days until a difference like this would be above what luck makes: luck shrinks with their root.
    block : float
        Mean length of the blocks in days.
    memmel_z, memmel_p : float
        Memmel's test of the same, which takes independent normal returns.
    t, t_p : float or None
        The paired t-test, which does so too, and tests mean returns. t is None where each day differs by the same.
    """

    first: str
    second: str
    difference: float
    se: float
    low: float | None
    high: float | None
    luck: float | None
    p: float
    p_holm: float
    years: float | None
    block: float
    memmel_z: float
    memmel_p: float
    t: float | None
    t_p: float

    @property
    def told(self) -> bool:
        """Whether the difference can be told from luck, all pairs counted."""
        return self.p_holm <= LEVEL


def pairs_of(names: Sequence[str], returns: Floats, *, block: float | None, n_resamples: int, seed: int,
             days_a_year: int = TRADING_DAYS) -> tuple[Pair, ...]:  # fmt: skip
    """All pairs.

    Parameters
    ----------
    names : sequence of str
        From the highest Sharpe ratio to the lowest.
    returns : (n_days, n)
        In the same order.
    block, n_resamples, seed
        As of `sharpe_difference_bootstrap`.
    days_a_year : int
        Trading days.
    """
    found = [_pair(names, returns, i, k, days_a_year, block, n_resamples, seed) for i, k in combinations(range(len(names)), 2)]
    return tuple(replace(one, p_holm=float(p)) for one, p in zip(found, holm([one.p for one in found]), strict=True))


def _pair(names: Sequence[str], returns: Floats, i: int, k: int, days_a_year: int, block: float | None, n_resamples: int,
          seed: int) -> Pair:  # fmt: skip
    x, y = returns[:, i], returns[:, k]
    found = sharpe_difference_bootstrap(x, y, block=block, n_resamples=n_resamples, seed=seed)
    memmel, means = sharpe_difference(x, y), paired_t_test(x, y)
    year = math.sqrt(days_a_year)
    needed = len(x) / days_a_year * (found.luck / found.difference) ** 2 if found.difference else math.inf
    return Pair(
        names[i], names[k], found.difference * year, found.se * year, finite(found.low * year), finite(found.high * year),
        finite(found.luck * year), found.p, found.p, finite(needed), found.block, memmel.z, memmel.p, finite(means.t), means.p,
    )  # fmt: skip
