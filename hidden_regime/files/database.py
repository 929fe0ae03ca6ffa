"""A SQLite file that any number of processes use at once: one transaction after the other, each whole or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hidden_regime.exceptions import RegimeError

WAIT = 60.0
"""Seconds that a writer waits for the others."""
UNREADABLE = (sqlite3.Error, ValueError, TypeError, LookupError)
"""What reading a damaged file raises, of the file or of a value in it."""


@contextmanager
def transaction(path: Path, broken: Callable[[Exception], RegimeError]) -> Iterator[sqlite3.Connection]:
    """A transaction beside which nothing else writes; none of it stays where the block raises.

    Parameters
    ----------
    path : Path
    broken : callable
        The error for a file that is damaged or can't be written, of what SQLite or the block raised. Errors of this package's
        own go through as they are.
    """
    try:
        db = sqlite3.connect(path, timeout=WAIT, isolation_level=None)
    except sqlite3.Error as error:
        raise broken(error) from error
    try:
        db.execute("PRAGMA synchronous = FULL")
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")
    except RegimeError:
        raise
    except UNREADABLE as error:
        raise broken(error) from error
    finally:
        db.close()
