"""The pairs of the benchmark of paired tests: equal Sharpe ratios, and the autocorrelation that is said."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("arch")

from benchmarks.paired_test import CORRELATION, SHARPE, TESTS, equal_pair, rejections


@pytest.mark.parametrize("phi", [0.0, 0.4])
def test_pairs_are_what_is_said(phi):
    x, y = equal_pair(np.random.default_rng(0), 400_000, phi)
    for series, deviation in ((x, 0.01), (y, 0.013)):
        assert series.std() == pytest.approx(deviation, rel=0.01)
        assert series.mean() / series.std() == pytest.approx(SHARPE, abs=0.01)
        assert np.corrcoef(series[1:], series[:-1])[0, 1] == pytest.approx(phi, abs=0.01)
    assert np.corrcoef(x, y)[0, 1] == pytest.approx(CORRELATION, abs=0.01)


def test_rejections_are_percents_of_pairs():
    found = rejections(60, 0.2, 4)
    assert found.shape == (len(TESTS),)
    assert set(found) <= {0.0, 25.0, 50.0, 75.0, 100.0}
