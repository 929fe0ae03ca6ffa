"""Tables of a journal: what SQLite holds, also of a run whose plug was pulled, and over no backtest's."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing

from typer.testing import CliRunner

from hidden_regime.cli.main import app
from hidden_regime.operation.exporting import write_tables
from tests.operation.strategies import TURNING
from tests.operation.test_determinism_and_targets import cut_at
from tests.operation.worlds import WALL, deployed

NASTY = 'a "b", c\nnext [red]line[/red] </td>'


def test_tables_are_what_the_file_holds_after_the_plug_was_pulled(tmp_path, monkeypatch):
    journal = deployed(tmp_path, TURNING)
    cut_at(monkeypatch, journal, 60)
    heartbeat = journal.heartbeat("one")
    assert heartbeat is not None
    with journal.file.transaction() as db:
        db.execute("INSERT INTO told (deployment, at, market_time, level, kind, said) VALUES (?, ?, ?, ?, ?, ?)",
                   ("one", WALL, heartbeat[1], "note", "nasty", NASTY))  # fmt: skip
    write_tables(journal, "one", tmp_path / "out")

    def rows(name):
        with open(tmp_path / "out" / name, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    with closing(sqlite3.connect(journal.path)) as db:
        events = [json.loads(told) for (told,) in db.execute("SELECT told FROM order_events ORDER BY number")]
        equity = db.execute("SELECT time, equity FROM equity ORDER BY number").fetchall()
        regimes = db.execute("SELECT time, ticker, regime, confidence FROM regimes ORDER BY time, ticker").fetchall()
        said = [one for (one,) in db.execute("SELECT said FROM told ORDER BY id")]
    assert len(events) > 10 and len(equity) > 10
    assert [[float(row["fill_quantity"]), float(row["fill_price"]), row["ticker"]] for row in rows("orders.csv")] == [
        [float(one["fill_quantity"]), float(one["fill_price"]), one["ticker"]] for one in events
    ]
    assert [(row["time_utc"], float(row["equity"])) for row in rows("equity.csv")] == equity
    assert [(*list(row.values())[:3], float(row["confidence"])) for row in rows("regimes.csv")] == regimes
    assert [row["said"] for row in rows("journal.csv")] == said and said[-1] == NASTY


def test_a_backtests_tables_are_left_alone(tmp_path, monkeypatch):
    deployed(tmp_path, TURNING)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results" / "one").mkdir(parents=True)
    (tmp_path / "results" / "one" / "equity.csv").write_text("a backtest's", encoding="utf-8")
    assert CliRunner().invoke(app, ["live", "export", "one"]).exit_code == 0
    assert (tmp_path / "results" / "one" / "equity.csv").read_text(encoding="utf-8") == "a backtest's"
    assert (tmp_path / "results" / "one-live" / "equity.csv").is_file()
