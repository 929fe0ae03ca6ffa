"""Files that are odd, or hold more than they seem to: refused with one kind of error, and without the memory they ask for."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import random
import re
import tracemalloc
import zipfile
from datetime import date

import pandas as pd
import pytest

from hidden_regime.data import LeanFolder, read_market
from hidden_regime.data.checking import check_folder
from hidden_regime.data.market_hours import read_market_hours
from hidden_regime.data.tables import read_table
from hidden_regime.data.unpacking import ALWAYS, RATIO, read_json, read_member, read_packed
from hidden_regime.exceptions import DataError, MissingColumnError, NoDataError
from hidden_regime.simulator.comparison import read_case

LINE = "201501{:02} 00:00,1000000,1010000,990000,1000000,100\n"
BARS = "".join(LINE.format(day) for day in (2, 5, 6, 7, 8, 9)).encode()


def zipped(*members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def flagged(content, *, encrypted=False, method=8):
    """A zip whose heads say that its member is encrypted, or of another method."""
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(mark) + place
        content = content[:at] + bytes([int(encrypted), 0, method, 0]) + content[at + 4 :]
    return content


def folder(tmp_path, content, kind="daily/aapl.zip"):
    path = tmp_path / "equity" / "usa" / kind
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    for name in ("map_files", "factor_files"):
        (tmp_path / "equity" / "usa" / name).mkdir(exist_ok=True)
    (tmp_path / "equity" / "usa" / "map_files" / "aapl.csv").write_text("19980102,aapl,Q\n20501231,aapl,Q\n", encoding="utf-8")
    (tmp_path / "equity" / "usa" / "factor_files" / "aapl.csv").write_text("20501231,1,1,0\n", encoding="utf-8")
    return LeanFolder(tmp_path)


ODD = {
    "encrypted": flagged(zipped(("aapl.csv", BARS)), encrypted=True),
    "of an unknown method": flagged(zipped(("aapl.csv", BARS)), method=99),
    "without members": zipped(),
    "of folders alone": zipped(("aapl.csv/", b"")),
    "in a zip": zipped(("aapl.zip", zipped(("aapl.csv", BARS)))),
    "cut": zipped(("aapl.csv", BARS))[:-30],
    "of text": BARS,
    "empty": b"",
    "of no UTF-8": zipped(("aapl.csv", b"\xff\xfe" + BARS)),
    "of a million columns": zipped(("aapl.csv", b"20150102 00:00" + b",1" * 10**6 + b"\n" + BARS)),
    "of seven columns": zipped(("aapl.csv", BARS.replace(b",100\n", b",100,7\n"))),
    "of five columns": zipped(("aapl.csv", BARS.replace(b",100\n", b"\n"))),
    "of a number beyond all doubles": zipped(("aapl.csv", BARS.replace(b"1010000", b"1" * 400))),
    "of one long word": zipped(("aapl.csv", BARS + b"\r" + b"1" * 5000)),
}


@pytest.mark.parametrize("what", ODD)
def test_odd_zips_are_refused_with_one_kind_of_error(tmp_path, what):
    market = folder(tmp_path, ODD[what])
    # Older pandas reads a number beyond all doubles as infinite, newer ones don't read it.
    said = "can't be read as LEAN bars" + ("|a price or volume of inf" if "doubles" in what else "")
    with pytest.raises(DataError, match=said) as caught:
        market.load("AAPL")
    assert str(tmp_path / "equity" / "usa" / "daily" / "aapl.zip") in str(caught.value)
    assert any(finding.kind == "error" and finding.path.name == "aapl.zip" for finding in check_folder(tmp_path))


@pytest.mark.parametrize(
    "members",
    [
        [("aapl.csv", BARS)],
        [("readme.txt", b"see below"), ("aapl.csv", BARS)],
        [("data/", b""), ("data/aapl.csv", BARS)],
        [("__MACOSX/._aapl.csv", b"\x00\x05"), ("aapl.csv", BARS)],
        [("zzz.csv", b"1,2\n"), ("aapl.csv", BARS)],
        [("/tmp/../x.csv", BARS)],
        [("bars", BARS)],
    ],
    ids=lambda members: " ".join(name for name, _ in members),
)
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_bars_are_found_whatever_lies_beside_them(tmp_path, members, method):
    assert folder(tmp_path, zipped(*members, method=method)).load("AAPL").dates[-1] == date(2015, 1, 9)


def test_what_a_packed_file_may_hold_goes_with_its_size(tmp_path):
    path = tmp_path / "x.zip"
    path.write_bytes(zipped(("x.csv", bytes(ALWAYS))))
    assert len(read_member(path)) == ALWAYS
    path.write_bytes(zipped(("x.csv", bytes(ALWAYS + 1))))
    with pytest.raises(DataError, match="holds more than"):
        read_member(path)
    noise = random.Random(0).randbytes(ALWAYS // RATIO * 2)  # nothing can pack it
    path.write_bytes(zipped(("x.csv", bytes(ALWAYS + 1)), ("noise", noise)))
    assert len(read_member(path)) == ALWAYS + 1


@pytest.mark.parametrize("ending", ["zip", "csv.gz", "json.xz"])
def test_bombs_take_no_memory(tmp_path, ending):
    path = tmp_path / f"x.{ending}"
    pack = {"zip": lambda bomb: zipped(("x.csv", bomb)), "csv.gz": gzip.compress, "json.xz": lzma.compress}
    path.write_bytes(pack[ending](b"0" * (8 * ALWAYS)))
    read = {"zip": read_member, "csv.gz": read_table, "json.xz": read_case}[ending]
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="holds more than"):
            read(path)
        assert tracemalloc.get_traced_memory()[1] < 4 * ALWAYS
    finally:
        tracemalloc.stop()


WIDE = {
    "row": "date,close\n2000-01-03," + "1," * 10**6 + "1\n",
    "later row": "date,close\n2000-01-03,1\n2000-01-04," + "1," * 10**6 + "1\n",
    "head": "date,close," + ",".join(f"c{i}" for i in range(200_000)) + "\n2000-01-03,1\n",
    "head of one word": "d" * 10**7 + "\n1\n",
    "head of many columns over empty rows": "date,close," + ",".join(f"c{i}" for i in range(3_000)) + "\n" + "2000\n" * 200_000,
    "quoted cell without end": 'date,close\n"' + "1," * 10**6,
}


@pytest.mark.parametrize("what", WIDE)
@pytest.mark.parametrize("ending", ["csv", "csv.gz"])
def test_tables_of_absurd_width_are_refused_before_pandas_sees_them(tmp_path, what, ending):
    path = tmp_path / f"x.{ending}"
    path.write_bytes(WIDE[what].encode() if ending == "csv" else gzip.compress(WIDE[what].encode()))
    tracemalloc.start()
    try:
        with pytest.raises(DataError):
            read_table(path)
        # A cell of the one line is a text of Python's where the csv module takes it apart.
        assert tracemalloc.get_traced_memory()[1] < 100 * len(WIDE[what])
    finally:
        tracemalloc.stop()


def test_a_head_may_have_line_ends_in_quotes_and_rows_a_column_without_a_name(tmp_path):
    (tmp_path / "x.csv").write_text(
        'date,"close\n(dollars)","the\nrest",close\n2000-01-03,1,2,3\n2000-01-04,1,2,4\n', encoding="utf-8"
    )
    assert read_table(tmp_path / "x.csv")["close"].tolist() == [3.0, 4.0]
    (tmp_path / "r.csv").write_text("close\n2000-01-03,3\n2000-01-04,4\n", encoding="utf-8")  # as R writes names of rows
    assert read_table(tmp_path / "r.csv")["close"].tolist() == [3.0, 4.0]
    (tmp_path / "s.csv").write_text("close\n2000-01-03,3,1\n2000-01-04,4,1\n", encoding="utf-8")
    with pytest.raises(MissingColumnError, match="more values than its head"):
        read_table(tmp_path / "s.csv")


def test_parquet_that_would_unpack_into_gigabytes_is_refused_by_what_it_says(tmp_path):
    index = pd.date_range("2000-01-01", periods=3, freq="D", name="date")
    pd.DataFrame({"close": 1.0}, index=index).to_parquet(tmp_path / "x.parquet")
    assert len(read_table(tmp_path / "x.parquet")) == 3
    zeros = pd.DataFrame({"close": 1.0}, index=pd.RangeIndex(40 * ALWAYS // 8))
    zeros.to_parquet(tmp_path / "big.parquet", compression="zstd")
    with pytest.raises(DataError, match="that hold"):
        read_table(tmp_path / "big.parquet")
    for content in (b"", b"PAR1", (tmp_path / "x.parquet").read_bytes()[:-8], b"date,close\n"):
        (tmp_path / "y.parquet").write_bytes(content)
        with pytest.raises(DataError, match="can't be read as a table"):
            read_market(tmp_path / "y.parquet")


@pytest.mark.parametrize(
    "content", [b"", b"[" * 10**6, b"\xff", b'{"entries": 1}', b"[]", b'{"entries": {"Equity-usa-[*]": {"monday": [[]]}}}']
)
def test_json_of_any_shape_is_refused_with_one_kind_of_error(tmp_path, content):
    path = tmp_path / "x.json"
    path.write_bytes(content)
    for read in (read_market_hours, read_case):
        with pytest.raises(DataError):
            read(path)
    path.write_bytes(b"\xef\xbb\xbf{}")
    assert read_json(path) == {}
    (tmp_path / "y.bz2").write_bytes(b"BZh9")
    with pytest.raises(EOFError):
        read_packed(tmp_path / "y.bz2")


def test_a_case_names_a_strategy_beside_it_and_no_other(tmp_path):
    facts = {
        name: {}
        for name in ("parameters", "charts", "statistics", "portfolio_statistics", "trade_statistics", "runtime_statistics")
    }
    facts |= {name: [] for name in ("orders", "order_events", "closed_trades", "equity", "benchmark", "log")}
    facts |= {"status": "Completed", "runtime_error": None}
    for name, taken in (("mine.py", True), ("../mine.py", False), ("/tmp/mine.py", False), ("", True)):
        (tmp_path / "x.json").write_text(json.dumps(facts | {"algorithm": name}), encoding="utf-8")
        if taken:
            assert read_case(tmp_path / "x.json")["algorithm"] == name
        else:
            with pytest.raises(DataError, match="algorithm"):
                read_case(tmp_path / "x.json")


@pytest.mark.parametrize("ticker", ["../aapl", "a/b", "x" * 300, "a\0b", "..", "", "a\nb", "é" * 90, "c:\\x"])
def test_a_ticker_that_no_file_can_bear_has_no_bars(tmp_path, ticker):
    market = folder(tmp_path, zipped(("aapl.csv", BARS)))
    (tmp_path / "equity" / "usa" / "aapl.zip").write_bytes(zipped(("aapl.csv", BARS)))
    assert not market.has(ticker)
    assert market.listing(ticker).dates == []
    with pytest.raises(NoDataError):
        market.load(ticker)


def test_map_files_name_files_and_no_paths(tmp_path):
    market = folder(tmp_path, zipped(("aapl.csv", BARS)))
    path = tmp_path / "equity" / "usa" / "map_files" / "aapl.csv"
    path.write_text("19980102,../../secret,Q\n20501231,aapl,Q\n", encoding="utf-8")
    with pytest.raises(DataError, match="yyyyMMdd,ticker"):
        market.load("AAPL")


def test_files_of_minutes_that_are_of_no_day_are_none(tmp_path):
    rows = "".join(f"{minute * 60_000},1000000,1010000,990000,1000000,100\n" for minute in (570, 571))
    market = folder(tmp_path, zipped(("20150102_aapl_minute_trade.csv", rows)), "minute/aapl/20150102_trade.zip")
    for name in ("notes_trade.zip", "20159999_trade.zip", "_trade.zip"):
        (tmp_path / "equity" / "usa" / "minute" / "aapl" / name).write_bytes(b"")
    bars = market.intraday("AAPL", 1)
    assert bars.days == [date(2015, 1, 2)]
    assert [row[0] for row in bars.rows(date(2015, 1, 2))] == [570, 571]


def test_a_listing_that_ends_before_its_hours_has_none(tmp_path):
    content = zipped(("aapl.csv", "".join(LINE.format(day).replace("00:00", "10:00") for day in (2, 5))))
    market = folder(tmp_path, content, "hour/aapl.zip")
    (tmp_path / "equity" / "usa" / "map_files" / "aapl.csv").write_text("19980102,aapl,Q\n19990101,aapl,Q\n", encoding="utf-8")
    assert market.intraday("AAPL", 60).days == []


@pytest.mark.parametrize("adjusted", ["1e14", "1e-19"])
def test_an_adjusted_close_of_another_world_is_refused(tmp_path, adjusted):
    close = 1e-10 if float(adjusted) > 1 else 5
    (tmp_path / "x.csv").write_text(f"date,close,adj_close\n2000-01-03,{close},{adjusted}\n2000-01-04,5,5\n", encoding="utf-8")
    with pytest.raises(DataError, match="prices of one share"):
        read_market(tmp_path / "x.csv")


def test_prices_beyond_what_can_be_reckoned_are_refused(tmp_path):
    for price in ("1e+30", "1e-300"):
        (tmp_path / "x.csv").write_text(f"date,close\n2000-01-03,5\n2000-01-04,{price}\n", encoding="utf-8")
        with pytest.raises(DataError, match=f"close at 2000-01-04 is {re.escape(price)}: expected a positive finite price"):
            read_market(tmp_path / "x.csv")
