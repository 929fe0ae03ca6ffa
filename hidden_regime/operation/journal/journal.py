"""What is written into a journal and read from it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from hidden_regime.exceptions import ParameterError
from hidden_regime.operation.alerts.queue import KIND, post_in
from hidden_regime.operation.errors import OperationError
from hidden_regime.operation.journal.file import JournalFile
from hidden_regime.operation.journal.records import (
    RUNNING,
    BarRow,
    Deployment,
    OrderRow,
    Said,
    Spec,
    deployment_of,
    moment_of,
    order_row,
    stamp,
)

ALARMING = ("warning", "error")
"""Levels of lines that are sent to whoever watches."""
OTHER = "other"
"""Kind of an alert whose line has one that no alert can have."""
FOLDER, FILE = ".hidden-regime", "operation.sqlite"
NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")


def check_name(name: str) -> None:
    """Raise for a name that no deployment can have: it is that of a folder, too.

    Raises
    ------
    ParameterError
    """
    if not NAME.fullmatch(name):
        raise ParameterError("name", name, "letters of English, digits, '-' and '_', at most 60 of them", "Give one with --name.")


def journal_of(workspace: Path) -> Journal:
    """The journal of a workspace."""
    return Journal(workspace / FOLDER / FILE)


def folder_of(path: Path, name: str) -> Path:
    """Where the files of a deployment are, beside the journal of this path."""
    return path.parent / "deployments" / name


class Journal:
    """A workspace's journal.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self.path, self.file = path, JournalFile(path)

    def close(self) -> None:
        """Let go of the file."""
        self.file.close()

    def folder(self, name: str) -> Path:
        """Where the files of a deployment are."""
        return folder_of(self.path, name)

    # Deployments ---------------------------------------------------------------------------------------------------------
    def deploy(self, name: str, spec: Spec, at: str) -> None:
        """Add a deployment.

        Raises
        ------
        ParameterError, OperationError
            The name can't be one, or is taken.
        """
        check_name(name)
        with self.file.transaction() as db:
            if db.execute("SELECT 1 FROM deployments WHERE name = ?", (name,)).fetchone():
                raise OperationError(f"deployment {name!r} is there already: choose another name, or go on with it.")
            db.execute(
                "INSERT INTO deployments (name, made, spec, state) VALUES (?, ?, ?, ?)", (name, at, spec.as_json(), RUNNING)
            )

    def deployments(self) -> list[Deployment]:
        """All of them, the oldest first."""
        return self.file.values(deployment_of, "SELECT * FROM deployments ORDER BY made, name")

    def find(self, name: str) -> Deployment | None:
        """One of them."""
        found = self.file.values(deployment_of, "SELECT * FROM deployments WHERE name = ?", name)
        return found[0] if found else None

    def deployment(self, name: str) -> Deployment:
        """One of them.

        Raises
        ------
        ParameterError
            There is none of that name.
        """
        found = self.find(name)
        if found is None:
            known = ", ".join(one.name for one in self.deployments()) or "none"
            raise ParameterError("name", name, f"a deployment of {self.path.parent.parent}: {known}")
        return found

    def set_state(self, name: str, state: str, reason: str = "") -> None:
        """Note how a deployment stands."""
        with self.file.transaction() as db:
            db.execute("UPDATE deployments SET state = ?, reason = ? WHERE name = ?", (state, reason, name))

    # Runs of its process -------------------------------------------------------------------------------------------------
    def begin_run(self, name: str, pid: int, started: str, at: str) -> int:
        """A process begins to run a deployment; the number of the run."""
        with self.file.transaction() as db:
            row = db.execute("INSERT INTO runs (deployment, pid, started, began) VALUES (?, ?, ?, ?)", (name, pid, started, at))
            return int(row.lastrowid or 0)

    def end_run(self, run: int, at: str, reason: str) -> None:
        """It ends."""
        with self.file.transaction() as db:
            db.execute("UPDATE runs SET ended = ?, reason = ? WHERE id = ?", (at, reason, run))

    def beat(self, name: str, at: str, market_time: datetime) -> None:
        """It is alive."""
        with self.file.transaction() as db:
            db.execute("INSERT OR REPLACE INTO heartbeats VALUES (?, ?, ?)", (name, at, stamp(market_time)))

    def heartbeat(self, name: str) -> tuple[str, str] | None:
        """When it was alive last, and what time it was then on the market's clock."""
        rows = self.file.rows("SELECT at, market_time FROM heartbeats WHERE deployment = ?", name)
        return (rows[0][0], rows[0][1]) if rows else None

    def tell(self, name: str, at: str, market_time: datetime, level: str, kind: str, said: str) -> None:
        """Add a line."""
        with self.file.transaction() as db:
            self.add_line(db, name, at, market_time, level, kind, said)

    @staticmethod
    def add_line(db: sqlite3.Connection, name: str, at: str, market_time: datetime, level: str, kind: str, said: str) -> None:
        """Add a line in a transaction that is open, and an alert with it unless it is a mere note: both are there, or neither."""
        db.execute(
            "INSERT INTO told (deployment, at, market_time, level, kind, said) VALUES (?, ?, ?, ?, ?, ?)",
            (name, at, stamp(market_time), level, kind, said),
        )
        if level in ALARMING:
            # Of guards each rule is a kind of its own; what else is told is one matter a day of the market.
            about = said.partition(":")[0].replace("_", "-") if kind == "guard" else kind
            about = about if KIND.fullmatch(about) else OTHER
            post_in(db, about, f"{name} {market_time:%Y-%m-%d}", f"{market_time:%H:%M}: {said}", moment_of(at).timestamp())

    def told(self, name: str, last: int | None = None) -> list[Said]:
        """Its lines, oldest first; with `last`, so many of the latest."""
        limit = -1 if last is None else last
        rows = self.file.rows(
            "SELECT at, market_time, level, kind, said FROM told WHERE deployment = ? ORDER BY id DESC LIMIT ?", name, limit
        )
        return [Said(*row) for row in reversed(rows)]

    def count_told(self, name: str, kind: str) -> int:
        """How many lines of a kind it has."""
        return int(self.file.rows("SELECT COUNT(*) FROM told WHERE deployment = ? AND kind = ?", name, kind)[0][0])

    # Bars ----------------------------------------------------------------------------------------------------------------
    def slots(self, name: str) -> list[tuple[str, str]]:
        """Market times by which everything has arrived or was given up, rising, and the tickers that were silent."""
        rows = self.file.rows("SELECT slot, silent FROM slots WHERE deployment = ? ORDER BY slot", name)
        return [(slot, silent) for slot, silent in rows]

    def bars(self, name: str, ticker: str, minutes: int, day: str | None = None) -> list[BarRow]:
        """Bars of a series, rising; with `day`, those of a day."""
        query = "SELECT ticker, minutes, day, minute, opened, high, low, close, volume, scale FROM bars WHERE deployment = ? AND "
        query += "ticker = ? AND minutes = ?"
        values: list[object] = [name, ticker, minutes]
        if day is not None:
            query += " AND day = ?"
            values.append(day)
        return [BarRow(*row) for row in self.file.rows(query + " ORDER BY day, minute", *values)]

    def listings(self, name: str, ticker: str) -> list[tuple[str, str]]:
        """What was known of a ticker from which market time on, rising."""
        rows = self.file.rows("SELECT slot, told FROM listings WHERE deployment = ? AND ticker = ? ORDER BY slot", name, ticker)
        return [(slot, told) for slot, told in rows]

    def series(self, name: str) -> dict[tuple[str, int], str]:
        """The series that are kept, with the days that their source had as each was begun."""
        rows = self.file.rows("SELECT ticker, minutes, days FROM series WHERE deployment = ?", name)
        return {(ticker, minutes): days for ticker, minutes, days in rows}

    @staticmethod
    def add_bars(db: sqlite3.Connection, name: str, bars: Iterable[BarRow], slot: str) -> None:
        """Add bars in a transaction that is open."""
        db.executemany(
            "INSERT INTO bars VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (name, b.ticker, b.minutes, b.day, b.minute, b.opened, b.high, b.low, b.close, b.volume, b.scale, slot)
                for b in bars
            ],
        )

    # What the strategy did -----------------------------------------------------------------------------------------------
    def order_events(self, name: str) -> list[OrderRow]:
        """What happened to its orders."""
        query = "SELECT number, market_time, told FROM order_events WHERE deployment = ? ORDER BY number"
        return self.file.values(lambda row: order_row(*row), query, name)

    def last_order(self, name: str) -> str | None:
        """Market time of the last thing that happened to an order."""
        rows = self.file.rows("SELECT market_time FROM order_events WHERE deployment = ? ORDER BY number DESC LIMIT 1", name)
        return rows[0][0] if rows else None

    def unsent(self, name: str) -> list[OrderRow]:
        """Those that the target hasn't confirmed."""
        return self.file.values(
            lambda row: order_row(*row),
            "SELECT number, market_time, told FROM order_events e WHERE deployment = ? AND NOT EXISTS "
            "(SELECT 1 FROM sent s WHERE s.deployment = e.deployment AND s.number = e.number) ORDER BY number",
            name,
        )

    def confirm(self, name: str, numbers: Sequence[int], at: str) -> None:
        """The target has taken them."""
        with self.file.transaction() as db:
            db.executemany("INSERT OR IGNORE INTO sent VALUES (?, ?, ?)", [(name, number, at) for number in numbers])

    def regimes(self, name: str) -> list[tuple[str, str, str, float]]:
        """Time, ticker, regime and confidence of each state."""
        rows = self.file.rows(
            "SELECT time, ticker, regime, confidence FROM regimes WHERE deployment = ? ORDER BY time, ticker", name
        )
        return [(time, ticker, regime, confidence) for time, ticker, regime, confidence in rows]

    def equity(self, name: str) -> list[tuple[str, float]]:
        """UTC times of the samples at New York's midnights, and the equity."""
        rows = self.file.rows("SELECT time, equity FROM equity WHERE deployment = ? ORDER BY number", name)
        return [(time, value) for time, value in rows]

    def lines(self, name: str) -> list[str]:
        """What the strategy said."""
        return [row[0] for row in self.file.rows("SELECT line FROM lines WHERE deployment = ? ORDER BY number", name)]
