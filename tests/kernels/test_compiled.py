"""What is numba's own: how it is compiled, and where the monomials are."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from numba.core import config

from hidden_regime import kernels
from hidden_regime.kernels import compiled
from hidden_regime.kernels.functions import _n_monomials, _to_moments

inside: list[tuple[int, int, bool]] = []


def failing() -> None:
    """What holds inside, and then an error."""
    with compiled._quickly():
        inside.append((int(config.OPT), int(config.LOOP_VECTORIZE), gc.isenabled()))
        raise ZeroDivisionError


@pytest.mark.parametrize("collecting", [True, False])
def test_a_quick_compilation_leaves_settings_as_they_were(collecting):
    before, was = (config.OPT, config.LOOP_VECTORIZE), gc.isenabled()
    (gc.enable if collecting else gc.disable)()
    try:
        with pytest.raises(ZeroDivisionError):
            failing()
        after = (config.OPT, config.LOOP_VECTORIZE)
        assert [*map(type, after), *after] == [*map(type, before), *before]
        assert gc.isenabled() is collecting
    finally:
        (gc.enable if was else gc.disable)()
    assert inside.pop() == (min(before[0], 1), 0, False)


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("n_features", [1, 2, 3, 5])
def test_places_are_those_of_the_moments(n_features, full):
    """Without spread, moments are the products of a mean's elements: those of distinct primes tell each place."""
    mean = np.array([2.0, 3.0, 5.0, 7.0, 11.0])[:n_features]
    covars = np.zeros((1, 1, n_features, n_features))
    moments = _to_moments(None, mean[None, None], covars, np.zeros((1, n_features)), full)[0, 0]
    place, one = compiled._places(n_features, full)
    np.testing.assert_array_equal(one, np.eye(n_features + 1))
    u = np.concatenate([[1.0], mean])
    pairs = [(i, j) for i in range(n_features + 1) for j in range(i + 1) if full or j in (0, i)]
    assert sorted(place[i, j] for i, j in pairs) == list(range(_n_monomials(n_features, full)))
    for i, j in pairs:
        assert moments[place[i, j]] == u[i] * u[j]


def test_scratch_that_calls_share_stays_as_it_was():
    """`_run` writes into copies: another call begins with what this one did."""
    place, one = (part.copy() for part in compiled._places(2, True))
    rng = np.random.default_rng(0)
    chain = np.full((1, 4, 3), 1 / 3)
    covars = np.tile(np.array([[1.0, 0.4], [0.4, 2.0]]), (1, 3, 1, 1))
    with kernels.using("numba"):
        kernels.filter(rng.normal(size=(1, 20, 2)), np.array([[0, 0, 20]]), chain[:, -1], chain[:, :-1],
                       rng.normal(size=(1, 3, 2)), covars, covariance_type="full")  # fmt: skip
    for now, before in zip(compiled._places(2, True), (place, one), strict=True):
        np.testing.assert_array_equal(now, before)
