"""What a check finds in the crypto and forex of a folder: the file, the line and what is wrong there."""

from __future__ import annotations

import shutil
import zipfile

import pandas as pd
import pytest
from typer.testing import CliRunner

from hidden_regime.cli.main import app
from hidden_regime.data import make_bitcoin
from hidden_regime.data.checking import check_folder
from hidden_regime.data.lean_writing import write_lean_data
from hidden_regime.data.tables import TableMarket
from hidden_regime.exceptions import RegimeError

COIN = "crypto/coinbase/daily/btcusd_trade.zip"
HOURS = "crypto/coinbase/hour/btcusd_trade.zip"
MINUTES = "crypto/coinbase/minute/ethusd/20220104_trade.zip"
EURO = "forex/oanda/daily/eurusd.zip"


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A folder in which nothing is wrong: a coin's days and hours, another's minutes, and quotes of a currency."""
    folder = tmp_path_factory.mktemp("sound")
    weekdays = pd.date_range("2022-01-03", periods=40, freq="B")
    euros = pd.DataFrame({"bid": 1.10, "ask": 1.11, "bid_size": 5.0, "ask_size": 0.5}, weekdays)
    minutes = pd.DataFrame({"close": 7.5, "volume": 1.5}, pd.date_range("2022-01-03 22:00", periods=400, freq="min"))
    coin = make_bitcoin(n_days=30).market.pairs.find("BTCUSD")
    write_lean_data(TableMarket({"BTCUSD": coin, "ETHUSD": minutes, "EURUSD": euros}), folder)
    return folder


@pytest.fixture
def folder(sound, tmp_path):
    shutil.copytree(sound, tmp_path / "data")
    return tmp_path / "data"


def found(folder):
    return [f for f in check_folder(folder, "BTCUSD") if "missing" not in f.message]


def rewrite(path, change, member=None):
    with zipfile.ZipFile(path) as archive:
        name = archive.namelist()[0]
        lines = archive.read(name).decode().splitlines()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member or name, "\n".join(change(lines)) + "\n")


def cell(line, column, text):
    """A change of one cell of a line, counted from 1."""

    def change(lines):
        cells = lines[line - 1].split(",")
        cells[column] = text
        return [*lines[: line - 1], ",".join(cells), *lines[line:]]

    return change


def swapped(lines):
    return [lines[1], lines[0], *lines[2:]]


def test_a_sound_folder_has_no_findings(sound):
    assert found(sound) == []


@pytest.mark.parametrize(
    ("where", "change", "kind", "line", "words"),
    [
        (COIN, cell(3, 0, "20220132 00:00"), "error", 3, "is no time"),
        (COIN, cell(3, 0, "20220103 01:00"), "warning", 3, "a daily bar starts at 00:00"),
        (HOURS, cell(3, 0, "20220101 02:30"), "warning", 3, "an hourly bar starts on the hour"),
        (MINUTES, cell(2, 0, "60001"), "error", 2, "whole minute"),
        (COIN, swapped, "error", 2, "an earlier time"),
        (COIN, lambda lines: [lines[0], *lines], "error", 2, "the same time"),
        (COIN, cell(4, 1, "x"), "error", 4, "no number"),
        (COIN, cell(4, 1, ""), "error", 4, "no number"),
        (COIN, cell(4, 5, "inf"), "error", 4, "no number"),
        (COIN, cell(4, 2, "0"), "error", 4, "high of the trade is below low"),
        (COIN, cell(4, 3, "-1"), "error", 4, "isn't above zero"),
        (COIN, cell(4, 5, "-0.5"), "error", 4, "a size of a trade below zero"),
        (COIN, cell(4, 1, "1"), "warning", 4, "outside low to high"),
        (COIN, lambda lines: [*lines[:4], lines[4] + ",1", *lines[5:]], "error", 5, "7 columns"),
        (COIN, lambda lines: lines[:9] + lines[11:], "note", None, "2 days without a bar, the first on 20220110"),
        (HOURS, lambda lines: [*lines[:23], lines[23].rpartition(",")[0].rpartition(",")[0] + ",90000,1", *lines[24:]], "warning", 24,
         "a decimal point"),
        (HOURS, lambda lines: cell(24, 4, str(1.05 * float(lines[23].split(",")[4])))(lines), "warning", 24, "20220101 closes at"),
        (EURO, cell(2, 4, "1.12"), "warning", 2, "the ask closes below the bid"),
        (EURO, cell(2, 2, ""), "error", 2, "no number"),
        (EURO, cell(2, 8, "1.2"), "error", 2, "high of the ask is below low"),
        (EURO, cell(2, 10, "-2"), "error", 2, "a size of a ask below zero"),
        (EURO, cell(6, 0, "20220108 00:00"), "warning", 6, "the market is closed"),
        (EURO, lambda lines: lines[:7] + lines[9:], "note", None, "2 days without a bar, the first on 20220112"),
        (EURO, lambda lines: [f"{line[:14]},{','.join(['11000'] * 4)},1,{','.join(['11001'] * 4)},1" for line in lines], "warning",
         None, "multiplied by 10,000"),
        (EURO, lambda lines: [line.rpartition(",")[0] for line in lines], "error", 1, "10 columns"),
        (EURO, lambda lines: [], "error", 1, "1 columns"),
    ],
)  # fmt: skip
def test_the_check_finds_the_line(folder, where, change, kind, line, words):
    rewrite(folder / where, change)
    assert any(f.path == folder / where and (f.kind, f.line) == (kind, line) and words in f.message for f in found(folder)), (
        found(folder)
    )


def test_a_missing_side_is_none_and_both_are_said(folder):
    rewrite(folder / EURO, lambda lines: [lines[0], f"{lines[1][:14]},,,,,0,{lines[1].split(',', 6)[6]}", *lines[2:]])
    assert found(folder) == []
    rewrite(folder / EURO, lambda lines: [*lines[:2], f"{lines[2][:14]},,,,,0,,,,,0", *lines[3:]])
    assert [(f.line, f.message) for f in found(folder)] == [(3, "neither bid nor ask")]


@pytest.mark.parametrize(
    ("name", "other", "words"),
    [
        (COIN, "crypto/coinbase/daily/btcusd.zip", "expected btcusd_trade.zip or btcusd_quote.zip"),
        (COIN, "crypto/coinbase/daily/BTCUSD_trade.zip", "lower-case"),
        (COIN, "crypto/coinbase/daily/btcusd_trade.csv", "not a zip"),
        (EURO, "forex/oanda/daily/eurusd_quote.zip", "expected eurusd.zip"),
        (MINUTES, "crypto/coinbase/minute/ethusd/20220104.zip", "expected yyyyMMdd_trade.zip or yyyyMMdd_quote.zip"),
        (MINUTES, "crypto/coinbase/minute/ethusd/20221504_trade.zip", "expected yyyyMMdd_trade.zip"),
        (MINUTES, "forex/oanda/minute/eurusd/20220104_trade.zip", "expected yyyyMMdd_quote.zip"),
    ],
)
def test_files_that_lean_does_not_find_by_their_names(folder, name, other, words):
    (folder / other).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).rename(folder / other)
    assert any(f.path == folder / other and words in f.message for f in found(folder)), found(folder)


def test_archives_facts_hours_and_the_benchmark(folder):
    (folder / COIN).write_bytes(b"no zip")
    rewrite(folder / EURO, lambda lines: lines, member="other.csv")
    shutil.copytree(folder / "crypto/coinbase", folder / "crypto/kraken")
    (folder / "symbol-properties").mkdir()
    (folder / "symbol-properties/symbol-properties-database.csv").write_text(
        "market,symbol,type\noanda,EURUSD,forex,EUR/USD,USD,1,0.00001,1\ncoinbase,BTCUSD,crypto,x,USD,1,0.01,0.00000001\n"
    )
    said = [str(f.path.relative_to(folder)) + ": " + f.message for f in check_folder(folder)]
    for words in (f"{COIN}: can't be read as a zip", f"{EURO}: holds ['other.csv']", "no line for crypto/coinbase/ETHUSD",
                  "crypto/kraken: hours aren't checked", "spy.zip: missing: LEAN reads its benchmark hourly"):  # fmt: skip
        assert any(words in line for line in said), (words, said)
    assert "BTCUSD" in next(line for line in said if "benchmark" in line)


def test_databases_that_cannot_be_read_are_said_once(folder):
    for name, text in (("market-hours/market-hours-database.json", "{"), ("symbol-properties/symbol-properties-database.csv",
                       "oanda,EURUSD,forex,EUR/USD,USD,1,x,1\n")):  # fmt: skip
        (folder / name).parent.mkdir()
        (folder / name).write_text(text)
    said = [(f.path.name, f.kind) for f in check_folder(folder, "BTCUSD")]
    assert said == [("market-hours-database.json", "error"), ("symbol-properties-database.csv", "error")]


def test_a_benchmark_without_hours_is_said_with_its_own_place(tmp_path):
    euros = pd.DataFrame({"close": 1.1}, pd.date_range("2022-01-03", periods=9, freq="B"))
    write_lean_data(TableMarket({"EURUSD": euros, "GBPUSD": euros}), tmp_path)
    assert not [f for f in check_folder(tmp_path, "EURUSD") if f.kind != "note"]
    assert [str(f.path.relative_to(tmp_path)) for f in check_folder(tmp_path, "GBPUSD") if f.kind != "note"] == [
        "forex/oanda/hour/gbpusd.zip"
    ]


def test_what_can_be_read_has_no_errors_and_what_has_errors_is_refused(folder):
    """The check and the reader agree: the reader takes what has no error."""
    from hidden_regime.data import LeanFolder
    from hidden_regime.data.pairs.naming import PairName

    name = PairName("crypto", "coinbase", "BTCUSD")
    assert LeanFolder(folder).pairs.pair(name).asset().dates
    for change in (cell(4, 1, "x"), swapped, cell(4, 2, "0"), cell(4, 3, "-1"), cell(4, 5, "-0.5"), cell(3, 0, "20220132 00:00")):
        shutil.copy(folder / COIN, folder / "kept.zip")
        rewrite(folder / COIN, change)
        assert any(f.kind == "error" and f.path == folder / COIN for f in found(folder))
        with pytest.raises(RegimeError):
            LeanFolder(folder).pairs.pair(name)
        shutil.move(folder / "kept.zip", folder / COIN)


def test_the_command_says_it_and_exits_with_1(folder):
    run = CliRunner().invoke(app, ["data", "check", str(folder), "--benchmark", "BTCUSD"])
    assert run.exit_code == 0 and "2 notes" in run.output
    rewrite(folder / EURO, cell(2, 1, "x"))
    run = CliRunner().invoke(app, ["data", "check", str(folder)])
    assert run.exit_code == 1 and "eurusd.zip:2: error: a price or size that is no number" in run.output.replace("\n", "")
