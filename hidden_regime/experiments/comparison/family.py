"""All strategies at once against the benchmark: the best of many is good by being the best of many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hidden_regime.experiments.honesty.families import confidence_set, superior_ability, superior_ones
from hidden_regime.experiments.honesty.resampling import block_length
from hidden_regime.kernels.results import Floats


@dataclass(frozen=True)
class FamilyTests:
    """Tests of mean returns, leverage counts; by arch.

    Attributes
    ----------
    benchmark : str
    names : tuple of str
        The strategies besides it.
    lower, consistent, upper : float
        p of the SPA test: that none has a higher mean return than the benchmark. The consistent one decides.
    superior : tuple of str
        Those that beat it, with a probability of 0.05 that one of them doesn't (StepM).
    kept : tuple of str
        Those that may have the highest mean return of all (MCS), with a probability of 0.1 that it isn't among them.
    block : float
        Mean length of the blocks in days.
    n_resamples : int
    """

    benchmark: str
    names: tuple[str, ...]
    lower: float
    consistent: float
    upper: float
    superior: tuple[str, ...]
    kept: tuple[str, ...]
    block: float
    n_resamples: int


def family_tests(benchmark: str, names: Sequence[str], returns: Floats, *, block: float | None, n_resamples: int,
                 seed: int) -> FamilyTests | None:  # fmt: skip
    """The tests; None where there is nothing besides the benchmark.

    Parameters
    ----------
    names : sequence of str
        Of all, the benchmark's among them.
    returns : (n_days, n)
    """
    place = names.index(benchmark)
    others = [i for i in range(len(names)) if i != place]
    if not others:
        return None
    mark, rest, called = returns[:, place], returns[:, others], [names[i] for i in others]
    length = block_length(*rest.T, *(rest - mark[:, None]).T) if block is None else block
    spa = superior_ability(mark, rest, block=length, n_resamples=n_resamples, seed=seed)
    superior = superior_ones(mark, rest, names=called, block=length, n_resamples=n_resamples, seed=seed)
    kept = confidence_set(rest, names=called, block=length, n_resamples=n_resamples, seed=seed)
    return FamilyTests(benchmark, tuple(called), *spa, superior, kept, length, n_resamples)
