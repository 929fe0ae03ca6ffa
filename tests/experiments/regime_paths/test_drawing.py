"""Paths lead back to the model that they came from, bars are bars, and assets move together as they did."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.data import TableMarket, open_market
from hidden_regime.exceptions import ParameterError, StudyError
from hidden_regime.experiments.regime_paths import fit_paths, refit
from hidden_regime.experiments.regime_paths.drawing import draw
from hidden_regime.experiments.regime_paths.market import DrawnMarket, history_of
from hidden_regime.experiments.regime_paths.model import features_of
from hidden_regime.kernels import sample_states
from tests.experiments.small import frame

INDEX, STOCKS = open_market("sp500"), open_market("us_stocks")
ONE, SEVERAL = fit_paths(INDEX), fit_paths(STOCKS)


def test_the_model_is_the_one_that_was_measured():
    """Figures of the S&P 500's model that were reckoned elsewhere, to their digits."""
    np.testing.assert_allclose(ONE.means[:, 1], [-5.536, -4.893, -4.235], atol=0.003)
    np.testing.assert_allclose(np.diag(ONE.transmat), [0.966, 0.944, 0.939], atol=0.003)
    np.testing.assert_allclose(ONE.startprob @ ONE.transmat, ONE.startprob, atol=1e-12)
    np.testing.assert_allclose(ONE.posteriors.sum(axis=1), 1.0, atol=1e-9)


@pytest.mark.parametrize("model", [ONE, SEVERAL], ids=["one", "several"])
def test_paths_refit_to_the_model_they_came_from(model):
    found = [refit(model, 5000, seed) for seed in range(3)]
    for one in found:
        assert np.abs(one.log_ranges).max() < 0.05
        assert np.abs(one.stay).max() < 0.02
    # What is left is sampling: over seeds it goes away.
    np.testing.assert_allclose(np.mean([one.log_ranges for one in found], axis=0), 0.0, atol=0.017)
    np.testing.assert_allclose(np.mean([one.stay for one in found], axis=0), 0.0, atol=0.006)
    np.testing.assert_allclose(np.mean([one.means for one in found], axis=0), 0.0, atol=0.0015)


def test_a_bar_of_one_asset_has_the_features_that_were_drawn():
    """The draws by hand, from the same generator: return and log range of each bar are those, to rounding."""
    n, seed, number = 500, 4, 7
    bars, _, states = draw(ONE, n, seed, number)
    rng = np.random.default_rng([seed, number])
    np.testing.assert_array_equal(states, sample_states(ONE.startprob, ONE.transmat, rng.random((1, n)))[0])
    normal = rng.standard_normal((n, 2))
    drawn = ONE.means[states] + np.einsum("nij,nj->ni", np.linalg.cholesky(ONE.covars)[states], normal)
    np.testing.assert_allclose(features_of(bars), drawn, atol=1e-12)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), number=st.integers(0, 500), several=st.booleans())
def test_bars_are_bars(seed, number, several):
    bars, volumes, states = draw(SEVERAL if several else ONE, 60, seed, number)
    opened, high, low, close = np.moveaxis(bars, 2, 0)
    assert np.isfinite(bars).all()
    assert (high >= np.maximum(opened, close) - 1e-12).all()
    assert (low <= np.minimum(opened, close) + 1e-12).all()
    assert (volumes >= 0).all()
    assert set(states.tolist()) <= {0, 1, 2}


def test_a_path_depends_on_its_seed_and_number_alone():
    first = draw(SEVERAL, 100, 3, 5)
    for again, part in zip(draw(SEVERAL, 100, 3, 5), first, strict=True):
        np.testing.assert_array_equal(again, part)
    assert not np.array_equal(draw(SEVERAL, 100, 3, 6)[0], first[0])
    assert not np.array_equal(draw(SEVERAL, 100, 4, 5)[0], first[0])


def test_several_assets_move_together_as_they_did():
    bars, _, states = draw(SEVERAL, 20_000, 1)
    np.testing.assert_allclose(np.corrcoef(bars[:, :, 3].T), np.corrcoef(SEVERAL.bars[:, :, 3].T), atol=0.05)
    np.testing.assert_allclose(bars[:, :, 3].std(axis=0), SEVERAL.bars[:, :, 3].std(axis=0), rtol=0.1)
    days = {tuple(day) for day in SEVERAL.bars[:, :, 3].tolist()}
    assert all(tuple(day) in days for day in bars[:200, :, 3].tolist())  # whole days of history
    shares = np.bincount(states, minlength=3) / len(states)
    np.testing.assert_allclose(shares, SEVERAL.startprob, atol=0.05)
    # A state's days are drawn by the probability that they were of it.
    wild = (SEVERAL.posteriors[:, 2] @ SEVERAL.features[:, 1]) / SEVERAL.posteriors[:, 2].sum()
    assert features_of(bars[states == 2])[:, 1].mean() == pytest.approx(wild, abs=0.03)


@pytest.mark.parametrize(("market", "model"), [(INDEX, ONE), (STOCKS, SEVERAL)], ids=["one", "several"])
def test_a_drawn_market_has_the_real_bars_before_and_the_path_after(market, model):
    days = tuple(day for day in market.load(model.tickers[0]).dates if day >= date(2010, 1, 4))[:300]
    drawn = DrawnMarket(history_of(market, model.tickers, days), model, 0, 2)
    bars, _, _ = draw(model, len(days), 0, 2)
    assert isinstance(drawn, TableMarket) and drawn.synthetic
    assert (drawn.benchmark, drawn.assets, drawn.intraday("SP500", 60)) == (market.benchmark, market.assets, None)
    for place, ticker in enumerate(model.tickers):
        asset, real = drawn.load(ticker.lower()), market.load(ticker).frame()
        n = len(asset.dates) - len(days)
        assert asset.dates[n:] == list(days)
        np.testing.assert_array_equal(asset.close[:n], real["close"].to_numpy()[:n])
        np.testing.assert_allclose(np.diff(np.log(asset.close[n - 1 :])), bars[:, place, 3], atol=1e-12)
        assert (asset.high >= np.maximum(asset.open, asset.close))[n:].all()
        assert (asset.low <= np.minimum(asset.open, asset.close))[n:].all()


def test_what_cant_be_fitted_is_refused():
    short = TableMarket({"UP": frame(100)})
    with pytest.raises(StudyError, match="100 days in common"):
        fit_paths(short)
    with pytest.raises(ParameterError, match="n_states"):
        fit_paths(INDEX, n_states=0)
