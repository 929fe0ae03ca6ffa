"""Holm's rule by its definition, and the t-test by scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.honesty import holm, paired_t_test

P = st.lists(st.floats(0, 1), max_size=12)


@given(p=P)
def test_holm_is_the_step_down_rule(p):
    found, m = holm(p), len(p)
    for i, own in enumerate(p):
        # The largest of (number that are at least as large) times p over those that are at most as large, in order of rank.
        order = sorted(range(m), key=lambda k: (p[k], k))
        place = order.index(i)
        assert found[i] == pytest.approx(min(max((m - k) * p[order[k]] for k in range(place + 1)), 1.0))
        assert own <= found[i] <= 1.0


@given(p=P, level=st.floats(0.001, 0.5))
def test_holm_rejects_as_going_down_one_by_one_does(p, level):
    left, rejected = sorted(p), 0
    while left and left[0] * len(left) < level:
        left.pop(0)
        rejected += 1
    assert int((holm(p) < level).sum()) == rejected


def test_holm_takes_probabilities():
    with pytest.raises(ParameterError, match="between 0 and 1"):
        holm([0.5, 1.5])


def test_the_t_test_is_scipys():
    from scipy import stats

    x, y = np.random.default_rng(0).normal(0.0, 0.01, (2, 200))
    found, other = paired_t_test(x, y), stats.ttest_1samp(x - y, 0.0)
    assert (found.t, found.p) == (pytest.approx(other.statistic), pytest.approx(other.pvalue))
    assert (found.difference, found.n_obs) == (pytest.approx(x.mean() - y.mean()), 200)


def test_the_t_test_of_what_never_differs():
    x = np.random.default_rng(0).normal(0.0, 0.01, 50)
    assert paired_t_test(x, x) == (0.0, 0.0, 1.0, 50)
    assert paired_t_test(x + 0.001, x).p == 0.0
    with pytest.raises(ParameterError, match="at least two"):
        paired_t_test([0.1], [0.2])
