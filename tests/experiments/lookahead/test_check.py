"""Planted offenders are convicted, with their moment, their line and what they depend on; others are acquitted."""

from __future__ import annotations

import json
import pickle
from datetime import date, datetime

import numpy as np
import pytest

from hidden_regime.exceptions import ParameterError, StudyError
from hidden_regime.experiments import check_lookahead
from hidden_regime.experiments.lookahead.check import sampled
from hidden_regime.experiments.lookahead.folder import read_lookahead
from tests.conftest import CASES
from tests.experiments.lookahead.planted import (
    BASE,
    DRAWN,
    HONEST,
    IDLE,
    LINE,
    OFFENDERS,
    SLOW_INDICATOR,
    TOMORROW,
    WITHIN_THE_DAY,
    bars,
    market,
    write_planted,
)
from tests.experiments.small import write_strategy


@pytest.mark.parametrize("name", OFFENDERS)
def test_an_offender_is_convicted(tmp_path, name):
    path = write_planted(tmp_path, OFFENDERS[name])
    found = check_lookahead(path, market(), cuts=3)
    assert found.verdict == "looks ahead"
    assert len(found) >= 1
    first = found[0]
    line = path.read_text().splitlines().index(f"                {LINE}") + 1
    assert (first.kind, first.place, first.code) == ("look-ahead", f"planted.py line {line}", LINE)
    assert first.symbol == "UP"
    assert first.sources == ("up.csv",)  # the market's own bars are the same: it is the file


def test_how_far_ahead_is_told(tmp_path):
    """Tomorrow's close: what becomes known on the next session is enough, and nothing earlier."""
    found = check_lookahead(write_planted(tmp_path, TOMORROW), market(), cuts=3)
    first, days = found[0], bars().index
    assert first.sessions == 1
    place = days.get_loc(np.datetime64(first.moment.date()))
    assert first.known == datetime.combine(days[place + 1].date(), datetime.min.time()).replace(hour=16)
    closes = bars()["close"]
    assert first.price == pytest.approx(closes.iloc[place])  # what it could know
    bought = "-" not in first.decision
    assert bought == (closes.iloc[place + 1] > closes.iloc[place])  # and what it knew


def test_the_close_of_the_same_day_is_the_future_before_it(tmp_path):
    path = write_strategy(tmp_path, WITHIN_THE_DAY)
    bars().to_csv(tmp_path / "up.csv")
    found = check_lookahead(path, market(), cuts=3)
    assert found.verdict == "looks ahead"
    assert found[0].moment.time().isoformat() == "15:50:00"
    assert (found[0].sessions, found[0].known.time().isoformat()) == (0, "16:00:00")
    assert found[0].known.date() == found[0].moment.date()


@pytest.mark.parametrize("read", [
    'pd.read_csv(str(Path(__file__).with_name("up.csv.gz")), parse_dates=["date"], index_col="date")["close"]',
    'pd.read_parquet(Path(__file__).with_name("up.parquet"))["close"]',
    'pd.read_pickle(Path(__file__).with_name("up.pickle"))["close"]',
    'pd.Series({pd.Timestamp(k): v["close"] for k, v in __import__("json").loads(Path(__file__).with_name("up.json").read_text()).items()})',
    'pd.Series(np.genfromtxt(Path(__file__).with_name("up.txt"), delimiter=",")[:, 1], pd.to_datetime(np.genfromtxt(Path(__file__).with_name("up.txt"), delimiter=",")[:, 0].astype(int).astype(str)))',
    '__import__("hidden_regime").data.read_market(Path(__file__).with_name("up.csv")).load("UP").frame()["close"]',
    'pq.read_table(str(Path(__file__).with_name("up.parquet"))).to_pandas()["close"]',
], ids=["gzip", "parquet", "pickle", "json", "numpy", "our reader", "arrow"])  # fmt: skip
def test_a_file_is_seen_through_however_it_is_read(tmp_path, read):
    if "parquet" in read:
        pytest.importorskip("pyarrow")
    told = bars()
    told.to_csv(tmp_path / "up.csv.gz")
    if "parquet" in read:
        told.to_parquet(tmp_path / "up.parquet")
    told.to_pickle(tmp_path / "up.pickle")
    rows = {str(day.date()): row.to_dict() for day, row in told.iterrows()}
    (tmp_path / "up.json").write_text(json.dumps(rows))
    (tmp_path / "up.txt").write_text("".join(f"{day:%Y%m%d},{close}\n" for day, close in told["close"].items()))
    read = f"__import__('pyarrow.parquet').parquet.{read[3:]}" if read.startswith("pq.") else read
    guilty = check_lookahead(write_planted(tmp_path, TOMORROW, read), market(), cuts=2)
    assert guilty.verdict == "looks ahead"
    honest = check_lookahead(write_planted(tmp_path, HONEST, read), market(), cuts=2)
    assert (honest.verdict, list(honest)) == ("clean", [])


@pytest.mark.parametrize(("data", "ticker", "read"), [
    ("us_stocks", "AAPL", "load_dataset('us_stocks')['AAPL']"),
    ("synthetic", "SYN_MARKET", "load_dataset('synthetic')['SYN_MARKET']"),
    (CASES / "data", "SPY", "LeanFolder(Globals.data_folder).load('SPY').frame()"),
], ids=["packaged", "synthetic", "LEAN"])  # fmt: skip
def test_the_data_themselves_read_by_another_door(tmp_path, data, ticker, read):
    for signal, verdict in ((TOMORROW, "looks ahead"), (HONEST, "clean")):
        text = BASE.replace("UP", ticker).replace("{read}", f"{read}['close']").replace("{signal}", signal)
        text = "from hidden_regime.data import LeanFolder, load_dataset\n" + text
        found = check_lookahead(write_strategy(tmp_path, text), data, cuts=2)
        assert found.verdict == verdict, list(found)
        assert found.n_decisions > 5


def test_a_data_base_is_named(tmp_path):
    import sqlite3

    with sqlite3.connect(tmp_path / "up.db") as database:
        bars()[["close"]].reset_index().to_sql("up", database, index=False)
    database.close()
    read = "pd.read_sql('select * from up', base, parse_dates=['date'], index_col='date')['close']"
    text = BASE.replace(
        "        close = {read}",
        f"        base = __import__('sqlite3').connect(Path(__file__).with_name('up.db'))\n        close = {read}\n        base.close()",
    )
    found = check_lookahead(write_strategy(tmp_path, text.replace("{signal}", TOMORROW)), market(), cuts=2)
    assert found.verdict == "looks ahead"  # what pandas makes of it has dates
    assert any("up.db" in note for note in found.notes)


def test_an_honest_one_is_acquitted_and_what_was_hidden_is_named(tmp_path):
    found = check_lookahead(write_planted(tmp_path), market(), cuts=3)
    assert (found.verdict, len(found), bool(found)) == ("clean", 0, False)
    assert found == []
    assert found.n_decisions == 10
    assert any("up.csv" in note for note in found.notes)
    assert [one.n_changed for one in found.moments] == [0, 0, 0]
    assert f"none of {found.moments[-1].n_decisions} decisions changed in 6 runs" in found.summary()


def test_a_file_without_dates_is_named(tmp_path):
    path = write_planted(
        tmp_path, read='pd.Series(np.load(Path(__file__).with_name("up.npy")), pd.bdate_range("2010-01-04", periods=260))'
    )
    np.save(tmp_path / "up.npy", bars()["close"].to_numpy())
    found = check_lookahead(path, market(), cuts=1)
    assert any("up.npy: no dates were found" in note for note in found.notes)


def test_start_up_effects_are_told_apart(tmp_path):
    found = check_lookahead(write_strategy(tmp_path, SLOW_INDICATOR), market(), cuts=3)
    assert (found.verdict, len(found)) == ("clean", 0)
    (effect,) = found.start_up
    assert effect.kind == "start-up"
    assert "With data that begin later" in str(effect)


def test_what_isnt_repeatable_is_said(tmp_path):
    found = check_lookahead(write_strategy(tmp_path, DRAWN), market(), cuts=1)
    assert (found.verdict, found[0].kind) == ("not repeatable", "not repeatable")
    assert "seed" in found.summary()


def test_without_an_order_the_future_may_still_make_one(tmp_path):
    idle = check_lookahead(write_strategy(tmp_path, IDLE), market(), cuts=2)
    assert (idle.verdict, idle.n_decisions, len(idle.moments)) == ("clean", 0, 2)
    told = """
        import pandas as pd
        from pathlib import Path
        self.last = pd.read_csv(Path(__file__).with_name("up.csv"))["close"].iloc[-1]

    def on_data(self, data):
        if self.last < LEAST:
            self.market_order("UP", 1)
"""
    tempted = IDLE + told.replace("LEAST", str(bars()["close"].iloc[-1] - 1))
    write_planted(tmp_path)
    found = check_lookahead(write_strategy(tmp_path, tempted, "tempted.py"), market(), cuts=2)
    assert found.verdict == "looks ahead"


def test_a_strategy_that_fails_is_checked_until_then(tmp_path):
    text = (
        write_planted(tmp_path).read_text()
        + "\n    def on_end_of_day(self, symbol):\n        if self.time.month == 9:\n            raise ValueError('September')\n"
    )
    method = text[text.rindex("\n    def on_end_of_day") :]
    text = text.replace(method, "").replace("\n\ndef smoothed", method + "\n\ndef smoothed")
    found = check_lookahead(write_strategy(tmp_path, text), market(), cuts=2)
    assert found.verdict == "clean"
    assert any("September" in note for note in found.notes)
    broken = write_strategy(tmp_path, IDLE.replace("self.add_equity", "1 / 0\n        self.add_equity"))
    with pytest.raises(StudyError, match="fails over the data as they are"):
        check_lookahead(broken, market())


def test_equal_questions_have_equal_answers_and_workers_change_nothing(tmp_path):
    path = write_planted(tmp_path, TOMORROW)
    bars().assign(ticker="UP").to_csv(tmp_path / "prices.csv")
    one = check_lookahead(path, tmp_path / "prices.csv", cuts=2, out=tmp_path / "one")
    two = check_lookahead(path, tmp_path / "prices.csv", cuts=2, workers=2, out=tmp_path / "two")
    assert one == two
    for name in ("lookahead.json", "report.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert read_lookahead(tmp_path / "one") == one == pickle.loads(pickle.dumps(one))
    with pytest.raises(StudyError, match="holds another lookahead"):
        check_lookahead(path, tmp_path / "prices.csv", cuts=1, out=tmp_path / "one")
    assert "planted.py line" in one.table()["place"][0]


@pytest.mark.parametrize("wrong", [{"cuts": 0}, {"cuts": 1.5}, {"seed": -1}, {"workers": 0}, {"start": "2010"}])
def test_wrong_arguments(tmp_path, wrong):
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        check_lookahead(write_planted(tmp_path), market(), **wrong)


def test_moments_come_from_every_part():
    times = [datetime(2020, 1, 1 + i) for i in range(12)]
    for seed in range(20):
        found = sampled(times, 4, seed)
        assert [times.index(one) // 3 for one in found] == [0, 1, 2, 3]
    assert sampled(times[:2], 4, 0) == times[:2]
    assert sampled([], 4, 0) == []


def test_the_damaged_folder_says_so(tmp_path):
    check_lookahead(write_planted(tmp_path), market(), cuts=1, out=tmp_path / "out")
    path = tmp_path / "out" / "lookahead.json"
    path.write_text(path.read_text().replace('"verdict": "clean"', '"verdict": 3'))
    with pytest.raises(StudyError):
        read_lookahead(tmp_path / "out")
    assert date.fromisoformat(json.loads(path.read_text())["question"]["first"]) == date(2010, 6, 1)
