"""All figures of one real study: the S&P 500 while its close is above its mean of 10, 20, ... 250 days, from the next day on."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hidden_regime.data import load_dataset
from hidden_regime.experiments.honesty import (
    confidence_set,
    deflated_sharpe,
    effective_trials,
    paired_t_test,
    pbo,
    return_moments,
    sharpe_difference,
    sharpe_difference_bootstrap,
    superior_ability,
    superior_ones,
)

LENGTHS = range(10, 251, 10)
YEAR = math.sqrt(252)


@pytest.fixture(scope="module")
def study():
    close = load_dataset("sp500")["close"]
    hold = close.pct_change()
    trials = [(close > close.rolling(k).mean()).astype(float).shift() * hold for k in LENGTHS]
    return np.column_stack(trials)[261:], hold.to_numpy()[261:]


@pytest.fixture(scope="module")
def sharpes(study):
    return np.array([return_moments(column).sharpe for column in study[0].T])


def test_the_study_is_the_one(study, sharpes):
    trials, hold = study
    assert trials.shape == (4770, 25)
    assert [sharpes.min() * YEAR, np.median(sharpes) * YEAR, sharpes.max() * YEAR] == pytest.approx(
        [-0.184, 0.182, 0.367], abs=5e-4
    )
    assert LENGTHS[sharpes.argmax()] == 230
    assert return_moments(hold).sharpe * YEAR == pytest.approx(0.247, abs=5e-4)


def test_effective_trials(study):
    found = effective_trials(study[0])
    assert found.by_correlation == pytest.approx(6.46, abs=5e-3)
    assert found.by_eigenvalues == pytest.approx(1.57, abs=5e-3)
    assert found.mean_correlation == pytest.approx(0.77, abs=5e-3)


def test_the_choice_of_their_number_decides(study, sharpes):
    trials, _ = study
    found, best = effective_trials(trials), trials[:, sharpes.argmax()]
    numbers = (25, found.by_correlation, found.by_eigenvalues)
    deflated = [deflated_sharpe(n_trials=n, trial_sharpes=sharpes, returns=best) for n in numbers]
    assert deflated == pytest.approx([0.6545, 0.7844, 0.9225], abs=5e-5)


def test_probability_of_overfitting(study):
    assert pbo(study[0]).value == pytest.approx(0.2415, abs=5e-5)


def test_difference_from_holding(study, sharpes):
    trials, hold = study
    found = sharpe_difference(trials[:, sharpes.argmax()], hold)
    assert found.difference * YEAR == pytest.approx(0.120, abs=5e-4)
    assert found.z == pytest.approx(0.554, abs=5e-4)
    assert found.p == pytest.approx(0.579, abs=1e-3)
    assert paired_t_test(trials[:, sharpes.argmax()], hold).p == pytest.approx(0.824, abs=5e-4)


def test_difference_from_holding_by_resamples(study, sharpes):
    """Simple draws, each less the difference itself, have the error .202 and the p .558; ours are of another form of them."""
    pytest.importorskip("arch")
    trials, hold = study
    found = sharpe_difference_bootstrap(trials[:, sharpes.argmax()], hold, seed=1)
    assert found.difference * YEAR == pytest.approx(0.120, abs=5e-4)
    assert found.se * YEAR == pytest.approx(0.202, abs=0.004)
    assert found.p == pytest.approx(0.558, abs=0.02)


def test_the_family_against_holding(study):
    pytest.importorskip("arch")
    trials, hold = study
    options = {"block": 20, "n_resamples": 1000, "seed": 1}
    assert superior_ability(hold, trials, **options) == pytest.approx((0.557, 0.834, 0.850), abs=5e-4)
    assert superior_ones(hold, trials, **options) == ()
    kept = confidence_set(trials, names=[str(k) for k in LENGTHS], **options)
    assert len(kept) == 24
