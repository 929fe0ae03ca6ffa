"""Where limits, reservations and counts are kept: one SQLite file that any number of processes write at once."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from hidden_regime.cloud.errors import QCError
from hidden_regime.files.database import transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS limits (account TEXT, name TEXT, value INTEGER NOT NULL,
    source TEXT NOT NULL, day TEXT NOT NULL, PRIMARY KEY (account, name)) STRICT;
CREATE TABLE IF NOT EXISTS spend (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL,
    reserved INTEGER NOT NULL, actual INTEGER, remote TEXT, project INTEGER, day TEXT NOT NULL, at REAL NOT NULL,
    UNIQUE (account, name)) STRICT;
CREATE INDEX IF NOT EXISTS spend_by_day ON spend (account, day);
CREATE TABLE IF NOT EXISTS counts (account TEXT, day TEXT, what TEXT, n INTEGER NOT NULL,
    PRIMARY KEY (account, day, what)) STRICT;
CREATE TABLE IF NOT EXISTS counted (account TEXT, what TEXT, name TEXT, day TEXT NOT NULL,
    PRIMARY KEY (account, what, name)) STRICT;
PRAGMA user_version = 2;
"""
VERSION = 2


@dataclass(frozen=True)
class Entry:
    """A line of the ledger.

    Attributes
    ----------
    id : int
    kind, name : str
    state : str
        reserved (nothing was sent), submitting (somebody is sending it, or died over it), submitted, booked or freed.
    reserved : int
        QCC that it may cost.
    actual : int or None
        QCC that it did cost.
    remote : str
        Its id in the cloud.
    project : int or None
        The cloud's project.
    day : str
    at : float
        Seconds since 1970 when it was set aside.
    """

    id: int
    kind: str
    name: str
    state: str
    reserved: int
    actual: int | None
    remote: str
    project: int | None
    day: str
    at: float

    @property
    def counted(self) -> int:
        """QCC that count against the limits: what it did cost, else what it may; nothing where it was freed."""
        return 0 if self.state == "freed" else self.reserved if self.actual is None else self.actual


COLUMNS = "id, kind, name, state, reserved, actual, remote, project, day, at"
COUNTED = "CASE WHEN state = 'freed' THEN 0 WHEN actual IS NULL THEN reserved ELSE actual END"


class Ledger:
    """A file of limits and spending.

    Parameters
    ----------
    path : Path
        Made, with its folder, where there is none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with self.transaction() as db:
                version = db.execute("PRAGMA user_version").fetchone()[0]
                if version > VERSION:
                    raise QCError(f"{path} is of a newer version of hidden-regime ({version}): this one reads {VERSION}.")
                if (found := db.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                    raise self._broken(str(found).split("\n")[0])
                if version < VERSION:
                    for statement in SCHEMA.split(";\n"):
                        db.execute(statement)
        except OSError as error:
            raise QCError(
                f"{path}: {error.strerror or error}: expected a place where the ledger of costs can be kept."
            ) from error

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """A transaction beside which nothing else writes; none of it stays where the block raises.

        Raises
        ------
        QCError
            The file is damaged or can't be written.
        """
        return transaction(self.path, self._broken)

    def _broken(self, error: Exception | str) -> QCError:
        return QCError(
            f"the ledger of costs {self.path} can't be used ({error}): nothing was sent. Move it aside if it is damaged; "
            "what it held of this month's spending is then unknown, so set the limits lower."
        )


def entry_of(row: tuple[object, ...]) -> Entry:
    """An entry of `COLUMNS`."""
    id, kind, name, state, reserved, actual, remote, project, day, at = row
    return Entry(
        int(str(id)), str(kind), str(name), str(state), int(str(reserved)), None if actual is None else int(str(actual)),
        str(remote or ""), None if project is None else int(str(project)), str(day), float(str(at)),
    )  # fmt: skip
