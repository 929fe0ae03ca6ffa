"""The queue of alerts: to post one writes a row, and nothing else."""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from hidden_regime.exceptions import DataError, ParameterError
from hidden_regime.files.database import transaction
from hidden_regime.operation.alerts.schema import BEGUN, DIED, FAILED, SCHEMA, SENT

KIND = re.compile(r"[a-z][a-z0-9-]{0,39}")
ALERT = "a.id, a.at, a.kind, a.subject, a.text"


@dataclass(frozen=True)
class Alert:
    """One alert.

    Attributes
    ----------
    id : int
    at : float
        Seconds since 1970.
    kind : str
        Such as "drawdown".
    subject : str
        What it is about, in a line.
    text : str
    again : bool
        Whether a sender died while it sent this, so that it may have arrived before.
    """

    id: int
    at: float
    kind: str
    subject: str
    text: str
    again: bool = False


@dataclass(frozen=True)
class Try:
    """One attempt to send an alert.

    Attributes
    ----------
    alert : int
    sink : str
    at : float
    message : str
        Alerts that went in one message have this in common.
    state : str
        "begun", "sent", "failed" or "died".
    said : str
        Why it failed, without what the sink or its address said.
    """

    alert: int
    sink: str
    at: float
    message: str
    state: str
    said: str


class AlertQueue:
    """Alerts and the tries to send them.

    Parameters
    ----------
    path : Path
        A SQLite file, which may hold other tables too; made where there is none.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> queue = AlertQueue(Path(mkdtemp()) / "workspace.sqlite")
    >>> queue.post("drawdown", "trend", "15% below the peak", at=1_700_000_000.0)
    1
    >>> [alert.subject for alert in queue.unsent("mail", since=0.0)]
    ['trend']
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self.transaction() as db:
            for statement in SCHEMA.split(";\n"):
                db.execute(statement)

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """A transaction beside which nothing else writes.

        Raises
        ------
        DataError
            The file is damaged or can't be written.
        """
        return transaction(self.path, self._broken)

    def _broken(self, error: Exception) -> DataError:
        return DataError(f"the queue of alerts {self.path} can't be used ({error}): expected a SQLite file that can be written.")

    def post(self, kind: str, subject: str, text: str, at: float, *, not_on: str = "") -> int:
        """Write an alert down; a sender sends it.

        Parameters
        ----------
        kind : str
            Small letters, digits and "-", such as "daily-loss".
        subject : str
            What it is about, in a line: equal kinds and subjects within a while are sent once.
        text : str
        at : float
            Seconds since 1970, by the clock that the sender has too.
        not_on : str
            A sink that isn't to have it.

        Returns
        -------
        int
            Its id.

        Raises
        ------
        ParameterError
        """
        row = _row(kind, subject, text, at, not_on)
        with self.transaction() as db:
            return _insert(db, row)

    def judge(self, window: float) -> None:
        """Find alerts that repeat one of the same kind and subject, from less than `window` seconds before."""
        with self.transaction() as db:
            new = db.execute("SELECT id, at, kind, subject, not_on FROM alerts WHERE same_as IS NULL ORDER BY id").fetchall()
            for number, at, *what in new:
                first = db.execute(
                    "SELECT MAX(id) FROM alerts WHERE id < ? AND at > ? AND at <= ? AND kind = ? AND subject = ? AND not_on = ? "
                    "AND same_as = 0", (number, at - window, at, *what),
                ).fetchone()[0]  # fmt: skip
                db.execute("UPDATE alerts SET same_as = ? WHERE id = ?", (first or 0, number))

    def unsent(self, sink: str, since: float) -> list[Alert]:
        """Alerts that a sink hasn't got, oldest first, of those posted after a time that repeat no other."""
        with self.transaction() as db:
            rows = db.execute(
                f"SELECT {ALERT}, EXISTS (SELECT 1 FROM tries t WHERE t.alert = a.id AND t.sink = ? AND t.state = ?) "
                "FROM alerts a WHERE a.at > ? AND a.not_on != ? AND (a.same_as IS NULL OR a.same_as = 0) AND NOT EXISTS "
                "(SELECT 1 FROM tries t WHERE t.alert = a.id AND t.sink = ? AND t.state = ?) ORDER BY a.id",
                (sink, DIED, since, sink, sink, SENT),
            ).fetchall()  # fmt: skip
            return [replace(Alert(*row[:5]), again=bool(row[5])) for row in rows]

    def messages_sent(self, sink: str, since: float) -> int:
        """How many messages a sink got after a time."""
        with self.transaction() as db:
            asked = "SELECT COUNT(DISTINCT message) FROM tries WHERE sink = ? AND state = ? AND at > ?"
            return int(db.execute(asked, (sink, SENT, since)).fetchone()[0])

    def begin(self, sink: str, alerts: Sequence[Alert], message: str, at: float) -> None:
        """Note that a message is about to be sent: from here on it may have arrived."""
        with self.transaction() as db:
            db.executemany(
                "INSERT INTO tries (alert, sink, at, message, state) VALUES (?, ?, ?, ?, ?)",
                [(alert.id, sink, at, message, BEGUN) for alert in alerts],
            )

    def end(self, message: str, said: str) -> None:
        """Note that a message arrived, or with `said` why not."""
        with self.transaction() as db:
            state = FAILED if said else SENT
            db.execute("UPDATE tries SET state = ?, said = ? WHERE message = ? AND state = ?", (state, said, message, BEGUN))

    def bury(self) -> int:
        """Call died what another sender began and never ended; how many. Only who is the one sender may."""
        with self.transaction() as db:
            return db.execute("UPDATE tries SET state = ? WHERE state = ?", (DIED, BEGUN)).rowcount

    def undelivered(self) -> list[Alert]:
        """Alerts that no sink has got, oldest first, of those that repeat no other."""
        with self.transaction() as db:
            rows = db.execute(
                f"SELECT {ALERT} FROM alerts a WHERE (a.same_as IS NULL OR a.same_as = 0) AND NOT EXISTS "
                "(SELECT 1 FROM tries t WHERE t.alert = a.id AND t.state = ?) ORDER BY a.id", (SENT,),
            ).fetchall()  # fmt: skip
            return [Alert(*row) for row in rows]

    def tries(self) -> list[Try]:
        """All tries, oldest first."""
        with self.transaction() as db:
            rows = db.execute("SELECT alert, sink, at, message, state, said FROM tries ORDER BY id").fetchall()
            return [Try(*row) for row in rows]

    def alerts(self) -> list[Alert]:
        """All alerts, oldest first."""
        with self.transaction() as db:
            return [Alert(*row) for row in db.execute(f"SELECT {ALERT} FROM alerts a ORDER BY a.id")]


def post_in(db: sqlite3.Connection, kind: str, subject: str, text: str, at: float) -> int:
    """Post in a transaction that is open, of a file with the tables: an alert and what it tells of are both there, or neither."""
    return _insert(db, _row(kind, subject, text, at, ""))


def _row(kind: str, subject: str, text: str, at: float, not_on: str) -> tuple[float, str, str, str, str]:
    if not isinstance(kind, str) or not KIND.fullmatch(kind):
        raise ParameterError("kind", kind, "small letters, digits and '-', such as daily-loss")
    for name, value in (("subject", subject), ("text", text)):
        if not isinstance(value, str):
            raise ParameterError(name, value, "a text")
    if isinstance(at, bool) or not isinstance(at, (int, float)) or not math.isfinite(at):
        raise ParameterError("at", at, "seconds since 1970")
    return float(at), kind, _storable(subject), _storable(text), not_on


def _insert(db: sqlite3.Connection, row: tuple[float, str, str, str, str]) -> int:
    made = db.execute("INSERT INTO alerts (at, kind, subject, text, not_on) VALUES (?, ?, ?, ?, ?)", row)
    return int(made.lastrowid or 0)


def _storable(text: str) -> str:
    """What no encoding can hold is spelled out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\0")
