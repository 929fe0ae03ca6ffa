"""A path as a market."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
import pytest

from hidden_regime.data.tables import TableMarket
from hidden_regime.exceptions import NoDataError, ParameterError
from hidden_regime.experiments.regime_paths import draw, path_market
from hidden_regime.experiments.regime_paths.ranges import day_features

from .models import STOCKS, index_model, stocks, stocks_model


def test_before_a_path_come_the_real_bars_and_then_the_real_days():
    found = path_market(stocks_model(), 2)
    for ticker in stocks().tickers():
        real, drawn = stocks().load(ticker).frame(), found.load(ticker)
        n = bisect_left(drawn.dates, STOCKS["start"])
        assert drawn.dates[:n] == [day.date() for day in real.index[:n]]
        assert drawn.dates == [day.date() for day in real.index if day.date() <= STOCKS["end"]]
        for column in real:
            assert np.array_equal(getattr(drawn, column)[:n], real[column].to_numpy()[:n])
            assert not np.allclose(getattr(drawn, column)[n:], real[column].to_numpy()[n : len(drawn.dates)])


def test_the_market_says_what_it_is():
    found = path_market(stocks_model(), 2, seed=9)
    assert found.synthetic
    assert found.name == "us_stocks, regime path 2"
    assert "DRAWN from 2010-03-01 on: path 2, seed 9" in found.origin
    assert (tuple(found.assets), found.benchmark, tuple(found.defensive)) == (("AAPL", "IBM", "MSFT"), "SP500", ())
    assert found.tickers() == ["AAPL", "IBM", "MSFT", "SP500"]
    with pytest.raises(NoDataError, match="GOLD"):
        found.load("GOLD")


def test_bars_of_a_path_have_the_features_that_were_drawn():
    model = index_model()
    drawn = draw(model, 1)
    prices = path_market(model, 1).load("SP500").frame()
    before = prices["close"].shift(1)
    columns = np.log(prices[["open", "high", "low", "close"]].to_numpy() / before.to_numpy()[:, None])[-len(model.days) :]
    assert day_features(columns) == pytest.approx(day_features(drawn.logs[0]), abs=1e-12)
    assert day_features(columns)[:, 0] == pytest.approx(drawn.logs[0, :, 3], abs=1e-12)


def test_volumes_go_on_at_their_level():
    model = stocks_model()
    found = path_market(model, 0).load("IBM").frame()["volume"]
    level = stocks().load("IBM").frame()["volume"].loc[:"2010-02-28"].iloc[-63:].mean()
    assert found.loc["2010-03-01":].to_numpy() == pytest.approx((draw(model, 0).volumes[1] * level).round())


def test_a_market_of_assets_is_that_of_their_frames():
    frames = {ticker: stocks().load(ticker).frame() for ticker in ("IBM", "MSFT")}
    made = TableMarket(frames, name="two", origin="o", benchmark="MSFT")
    same = TableMarket({t.lower(): made.load(t) for t in made.tickers()}, name="two", origin="o", benchmark="MSFT")
    own = vars(made).keys() - {"pairs", "pair_markets"}
    assert {name: getattr(same, name) for name in own} == {name: getattr(made, name) for name in own}
    assert made.pairs.listed() == same.pairs.listed() == []
    with pytest.raises(ParameterError, match="benchmark"):
        TableMarket({"IBM": made.load("IBM")}, name="one", origin="o", benchmark="MSFT")
