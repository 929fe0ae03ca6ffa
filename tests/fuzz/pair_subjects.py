"""Crypto and forex: a data folder with its databases, and tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from hidden_regime.data import LeanFolder, make_bitcoin, read_market
from hidden_regime.data.checking import check_folder
from hidden_regime.data.events import unused_columns
from hidden_regime.data.lean_writing import write_lean_data
from hidden_regime.data.pairs.pair import Pair
from hidden_regime.data.tables import TableMarket
from hidden_regime.exceptions import RegimeError

HOURS = {
    "exchangeTimeZone": "America/New_York", "dataTimeZone": "UTC", "saturday": [], "holidays": ["1/1/2022"],
    "earlyCloses": {"1/17/2022": "13:00:00"}, "lateOpens": {"1/18/2022": "17:00:00"},
} | {day: [{"start": "00:00:00", "end": "1.00:00:00", "state": "market"}]
     for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "sunday")}  # fmt: skip
FACTS = (
    b"market,symbol,type,description,quote_currency,contract_multiplier,minimum_price_variation,lot_size\n"
    b"oanda,EURUSD,forex,EUR/USD,USD,1,0.00001,1\ncoinbase,BTCUSD,crypto,BTC-USD,USD,1,0.01,0.00000001,BTC-USD,0.0001\n"
)


@cache
def _pairs() -> Mapping[str, Pair]:
    """A coin's days and hours with quotes beside, another's minutes, and a currency's days."""
    hours = make_bitcoin(n_days=12).market.pairs.find("BTCUSD").frame(60)
    quotes = {f"{side}_{name}": hours[name] + shift for side, shift in (("bid", -1.0), ("ask", 1.0))
              for name in ("open", "high", "low", "close")}  # fmt: skip
    euros = pd.DataFrame({"bid": 1.1, "ask": 1.11}, pd.date_range("2022-01-03", periods=20, freq="B", name="date"))
    minutes = pd.DataFrame({"close": 7.5, "volume": 1.5}, pd.date_range("2022-01-03 23:00", periods=90, freq="min", name="time"))
    return TableMarket({"BTCUSD": hours.assign(**quotes), "EURUSD": euros, "ETHUSD": minutes}).pairs.by_ticker


@cache
def folders() -> Mapping[str, bytes]:
    """A data folder with both databases."""
    with TemporaryDirectory() as name:
        write_lean_data(TableMarket(_pairs()), name)
        places = {kind: list(Path(name).glob(f"{kind}/**/*.zip")) for kind in ("crypto", "forex")}
        files = {path.relative_to(name).as_posix(): path.read_bytes() for paths in places.values() for path in paths}
    entries = {"Forex-oanda-[*]": HOURS, "Crypto-coinbase-[*]": HOURS | {"exchangeTimeZone": "UTC-05"}}
    return files | {
        "market-hours/market-hours-database.json": json.dumps({"entries": entries}).encode(),
        "symbol-properties/symbol-properties-database.csv": FACTS,
    }


def read_folders(folder: Path, name: str) -> None:
    """Every pair, its facts and its hours; and the check, which refuses nothing but the databases."""
    del name
    market = LeanFolder(folder)
    for pair in market.pairs.listed():
        for read in (
            market.pairs.pair,
            lambda found: market.pair_markets.of(*found),
            lambda found: market.pair_markets.hours(*found),
        ):
            try:
                read(pair)
            except RegimeError:
                continue
    check_folder(folder, "BTCUSD")


@cache
def tables() -> Mapping[str, bytes]:
    """Files called by their pairs, by their folders, and in a column."""
    coins, euros, minutes = (
        _pairs()[ticker].frame(length) for ticker, length in (("BTCUSD", 60), ("EURUSD", 1440), ("ETHUSD", 1))
    )
    both = pd.concat([coins.assign(ticker="crypto/coinbase/BTCUSD"), minutes.assign(ticker="ETH-USD")])
    return {
        "BTC-USD.csv": coins.to_csv().encode(), "forex/oanda/daily/EURUSD.csv": euros.to_csv().encode(),
        "both.csv": both.to_csv().encode(), "crypto/coinbase/ETHUSD.csv": minutes.tz_localize(None).to_csv().encode(),
    }  # fmt: skip


def read_tables(folder: Path, name: str) -> None:
    """One file, all that it says, and what it writes."""
    unused_columns(folder / name)
    market = read_market(folder / name)
    for pair in market.pairs.by_ticker.values():
        for minutes in pair.lengths:
            pair.frame(minutes)
    write_lean_data(market, folder / "written")
