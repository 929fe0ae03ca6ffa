"""Own prices in LEAN's format, and what a check finds in anybody's folder."""

from __future__ import annotations

import hashlib
import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from hidden_regime.cli.main import app
from hidden_regime.data import LeanFolder, make_market
from hidden_regime.data.checking import check_folder
from hidden_regime.data.events import Event, factor_rows, raw_scale, read_events
from hidden_regime.data.factors import FactorFile
from hidden_regime.data.lean_writing import write_lean_data, zip_lines
from hidden_regime.data.tables import TableMarket
from hidden_regime.exceptions import DataError, MissingColumnError, ParameterError, UnknownDataError
from hidden_regime.simulator import run_file
from hidden_regime.simulator.result import build
from tests.conftest import CASES

DAYS = [
    day.date()
    for day in pd.bdate_range("2015-01-02", periods=120)
    if day.strftime("%m%d") not in ("0119", "0216", "0403", "0525")
]
EVENTS = [Event(DAYS[30], 0.5, 1.0), Event(DAYS[60], 0.0, 7.0), Event(DAYS[90], 0.11, 1.0), Event(DAYS[100], 0.2, 0.5)]


def prices(seed=0, events=EVENTS):
    """Raw bars of a share that pays and splits; its total return is smooth."""
    rng = np.random.default_rng(seed)
    by_day = {event.day: event for event in events}
    close, rows = 100.0, []
    for day in DAYS:
        event = by_day.get(day)
        if event:
            close = (close - event.dividend) / event.split
        opened = close
        close *= float(np.exp(rng.normal(0, 0.01)))
        high, low = max(opened, close) * 1.004, min(opened, close) * 0.996
        rows.append([round(x, 2) for x in (opened, high, low, close)] + [1000.0 + len(rows)])
    frame = pd.DataFrame(rows, columns=["open", "high", "low", "close", "volume"], index=pd.DatetimeIndex(DAYS, name="date"))
    frame["high"] = frame[["open", "high", "close"]].max(axis=1)
    frame["low"] = frame[["open", "low", "close"]].min(axis=1)
    return frame


def folder_files(root):
    return {str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in Path(root).rglob("*") if p.is_file()}


def test_what_is_written_is_read_back(tmp_path):
    frame = prices()
    made = write_lean_data(TableMarket({"ABC": frame}), tmp_path, events={"ABC": EVENTS})
    assert made.bars == {"ABC": {"daily": len(DAYS), "hour": len(DAYS)}}
    asset = LeanFolder(tmp_path).load("ABC")
    for name in ("open", "high", "low", "close", "volume"):
        np.testing.assert_array_equal(getattr(asset, name), frame[name])
    assert [(e.previous, e.distribution) for e in asset.factors.dividends()] == [
        (DAYS[29], 0.5),
        (DAYS[89], 0.11),
        (DAYS[99], 0.2),
    ]
    assert [(e.previous, pytest.approx(e.factor)) for e in asset.factors.splits()] == [(DAYS[59], 1 / 7), (DAYS[99], 2.0)]
    # Adjusted returns are total returns: an event's day by hand.
    adjusted = asset.frame()["close"]
    for event in EVENTS:
        n = DAYS.index(event.day)
        total = (frame["close"].iloc[n] * event.split + event.dividend) / frame["close"].iloc[n - 1]
        if event.split == 1.0:
            total = frame["close"].iloc[n] / (frame["close"].iloc[n - 1] - event.dividend)
        if event.split == 0.5:  # a dividend and a split on one day: of what an old share is
            total = frame["close"].iloc[n] * event.split / (frame["close"].iloc[n - 1] - event.dividend)
        assert adjusted.iloc[n] / adjusted.iloc[n - 1] == pytest.approx(total, rel=1e-5)
    assert not [f for f in check_folder(tmp_path, "ABC") if f.kind != "note"]
    write_lean_data(TableMarket({"ABC": frame}), tmp_path / "again", events={"ABC": EVENTS})
    again = folder_files(tmp_path / "again")
    assert again == {name: digest for name, digest in folder_files(tmp_path).items() if not name.startswith("again")}


def test_split_adjusted_prices_are_made_raw(tmp_path):
    frame = prices()
    scale = np.array(raw_scale(DAYS, EVENTS))
    assert (scale[0], scale[60], scale[-1]) == (3.5, 0.5, 1.0)
    adjusted = frame.copy()
    adjusted[["open", "high", "low", "close"]] = adjusted[["open", "high", "low", "close"]].div(scale, axis=0)
    adjusted["volume"] *= scale
    write_lean_data(TableMarket({"ABC": frame}), tmp_path / "a", events={"ABC": EVENTS})
    today = [event._replace(dividend=event.dividend / scale[DAYS.index(event.day) - 1]) for event in EVENTS]
    write_lean_data(TableMarket({"ABC": adjusted}), tmp_path / "b", events={"ABC": today}, prices="split-adjusted")
    assert folder_files(tmp_path / "a") == folder_files(tmp_path / "b")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-3, len(DAYS) + 3), st.floats(0, 5), st.sampled_from([0.25, 0.5, 1, 2, 7])), max_size=8))
def test_factors_are_those_of_each_event_after_a_day(drawn):
    closes = prices(3, []).close.tolist()
    every = pd.bdate_range("2014-12-01", periods=160)
    events = sorted(Event(every[n + 22].date(), dividend, split) for n, dividend, split in drawn)
    found = FactorFile(factor_rows(DAYS, closes, events, "X"))
    price, split = found.factors(DAYS)
    for n, day in enumerate(DAYS):
        by_place = {}
        for event in events:
            place = next((i for i, d in enumerate(DAYS) if d >= event.day), None)
            if place is not None and place > n and DAYS[place] > day and place > 0:
                dividend, ratio = by_place.get(place, (0.0, 1.0))
                by_place[place] = dividend + event.dividend, ratio * event.split
        want_price = np.prod([1 - d / closes[p - 1] for p, (d, _) in by_place.items()])
        want_split = np.prod([1 / r for _, r in by_place.values()])
        assert (price[n], split[n]) == (pytest.approx(want_price), pytest.approx(want_split))


def minutes(n_days=3):
    rows, index = [], []
    rng = np.random.default_rng(1)
    for day in DAYS[:n_days]:
        for minute in range(390):
            index.append(pd.Timestamp(day) + pd.Timedelta(minutes=570 + minute))
            price = round(50 + rng.normal(), 2)
            rows.append([price, price + 0.1, price - 0.1, price + 0.05, 10.0])
    return pd.DataFrame(rows, columns=["open", "high", "low", "close", "volume"], index=pd.DatetimeIndex(index, name="time"))


def test_minutes_make_minute_hour_and_daily_files(tmp_path):
    frame = minutes()
    made = write_lean_data(TableMarket({"ABC": frame}), tmp_path)
    assert made.bars["ABC"] == {"daily": 3, "minute": 1170, "hour": 21}
    folder = LeanFolder(tmp_path)
    day = DAYS[1]
    rows = folder.intraday("ABC", 1).rows(day)
    own = frame[frame.index.normalize() == pd.Timestamp(day)]
    np.testing.assert_allclose([r[1:] for r in rows], own.to_numpy(), rtol=1e-12)
    assert rows[0][0] == 570
    hours = folder.intraday("ABC", 60).rows(day)
    by_hour = own.groupby(own.index.floor("h")).agg(
        {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    )
    np.testing.assert_allclose([h[1:] for h in hours], by_hour.to_numpy(), rtol=1e-12)
    assert [h[0] for h in hours] == [60 * h for h in range(9, 16)]
    assert not [f for f in check_folder(tmp_path, "ABC") if f.kind != "note"]


BUY = """from AlgorithmImports import *


class Buy(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2015, 1, 5)
        self.set_end_date(2015, 6, 12)
        self.set_benchmark("ABC")
        self.asset = self.add_equity("ABC", Resolution.DAILY).symbol

    def on_data(self, data):
        if not self.portfolio.invested:
            self.set_holdings(self.asset, 0.9)
"""


def test_a_backtest_on_own_data_has_a_benchmark(tmp_path):
    write_lean_data(TableMarket({"ABC": prices()}), tmp_path / "data", events={"ABC": EVENTS})
    path = tmp_path / "buy.py"
    path.write_text(BUY)
    done = run_file(path, LeanFolder(tmp_path / "data"))
    assert done.error is None
    assert float(build(done, "buy")["statistics"]["Beta"]) > 0.5
    closes = LeanFolder(tmp_path / "data").hourly("ABC")
    np.testing.assert_array_equal(closes[1], prices()["close"])
    assert {t.hour for t in closes[0]} <= {13, 16}


def test_delisted_rates_and_notes(tmp_path):
    rates = [(date(2014, 1, 2), 0.75), (date(2015, 3, 2), 1.0)]
    made = write_lean_data(
        TableMarket({"ABC": prices(), "SPY": prices(1, [])}), tmp_path, events={"ABC": EVENTS}, benchmark="SPY", rates=rates,
        delisted=["abc"])  # fmt: skip
    folder = LeanFolder(tmp_path)
    assert (folder.load("ABC").last_day, folder.load("SPY").last_day) == (DAYS[-1], None)
    assert folder.interest_rates() == [(date(2014, 1, 2), 0.0075), (date(2015, 3, 2), 0.01)]
    assert folder.hourly("ABC") is None
    assert any("market-hours" in note for note in made.notes)
    assert not any("set_benchmark" in note for note in made.notes)


@pytest.mark.parametrize(
    ("options", "words"),
    [({"prices": "clean"}, "prices"), ({"events": {"XYZ": EVENTS}}, "events"), ({"delisted": ["XYZ"]}, "delisted"),
     ({"benchmark": "XYZ"}, "benchmark"), ({"prices": "adjusted", "events": {"ABC": EVENTS}}, "contain them already"),
     ({"events": {"ABC": [Event(DAYS[5], 1000.0, 1.0)]}}, "dividend of 1000")],
)  # fmt: skip
def test_what_cannot_be_written_is_said(options, words, tmp_path):
    with pytest.raises((ParameterError, DataError), match=words):
        write_lean_data(TableMarket({"ABC": prices()}), tmp_path, **options)


def test_prices_too_fine_for_leans_files(tmp_path):
    with pytest.raises(DataError, match="ten-thousandths"):
        write_lean_data(TableMarket({"ABC": prices() / 1e6}), tmp_path)
    made = write_lean_data(TableMarket({"ABC": prices() / 333.0}), tmp_path)
    assert any("rounded" in note for note in made.notes)
    silent = write_lean_data(TableMarket({"ABC": prices().drop(columns="volume")}), tmp_path / "b")
    assert any("no volumes" in note for note in silent.notes)


def test_events_from_tables(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text(
        "Date,Ticker,Dividends,Stock Splits\n2015-02-02,abc,0.5,0\n2015-03-02,abc,,7:1\n2015-03-03,xyz,0,0.0\n2015-04-01,XYZ,0.1,1\n"
    )
    assert read_events(path) == {
        "ABC": [Event(date(2015, 2, 2), 0.5, 1.0), Event(date(2015, 3, 2), 0.0, 7.0)],
        "XYZ": [Event(date(2015, 4, 1), 0.1, 1.0)],
    }
    plain = tmp_path / "plain.csv"
    plain.write_text("date,close\n2015-02-02,1\n")
    assert read_events(plain) == {}
    for text, error in (
        ("date,ticker,dividend\nnever,A,1\n", DataError), ("date,ticker,dividend\n2015-01-02,A,-1\n", DataError),
        ("date,ticker,split\n2015-01-02,A,x\n", DataError), ("date,dividend\n2015-01-02,1\n", MissingColumnError),
    ):  # fmt: skip
        path.write_text(text)
        with pytest.raises(error):
            read_events(path)
    with pytest.raises(UnknownDataError):
        read_events(tmp_path / "nothing.csv")


# The check


@pytest.fixture
def folder(tmp_path):
    write_lean_data(TableMarket({"SPY": prices()}), tmp_path, events={"SPY": EVENTS})
    return tmp_path


USA = "equity/usa"


def rewrite(root, change, name=f"{USA}/daily/spy.zip", inner="spy.csv"):
    path = root / name
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            lines = archive.read(archive.namelist()[0]).decode().splitlines()
        zip_lines(path, inner, change(lines))
    else:
        path.write_text("\n".join(change(path.read_text().splitlines())) + "\n")


def replaced(n, old, new):
    def change(lines):
        assert old in lines[n]
        return [*lines[:n], lines[n].replace(old, new), *lines[n + 1 :]]

    return change


def column(n, place, value):
    def change(lines):
        parts = lines[n].split(",")
        parts[place] = value
        return [*lines[:n], ",".join(parts), *lines[n + 1 :]]

    return change


HOUR, FACTORS, MAP, RATES = (
    f"{USA}/hour/spy.zip",
    f"{USA}/factor_files/spy.csv",
    f"{USA}/map_files/spy.csv",
    "alternative/interest-rate/usa/interest-rate.csv",
)
DAMAGE = [
    ("a column less", {}, lambda x: [*x[:4], x[4].rpartition(",")[0], *x[5:]], "error", 5, "5 columns"),
    ("no number", {}, column(6, 2, "abc"), "error", 7, "no number"),
    ("no time", {}, column(6, 0, "2015-01-13"), "error", 7, "is no time"),
    ("twice", {}, lambda x: [*x[:3], x[2], *x[3:]], "error", 4, "same time"),
    ("unsorted", {}, lambda x: [*x[:3], x[4], x[3], *x[5:]], "error", 5, "earlier time"),
    ("zero", {}, column(9, 3, "0"), "error", 10, "above zero"),
    ("negative volume", {}, column(9, 5, "-4"), "error", 10, "volume below zero"),
    ("high below low", {}, column(9, 2, "5"), "error", 10, "high is below low"),
    ("outside", {}, column(9, 4, "99999999"), "warning", 10, "outside low to high"),
    ("fraction", {}, column(9, 1, "1000000.5"), "warning", 10, "fraction"),
    ("weekend", {}, lambda x: [*x[:1], "20150103" + x[1][8:], *x[1:]], "warning", 2, "no session"),
    ("missing", {}, lambda x: [*x[:10], *x[14:]], "note", None, "4 sessions without a bar"),
    ("wrong inner name", {"inner": "other.csv"}, lambda x: x, "warning", None, "expected one file, spy.csv"),
    ("not daily", {}, column(3, 0, "20150107 09:00"), "warning", 4, "starts at 00:00"),
    ("hour of another share", {"name": HOUR}, lambda x: [",".join([p[0], *["500000"] * 4, p[5]]) for p in (line.split(",") for line in x)], "warning", 1, "are both raw"),
    ("half an hour", {"name": HOUR}, column(3, 0, "20150107 15:30"), "warning", 4, "on the hour"),
    ("factor line", {"name": FACTORS}, lambda x: ["nonsense", *x], "error", 1, "expected yyyyMMdd"),
    ("factor sign", {"name": FACTORS}, column(1, 1, "-1"), "error", 2, "positive"),
    ("factor order", {"name": FACTORS}, lambda x: [x[1], x[0], *x[2:]], "error", 2, "rising dates"),
    ("factor price", {"name": FACTORS}, column(1, 3, "7"), "warning", 2, "of other bars"),
    ("factor end", {"name": FACTORS}, lambda x: x[:-1], "warning", None, "aren't 1"),
    ("factor short", {"name": FACTORS}, replaced(5, "20501231", f"{DAYS[-2]:%Y%m%d}"), "warning", None, "expected a last row"),
    ("map line", {"name": MAP}, lambda x: ["20150102", *x[1:]], "error", 1, "expected yyyyMMdd,ticker"),
    ("map order", {"name": MAP}, lambda x: x[::-1], "error", None, "don't rise"),
    ("map late", {"name": MAP}, replaced(0, "20150102", "20150202"), "warning", None, "doesn't see those before"),
    ("map early", {"name": MAP}, replaced(1, "20501231", "20150202"), "warning", None, "doesn't see those after"),
    ("rates line", {"name": RATES}, lambda x: [*x, "soon,1"], "error", 3, "expected yyyy-mm-dd"),
    ("rates order", {"name": RATES}, lambda x: [*x, "2001-01-01,1"], "error", 3, "rising dates"),
]  # fmt: skip


@pytest.mark.parametrize(("where", "change", "kind", "line", "words"), [d[1:] for d in DAMAGE], ids=[d[0] for d in DAMAGE])
def test_the_check_finds_the_line(folder, where, change, kind, line, words):
    rewrite(folder, change, **where)
    found = check_folder(folder)
    assert any(f.kind == kind and f.line == line and words in f.message for f in found), [str(f) for f in found]
    assert str(folder / where.get("name", f"{USA}/daily/spy.zip")) in " ".join(map(str, found))


def test_the_check_finds_what_is_not_there(folder):
    (folder / FACTORS).unlink()
    (folder / MAP).unlink()
    (folder / RATES).unlink()
    (folder / HOUR).unlink()
    found = {str(f.path.relative_to(folder)): f for f in check_folder(folder)}
    for name, words in ((FACTORS, "aren't adjusted"), (MAP, "another identity"), (RATES, "Sharpe"), (HOUR, "alpha and beta")):
        assert found[name].kind == "warning"
        assert words in found[name].message
    assert "from " in str(found[f"{USA}/daily/spy.zip"])  # the split that no factor file tells of
    for name in ("market-hours/market-hours-database.json", "symbol-properties/symbol-properties-database.csv"):
        assert found[name].kind == "note"


def test_odd_files_and_many_findings(folder):
    daily = folder / USA / "daily"
    (daily / "notes.txt").write_text("x")
    (daily / "bad.zip").write_bytes(b"no zip")
    zip_lines(daily / "EMPTY.zip", "EMPTY.csv", [""])
    zip_lines(daily / "none.zip", "none.csv", [])
    zip_lines(daily / "cheap.zip", "cheap.csv", [f"{d:%Y%m%d} 00:00,101,102,100,101,5" for d in DAYS])
    zip_lines(daily / "odd.zip", "odd.csv", [f"{d:%Y%m%d} 00:00,1010000,1000000,1020000,1010000,5" for d in DAYS])
    (folder / USA / "minute" / "spy").mkdir(parents=True)
    zip_lines(folder / USA / "minute" / "spy" / "20150105_trade.zip", "20150105_spy_minute_trade.csv", ["34200001,1,1,1,1,1"])
    said = [str(f) for f in check_folder(folder)]
    for words in ("notes.txt: note: not a zip", "bad.zip: error: can't be read", "EMPTY.zip: error: EMPTY.zip: expected lower-case",
                  "none.zip:1: error: 1 columns", "below 0.5 dollars", "more of: high is below low",
                  "whole minute"):  # fmt: skip
        assert any(words in line for line in said), words
    assert sum("odd.zip" in line and "high is below low" in line for line in said) == 11


def test_folders_that_are_none(tmp_path):
    with pytest.raises(UnknownDataError, match="LEAN data folder"):
        check_folder(tmp_path)
    (tmp_path / USA).mkdir(parents=True)
    assert any(f.kind == "error" and "no bars" in f.message for f in check_folder(tmp_path))


def test_the_reference_market_and_a_synthetic_one_are_in_order(tmp_path):
    from hidden_regime.data import write_lean_folder

    odd = [f for f in check_folder(CASES / "data") if f.kind != "note"]
    # The invented hours of currencies go on after OANDA's early close on the last day of 2014.
    assert len(odd) == 15 and all(f.message.startswith("20150101 0") and "closed" in f.message for f in odd)
    folder = write_lean_folder(make_market(n_days=600, seed=1), tmp_path)
    assert not [f for f in check_folder(folder, "SYN_MARKET") if f.kind != "note"]


# The commands


def test_the_commands(tmp_path):
    runner = CliRunner()
    source = tmp_path / "prices"
    source.mkdir()
    with_events = prices().assign(**{"Dividends": 0.0, "Stock Splits": 0.0})
    for event in EVENTS:
        with_events.loc[pd.Timestamp(event.day), ["Dividends", "Stock Splits"]] = (
            event.dividend,
            0 if event.split == 1 else event.split,
        )
    with_events.to_csv(source / "abc.csv")
    prices(1, []).to_csv(source / "spy.csv")
    rates = tmp_path / "rates.csv"
    rates.write_text("date,percent\n2014-01-02,0.75\n")
    done = runner.invoke(app, ["data", "to-lean", str(source), str(tmp_path / "out"), "--rates", str(rates)])
    assert done.exit_code == 0, done.output
    assert "4 dividends and splits" in done.output
    assert "written and checked" in done.output
    asset = LeanFolder(tmp_path / "out").load("ABC")
    assert len(asset.factors.dividends()) == 3
    assert len(asset.factors.splits()) == 2
    done = runner.invoke(app, ["data", "check", str(tmp_path / "out")])
    assert done.exit_code == 0
    assert "2 notes" in done.output
    long = pd.concat([prices().assign(ticker="ABC"), prices(1).assign(ticker="SPY")])
    long.to_csv(tmp_path / "long.csv")
    table = tmp_path / "events.csv"
    table.write_text("date,ticker,dividend,split\n" + "".join(f"{e.day},ABC,{e.dividend},{e.split}\n" for e in EVENTS))
    done = runner.invoke(
        app, ["data", "to-lean", str(tmp_path / "long.csv"), str(tmp_path / "b"), "--events", str(table), "--delisted", "ABC"]
    )
    assert done.exit_code == 0, done.output
    assert LeanFolder(tmp_path / "b").load("ABC").last_day == DAYS[-1]
    for arguments, words in (
        ([str(tmp_path / "none.csv"), str(tmp_path / "c")], "doesn't exist"),
        ([str(source), str(source / "abc.csv"), str(tmp_path / "c")], "earlier file"),
        ([str(source), str(tmp_path / "c"), "--rates", str(table)], "percentage"),
        ([str(tmp_path / "long.csv"), str(tmp_path / "c"), "--delisted", "XYZ"], "delisted"),
    ):
        done = runner.invoke(app, ["data", "to-lean", *arguments])
        assert done.exit_code == 2, done.output
        assert words in " ".join(done.output.split()), done.output
    rewrite(tmp_path / "out", column(9, 3, "0"))
    assert runner.invoke(app, ["data", "check", str(tmp_path / "out")]).exit_code == 1
    assert runner.invoke(app, ["data", "check", str(tmp_path / "nothing")]).exit_code == 2


def test_a_packaged_set_with_splits_in_its_adjusted_closes(tmp_path):
    done = CliRunner().invoke(app, ["data", "to-lean", "us_stocks", str(tmp_path)])
    assert done.exit_code == 0
    assert "AAPL: 2 splits from its adjusted closes" in done.output
    assert "doesn't explain" in done.output  # Apple's fall of 2000-09-29
    assert [round(1 / s.factor) for s in LeanFolder(tmp_path).load("AAPL").factors.splits()] == [2, 2]


def test_days_at_midnight_in_utc_are_these_days(tmp_path):
    frame = prices().copy()
    frame.index = [f"{day:%Y-%m-%d} 00:00:00+00:00" for day in DAYS]
    frame.rename_axis("date").to_csv(tmp_path / "abc.csv")
    done = CliRunner().invoke(app, ["data", "to-lean", str(tmp_path / "abc.csv"), str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert LeanFolder(tmp_path / "out").load("ABC").dates == DAYS


def test_what_of_a_file_is_not_read_is_said(tmp_path):
    frame = prices()
    frame.columns = ["open", "<HIGH>", "lo", "CLOSE", "vol."]
    frame.to_csv(tmp_path / "abc.csv")
    runner = CliRunner()
    done = runner.invoke(app, ["data", "to-lean", str(tmp_path / "abc.csv"), str(tmp_path / "out")])
    said = " ".join(done.output.split())
    assert "columns ['<high>', 'lo', 'vol.'] are not known" in said
    assert "has no high, low: the close stands for them" in said
    again = runner.invoke(app, ["data", "to-lean", str(tmp_path / "abc.csv"), str(tmp_path / "out")])
    assert "holds data already" in again.output
    events = tmp_path / "events.csv"
    events.write_text("Ex-Date,Symbol,Payment\n2015-02-02,ABC,0.5\n")
    done = runner.invoke(app, ["data", "to-lean", str(tmp_path / "abc.csv"), str(tmp_path / "out"), "--events", str(events)])
    assert done.exit_code == 2
    events.write_text("Ex-Date,Symbol,Amount\n2015-02-02,ABC,0.5\n")
    assert read_events(events, required=True) == {"ABC": [Event(date(2015, 2, 2), 0.5, 1.0)]}
    (tmp_path / "semi.csv").write_text("date;close\n2015-01-02;1,5\n2015-01-05;1,6\n")
    done = runner.invoke(app, ["data", "to-lean", str(tmp_path / "semi.csv"), str(tmp_path / "out2")])
    assert done.exit_code == 2
    assert "separated by ';'" in done.output
    (tmp_path / "ragged.csv").write_text("date,close\n2015-01-02,1,2,3\n2015-01-05,1,2,3\n")
    done = runner.invoke(app, ["data", "to-lean", str(tmp_path / "ragged.csv"), str(tmp_path / "out2")])
    assert done.exit_code == 2
    assert "separator" in done.output


def test_raw_prices_without_dividends_are_warned_of(tmp_path):
    path = tmp_path / "raw.py"
    path.write_text(
        BUY.replace("ABC", "MSFT")
        .replace("2015", "2004")
        .replace("Resolution.DAILY", "Resolution.DAILY, data_normalization_mode=DataNormalizationMode.RAW")
    )
    from hidden_regime.data import open_market
    from hidden_regime.exceptions import RegimeWarning

    with pytest.warns(RegimeWarning, match="adjusted closes and no dividends"):
        run_file(path, open_market("us_stocks"))


def test_splits_of_adjusted_closes_beside_dividends_of_ones_own(tmp_path):
    frame = prices()
    scale = np.array(raw_scale(DAYS, EVENTS))
    frame["adj_close"] = frame["close"] / scale
    dividends = [Event(event.day, event.dividend, 1.0) for event in EVENTS if event.dividend]
    write_lean_data(TableMarket({"ABC": frame}), tmp_path, events={"ABC": dividends})
    factors = LeanFolder(tmp_path).load("ABC").factors
    assert [pytest.approx(split.factor) for split in factors.splits()] == [1 / 7, 2.0]
    assert len(factors.dividends()) == 3


def test_files_of_an_earlier_writing_go(tmp_path):
    write_lean_data(TableMarket({"ABC": minutes(), "SPY": prices()}), tmp_path, benchmark="SPY")
    write_lean_data(TableMarket({"ABC": prices(), "SPY": prices()}), tmp_path, benchmark="SPY")
    assert not (tmp_path / USA / "hour" / "abc.zip").exists()
    assert not (tmp_path / USA / "minute" / "abc").exists()


def test_quotes_are_left_alone_and_bars_outside_hours_are_found(tmp_path):
    write_lean_data(TableMarket({"SPY": minutes()}), tmp_path)
    folder = tmp_path / USA / "minute" / "spy"
    zip_lines(folder / "20150105_quote.zip", "x.csv", ["34200000,1,1,1,1,1,1,1,1,1,1"])
    assert not [f for f in check_folder(tmp_path) if f.kind != "note"]
    name = f"{DAYS[0]:%Y%m%d}"
    zip_lines(folder / f"{name}_trade.zip", f"{name}_spy_minute_trade.csv", ["10800000,10000,10000,10000,10000,1"])
    assert any("outside 09:30 to 16:00" in f.message for f in check_folder(tmp_path))


def test_a_data_folder_is_written_whole_or_not_at_all(tmp_path):
    own = prices()
    write_lean_data(TableMarket({"OWN": own}), tmp_path / "d")
    before = folder_files(tmp_path / "d")
    cheap = own.assign(**{name: own[name] / 1e7 for name in ("open", "high", "low", "close")})  # no ten-thousandths of a dollar
    for folder in (tmp_path / "d", tmp_path / "e"):
        with pytest.raises(DataError, match="can't be written"):
            write_lean_data(TableMarket({"ALSO": own, "OWN": cheap}), folder)
    assert folder_files(tmp_path / "d") == before
    assert not (tmp_path / "e").exists()


@pytest.mark.parametrize("ticker", ["../OWN", "A/B", "..", "X" * 200, "A\nB", "A:B"])
def test_a_ticker_that_no_file_can_bear_is_not_written(tmp_path, ticker):
    with pytest.raises(DataError, match="files can be named after"):
        write_lean_data(TableMarket({"OWN": prices(), ticker: prices()}), tmp_path / "d")
    assert list(tmp_path.iterdir()) == []


def test_of_an_earlier_writing_nothing_finer_stays_and_other_tickers_do(tmp_path):
    minutes = pd.date_range("2015-01-05 09:30", periods=60, freq="min", name="date")
    frame = pd.DataFrame(dict.fromkeys(("open", "high", "low", "close"), 10.0), index=minutes)
    write_lean_data(TableMarket({"OWN": frame, "ALSO": prices()}), tmp_path)
    assert (tmp_path / "equity" / "usa" / "minute" / "own" / "20150105_trade.zip").exists()
    write_lean_data(TableMarket({"OWN": prices(), "SPY": prices(1)}, benchmark="SPY"), tmp_path)
    found = {p.relative_to(tmp_path / "equity" / "usa").as_posix() for p in (tmp_path / "equity" / "usa").rglob("*.zip")}
    assert found == {"daily/also.zip", "daily/own.zip", "daily/spy.zip", "hour/spy.zip"}
