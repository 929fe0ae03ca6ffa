"""Frames, series and bars as LEAN and QuantBook give them say what a plain frame of each asset says."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from hidden_regime import MarketDetector, RegimeDetector, compare, create_financial_pipeline, find_regimes
from hidden_regime.bars.by_asset import ByAsset, is_identifier, ticker_of
from hidden_regime.data import TableMarket
from hidden_regime.exceptions import (
    DataError,
    DuplicateDateError,
    InvalidPriceError,
    MissingColumnError,
    MissingValueError,
    NoDataError,
    NonNumericError,
    ParameterError,
    RegimeError,
    TrainingError,
    UnknownAssetError,
)
from hidden_regime.many.run import precompute, run_many
from hidden_regime.quantconnect import HistoryDataAdapter

OPTIONS = {"n_states": 2, "lookback": 60, "retrain": "weekly", "challenge_every": 10}
COLUMNS = ("close", "high", "low", "open", "volume")


class SecurityIdentifier:
    """As LEAN's: no string, but prints one."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


class Symbol:
    """As LEAN's: hashes by its identifier, equals its ticker, and prints it."""

    def __init__(self, value: str, sid: str) -> None:
        self.value, self.id, self.sid = value, SecurityIdentifier(sid), sid

    def __hash__(self) -> int:
        return hash(self.sid) + 1

    def __eq__(self, other: object) -> bool:
        return self.sid == other.sid if isinstance(other, Symbol) else isinstance(other, str) and other in (self.value, self.sid)

    def __lt__(self, other: Symbol) -> bool:
        return self.sid < other.sid

    def __str__(self) -> str:
        return self.value

    def __reduce__(self):
        raise TypeError("cannot pickle 'Symbol' object")


class PandasColumn(str):
    """As LEAN's names of columns."""

    __slots__ = ()


SPY, META, EURUSD = Symbol("SPY", "SPY R735QTJ8XC9X"), Symbol("META", "FB V6OIPNZEM8V9"), Symbol("EURUSD", "EURUSD 8G")


def prices(seed: int, n: int = 150) -> pd.DataFrame:
    """One asset's frame with LEAN's columns and end times."""
    rng = np.random.default_rng(seed)
    sd = np.where((np.arange(n) // 40) % 2, 0.02, 0.005)
    close = 50 * np.exp(np.cumsum(rng.normal(0.0003, sd)))
    wide = np.exp(np.abs(rng.normal(0, sd)) + 1e-3)
    values = (close, close * wide, close / wide, close / np.sqrt(wide), rng.integers(1, 99, n) * 100.0)
    days = pd.bdate_range("2020-01-01", periods=n + 1)
    index = (days[days != "2020-01-20"] + pd.Timedelta(hours=16)).rename("time")  # a holiday: no frequency
    return pd.DataFrame(dict(zip(COLUMNS, values, strict=True)), index)


def history(*parts: tuple[object, pd.DataFrame]) -> pd.DataFrame:
    """As PandasConverter makes it: a frame for each symbol from tuples, put after each other."""
    frames = []
    for symbol, frame in parts:
        index = pd.MultiIndex.from_tuples([(symbol, time) for time in frame.index], names=["symbol", "time"])
        frames.append(frame.set_axis(index, axis=0).set_axis([PandasColumn(c) for c in frame.columns], axis=1))
    return pd.concat(frames, sort=True)


def bars(symbol: object, frame: pd.DataFrame) -> list[SimpleNamespace]:
    return [
        SimpleNamespace(symbol=symbol, time=row.Index - timedelta(hours=6.5), end_time=row.Index.to_pydatetime(), open=row.open,
                        high=row.high, low=row.low, close=row.close, volume=row.volume)
        for row in frame.itertuples()
    ]  # fmt: skip


def run(given: object, **options: object) -> object:
    return RegimeDetector(**OPTIONS | options).run(given)


def same(found: object, expected: pd.DataFrame) -> None:
    assert type(found) is pd.DataFrame
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


@pytest.fixture(scope="module")
def spy():
    return prices(1)


@pytest.fixture(scope="module")
def meta():
    return prices(2).iloc[20:]


@pytest.fixture(scope="module")
def both(spy, meta):
    return history((SPY, spy), (META, meta))


@pytest.fixture(scope="module")
def alone(spy, meta):
    return {SPY: run(spy), META: run(meta)}


@pytest.fixture(scope="module")
def closes(spy, meta):
    """What the closes alone say of each."""
    return {SPY: run(spy[["close"]]), META: run(meta[["close"]])}


@pytest.mark.parametrize("key", [SPY, "SPY", "SPY R735QTJ8XC9X"])
def test_a_history_of_one_symbol_is_its_frame(key, spy, alone):
    one = history((key, spy))
    same(run(one), alone[SPY])
    same(run(one), run(one.loc[key]))
    same(run(one.swaplevel()), alone[SPY])
    same(run(one.reset_index(level=0)), alone[SPY])
    same(run(one.unstack(level=0)), alone[SPY])


def test_a_history_of_several_symbols_is_each_alone(both, alone, meta):
    for given in (both, both.swaplevel(), both.reset_index(level=0), both.unstack(level=0), both.sort_index(level="time")):
        found = run(given)
        assert [ticker_of(key) for key in found] in (["SPY", "META"], ["META", "SPY"])
        assert len(found.errors) == 0
        for symbol, expected in alone.items():
            same(found[symbol], expected)
            same(found[symbol.value], expected)
            same(found[symbol.sid], expected)
    for symbol, states in found.items():
        assert isinstance(symbol, Symbol)
        same(states, alone[symbol])


def test_each_asset_has_a_detector_of_its_own_that_goes_on(both, spy, meta):
    for features in ("auto", ("log_return", "log_realised_volatility")):
        whole, half = RegimeDetector(**OPTIONS, features=features), RegimeDetector(**OPTIONS, features=features)
        states = whole.run(spy)
        found = half.run(history((SPY, spy.iloc[:100]), (META, meta)))
        assert half.state is None
        assert half.latest_bar is None
        own = found.detectors["SPY"]
        assert own is not found.detectors[META]
        assert found.detectors[META].to_dict() == _run_detector(meta, features).to_dict()
        from hidden_regime.bars.frames import frame_to_bars

        for bar in frame_to_bars(spy.iloc[100:]):
            state = own.update(bar)
        assert (state.regime, state.confidence) == tuple(states.iloc[-1][["regime", "confidence"]])
        assert own.to_dict() == whole.to_dict()


def _run_detector(frame, features):
    detector = RegimeDetector(**OPTIONS, features=features)
    detector.run(frame)
    return detector


def test_closes_with_a_column_for_each_symbol(both, spy, closes):
    wide = both["close"].unstack(level=0)
    assert wide.isna().any().any()  # the days before one of them was listed
    by_sid = wide.set_axis([key.sid for key in wide.columns], axis=1)
    by_name = wide.set_axis(pd.Index([key.value for key in wide.columns], name="Ticker"), axis=1)
    for given in (wide, wide.rename_axis(columns=None), by_sid, by_name):
        found = run(given)
        for symbol, expected in closes.items():
            same(found[symbol], expected)
            same(found[symbol.sid if given is by_sid else symbol.value], expected)
    one = wide[[SPY]]
    same(run(one), closes[SPY])
    features = ("log_return", "log_realised_volatility")
    same(run(one, features=features), run(spy[["close"]], features=features))
    with pytest.raises(TrainingError, match=r"log_parkinson_range has no value in any of the 60 .* such as a high and a low"):
        run(one, features=("log_return", "log_parkinson_range"))
    with pytest.raises(TrainingError, match="log_range has no value"):
        run(wide, features=("log_return", "log_range"))


def test_series_of_closes(both, spy, closes):
    same(run(spy["close"]), closes[SPY])
    same(run(history((SPY, spy))["close"]), closes[SPY])
    found = run(both["close"])
    for symbol, expected in closes.items():
        same(found[symbol.value], expected)
    assert find_regimes(both["close"].unstack(level=0)[SPY], **OPTIONS).name == "SPY"


class TradeBars:
    """As LEAN's: a dictionary that isn't Python's."""

    def __init__(self, *found: object) -> None:
        self._found = {bar.symbol: bar for bar in found}

    def values(self):
        return list(self._found.values())


def test_bars_are_the_frame_that_lean_makes_of_them(spy, meta, alone):
    for given in (bars(SPY, spy), tuple(bars(SPY, spy)), iter(bars(SPY, spy)), bars(SPY, spy)[::-1], bars("SPY", spy)):
        same(run(given), alone[SPY])
    pascal = [
        SimpleNamespace(**{name.title().replace("_", ""): value for name, value in vars(bar).items()}) for bar in bars(SPY, spy)
    ]
    same(run(pascal), alone[SPY])
    same(run([{"time": bar.end_time, "close": bar.close, "open": bar.open, "high": bar.high, "low": bar.low}
              for bar in bars(SPY, spy)]), alone[SPY])  # fmt: skip
    two = {bar.end_time: [bar] for bar in bars(SPY, spy)}
    for bar in bars(META, meta):
        two[bar.end_time].append(bar)
    dictionaries = [TradeBars(*found) for found in two.values()]
    properties = [SimpleNamespace(values=found.values()) for found in dictionaries]
    slices = [SimpleNamespace(bars=found, quote_bars=TradeBars(), values=None) for found in dictionaries]
    quoted = [
        SimpleNamespace(
            bars=found, quote_bars=TradeBars(*(SimpleNamespace(**vars(bar) | {"close": 1.0}) for bar in found.values()))
        )
        for found in dictionaries
    ]
    for given in (bars(SPY, spy) + bars(META, meta), dictionaries, properties, slices, quoted):
        found = run(given)
        for symbol, expected in alone.items():
            same(found[symbol], expected)
    zeros = bars(SPY, spy.assign(open=0.0, high=0.0, low=0.0, volume=0.0))
    same(run(zeros), run(spy[["close"]]))  # LEAN's frame lacks columns of zeros


def test_a_symbols_columns_are_those_of_its_own_history(spy, alone, closes):
    quotes = prices(3).drop(columns="volume").assign(bidclose=1.0, askclose=1.1)
    same(run(history((EURUSD, quotes))), run(quotes))
    mixed = history((SPY, spy[["close"]]), (EURUSD, quotes))
    assert mixed.loc[[SPY]]["open"].isna().all()
    found = run(mixed)
    same(found["SPY"], closes[SPY])
    same(found["EURUSD"], run(quotes))
    same(run(history((SPY, spy.drop(columns="volume")))), alone[SPY])


def test_an_assets_failure_is_its_own(both, spy, alone):
    wrong = spy.copy()
    wrong.iloc[100, 1] = wrong.iloc[100, 2] / 2
    detector = RegimeDetector(**OPTIONS)
    found = detector.run(history((META, wrong), (SPY, spy), (EURUSD, spy.iloc[:9])))
    assert [str(key) for key in found] == ["SPY"]
    same(found["SPY"], alone[SPY])
    assert {str(key): type(error) for key, error in found.errors.items()} == {"META": InvalidPriceError, "EURUSD": TrainingError}
    assert isinstance(found.errors[META], InvalidPriceError)
    assert "META" not in found and found.get(META) is None and META not in found.detectors
    assert repr(found) == "<StatesByAsset of SPY; none of META, EURUSD>"
    with pytest.raises(UnknownAssetError, match=r"'EURUSD' has no result: .*9 bars can't fill the window"):
        found["EURUSD"]
    with pytest.raises(KeyError, match=r"'QQQ' isn't among ..SPY"):
        found["QQQ"]
    with pytest.raises(InvalidPriceError):
        detector.run(history((META, wrong), (EURUSD, spy.iloc[:9])))


def test_mappings_hold_any_of_these(both, spy, meta, alone, closes):
    found = run({"a": history((SPY, spy)), META: both, "closes": spy["close"], "bars": bars(SPY, spy), "both": both, "none": 3})
    assert list(found.errors) == ["both", "none"]
    assert "frame['both'] = ['SPY', 'META']" in str(found.errors["both"])
    for key, expected in (("a", alone[SPY]), ("META", alone[META]), ("closes", closes[SPY]), ("bars", alone[SPY])):
        same(found[key], expected)
    assert list(run({"SPY": spy})) == ["SPY"]  # a mapping of one is answered by a mapping


def test_many_at_once(both, spy, alone, closes, tmp_path):
    for backend in ("kernel", "threading"):
        found = run_many(both, RegimeDetector(**OPTIONS), backend=backend)
        for symbol, expected in alone.items():
            same(found.states[symbol], expected)
            same(found.states[symbol.value], expected)
        assert not found.errors
    sent = list(run_many(both, RegimeDetector(**OPTIONS), backend="loky", max_workers=2).states)
    assert sent == [SPY, META]
    same(run_many(both["close"].unstack(level=0), RegimeDetector(**OPTIONS)).states["SPY"], closes[SPY])
    same(run_many(history((SPY, spy)), RegimeDetector(**OPTIONS)).states["SPY"], alone[SPY])
    bad = run_many({"SPY": spy, "BAD": 3}, RegimeDetector(**OPTIONS))
    assert list(bad.states) == ["SPY"] and isinstance(bad.errors["BAD"], ParameterError)
    first = precompute(both, RegimeDetector(**OPTIONS), store=tmp_path)
    again = precompute({"SPY": spy, "META": both.loc[META]}, RegimeDetector(**OPTIONS), store=tmp_path)
    assert first.statistics["trainings"] > 10 and again.statistics["trainings"] == 0
    start = spy.index[90].to_pydatetime()
    later = precompute(history((SPY, spy)), RegimeDetector(**OPTIONS), store=tmp_path, start=start)
    same(later.states[SPY], run(spy.iloc[90 - 61 :]))
    aware = spy.tz_localize("America/New_York")
    for begin in (start, pd.Timestamp(start, tz="America/New_York")):
        assert len(precompute({"SPY": aware}, RegimeDetector(**OPTIONS), store=tmp_path, start=begin).states["SPY"]) == 121


def test_a_market_of_a_history(both, spy, meta):
    expected = MarketDetector(2, lookback=60).run({"SPY": spy, "META": meta})
    for given in (both, bars(SPY, spy) + bars(META, meta), {SPY: both.loc[SPY], "META": both.loc[META]}):
        found = MarketDetector(2, lookback=60).run(given)
        pd.testing.assert_frame_equal(found, expected, check_exact=True)
    with pytest.raises(ParameterError, match="BAD"):
        MarketDetector(2).run({"SPY": spy, "BAD": 3})


def test_results_and_pipelines(both, spy, meta, alone):
    one = find_regimes(history((SPY, spy)), **OPTIONS)
    assert (one.name, type(one.prices), one.prices.index.name) == ("SPY", pd.DataFrame, "time")
    pd.testing.assert_frame_equal(one.states.astype({"regime": alone[SPY]["regime"].dtype}), alone[SPY], check_exact=True)
    found = find_regimes(both, RegimeDetector(**OPTIONS))
    assert repr(found) == "<ByAsset of SPY, META>"
    assert (found["META"].name, found[META].detector.latest_bar.close) == ("META", meta["close"].iloc[-1])
    pd.testing.assert_frame_equal(found["SPY"].states, one.states, check_exact=True)
    pd.testing.assert_frame_equal(found["META"].statistics, find_regimes(meta, **OPTIONS).statistics, check_exact=True)
    assert list(compare(found).index) == ["SPY", "META"]
    pd.testing.assert_frame_equal(compare(found), compare([found[SPY], found[META]]))
    assert find_regimes(both, **OPTIONS, name="my").get("SPY").name == "my SPY"
    expected = create_financial_pipeline(spy, **OPTIONS).update()
    for pipeline in (
        create_financial_pipeline(history((SPY, spy)), **OPTIONS),
        create_financial_pipeline(bars(SPY, spy), **OPTIONS),
        create_financial_pipeline("SPY", data=both, **OPTIONS),
        create_financial_pipeline(SPY, data=both, **OPTIONS),
    ):
        assert pipeline.ticker == "SPY"
        pd.testing.assert_frame_equal(pipeline.update(), expected, check_exact=True)
        pd.testing.assert_frame_equal(pipeline.update(both), expected, check_exact=True)
    with pytest.raises(ParameterError, match=r"data = \['SPY', 'META'\]: expected prices of one asset. Choose one"):
        create_financial_pipeline(both)
    with pytest.raises(ParameterError, match="Choose one"):
        create_financial_pipeline("QQQ", data=both)


def test_histories_converted(both, spy, meta):
    found = HistoryDataAdapter.convert_history(both)
    assert list(found) == ["SPY", "META"]
    for given, expected in ((found[META], meta), (HistoryDataAdapter.convert_history(bars(SPY, spy)), spy)):
        np.testing.assert_array_equal(given, expected[["open", "high", "low", "close", "volume"]])
    closes = HistoryDataAdapter.convert_history(both["close"].unstack(level=0))["META"]
    assert list(closes) == ["Open", "High", "Low", "Close"]
    assert (closes.to_numpy() == meta[["close"]].to_numpy()).all()
    with pytest.raises(ParameterError, match=r"df\['B'\] = 3"):
        HistoryDataAdapter.convert_history({"B": 3})


def test_a_market_of_frames_takes_a_history(both, spy, meta):
    market = TableMarket(both)
    assert market.tickers() == ["SPY", "META"]
    asset = TableMarket({"META": both}).load("META")
    assert asset.dates == [stamp.date() for stamp in meta.index]
    np.testing.assert_array_equal(market.load("META").close, meta["close"])
    midnight = history((EURUSD, spy.set_axis(spy.index.normalize() + pd.Timedelta(days=1))))
    assert TableMarket(midnight).load("EURUSD").dates == [stamp.date() for stamp in spy.index]
    ends = pd.DatetimeIndex(
        [day + pd.Timedelta(hours=h) for day in pd.bdate_range("2020-01-01", periods=20) for h in range(10, 17)]
    )
    hours = prices(5, 140).set_axis(ends)
    bars_of_hours = TableMarket(history((SPY, hours))).intraday("SPY", 60)
    assert [row[0] // 60 for row in bars_of_hours.rows(bars_of_hours.days[0])] == [9, 10, 11, 12, 13, 14, 15]


def _with_time(frame, times):
    return frame.set_axis(times, axis=0)


WRONG = {
    "an empty history": (lambda f: pd.DataFrame(), NoDataError, "frame is an empty frame.*check them"),
    "no rows": (lambda f: history((SPY, f)).iloc[:0], NoDataError, "no rows"),
    "no bars": (lambda f: [], NoDataError, "frame is an empty list"),
    "no assets": (lambda f: {}, ParameterError, "at least one asset"),
    "levels without a time": (
        lambda f: history((SPY, f)).reset_index(level=1, drop=True).set_index("volume", append=True), MissingColumnError,
        r"indexed by \['symbol', 'volume'\]: expected the bars' end times.*set_index"),
    "levels of which none is the asset": (
        lambda f: history((SPY, f)).assign(a=1, b=2).reset_index(level=0, drop=True).set_index(["a", "b"], append=True),
        MissingColumnError, r"\['time', 'a', 'b'\]: expected one level called 'symbol'"),
    "rows without an asset": (
        lambda f: f.set_axis(pd.MultiIndex.from_arrays([[None, *["SPY"] * (len(f) - 1)], f.index], names=["symbol", "time"])),
        MissingValueError, "row 0 has no symbol"),
    "symbols alone": (lambda f: f.iloc[:1].set_axis(pd.Index([SPY], name="symbol")), MissingColumnError, "expected a DatetimeIndex"),
    "times twice": (lambda f: history((SPY, pd.concat([f, f.iloc[-1:]]))), DuplicateDateError, "more than once"),
    "assets twice": (lambda f: history((SPY, pd.concat([f, f]))), DataError, "more than once"),
    "columns twice": (
        lambda f: pd.concat([f["close"], f["close"]], axis=1).set_axis([SPY, SPY], axis=1), MissingColumnError, "SPY more than once"),
    "zones": (
        lambda f: _with_time(f, pd.Index([*f.index[:-1].tz_localize("UTC"), f.index[-1].tz_localize("Asia/Tokyo")], dtype=object)),
        DataError, "times of the zones .*utc=True"),
    "zones of bars": (
        lambda f: [SimpleNamespace(end_time=t, open=1, high=1, low=1, close=1) for t in (datetime(2020, 1, 1), datetime(2020, 1, 2, tzinfo=UTC))],
        DataError, "times are of several zones"),
    "text for prices": (
        lambda f: [SimpleNamespace(end_time=f.index[0], open="a", high=1, low=1, close=1)], NonNumericError, "other than numbers"),
    "zones of assets": (lambda f: {"A": f, "B": f.tz_localize("UTC")}, DataError, "A has times without a zone"),
    "numbers": (lambda f: f["close"].to_numpy(), ParameterError, r"frame = a ndarray of shape \(150,\): expected a frame"),
    "nothing": (lambda f: None, ParameterError, "frame = None: expected a frame"),
    "a name": (lambda f: "sp500", ParameterError, "frame = 'sp500'"),
    "frames in a list": (lambda f: [f, f], ParameterError, "mapping of assets"),
    "ticks": (lambda f: history((SPY, f[["close"]].rename(columns={"close": "lastprice"}))), MissingColumnError, "Ticks are no bars"),
    "values": (lambda f: f[["close"]].rename(columns={"close": "value"}), MissingColumnError, "rename.columns={'value': 'close'}"),
    "tickers that nobody calls so": (
        lambda f: f[["close"]].rename(columns={"close": "SPY"}), MissingColumnError, r"rename_axis\(columns='symbol'\)"),
    "no close": (lambda f: f[["open", "volume"]], MissingColumnError, "Rename the column"),
    "times across": (lambda f: f[["close"]].T, MissingColumnError, r"and 138 others.*frame\.T"),
    "a history with its index gone": (
        lambda f: history((SPY, f)).reset_index(), MissingColumnError, r"frame.set_index\(\['symbol', 'time'\]\)"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "error", "words"), WRONG.values(), ids=WRONG)
def test_what_is_no_prices_is_named(make, error, words, spy):
    with pytest.raises(error, match=words) as caught:
        run(make(spy))
    assert isinstance(caught.value, RegimeError)
    assert "expected" in str(caught.value)


def test_keys_of_assets():
    assert [is_identifier(text) for text in ("SPY R735QTJ8XC9X", "EURUSD 8G", "BTCUSD 2XR", "ACME CORP", "BRK B", "SPY", "")] == [
        True, True, True, False, False, False, False]  # fmt: skip
    found = ByAsset({SPY: 1, "FB V6OIPNZEM8V9": 2, "EURUSD 8G": 3, "other": 4})
    assert [found[key] for key in ("spy", "SPY R735QTJ8XC9X", SPY, "FB", META, "EURUSD", EURUSD, "OTHER")] == [
        1,
        1,
        1,
        2,
        2,
        3,
        3,
        4,
    ]
    assert Symbol("SPY", "SPY 8G") not in found  # another asset of the same ticker
    assert 3 not in found and found.get(None, "x") == "x"
    twins = ByAsset({SPY: 1, Symbol("SPY", "SPY 8G"): 2})
    assert twins["SPY 8G"] == 2
    with pytest.raises(UnknownAssetError, match="the ticker of 2 assets"):
        twins["SPY"]
    again = pickle.loads(pickle.dumps(ByAsset({"SPY": 1}, {"TLT": TrainingError("short")})))
    assert again == {"SPY": 1} and str(again.errors["TLT"]).endswith("short")
