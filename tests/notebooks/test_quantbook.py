"""A QuantBook's frames are those that the engine gives a strategy at the same time, and what LEAN alone has says so."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from hidden_regime.data import load_dataset
from hidden_regime.data.tables import TableMarket
from hidden_regime.exceptions import NoDataError, ParameterError, RegimeWarning, UnsupportedError
from hidden_regime.notebooks import QuantBook
from hidden_regime.simulator import imports, run_file
from hidden_regime.simulator.enums import Resolution
from hidden_regime.simulator.objects import TradeBar

DAILY, MINUTE = Resolution.DAILY, Resolution.MINUTE
ASKED = {
    "a count of one symbol": "history(s, 5, Resolution.DAILY)",
    "a count of symbols": "history([s, t], 7, Resolution.DAILY)",
    "dates": "history([s], datetime(2013, 3, 1), datetime(2013, 4, 1), Resolution.DAILY)",
    "a span": "history([s, t], timedelta(days=30), Resolution.DAILY)",
    "raw prices": "history([s], 5, Resolution.DAILY, data_normalization_mode=DataNormalizationMode.RAW)",
    "hours": "history([s], 20, Resolution.HOUR)",
    "minutes": "history([s], 30, Resolution.MINUTE)",
    "all securities": "history(self.securities.keys(), 3, Resolution.DAILY)",
    "a type": "history(TradeBar, s, 3, Resolution.DAILY)",
    "no bars at all": "history([s], datetime(1990, 1, 2), datetime(1990, 1, 5), Resolution.DAILY)",
    "pascal case": "History([s], 5, Resolution.Daily)",
    "an indicator": "indicator_history(BollingerBands(5, 2), s, 8, Resolution.DAILY).data_frame",
}
STRATEGY = """from AlgorithmImports import *

class Asking(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2015, 3, 17)
        self.set_end_date(2015, 3, 17)
        s = self.add_equity("SPY", Resolution.DAILY).symbol
        t = self.add_equity("TLT", Resolution.DAILY).symbol
        self.told = {{}}
        for name, asked in {asked!r}.items():
            self.told[name] = eval("self." + asked)
        self.bars = [bar.close for bar in self.history[TradeBar](s, 5, Resolution.DAILY)]
        self.slices = [(one.time, one.bars[s].close) for one in self.history(5, Resolution.DAILY)]
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory, reference_market):
    """What the engine answers a strategy."""
    path = tmp_path_factory.mktemp("asking") / "asking.py"
    path.write_text(STRATEGY.format(asked=ASKED), encoding="utf-8")
    run = run_file(path, reference_market)
    assert run.error is None
    return run.algorithm


@pytest.fixture
def book(reference_market):
    made = QuantBook(reference_market)
    made.set_start_date(2015, 3, 17)
    return made


@pytest.mark.parametrize("name", ASKED)
def test_frames_are_those_of_the_engine(book, told, name):
    names = {"self": book, "s": book.add_equity("SPY", DAILY).symbol, "t": book.add_equity("TLT", DAILY).symbol}
    with imports.offered():
        exec("from AlgorithmImports import *", names)
    found = eval(f"self.{ASKED[name]}", names)
    assert (len(told.told[name]) > 0) is (name != "no bars at all")
    pd.testing.assert_frame_equal(found, told.told[name])


def test_bars_and_slices_are_those_of_the_engine(book, told):
    spy = book.add_equity("SPY", DAILY).symbol
    book.add_equity("TLT", DAILY)
    assert [bar.close for bar in book.history[TradeBar](spy, 5, DAILY)] == told.bars
    assert [(one.time, one.bars[spy].close) for one in book.history(5, DAILY)] == told.slices


def test_an_indicator_is_fed_the_window_alone_and_has_leans_columns(book):
    spy = book.add_equity("SPY", DAILY).symbol
    with imports.offered():
        from AlgorithmImports import BollingerBands, Field, SimpleMovingAverage
    closes = book.history([spy], 12, DAILY).loc["SPY"]["close"]
    frame = book.indicator(BollingerBands(5, 2), spy, 12, DAILY)
    # LEAN: QuantBook.Indicator asks for so many bars and no more, and PandasConverter sorts the names in small letters.
    parts = ["bandwidth", "current", "lowerband", "middleband", "percentb", "price", "standarddeviation", "upperband"]
    assert list(frame.columns) == parts
    assert list(frame.index) == list(closes.index[4:]) and frame.index.name is None
    middle = closes.rolling(5).mean().dropna()
    np.testing.assert_allclose(frame["middleband"], middle, rtol=1e-12)
    np.testing.assert_allclose(frame["upperband"], middle + 2 * closes.rolling(5).std(ddof=0).dropna(), rtol=1e-9)
    highs = book.history([spy], 12, DAILY).loc["SPY"]["high"]
    of_highs = book.Indicator(SimpleMovingAverage(3), spy, 12, Resolution.DAILY, Field.HIGH)
    np.testing.assert_allclose(of_highs["current"], highs.rolling(3).mean().dropna(), rtol=1e-12)
    by_dates = book.indicator(SimpleMovingAverage(3), spy, datetime(2015, 2, 1), datetime(2015, 3, 1), DAILY)
    by_span = book.indicator(SimpleMovingAverage(3), spy, span=timedelta(days=44), resolution=DAILY)
    assert by_dates.equals(by_span[by_span.index < "2015-03-01"].iloc[-len(by_dates) :])
    assert len(by_dates) == 19 - 2
    with pytest.raises(ParameterError, match="end"):
        book.indicator(SimpleMovingAverage(3), spy, date(2013, 1, 1))
    with pytest.raises(TypeError, match="too many"):
        book.indicator(SimpleMovingAverage(3), spy, 3, DAILY, None, 4)


def test_now_is_the_morning_after_the_last_day_and_can_be_moved(reference_market):
    book = QuantBook(reference_market)
    assert book.time == book.start_date == datetime(2021, 1, 1)
    spy = book.add_equity("SPY", DAILY).symbol
    assert book.history([spy], 1, DAILY).index[-1][1] == pd.Timestamp(2020, 12, 31, 16)
    book.SetStartDate(datetime(2015, 3, 17, 12))
    assert book.time == datetime(2015, 3, 17)
    assert book.history([spy], 1, DAILY).index[-1][1] == pd.Timestamp(2015, 3, 16, 16)
    at_noon = QuantBook(reference_market, now=datetime(2015, 3, 17, 12))
    spy = at_noon.add_equity("SPY", MINUTE).symbol
    assert at_noon.history([spy], 1).index[-1][1] == pd.Timestamp(2015, 3, 17, 12)
    assert QuantBook(reference_market, now=date(2015, 3, 17)).time == datetime(2015, 3, 17)
    with pytest.raises(ParameterError, match="now"):
        QuantBook(reference_market, now="2014-01-14")


def test_history_never_goes_past_now(book):
    spy = book.add_equity("SPY", DAILY).symbol
    frame = book.history([spy], datetime(2015, 3, 10), datetime(2020, 1, 1), DAILY)
    assert frame.index[-1][1] == pd.Timestamp(2015, 3, 16, 16)


def test_an_asset_without_minutes_is_there_but_no_length_of_bars_is_guessed():
    book = QuantBook(TableMarket({"SP500": load_dataset("sp500").iloc[-50:]}))
    asset = book.add_equity("SP500").symbol
    assert len(book.history([asset], 3, DAILY)) == 3
    with pytest.raises(NoDataError, match="which in LEAN is MINUTE"):
        book.history([asset], 3)
    book.add_equity("SP500", DAILY)
    assert len(book.history([asset], 3)) == 3
    with pytest.raises(NoDataError):
        book.add_equity("SP500x")
    with pytest.raises(NoDataError):
        QuantBook(TableMarket({"SP500": load_dataset("sp500").iloc[-50:]})).add_equity("SP500", MINUTE)


def test_a_ticker_that_a_lean_folder_lacks_is_told(book):
    with pytest.warns(RegimeWarning, match="NOPE"):
        book.add_equity("NOPE", DAILY)


@pytest.mark.parametrize(
    "call",
    ["get_fundamental", "GetFundamental", "universe_history", "option_history", "get_option_history", "future_history",
     "get_portfolio_statistics", "add_future", "AddCfd", "add_option", "add_index", "option_chain"],
)  # fmt: skip
def test_what_lean_alone_has_says_so(book, call):
    with pytest.raises(UnsupportedError, match=r"QuantBook\.\w+ exists in LEAN only.*research environment"):
        getattr(book, call)


def test_calls_that_exist_nowhere_are_no_members(book):
    for name in ("Backtest", "Optimize", "backtest", "foo"):
        with pytest.raises(AttributeError, match=name) as told:
            getattr(book, name)
        assert not isinstance(told.value, UnsupportedError)


def test_the_environment_names_the_data(monkeypatch, tmp_path):
    monkeypatch.setenv("HIDDEN_REGIME_DATA", "us_stocks")
    assert "MSFT" in str(QuantBook().add_equity("MSFT", DAILY).symbol)
    with pytest.raises(ParameterError, match="data"):
        QuantBook(5)
