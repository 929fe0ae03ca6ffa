"""A model finds itself again in what it draws."""

from __future__ import annotations

import numpy as np
import pytest

from hidden_regime.experiments.regime_paths import refit

from .models import index_model, stocks_model


def test_the_density_is_found_again():
    found = refit(index_model(), seed=5)
    assert abs(found.mean_differences[:, 1]).max() < 0.017
    assert abs(found.mean_differences[:, 0]).max() < 0.0012
    assert abs(found.stay_differences).max() < 0.006


@pytest.mark.parametrize(("model", "stay"), [(index_model, 0.004), (stocks_model, 0.006)])
def test_over_many_days_the_truth_is_near(model, stay):
    # Days of the past are no normal draws, so that of several assets regimes seem to change a little more often.
    found = refit(model(), n_days=40_000)
    assert abs(found.mean_differences[:, 1]).max() < 0.017
    assert abs(found.mean_differences[:, 0]).max() < 0.0012
    assert abs(found.stay_differences).max() < stay


def test_the_truth_of_past_days_is_their_mean_by_probability():
    model = stocks_model()
    state = 1
    weights = model.smoothed[:, state]
    by_hand = sum(w * row for w, row in zip(weights, model.features, strict=True)) / sum(weights)
    assert model.means[state] == pytest.approx(by_hand, rel=1e-12)
    assert model.means == pytest.approx(model.parameters.means, abs=2e-3)  # where the fit has settled, the same
    found = refit(model, n_days=2000)
    assert found.mean_differences == pytest.approx(found.means - model.means)
    assert np.array_equal(found.stay - model.stay, found.stay_differences)
