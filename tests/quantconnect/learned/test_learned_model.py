"""A learned model in a strategy: rows and predictions are those of research, and a bad model holds nothing and says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hidden_regime.data import open_market
from hidden_regime.exceptions import ParameterError, StrategyError
from hidden_regime.learning import FeatureSpec, label, make_features
from hidden_regime.learning.dataset import Dataset
from hidden_regime.learning.models import Recipe, fit
from hidden_regime.quantconnect.learned.loading import key_of
from hidden_regime.quantconnect.learned.model import VOLATILITY
from tests.learned_store import COLUMNS, learned_store, strategy_model
from tests.quantconnect.running import orders, run

TEXT = """from AlgorithmImports import *
from hidden_regime.quantconnect import {base}, load_model


class Mine({base}):
    def initialize(self):
        self.set_start_date(2004, 6, 1)
        self.set_end_date(2005, 12, 30)
        self.set_cash(100000)
        self.seen, self.alarms = [], []
        self.asset = self.add_equity("{ticker}", Resolution.{resolution}{more}).symbol
        {first}
        self.model = load_model(self, "{name}"{text})
        self.model.watch(self.asset)

    def on_model_alarm(self, problem):
        self.alarms.append(problem)

    def on_data(self, data):
        if data.bars.get(self.asset) is None:
            return
        found = self.model.prediction(self.asset)
        self.seen.append((self.time, self.model.row(self.asset), found, self.model.allocation(self.asset)))
        share = self.model.allocation(self.asset)
        if abs(share - getattr(self, "share", 0.0)) > 0.05:
            self.share = share
            self.set_holdings(self.asset, share)
"""
COLUMN_NAMES = FeatureSpec(COLUMNS, {"lookback": 252}).names
USUAL = {
    "base": "HiddenRegimeAlgorithm",
    "ticker": "AAPL",
    "resolution": "DAILY",
    "more": "",
    "first": "",
    "name": "learned",
    "text": "",
}


def strategy(**changes):
    return TEXT.format(**(USUAL | changes))


@pytest.fixture(scope="module")
def market():
    return open_market("us_stocks")


@pytest.fixture
def store(tmp_path, market):
    first = market.load("AAPL").frame().index[0].date()
    return learned_store(tmp_path / "store", origin=first)


def table_of(done):
    seen = done.algorithm.seen
    return pd.DataFrame([row for _, row, _, _ in seen], index=pd.to_datetime([time for time, *_ in seen]).normalize())


def test_rows_and_predictions_are_those_of_research_bit_for_bit(tmp_path, market, store):
    done = run(tmp_path, market, strategy(), store=store)
    frame = market.load("AAPL").frame()
    expected = make_features(frame.loc[:"2005-12-30"], FeatureSpec(COLUMNS, {"lookback": 252})).table
    found = table_of(done)[list(expected)]
    wanted = expected.loc[found.index]
    assert len(found) == 401
    assert (found.to_numpy() == wanted.to_numpy()).all()
    predictor = strategy_model().predictor
    probabilities = predictor.predict(wanted.to_numpy()).probability
    assert [one.probability for _, _, one, _ in done.algorithm.seen] == probabilities.tolist()
    shares = [strategy_model().sizing.share(p) for p in probabilities.tolist()]
    assert [share for *_, share in done.algorithm.seen] == shares
    assert len(orders(done)) > 10
    assert done.algorithm.get_regime_signal("AAPL").regime_name in ("Bear", "Sideways", "Bull")


def test_trees_predict_in_a_strategy_what_they_predict_in_research(tmp_path, market):
    frame = market.load("AAPL").frame().loc[:"2004-03-31"]
    spec = FeatureSpec(COLUMNS, {"lookback": 252})
    data = Dataset.of(make_features(frame, spec), label(frame, "sign", horizon=5))
    predictor = fit(Recipe("lightgbm", {"trees": 20, "least_rows": 30}), data)
    store = learned_store(tmp_path / "store", origin=frame.index[0].date(), predictor=predictor)
    done = run(tmp_path, market, strategy(), store=store)
    table = table_of(done)[list(spec.names)]
    assert [one.probability for _, _, one, _ in done.algorithm.seen] == predictor.predict(table.to_numpy()).probability.tolist()
    assert np.std([one.probability for _, _, one, _ in done.algorithm.seen]) > 0


AROUND = {"start": date(2014, 3, 3), "end": date(2014, 9, 30)}
"""Days with a split of Apple 7:1 and three dividends."""


@pytest.fixture(scope="module")
def expected(reference_market):
    frame = reference_market.load("AAPL").frame().loc["2010":"2014-09-30"]
    return frame.index[0].date(), make_features(frame, FeatureSpec(COLUMNS, {"lookback": 252})).table


@pytest.mark.parametrize(
    ("mode", "live"), [("ADJUSTED", False), ("RAW", False), ("SPLIT_ADJUSTED", False), ("ADJUSTED", True), ("RAW", True)]
)
def test_splits_and_dividends_move_no_column(tmp_path, reference_market, expected, mode, live):
    origin, table = expected
    store = learned_store(tmp_path / "store", origin=origin)
    more = f", data_normalization_mode=DataNormalizationMode.{mode}"
    done = run(tmp_path, reference_market, strategy(more=more), store=store, live=live, **AROUND)
    found = table_of(done)[list(table)]
    found = found[~found.index.duplicated(keep="last")]
    assert len(found) > 140
    # Prices are kept to a hundredth of a cent, and a dividend's factor to seven digits; what a split would do is 1,000 times that.
    for name, atol in (("return_5", 2e-4), ("rsi_14", 0.5), ("volatility_20_lag1", 2e-4)):
        np.testing.assert_allclose(found[name], table.loc[found.index, name], rtol=0.0, atol=atol)


def test_a_restart_reads_all_bars_again(tmp_path, market, store):
    first = "self.enable_restarts('kept')"
    a, b = (run(tmp_path, market, strategy(first=first), store=store) for _ in range(2))
    assert table_of(a).equals(table_of(b))
    assert orders(a) == orders(b)


def test_an_asset_that_is_let_go_and_chosen_again_goes_on(tmp_path, market, store):
    text = (
        strategy()
        .replace(
            "    def on_data(self, data):\n",
            """    def on_data(self, data):
        if (self.time.year, self.time.month) == (2005, 3) and self.asset in self.securities.keys() and not hasattr(self, "gone"):
            self.gone = True
            self.remove_security(self.asset)
            return
        if self.time.month == 6 and self.time.year == 2005 and not hasattr(self, "back"):
            self.back = True
            self.asset = self.add_equity("AAPL", Resolution.DAILY).symbol
            self.model.watch(self.asset)
            return
""",
        )
        .replace(
            "self.set_start_date(2004, 6, 1)", "self.set_start_date(2004, 6, 1)\n        self.add_equity('IBM', Resolution.DAILY)"
        )
    )
    done = run(tmp_path, market, text, store=store)
    found = table_of(done)[list(COLUMN_NAMES)]
    expected = make_features(market.load("AAPL").frame().loc[:"2005-12-30"], FeatureSpec(COLUMNS, {"lookback": 252})).table
    since = found.loc["2005-06-10":]
    assert len(since) > 100
    prices = [name for name in COLUMN_NAMES if not name.startswith("probability")]
    np.testing.assert_allclose(since[prices], expected.loc[since.index, prices], rtol=1e-9)


@pytest.mark.parametrize("what", ["missing", "damaged", "other", "cut", "columns"])
def test_a_bad_model_holds_nothing_and_alarms(tmp_path, market, store, what):
    path = store / key_of("learned")
    text = path.read_text()
    if what == "missing":
        path.unlink()
    elif what == "damaged":
        path.write_text(text.replace('"intercept": 0.0', '"intercept": 0.5'))
    elif what == "other":
        path.write_text(strategy_model("another").to_text())
    elif what == "columns":
        path.write_text(strategy_model(columns=COLUMNS[:3]).to_text())
    else:
        path.write_text(text[: len(text) // 2])
    done = run(tmp_path, market, strategy(), store=store)
    assert orders(done) == []
    assert len(done.algorithm.alarms) == 1
    assert {share for *_, share in done.algorithm.seen} == {0.0}
    assert {one for _, _, one, _ in done.algorithm.seen} == {None}
    said = [line for line in done.algorithm._sim.logs.lines if "Nothing is held" in line]
    assert len(said) == 1
    assert done.algorithm.alarms[0] in said[0]
    assert done.algorithm.model.is_stopped


def test_a_text_that_the_strategy_brings_along_needs_no_store(tmp_path, market, store):
    text = (store / key_of("learned")).read_text()
    (tmp_path / "learned_text.py").write_text(f"MODEL = {text!r}\n")
    module = strategy(text=", text=MODEL").replace(
        "from AlgorithmImports import *", "from AlgorithmImports import *\nfrom learned_text import MODEL"
    )
    assert orders(run(tmp_path, market, module)) == orders(run(tmp_path, market, strategy(), store=store))


def test_what_says_nothing_is_logged(tmp_path, market):
    path = tmp_path / "store" / key_of("learned")
    path.parent.mkdir(parents=True)
    path.write_text(replace(strategy_model(), trained_until=date(2004, 12, 31), origin=date(1998, 1, 2)).to_text())
    done = run(tmp_path, market, strategy(), store=tmp_path / "store")
    lines = "\n".join(done.algorithm._sim.logs.lines)
    assert "was trained on days until 2004-12-31" in lines
    assert "history begins on 2000-03-01" in lines


def test_trend_and_drawdown_overrule(tmp_path, market):
    origin = market.load("AAPL").frame().index[0].date()
    store = learned_store(tmp_path / "store", origin=origin, threshold=0.05, trend=60, drawdown_stop=0.05, pause=15)
    done = run(tmp_path, market, strategy(), store=store)
    frame = market.load("AAPL").frame()["close"]
    gap = frame / frame.rolling(60).mean() - 1
    below = gap.loc[table_of(done).index] <= 0
    shares = pd.Series([share for *_, share in done.algorithm.seen], table_of(done).index)
    assert below.sum() > 50
    assert (shares[below] == 0).all()
    assert done.algorithm.model._stop.stops >= 1
    assert (shares[~below] == 0).sum() >= 14


def test_a_coins_volatility_is_of_a_year_of_365_days(tmp_path, reference_market):
    sized = {"rule": "threshold", "threshold": 0.0, "target_volatility": 0.2}
    store = learned_store(tmp_path / "store", origin=date(2016, 1, 1), **sized)
    text = strategy(ticker="BTCUSD").replace("add_equity", "add_crypto")
    text = text.replace("2004, 6, 1", "2017, 1, 2").replace("2005, 12, 30", "2017, 3, 1")
    seen = [row for row in run(tmp_path, reference_market, text, store=store).algorithm.seen if row[2] is not None]
    assert len(seen) > 50
    for _, row, _, share in seen:
        assert share == pytest.approx(min(0.98, 0.2 / (row[VOLATILITY.name] * 365**0.5)))
    assert min(share for *_, share in seen) < 0.9


def test_wrong_uses_are_named(tmp_path, market, store):
    with pytest.raises(StrategyError, match="HiddenRegimeAlgorithm"):
        run(
            tmp_path,
            market,
            strategy(base="HiddenRegimeAlgorithm").replace("class Mine(HiddenRegimeAlgorithm)", "class Mine(QCAlgorithm)"),
            store=store,
        )
    twice = strategy().replace(
        "self.model.watch(self.asset)", "self.model.watch(self.asset)\n        self.model.watch(self.asset)"
    )
    with pytest.raises(ParameterError, match="isn't watched yet"):
        run(tmp_path, market, twice, store=store)
    other = strategy().replace("self.model.prediction(self.asset)", "self.model.prediction('IBM')")
    with pytest.raises(ParameterError, match="Call watch"):
        run(tmp_path, market, other, store=store)
