"""Days drawn from a model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.regime_paths import draw
from hidden_regime.experiments.regime_paths.drawing import past_days
from hidden_regime.experiments.regime_paths.markets import prices_of

from .models import index_model, stocks_model

MODELS = {"density": index_model, "days": stocks_model}


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(list(MODELS)), st.integers(0, 2**31), st.integers(0, 10**6))
def test_prices_are_positive_and_every_close_lies_in_its_bar(kind, seed, number):
    model = MODELS[kind]()
    for logs, (base, _) in zip(draw(model, number, seed=seed).logs, model.base, strict=True):
        opened, high, low, close = prices_of(logs, float(base)).T
        assert (low > 0.0).all()
        assert np.isfinite(high).all()
        assert (high >= np.maximum(opened, close)).all()
        assert (low <= np.minimum(opened, close)).all()
        assert np.diff(np.log([base, *close])) == pytest.approx(logs[:, 3], abs=1e-13)


@pytest.mark.parametrize("kind", list(MODELS))
def test_a_path_depends_on_seed_and_number_alone(kind):
    model = MODELS[kind]()
    one, again, other, elsewhere = (draw(model, n, seed=s) for n, s in ((3, 7), (3, 7), (4, 7), (3, 8)))
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert not np.array_equal(one.logs, other.logs)
    assert not np.array_equal(one.logs, elsewhere.logs)


def test_days_of_the_past_come_by_their_probabilities():
    smoothed = np.array([[0.7, 0.0], [0.2, 0.5], [0.0, 0.3], [0.1, 0.2]])
    n = 20_000
    states = np.repeat([0, 1], n)
    places = past_days(smoothed, states, np.random.default_rng(0).random(2 * n))
    for state in range(2):
        share = np.bincount(places[states == state], minlength=4) / n
        expected = smoothed[:, state] / smoothed[:, state].sum()
        assert (abs(share - expected) <= 4.5 * np.sqrt(expected * (1.0 - expected) / n)).all()


def test_the_largest_uniform_draws_a_day_that_can_be():
    smoothed = np.array([[0.0], [0.1], [0.2], [0.0]])
    places = past_days(smoothed, np.zeros(3, np.int64), np.array([0.0, 0.5, np.nextafter(1.0, 0.0)]))
    assert places.tolist() == [1, 2, 2]


def test_assets_move_together_as_they_did():
    model = stocks_model()
    past = np.corrcoef(model.logs[:, :, 3])
    drawn = np.corrcoef(np.concatenate([draw(model, n).logs[:, :, 3] for n in range(12)], axis=1))
    assert past[0, 1] > 0.3
    assert drawn == pytest.approx(past, abs=0.05)


def test_of_several_assets_each_day_is_one_that_has_been():
    model = stocks_model()
    drawn = draw(model, 5)
    assert np.array_equal(drawn.logs, model.logs[:, drawn.places])
    assert np.array_equal(drawn.volumes, model.volumes[:, drawn.places])


def test_states_follow_the_chain():
    model = index_model()
    states = draw(model, 0, n_days=20_000).states
    counts = np.zeros((3, 3))
    np.add.at(counts, (states[:-1], states[1:]), 1.0)
    n = counts.sum(axis=1, keepdims=True)
    p = model.parameters.transmat
    assert (abs(counts / n - p) <= 4.5 * np.sqrt(p * (1.0 - p) / n) + 1e-9).all()


def test_few_days_have_a_body_wider_than_their_range():
    assert 0.0 < np.mean([draw(index_model(), n).clipped.mean() for n in range(5)]) < 0.09  # 8.2% where nights take nothing


@pytest.mark.parametrize("given", [{"number": -1}, {"number": 0.5}, {"number": 0, "seed": -1}, {"number": 0, "n_days": 0}])
def test_numbers_that_are_none_are_told(given):
    with pytest.raises(ParameterError, match="whole number"):
        draw(index_model(), **given)
