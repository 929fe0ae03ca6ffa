"""A longer Bayesian search begins with a shorter one, in small spaces too."""

from __future__ import annotations

import pytest

from hidden_regime.experiments import Space
from hidden_regime.experiments.search import Tpe
from hidden_regime.experiments.search.base import Told

pytest.importorskip("optuna")
SPACE = Space.of({"n": "1:4:1", "m": ["a", "b", "c"]})


def tried(n_trials, seed):
    search, told = Tpe(SPACE, n_trials, seed=seed), []
    while proposed := search.propose(told):
        told += [Told(one, (float(one["n"]),)) for one in proposed]
    return [one.parameters for one in told]


@pytest.mark.parametrize("seed", range(3))
def test_fewer_trials_are_the_beginning_of_more(seed):
    every = tried(12, seed)
    assert len({tuple(one.values()) for one in every}) == 12
    for fewer in (3, 8, 9, 10, 11):
        assert tried(fewer, seed) == every[:fewer]
