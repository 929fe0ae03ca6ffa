"""A state that the last bar alone is in: nothing was seen of what follows it."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from hidden_regime import GaussianHMM, StudentTHMM
from hidden_regime.exceptions import NoEvidenceWarning

STARTS = [(("volatility",), 0), (("kmeans",), 0), (("random",), 0), (("random",), 1), (("random",), 2)]


@pytest.fixture(scope="module")
def crash():
    return np.append(np.random.default_rng(5).normal(0, 1, 300), 40.0)[:, None]


@pytest.mark.parametrize("start", STARTS, ids=str)
def test_its_row_is_the_average_row_whatever_the_start(crash, start):
    with pytest.warns(NoEvidenceWarning, match="average row"):
        model = GaussianHMM(2, init=start[0], random_state=start[1]).fit(crash)
    last = int(model.means_.argmax())
    # Of 300 transitions 299 stay in the calm state and one leads out of it.
    np.testing.assert_allclose(np.delete(model.transmat_[last], last), 299 / 300, atol=1e-6)
    tomorrow = (299 * crash[:300].mean() + 40.0) / 300
    np.testing.assert_allclose(model.forecast(crash).mean[0, 0], tomorrow, atol=1e-6)
    assert model.score(crash) == pytest.approx(model.log_likelihood_, abs=1e-9)
    assert np.isnan(model.standard_errors(crash).transmat[last]).all()


def test_a_missing_value_makes_no_difference(crash):
    """The slower path, which takes features that are missing, follows the same convention."""
    holed = np.column_stack([crash, np.random.default_rng(0).normal(0, 1, len(crash))])
    holed[7, 1] = np.nan
    with pytest.warns(NoEvidenceWarning):
        model = GaussianHMM(2).fit(holed)
    last = int(model.means_[:, 0].argmax())
    np.testing.assert_allclose(model.transmat_[last, last], 1 / 300, atol=1e-6)


def test_a_student_t_follows_it_too(crash):
    with pytest.warns(NoEvidenceWarning):
        model = StudentTHMM(2, init=("kmeans",)).fit(crash)
    np.testing.assert_allclose(model.transmat_[int(model.means_.argmax())].max(), 299 / 300, atol=1e-3)


def test_several_sequences_count_together(crash):
    with pytest.warns(NoEvidenceWarning):
        model = GaussianHMM(2, init=("kmeans",)).fit(np.concatenate([crash, crash]), lengths=[301, 301])
    np.testing.assert_allclose(model.transmat_[int(model.means_.argmax())].max(), 598 / 600, atol=1e-6)


def test_a_prior_or_a_transition_is_evidence(crash):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = GaussianHMM(2, stay_duration=20.0, stay_weight=10.0).fit(crash)
        GaussianHMM(2).fit(np.append(crash, [[0.1]], axis=0))
        GaussianHMM(2, transmat_mask="left-to-right").fit(crash)
    last = int(model.means_.argmax())
    assert model.transmat_[last, last] == pytest.approx(0.95)
