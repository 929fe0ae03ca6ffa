"""Which pair a table's name or place means."""

from __future__ import annotations

from pathlib import Path

import pytest

from hidden_regime.data.pairs.naming import PairName, name_of, pair_called
from hidden_regime.exceptions import DataError, ParameterError

BTC = PairName("crypto", "coinbase", "BTCUSD")
EUR = PairName("forex", "oanda", "EURUSD")


@pytest.mark.parametrize(
    ("name", "pair", "minutes"),
    [
        ("BTCUSD", BTC, None), ("btc-usd", BTC, None), ("BTC/USD", BTC, None), ("EURUSD=X", EUR, None), ("EUR_USD", EUR, None),
        ("crypto/coinbase/BTCUSD", BTC, None), ("Crypto/Coinbase/btc-usd", BTC, None), ("crypto/coinbase/hour/BTCUSD", BTC, 60),
        ("forex/oanda/minute/eurusd", EUR, 1), ("crypto/kraken/daily/XBTUSD", PairName("crypto", "kraken", "XBTUSD"), 1440),
    ],
)  # fmt: skip
def test_a_name_means_a_pair(name, pair, minutes):
    assert pair_called(name) == (pair, minutes)


@pytest.mark.parametrize("name", ["SPY", "SP500", "BRK-B", "USD", "cryptos", "", "a/b/c", "USDUSD", "EURUSD.1"])
def test_other_names_mean_none(name):
    assert pair_called(name) is None


def test_a_ticker_at_several_markets_has_to_name_one():
    with pytest.raises(DataError, match="'crypto/coinbase/BTCUSDT' or 'crypto/binance/BTCUSDT'"):
        pair_called("BTCUSDT")
    assert pair_called("crypto/binance/BTCUSDT").pair.market == "binance"


@pytest.mark.parametrize(
    "name", ["crypto/BTCUSD", "crypto/coinbase/", "forex/oanda/weekly/EURUSD", "crypto/a/hour/daily/BTCUSD", "crypto//BTCUSD",
             "crypto/coinbase/B.T"],
)  # fmt: skip
def test_a_name_that_tells_too_little_is_refused(name):
    with pytest.raises(ParameterError, match="crypto/MARKET/TICKER"):
        pair_called(name)


def test_a_file_is_called_by_its_folders_too(tmp_path):
    for place, name in {
        "crypto/binance/BTCUSDT.csv": "crypto/binance/BTCUSDT", "forex/oanda/hour/EURUSD.csv": "forex/oanda/hour/EURUSD",
        "mine/BTCUSD.csv": "BTCUSD", "crypto/BTCUSD.csv": "BTCUSD",
    }.items():  # fmt: skip
        assert name_of(tmp_path / place, Path(place).stem) == name
