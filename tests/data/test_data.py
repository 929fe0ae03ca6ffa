"""Readers: tolerant of names, strict about contents; the packaged sets; the synthetic market."""

from __future__ import annotations

import zipfile
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hidden_regime.data import (
    LeanFolder,
    TableMarket,
    load_dataset,
    load_series,
    make_market,
    open_market,
    read_market,
    write_lean_folder,
)
from hidden_regime.data.factors import FactorFile, FactorRow
from hidden_regime.exceptions import (
    DataError,
    DuplicateDateError,
    InvalidPriceError,
    MissingColumnError,
    MissingValueError,
    NoDataError,
    NonNumericError,
    ParameterError,
    UnknownDataError,
    UnsortedDataError,
)

GOOD = "Date,Open,High,Low,Close,Adj Close,Volume\n2020-01-02,10,11,9,10,5,100\n2020-01-03,10,12,10,12,6,200\n"


def write(tmp_path, text, name="acme.csv"):
    path = tmp_path / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "text",
    [GOOD, GOOD.replace("Date", "timestamp").replace("Close", "close"), "date,price\n2020-01-02,5\n2020-01-03,6\n",
     ",Close\n2020-01-02,5\n2020-01-03,6\n", "Date,Close\n20200102,5\n20200103,6\n",
     "Date,Close\n2020-03-06 00:00:00-05:00,5\n2020-03-09 00:00:00-04:00,6\n", "Ticker,Date,Close\nACME,2020-01-02,5\nACME,2020-01-03,6\n"],
)  # fmt: skip
def test_names_of_columns_may_vary(tmp_path, text):
    market = read_market(write(tmp_path, text))
    assert market.tickers() == ["ACME"]
    assert market.load("acme").frame()["close"].tolist() == [5.0, 6.0]


def test_raw_and_adjusted_prices(tmp_path):
    asset = read_market(write(tmp_path, GOOD)).load("ACME")
    assert asset.frame(adjusted=False)["close"].tolist() == [10.0, 12.0]
    assert asset.frame()["high"].tolist() == [5.5, 6.0]


def test_parquet_and_folders_of_files(tmp_path):
    frame = pd.read_csv(write(tmp_path, GOOD, "one.csv"), index_col="Date", parse_dates=True)
    frame.to_parquet(tmp_path / "two.parquet")
    market = read_market(tmp_path)
    assert sorted(market.tickers()) == ["ONE", "TWO"]
    pd.testing.assert_frame_equal(market.load("ONE").frame(), market.load("TWO").frame())


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [("Date,Mood\n2020-01-02,good\n", MissingColumnError, "no prices"), ("Close\n1\n2\n", MissingColumnError, "no dates"),
     ("Date,Close\n2020-01-03,1\n2020-01-02,2\n", UnsortedDataError, "2020-01-02"),
     ("Date,Close\n2020-01-02,1\n2020-01-02,2\n", DuplicateDateError, "more than once"),
     ("Date,Close\n2020-01-02,1\n2020-01-03,\n", MissingValueError, "2020-01-03"),
     ("Date,Close\n2020-01-02,1\n2020-01-03,n/a?\n", NonNumericError, "n/a"), ("Date,Close\n2020-01-02,1\n2020-01-03,0\n", InvalidPriceError, "0"),
     ("Date,High,Low,Close\n2020-01-02,1,2,1.5\n", InvalidPriceError, "below low"),
     ("Date,Open,Adj Close\n2020-01-02,1,2\n", MissingColumnError, "only adjusted"),
     ("Date,Close\nsoon,1\n", NonNumericError, "no date"), ("Date,Close\n", DataError, "no rows")],
)  # fmt: skip
def test_wrong_tables_are_named(tmp_path, text, error, words):
    with pytest.raises(error, match=words) as caught:
        read_market(write(tmp_path, text))
    assert "expected" in str(caught.value)
    assert "acme.csv" in str(caught.value)


def test_unknown_data(tmp_path):
    for wrong in ("nope", tmp_path / "nope.csv"):
        with pytest.raises(UnknownDataError, match="sp500"):
            open_market(wrong)
    with pytest.raises(UnknownDataError, match="expected one of"):
        load_dataset("nope")
    with pytest.raises(UnknownDataError, match="--asset SP500"):
        load_series("us_indices")
    with pytest.raises(NoDataError, match="it has"):
        open_market("us_stocks").load("TSLA")
    with pytest.raises(NoDataError, match="empty"):
        TableMarket({})
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnknownDataError, match="expected either"):
        open_market(tmp_path / "empty")


@pytest.mark.parametrize(
    ("name", "rows", "first"), [("sp500", 5031, "1999-01-04"), ("nasdaq", 5031, "1999-01-04"), ("ibm", 3270, "2000-03-01")]
)
def test_packaged_sets_are_whole(name, rows, first):
    frame = load_dataset(name)
    assert len(frame) == rows
    assert str(frame.index[0].date()) == first
    assert (frame["high"] >= frame["low"]).all()


def test_packaged_stocks_know_their_splits():
    """Apple split 2:1 twice in the span; a 3% step of the adjusted series is no split."""
    asset = open_market("aapl").load("AAPL")
    assert [(s.previous, round(1 / s.factor)) for s in asset.factors.splits()] == [(date(2000, 6, 20), 2), (date(2005, 2, 25), 2)]
    raw, adjusted = asset.frame(adjusted=False)["close"], asset.frame()["close"]
    assert raw.pct_change().min() < -0.45
    assert adjusted.loc["2005-02-28"] / adjusted.loc["2005-02-25"] > 0.95


def test_factor_files_adjust_and_tell_events():
    days = [date(2020, 1, d) for d in (1, 2, 3, 6)]
    factors = FactorFile([FactorRow(days[1], 0.9, 0.5, 20.0), FactorRow(date(2050, 12, 31), 1.0, 1.0, 0.0)])
    price, split = factors.factors(days)
    assert price.tolist() == [0.9, 0.9, 1.0, 1.0]
    assert split.tolist() == [0.5, 0.5, 1.0, 1.0]
    assert factors.dividends() == [(days[1], 2.0, 20.0)]
    assert factors.splits() == [(days[1], 0.5, 20.0)]


def test_a_lean_folder_reads_as_lean_does(reference_market):
    asset = reference_market.load("AAPL")
    assert len(asset.dates) == 4280
    frame = asset.frame()
    assert abs(np.log(frame["close"]).diff()).max() < 0.36
    assert asset.close[asset.dates.index(date(2014, 6, 6))] == pytest.approx(148.24)
    times, closes = reference_market.hourly("SPY")
    assert (times[0].hour, len(times)) == (10, len(closes))
    assert reference_market.hourly("GLD") is None
    minutes = reference_market.intraday("TLT", 1)
    assert (len(minutes.days), minutes.rows(minutes.days[0])[0]) == (15, (570, 53.19, 53.2, 53.17, 53.18, 14211.0))
    assert reference_market.interest_rates()[0] == (date(2003, 1, 9), 0.0225)
    with pytest.raises(NoDataError, match="TSLA"):
        reference_market.load("TSLA")
    with pytest.raises(UnknownDataError, match="no LEAN data folder"):
        LeanFolder("tests")


def damaged(tmp_path, lines):
    folder = tmp_path / "equity" / "usa" / "daily"
    folder.mkdir(parents=True)
    if isinstance(lines, bytes):
        (folder / "bad.zip").write_bytes(lines)
    else:
        with zipfile.ZipFile(folder / "bad.zip", "w") as archive:
            archive.writestr("bad.csv", "\n".join(lines))
    return LeanFolder(tmp_path)


@pytest.mark.parametrize(
    ("lines", "error"),
    [(b"no zip", DataError), (["20200102 00:00,1,1,1,1,1", "20200102 00:00,1,1,1,1,1"], DuplicateDateError),
     (["20200103 00:00,1,1,1,1,1", "20200102 00:00,1,1,1,1,1"], UnsortedDataError), (["20200102 00:00,0,1,1,1,1"], InvalidPriceError),
     (["20200102 00:00,x,1,1,1,1"], DataError)],
)  # fmt: skip
def test_damaged_lean_files_are_named(tmp_path, lines, error):
    with pytest.raises(error, match="expected"):
        damaged(tmp_path, lines).load("BAD")


def test_the_synthetic_market_is_seeded_labelled_and_known(tmp_path):
    a, b, c = (make_market(n_days=300, seed=s) for s in (1, 1, 2))
    for ticker in a.market.tickers():
        pd.testing.assert_frame_equal(a.market.load(ticker).frame(), b.market.load(ticker).frame())
    assert not a.market.load("SYN_MARKET").frame().equals(c.market.load("SYN_MARKET").frame())
    assert "SYNTHETIC" in a.market.origin
    assert len(a.truth) == len(a.dates) == 300
    folder = write_lean_folder(a, tmp_path / "lean")
    read = open_market(folder)
    assert read.synthetic
    for ticker in a.market.tickers():
        np.testing.assert_allclose(read.load(ticker).frame()["close"], a.market.load(ticker).frame()["close"], rtol=1e-12)


def test_synthetic_regimes_have_their_moments():
    made = make_market(n_days=20_000, seed=0)
    returns = np.log(made.market.load("SYN_MARKET").frame()["close"]).diff().to_numpy()[1:]
    truth = np.array(made.truth)[1:]
    for name, sd in (("Bear", 0.021), ("Sideways", 0.0095), ("Bull", 0.006)):
        assert returns[truth == name].std() == pytest.approx(sd, rel=0.1)
    with pytest.raises(ParameterError, match="shocks"):
        make_market(shocks=2.0)
    with pytest.raises(ParameterError, match="n_days"):
        make_market(n_days=1)
