"""Pairs in LEAN's files: what is written is read back to the last bit, and lies where LEAN looks for it."""

from __future__ import annotations

import hashlib
import json
import zipfile
from datetime import date
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.data import LeanFolder, make_bitcoin
from hidden_regime.data.lean_writing import write_lean_data
from hidden_regime.data.pairs.folder import PairFolder
from hidden_regime.data.pairs.markets import PairMarkets
from hidden_regime.data.pairs.naming import PairName
from hidden_regime.data.pairs.pair import Pair
from hidden_regime.data.pairs.writing import number, write_pair
from hidden_regime.data.tables import TableMarket
from hidden_regime.exceptions import DataError, NoDataError, ParameterError, UnknownDataError
from tests.conftest import CASES

EUR, BTC = PairName("forex", "oanda", "EURUSD"), PairName("crypto", "coinbase", "BTCUSD")
FIRST = 27_000_000  # minutes since 1970: in May 2021, within a day


def rows(rng, minutes, *, quotes):
    """Rising bars of any digits, some with a side of quotes that is missing."""
    n = int(rng.integers(1, 30))
    starts = (FIRST // minutes + np.sort(rng.choice(60, n, replace=False)).astype(np.int64)) * minutes
    sides = []
    for _ in range(2 if quotes else 1):
        low = 10.0 ** rng.uniform(-8, 8, n)
        prices = np.column_stack([low, low, low, low]) * rng.uniform(1.0, 1.2, (n, 4))
        prices[:, 1], prices[:, 2] = prices.max(axis=1), prices.min(axis=1)
        side = np.column_stack([prices, 10.0 ** rng.uniform(-12, 12, n)])
        side[rng.random(n) < 0.2, 4] = 0.0
        sides.append(side)
    values = np.hstack(sides)
    if quotes:
        missing = rng.random((n, 2)) < 0.2
        missing[missing.all(axis=1)] = missing[0] = False
        values[np.ix_(missing[:, 0], range(4))] = 0.0
        values[np.ix_(missing[:, 1], range(5, 9))] = 0.0
    return starts, values


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([EUR, BTC]), st.sets(st.sampled_from([1, 60, 1440]), min_size=1))
def test_what_is_written_is_read_back_to_the_last_bit(seed, name, lengths):
    rng = np.random.default_rng(seed)
    kinds = [True] if name.kind == "forex" else [[False], [True], [False, True]][int(rng.integers(3))]
    pair = Pair(name, {(minutes, quotes): rows(rng, minutes, quotes=quotes) for minutes in lengths for quotes in kinds})
    with TemporaryDirectory() as folder:
        market = TableMarket({"X": pair})
        made = write_lean_data(market, folder)
        found = LeanFolder(folder).pairs.pair(name)
        assert LeanFolder(folder).pairs.listed() == [name]
    for minutes in pair.lengths:
        for quotes in (False, True):
            want, have = pair.rows(minutes, quotes=quotes), found.rows(minutes, quotes=quotes)
            assert (want is None) == (have is None)
            if want is not None:
                np.testing.assert_array_equal(have[0], want[0])
                np.testing.assert_array_equal(have[1], want[1])
    counted = sum(len(found.given[key][0]) for key in found.given)
    assert counted == sum(made.bars[name.ticker].values())


@pytest.mark.parametrize(
    ("name", "minutes", "quotes"),
    [(BTC, 1440, False), (BTC, 1440, True), (BTC, 60, False), (BTC, 1, False), (BTC, 1, True), (EUR, 1440, True), (EUR, 60, True),
     (EUR, 1, True), (PairName("crypto", "binance", "BTCUSDT"), 60, False)],
)  # fmt: skip
def test_files_have_the_names_and_lines_of_those_that_lean_has_read(name, minutes, quotes, tmp_path):
    source = PairFolder(CASES / "data", PairMarkets(CASES / "data"))
    have = source.bars(*name, minutes, quotes=quotes)
    begin = (have.days[0] - date(1970, 1, 1)).days * 1440
    some = have.between(begin, begin + (2 if minutes == 1 else 400) * 1440)
    write_pair(PairFolder(tmp_path, PairMarkets()), Pair(name, {(minutes, quotes): some}), hourly=False, notes=[])
    place = source.where(*name, minutes, quotes=quotes).relative_to(source.path)
    made = sorted((tmp_path / place).iterdir()) if minutes == 1 else [tmp_path / place]
    if minutes == 1:
        assert len(made) == 2
    for path in made:
        with zipfile.ZipFile(path) as own, zipfile.ZipFile(source.path / path.relative_to(tmp_path)) as leans:
            assert own.namelist() == leans.namelist()
            lines = own.read(own.namelist()[0]).decode().splitlines()
            assert lines == leans.read(own.namelist()[0]).decode().splitlines()[: len(lines)]


def test_equal_pairs_give_equal_bytes_and_the_folder_says_that_they_are_invented(tmp_path):
    digests = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        write_lean_data(make_bitcoin(n_days=20).market, folder)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        digests.append([(str(p.relative_to(folder)), hashlib.sha256(p.read_bytes()).hexdigest()) for p in files])
    assert digests[0] == digests[1]
    assert "SYNTHETIC" in (tmp_path / "a" / "SYNTHETIC.txt").read_text()


def test_what_was_there_of_a_pair_is_replaced_and_other_pairs_stay(tmp_path):
    market = make_bitcoin(n_days=3).market
    minutes = pd.date_range("2022-01-01", periods=99, freq="min")
    write_lean_data(TableMarket({"BTCUSD": pd.DataFrame({"close": 5.0}, minutes), "ETHUSD": market.pairs.find("BTCUSD").frame()}),
                    tmp_path)  # fmt: skip
    write_lean_data(market, tmp_path)
    folder = LeanFolder(tmp_path)
    assert folder.pairs.listed() == [BTC, BTC._replace(ticker="ETHUSD")]
    assert set(folder.pairs.pair(BTC).given) == {(60, False), (1440, False)}


def test_a_benchmark_of_days_gets_an_hour_a_day(tmp_path):
    days = make_bitcoin(n_days=5).market.pairs.find("BTCUSD").frame()
    made = write_lean_data(TableMarket({"BTCUSD": days, "ETHUSD": days}), tmp_path)
    assert made.bars == {"BTCUSD": {"daily": 5, "hour": 5}, "ETHUSD": {"daily": 5}}
    assert any("SecurityType.CRYPTO, 'BTCUSD'" in note for note in made.notes)
    starts, values = LeanFolder(tmp_path).pairs.bars(*BTC, 60, quotes=False).between(0, 10**9)
    assert (starts % 1440 == 23 * 60).all() and values[:, 3].tolist() == days["close"].tolist()


def test_a_folder_whose_market_is_stamped_in_another_zone_is_refused_untouched(tmp_path):
    week = {day: [] for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")}
    hours = {"entries": {"Forex-fxcm-[*]": week | {"exchangeTimeZone": "America/New_York", "dataTimeZone": "UTC-05"}}}
    (tmp_path / "market-hours").mkdir()
    (tmp_path / "market-hours" / "market-hours-database.json").write_text(json.dumps(hours))
    table = pd.DataFrame({"bid": 1.0, "ask": 1.1}, pd.date_range("2022-01-03", periods=5))
    with pytest.raises(DataError, match="in the zone UTC-05"):
        write_lean_data(TableMarket({"forex/fxcm/EURUSD": table}), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["market-hours"]
    with pytest.raises(UnknownDataError, match="market-hours"):
        write_lean_data(TableMarket({"crypto/kraken/XBTUSD": table}), tmp_path / "other")


def test_events_and_missing_pairs_are_refused(tmp_path):
    market = make_bitcoin(n_days=3).market
    with pytest.raises(ParameterError, match="the prices of equities"):
        write_lean_data(market, tmp_path / "x", delisted=["BTCUSD"])
    write_lean_data(market, tmp_path)
    with pytest.raises(NoDataError, match="ethusd_trade"):
        LeanFolder(tmp_path).pairs.pair(BTC._replace(ticker="ETHUSD"))


@given(st.floats(1e-20, 1e15))
def test_numbers_have_no_exponent_and_are_the_same(value):
    assert "e" not in number(value) and float(number(value)) == value
