"""Gives a day's summary once, also where whoever gives it is killed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date, datetime

from hidden_regime.operation.journal import Journal
from hidden_regime.operation.reporting.daily import Summary, daily_summary

KIND = "daily"


def was_given(journal: Journal, name: str, day: date) -> bool:
    """Whether the summary of a day was given."""
    query = "SELECT 1 FROM told WHERE deployment = ? AND kind = ? AND said = ? LIMIT 1"
    return bool(journal.file.rows(query, name, KIND, day.isoformat()))


def give_once(journal: Journal, name: str, day: date, at: str, give: Callable[[sqlite3.Connection, Summary], None]) -> bool:
    """Give a day's summary unless it was given before. Whether it was given now.

    Giving and the note of it are one transaction of the journal. So what `give` writes into the journal's own file, such as a
    row of a queue that lies there, is there once, whatever is killed and when. What it does elsewhere, such as printing, is
    done again where the kill comes between it and the end of the transaction.

    Parameters
    ----------
    journal : Journal
    name : str
        The deployment.
    day : date
    at : str
        Time for the journal.
    give : callable
        Given the connection, in the transaction, and the summary. What it raises goes through, and nothing is noted.

    Raises
    ------
    ParameterError
        The day isn't over.
    """
    summary = daily_summary(journal, name, day)
    with journal.file.transaction() as db:
        query = "SELECT 1 FROM told WHERE deployment = ? AND kind = ? AND said = ?"
        if db.execute(query, (name, KIND, day.isoformat())).fetchone():
            return False
        give(db, summary)
        journal.add_line(db, name, at, datetime(day.year, day.month, day.day), "note", KIND, day.isoformat())
    return True
