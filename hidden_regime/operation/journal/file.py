"""The file of a journal: transactions that are whole on the disk before anything goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from hidden_regime.exceptions import RegimeError
from hidden_regime.files.database import UNREADABLE, WAIT
from hidden_regime.files.whole import write_file
from hidden_regime.operation.alerts.schema import SCHEMA as ALERTS
from hidden_regime.operation.errors import JournalError
from hidden_regime.operation.journal.schema import SCHEMA, VERSION

T = TypeVar("T")


class JournalFile:
    """A connection to a journal, kept open. Any number of processes have one at once.

    Parameters
    ----------
    path : Path
        Made, with its folder and a .gitignore, where there is none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not (path.parent / ".gitignore").is_file():
                write_file(path.parent / ".gitignore", "*\n")
            self._db = sqlite3.connect(path, timeout=WAIT, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
        except (sqlite3.Error, OSError) as error:
            raise self._broken(error) from error
        if self._version() < VERSION:  # else a journal that somebody else writes into can be opened and read all the same
            with self.transaction() as db:
                if self._version() < VERSION:
                    for statement in (*SCHEMA.split(";\n"), *ALERTS.split(";\n")):
                        db.execute(statement)
                    db.execute(f"PRAGMA user_version = {VERSION}")

    def _version(self) -> int:
        version = int(self.rows("PRAGMA user_version")[0][0])
        if version > VERSION:
            raise JournalError(f"{self.path} is of a newer version of hidden-regime ({version}): this one reads {VERSION}.")
        return version

    def wait_at_most(self, seconds: float) -> None:
        """How long to wait from now on for whoever else writes."""
        self.rows(f"PRAGMA busy_timeout = {int(seconds * 1000)}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction beside which nothing else writes; none of it stays where the block raises.

        Raises
        ------
        JournalError
            The file is damaged or can't be written, or the disk is full.
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except RegimeError:
            raise
        except UNREADABLE as error:
            raise self._broken(error) from error

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What a query finds."""
        try:
            return self._db.execute(query, values).fetchall()
        except UNREADABLE as error:
            raise self._broken(error) from error

    def values(self, of: Callable[[tuple[Any, ...]], T], query: str, *values: object) -> list[T]:
        """What a query finds, each row read as a value; a row that can't be is that of a damaged file."""
        found = self.rows(query, *values)
        try:
            return [of(row) for row in found]
        except UNREADABLE as error:
            raise self._broken(error) from error

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _broken(self, error: Exception) -> JournalError:
        return JournalError(
            f"the journal {self.path} can't be used ({error}). Nothing goes on without it. See that the disk has room and the "
            "folder can be written; if the file is damaged, take its latest copy."
        )
