"""Ticks and seconds of a LEAN folder, read from handwritten zips."""

import zipfile
from datetime import date

import pytest

from hidden_regime.data import LeanFolder
from hidden_regime.data.ticks import read_ticks
from hidden_regime.exceptions import DataError, InvalidPriceError, UnsortedDataError

DAY = date(2014, 1, 6)


def _zip(path, name, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "\n".join(lines) + "\n")
    return path


def test_trades_and_quotes_of_a_day(tmp_path):
    usa = tmp_path / "equity" / "usa"
    folder = usa / "tick" / "spy"
    _zip(folder / "20140106_trade.zip", "20140106_spy_Trade_Tick.csv", ["34200007,1000000,5,Q,2000,0", "34200007,1000100,7,P,,1"])
    _zip(folder / "20140106_quote.zip", "20140106_spy_Quote_Tick.csv", ["34200001,999900,100,0,0,Z,1,0"])
    _zip(folder / "20140107_trade.zip", "20140107_spy_Trade_Tick.csv", ["34200007.5,1000000,5"])
    _zip(usa / "second" / "spy" / "20140106_trade.zip", "20140106_spy_second_trade.csv", ["34201000,10000,20000,10000,15000,3"])
    market = LeanFolder(tmp_path, synthetic=True)
    found = market.ticks("SPY")
    assert (found.days, market.has("SPY"), market.ticks("TLT")) == ([DAY, date(2014, 1, 7)], True, None)
    trades, quotes = found.find(DAY)
    assert (trades.times.tolist(), trades.prices.tolist(), trades.sizes.tolist()) == (
        [34200007.0] * 2,
        [[100.0], [100.01]],
        [[5], [7]],
    )
    assert (trades.exchanges, trades.conditions, trades.suspicious) == (["Q", "P"], ["2000", ""], [False, True])
    assert (quotes.prices.tolist(), quotes.sizes.tolist(), quotes.exchanges) == ([[99.99, 0.0]], [[100.0, 0.0]], ["Z"])
    short = found.find(date(2014, 1, 7))
    assert (short.trades.times.tolist(), short.trades.exchanges, short.quotes) == ([34200007.5], [""], None)
    assert found.find(date(2014, 1, 8)) is None
    seconds = market.seconds("SPY").find(DAY)
    assert (seconds.starts.tolist(), seconds.values.tolist()) == ([34201], [[1.0, 2.0, 1.0, 1.5, 3.0]])
    assert market.second_quotes("SPY") is None and market.seconds("TLT") is None


@pytest.mark.parametrize(
    ("lines", "error", "words"),
    [
        (["2,1,1,Q,1,0", "1,1,1,Q,1,0"], UnsortedDataError, "line 2: a time before that"),
        (["1,-1,1,Q,1,0"], InvalidPriceError, "line 1: expected finite"),
        (["1,1"], DataError, "expected a zip of lines 'time,price"),
        (["1,x,1,Q,1,0"], DataError, "expected a zip of lines 'time,price"),
    ],
)
def test_what_is_no_file_of_ticks_is_named(tmp_path, lines, error, words):
    path = _zip(tmp_path / "spy" / "20140106_trade.zip", "20140106_spy_Trade_Tick.csv", lines)
    with pytest.raises(error, match=words):
        read_ticks(path, quotes=False)
    (tmp_path / "spy" / "20140107_trade.zip").write_bytes(b"no zip")
    with pytest.raises(DataError, match="can't be read as LEAN ticks"):
        read_ticks(tmp_path / "spy" / "20140107_trade.zip", quotes=False)
