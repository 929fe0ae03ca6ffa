"""A table of a pair: when its bars start, what its columns mean, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hidden_regime.data.pairs.naming import pair_called
from hidden_regime.data.pairs.reading import left_out, read_pair
from hidden_regime.exceptions import (
    DataError,
    DuplicateDateError,
    InvalidPriceError,
    MissingColumnError,
    MissingValueError,
    NonNumericError,
)

HOUR = pd.date_range("2021-03-01", periods=50, freq="h", name="date")


def frame(index=HOUR, **others):
    close = 100.0 + np.arange(len(index))
    columns = {"open": close - 1, "high": close + 2, "low": close - 3, "close": close, "volume": 0.25}
    return pd.DataFrame({**columns, **others}, index=index)


def quoted(index=HOUR, **others):
    mid = 1.1 + 0.001 * np.arange(len(index))
    columns = {f"{side}_{name}": mid + shift for side, shift in (("bid", -0.1), ("ask", 0.1)) for name in ("open", "close")}
    columns |= {f"{side}_{name}": mid + shift + more for side, shift in (("bid", -0.1), ("ask", 0.1))
                for name, more in (("high", 0.2), ("low", -0.2))}  # fmt: skip
    return pd.DataFrame({**columns, "bid_size": 3.0, "ask_size": 4.0, **others}, index=index)


def read(table, name="BTCUSD"):
    return read_pair(pair_called(name), table, "it")


def test_times_without_a_zone_are_utc_and_others_are_turned_into_it():
    starts, values = read(frame()).given[60, False]
    assert (starts == HOUR.to_numpy().astype("datetime64[m]").astype(np.int64)).all()
    np.testing.assert_array_equal(values, frame().to_numpy())
    for zone in ("UTC", "America/New_York", "Asia/Kolkata"):
        there = read(frame(HOUR.tz_localize("UTC").tz_convert(zone))).given[60, False]
        assert (there[0] == starts).all() and (there[1] == values).all()
    kept = HOUR.tz_localize("America/New_York")  # an hour of New York is another of UTC
    assert (read(frame(kept)).given[60, False][0] == starts + 300).all()


def test_days_keep_their_date():
    days = pd.date_range("2021-03-01", periods=9, name="date")
    want = days.to_numpy().astype("datetime64[m]").astype(np.int64)
    for index in (days, days.tz_localize("UTC"), days.tz_localize("Europe/Berlin")):
        assert read(frame(index)).given[1440, False][0].tolist() == want.tolist()


def test_bars_of_minutes_make_hours_and_days():
    pair = read(frame(pd.date_range("2021-03-01", periods=3000, freq="min")))
    assert list(pair.given) == [(1, False)] and pair.lengths == [1440, 60, 1]
    assert len(pair.rows(60, quotes=False)[0]) == 50 and len(pair.asset().dates) == 3
    assert pair.rows(60, quotes=True) is None and pair.bars(1, quotes=True) is None


def test_a_currency_has_quotes_alone_and_without_them_its_price_is_both():
    both = read(quoted(close=1.0), "EURUSD")
    assert list(both.given) == [(60, True)]
    np.testing.assert_allclose(both.frame(60)["close"], (quoted()["bid_close"] + quoted()["ask_close"]) / 2)
    assert both.given[60, True][1][0].tolist() == pytest.approx([1.0, 1.2, 0.8, 1.0, 3.0, 1.2, 1.4, 1.0, 1.2, 4.0])
    _, values = read(frame(), "EURUSD").given[60, True]
    np.testing.assert_array_equal(values[:, :4], frame().to_numpy()[:, :4])
    np.testing.assert_array_equal(values[:, :5], values[:, 5:])
    assert (values[:, 4] == 0.0).all()


def test_a_coin_may_have_trades_and_quotes_and_bars_without_either():
    table = quoted().join(frame())
    table.loc[HOUR[3], ["open", "high", "low", "close", "volume"]] = np.nan
    table.loc[HOUR[5], [name for name in table if name.startswith("bid")]] = np.nan
    pair = read(table)
    trades, quotes = pair.given[60, False], pair.given[60, True]
    assert len(trades[0]) == 49 and len(quotes[0]) == 50
    assert quotes[1][5, :5].tolist() == [0.0] * 5 and (quotes[1][5, 5:] > 0).all()
    again = read(pair.frame(60))
    for key, rows in pair.given.items():
        assert (again.given[key][0] == rows[0]).all() and (again.given[key][1] == rows[1]).all()


@pytest.mark.parametrize("names", [("bid", "ask"), ("bidprice", "ask_price"), ("bid_close", "askclose")])
def test_one_price_a_side_is_enough(names):
    table = pd.DataFrame({names[0]: 1.0, names[1]: 1.5}, index=HOUR)
    assert read(table, "EURUSD").given[60, True][1][0].tolist() == [1.0] * 4 + [0.0] + [1.5] * 4 + [0.0]


DAYS = pd.date_range("2021-03-01", periods=50, name="date")


@pytest.mark.parametrize(
    ("table", "error", "words"),
    [
        (frame(HOUR + pd.Timedelta("30s")), DataError, "whole minutes"),
        (frame(pd.date_range("2021-03-01", periods=9, freq="4h")), DataError, "bars of 240 minutes"),
        (frame(pd.date_range("2021-03-01", periods=9, freq="7D")), DataError, "bars of 7 days"),
        (frame(DAYS + pd.Timedelta("8h")), DataError, "days that start at 08:00"),
        (frame(DAYS.tz_localize("America/New_York")), DataError, "days of UTC"),
        (frame(HOUR, close=np.nan), MissingValueError, "close has no value"),
        (frame(HOUR, low=-1.0), InvalidPriceError, "low"),
        (frame(HOUR, high=1.0), InvalidPriceError, "high is below low"),
        (frame(HOUR, volume=-1.0), InvalidPriceError, "volume"),
        (frame(HOUR, close="x"), NonNumericError, "expected a number"),
        (frame(HOUR.append(HOUR[-1:])), DuplicateDateError, "it"),
        (frame(HOUR[:0]), DataError, "no rows"),
        (frame(pd.DatetimeIndex(["1700-01-01"])), DataError, "expected years from 1800"),
        (pd.DataFrame({"x": 1.0}, index=HOUR), MissingColumnError, "no prices"),
        (quoted()[["bid_close"]], MissingColumnError, "no ask prices"),
        (quoted(bid_low=9.0), InvalidPriceError, "the bid's high is below its low"),
        (quoted(ask_open=[np.nan] + [1.0] * 49), MissingValueError, "ask_open has no value"),
        (quoted(ask_size=-1.0), InvalidPriceError, "ask_size"),
        (quoted(ask_close=np.inf), InvalidPriceError, "ask_close"),
        (quoted() * 0.0, DataError, "no price"),
        (quoted(**{f"ask_{name}": 0.0 for name in ("open", "high", "low", "close")}), DataError, "never a bid and an ask"),
    ],
)  # fmt: skip
def test_what_is_no_such_table_is_refused(table, error, words):
    with pytest.raises(error, match=words):
        read(table)


def test_a_name_that_tells_another_length_is_refused():
    assert list(read(frame(), "crypto/coinbase/hour/BTCUSD").given) == [(60, False)]
    with pytest.raises(DataError, match="called daily, and its bars are hour"):
        read(frame(), "crypto/coinbase/daily/BTCUSD")


def test_what_is_not_taken_of_a_table_is_said():
    btc, eur = (pair_called(name).pair for name in ("BTCUSD", "EURUSD"))
    assert left_out(["Date", "Open", "High", "Low", "Close", "Volume"], btc) == []
    assert left_out(["date", *quoted().columns], eur) == []
    assert "trades" in left_out(["date", "open", "high", "low", "close", "trades"], btc)[0]
    assert "has no open, high, low" in left_out(["date", "close"], btc)[0]
    assert "no spread" in left_out(["date", "open", "high", "low", "close"], eur)[0]
    assert "beside bid and ask" in left_out(["date", "bid", "ask", "close"], eur)[0]
