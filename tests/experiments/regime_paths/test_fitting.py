"""What paths are drawn from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from hidden_regime.bars.columns import PRICES
from hidden_regime.data.tables import TableMarket
from hidden_regime.exceptions import NoDataError, ParameterError
from hidden_regime.experiments.regime_paths import draw, fit_paths, refit
from hidden_regime.models.chain import stationary_distribution

from ..small import frame, market
from .models import INDEX, STOCKS, index_model, stocks, stocks_model


def test_the_states_are_those_measured_on_the_index():
    model = index_model()
    assert model.means[:, 1] == pytest.approx([-5.536, -4.893, -4.235], abs=5e-4)
    assert model.stay == pytest.approx([0.966, 0.944, 0.939], abs=1e-3)
    assert model.names == ("Bull", "Sideways", "Bear")
    assert model.has_density
    assert not stocks_model().has_density


def test_the_first_day_knows_the_days_before_it_and_no_more():
    model = index_model()
    p = model.parameters
    assert p.startprob.sum() == pytest.approx(1.0)
    # Bayes' rule from day to day, in plain words: predict, weigh by the normal density, normalise.
    before = model.features[model.pool < model.days[0]]
    sd = np.sqrt(np.diagonal(p.covars, axis1=1, axis2=2))
    now = stationary_distribution(p.transmat)  # after four thousand days the first makes no difference
    for row in before:
        weight = (now @ p.transmat) * np.exp(-0.5 * (((row - p.means) / sd) ** 2).sum(axis=1)) / sd.prod(axis=1)
        now = weight / weight.sum()
    assert p.startprob == pytest.approx(now @ p.transmat, abs=1e-12)


def test_without_days_before_it_the_first_is_as_in_the_long_run():
    whole = frame(400, seed=3)
    own = TableMarket({"UP": whole})
    model = fit_paths(own, ["UP"], start=whole.index[0].date(), end=whole.index[-1].date(), n_states=2)
    assert model.parameters.startprob == pytest.approx(model.parameters.startprob @ model.parameters.transmat, abs=1e-12)
    assert model.base[0, 0] == whole["open"].iloc[0]
    assert len(model.history["UP"].days) == 0
    assert len(model.days) == 400


def test_equal_data_give_equal_models_and_other_data_others():
    again = fit_paths(stocks(), [*stocks().assets, "SP500"], benchmark="SP500", **STOCKS)
    assert again.digest == stocks_model().digest
    assert len({again.digest, index_model().digest, replace(again, base=again.base + 1.0).digest}) == 3


def test_days_are_told_over_the_close_before_in_adjusted_prices():
    model = stocks_model()
    place = int(np.flatnonzero(model.pool == np.datetime64("2005-02-28"))[0])  # Apple's shares were split that morning
    bars = stocks().load("AAPL").frame()
    today, before = bars.loc["2005-02-28"], bars.loc["2005-02-25", "close"]
    assert np.exp(model.logs[0, place]) == pytest.approx((today[list(PRICES)] / before).tolist(), rel=1e-12)
    assert abs(model.logs[0, place, 3]) < 0.1
    level = bars["volume"].loc[:"2005-02-25"].iloc[-63:].mean()
    assert model.volumes[0, place] == pytest.approx(today["volume"] / level, rel=1e-12)


def test_closes_alone_have_regimes_by_returns_and_days_of_the_past():
    closes = frame(400, seed=1)[["close"]]
    model = fit_paths(TableMarket({"UP": closes}), ["UP"], start=date(2011, 1, 3), end=closes.index[-1].date(), n_states=2)
    assert model.features.shape[1] == 1
    assert not model.has_density
    drawn = draw(model, 0)
    assert (drawn.logs == drawn.logs[..., :1]).all()
    assert refit(model, n_days=500).means.shape == (2, 1)


@pytest.mark.parametrize(
    ("tickers", "days", "error", "said"),
    [
        ([], INDEX, ParameterError, "at least one ticker"),
        (["AAPL"], {"start": date(2012, 1, 3), "end": date(2014, 1, 3)}, None, ""),
        (["AAPL", "SP500"], {"start": date(2012, 1, 3), "end": date(2014, 1, 3)}, NoDataError, "AAPL has daily bars 2000"),
        (["SP500", "AAPL"], {"start": date(1999, 6, 1), "end": date(2012, 1, 3)}, NoDataError, "AAPL has daily bars 2000"),
        (["AAPL"], {"start": date(2000, 3, 1), "end": date(2000, 12, 29)}, NoDataError, "days until 2000-12-29"),
        (["AAPL"], {"start": date(2013, 4, 1), "end": date(2014, 12, 29)}, NoDataError, "AAPL has daily bars"),
        (["NONE"], INDEX, NoDataError, "NONE"),
    ],
)
def test_what_there_is_no_model_of_is_told(tickers, days, error, said):
    if error is None:
        assert fit_paths(stocks(), tickers, **days).days[-1] == np.datetime64("2013-03-01")
        return
    with pytest.raises(error, match=said):
        fit_paths(stocks(), tickers, **days)


def test_states_are_at_least_one():
    with pytest.raises(ParameterError, match="n_states = 0"):
        fit_paths(market(), ["UP"], n_states=0, **STOCKS)
