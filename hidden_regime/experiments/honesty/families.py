"""A family of strategies at once: whether any beats a benchmark, which do, and which may be the best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import MissingDependencyError, ParameterError
from hidden_regime.experiments.checks import finite, number, whole
from hidden_regime.experiments.honesty.resampling import block_length
from hidden_regime.kernels.results import Floats

SIZE = 0.05
SET_SIZE = 0.1
"""Of a confidence set, as its authors have it."""


class SuperiorAbility(NamedTuple):
    """p of the hypothesis that no strategy of a family has a higher mean return than the benchmark (Hansen).

    Attributes
    ----------
    lower, consistent, upper : float
        By what is taken of strategies that are far below the benchmark: nothing of them, what is right for long samples, or all
        (White's reality check). The consistent one decides.
    """

    lower: float
    consistent: float
    upper: float


def superior_ability(benchmark: npt.ArrayLike, returns: npt.ArrayLike, *, block: float | None = None, n_resamples: int = 1000,
                     seed: int = 0) -> SuperiorAbility:  # fmt: skip
    """Whether any strategy of a family beats a benchmark, the best of many being good by being the best of many (SPA).

    Parameters
    ----------
    benchmark : (n_obs,)
        Returns of trading days.
    returns : (n_obs, n_strategies)
        Of the same days.
    block : float, optional
        Mean length of the blocks in days; default: the longest that a difference from the benchmark asks for.
    n_resamples, seed : int

    Notes
    -----
    It compares mean returns, not Sharpe ratios: leverage counts. By arch, losses being returns with the other sign.

    References
    ----------
    Hansen (2005), A test for superior predictive ability, Journal of Business & Economic Statistics 23.
    """
    family = _Family(benchmark, returns, block, n_resamples, seed)
    if not family.different:
        return SuperiorAbility(1.0, 1.0, 1.0)
    test = family.test()
    test.compute()
    return SuperiorAbility(*(float(test.pvalues[name]) for name in ("lower", "consistent", "upper")))


def superior_ones(benchmark: npt.ArrayLike, returns: npt.ArrayLike, *, names: Sequence[str] | None = None, size: float = SIZE,
                  block: float | None = None, n_resamples: int = 1000, seed: int = 0) -> tuple[str, ...]:  # fmt: skip
    """Strategies of a family that beat a benchmark, with a probability of `size` that any of them doesn't (StepM).

    Each step takes out those that beat it and asks of the rest, until none is added or all are in.

    Parameters
    ----------
    benchmark, returns, block, n_resamples, seed
        As of `superior_ability`.
    names : sequence of str, optional
        Of the strategies; default: their numbers from 0 on.
    size : float
        Above 0 and below 1.

    References
    ----------
    Romano and Wolf (2005), Stepwise multiple testing as formalized data snooping, Econometrica 73.
    """
    _check_size(size)
    family = _Family(benchmark, returns, block, n_resamples, seed)
    called = _names(names, family.count)
    if not family.different:
        return ()
    test = family.test()
    left = np.ones(len(family.different), dtype=bool)
    while left.any():  # arch's own loop asks of an empty family once all have won, and raises
        test.subset(left.copy())
        test.compute()
        better = np.asarray(test.better_models(size), dtype=np.int64)
        if not len(better):
            break
        left[better] = False
    winners = {family.different[i] for i in np.flatnonzero(~left)}
    return tuple(called[i] for i in range(family.count) if family.same_as.get(i) in winners)


def confidence_set(returns: npt.ArrayLike, *, names: Sequence[str] | None = None, size: float = SET_SIZE,
                   block: float | None = None, n_resamples: int = 1000, seed: int = 0) -> tuple[str, ...]:  # fmt: skip
    """Strategies that may have the highest mean return of all: what is left out has less, at this size (MCS).

    Parameters
    ----------
    returns : (n_obs, n_strategies)
        Returns of the same trading days.
    names, n_resamples, seed
        As of `superior_ones`.
    size : float
        Probability that the best one isn't in the set; above 0 and below 1.
    block : float, optional
        Mean length of the blocks in days; default: the longest that one of the strategies asks for.

    Returns
    -------
    tuple of str
        In the order of the strategies; equal ones stay or go together.

    References
    ----------
    Hansen, Lunde and Nason (2011), The model confidence set, Econometrica 79.
    """
    x = finite(returns, "returns", 2, "returns, a row for each trading day and a column for each strategy")
    called = _names(names, x.shape[1])
    _check_size(size)
    kinds = _kinds(x)
    first = sorted(set(kinds.values()))
    if len(first) < 2:
        return tuple(called)
    length = block_length(*x.T) if block is None else _block(block)
    test = _arch().MCS(-x[:, first], size, reps=_count(n_resamples), block_size=math.ceil(length), seed=_generator(seed))
    test.compute()
    kept = {first[int(i)] for i in test.included}
    return tuple(called[i] for i in range(x.shape[1]) if kinds[i] in kept)


class _Family:
    """Strategies against a benchmark: equal ones are asked of once, and those equal to the benchmark not at all."""

    def __init__(
        self, benchmark: npt.ArrayLike, returns: npt.ArrayLike, block: float | None, n_resamples: int, seed: int
    ) -> None:
        self.benchmark = finite(benchmark, "benchmark", 1, "returns of trading days, in one dimension")
        self.returns = finite(returns, "returns", 2, "returns, a row for each trading day and a column for each strategy")
        if len(self.returns) != len(self.benchmark):
            raise ParameterError("returns", returns, f"{len(self.benchmark)} rows, as the benchmark has")
        self.count = self.returns.shape[1]
        away = self.returns - self.benchmark[:, None]
        self.same_as = {i: one for i, one in _kinds(away).items() if float(np.ptp(away[:, i])) > 0.0}
        self.different = sorted(set(self.same_as.values()))
        self._options = _count(n_resamples), _generator(seed)
        lengths = (away[:, i] for i in self.different)
        self._block = block_length(*lengths) if block is None else _block(block)

    def test(self) -> Any:
        """Hansen's test of them."""
        n_resamples, generator = self._options
        losses = -self.returns[:, self.different]
        return _arch().SPA(-self.benchmark, losses, block_size=math.ceil(self._block), reps=n_resamples, seed=generator)


def _kinds(x: Floats) -> dict[int, int]:
    """For each column the first one that equals it."""
    first: dict[bytes, int] = {}
    return {i: first.setdefault(np.ascontiguousarray(x[:, i]).tobytes(), i) for i in range(x.shape[1])}


def _names(names: Sequence[str] | None, count: int) -> list[str]:
    called = [str(i) for i in range(count)] if names is None else list(names)
    if len(called) != count:
        raise ParameterError("names", names, f"a name for each of the {count} strategies")
    return called


def _check_size(size: float) -> None:
    if not number("size", size, "a number above 0 and below 1", above=0.0) < 1.0:
        raise ParameterError("size", size, "a number above 0 and below 1")


def _block(block: float) -> float:
    return number("block", block, "a mean length in days of at least 1", low=1.0)


def _count(n_resamples: int) -> int:
    return whole("n_resamples", n_resamples, "a whole number of at least 99", low=99)


def _generator(seed: int) -> np.random.Generator:
    return np.random.default_rng(whole("seed", seed, "a whole number of at least 0", low=0))


def _arch() -> Any:
    try:
        import arch.bootstrap
    except ImportError as error:
        raise MissingDependencyError("families of strategies need arch: pip install 'hidden-regime[research]'.") from error
    return arch.bootstrap
