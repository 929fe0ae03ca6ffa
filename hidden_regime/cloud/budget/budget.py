"""One account's budget: what is asked before anything is sent, and what is booked afterwards."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from hidden_regime.cloud.budget.ledger import COLUMNS, COUNTED, Entry, Ledger, entry_of
from hidden_regime.cloud.budget.limits import KINDS, Limit, checked
from hidden_regime.cloud.errors import BudgetExceeded
from hidden_regime.exceptions import ParameterError

STATE = "HIDDEN_REGIME_STATE"
FILE = "budget.sqlite"
OPEN = ("reserved", "submitting", "submitted")


def state_folder() -> Path:
    """Where what must outlast caches is kept: HIDDEN_REGIME_STATE, else ~/.hidden-regime."""
    return Path(os.environ.get(STATE) or "~/.hidden-regime").expanduser()


class Budget:
    """Limits, spending and counts of one account.

    Parameters
    ----------
    account : str
        Whose: such as the server's host and the user's id, so that practice isn't counted as spending.
    path : Path, optional
        The ledger. Default: budget.sqlite in `state_folder()`.
    clock : callable
        Seconds since 1970. Days and months are UTC's.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> budget = Budget("practice", Path(mkdtemp()) / "budget.sqlite")
    >>> for name, credits in (("job", 30), ("day", 50), ("month", 200)):
    ...     budget.set(name, credits, source="my own")
    >>> entry = budget.reserve("optimization", 26, "walk forward #0a1b2c3d")
    >>> budget.spent("month")
    26
    >>> budget.reserve("optimization", 26, "another #0a1b2c3e")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    BudgetExceeded: another #0a1b2c3e may cost 26 QCC, and of 50 QCC a day, UTC, 24 are left. Nothing was sent.
    """

    def __init__(self, account: str, path: Path | None = None, *, clock: Callable[[], float] = time.time) -> None:
        if not account.strip():
            raise ParameterError("account", account, "a text that is not empty")
        self.account = account
        self.clock = clock
        self.ledger = Ledger(state_folder() / FILE if path is None else path)

    @property
    def today(self) -> date:
        """The day that is counted now, in UTC."""
        return datetime.fromtimestamp(self.clock(), UTC).date()

    def set(self, name: str, value: int, *, source: str) -> None:
        """Set a limit, in QCC or in pieces.

        Parameters
        ----------
        name : str
            One of `KINDS`.
        value : int
        source : str
            Where it comes from; kept with the day.
        """
        row = (self.account, name, checked(name, value), source, self.today.isoformat())
        with self.ledger.transaction() as db:
            db.execute("INSERT OR REPLACE INTO limits VALUES (?, ?, ?, ?, ?)", row)

    def unset(self, name: str) -> None:
        """Take a limit away. Without one of those of money nothing that costs any is sent."""
        checked(name, 0)
        with self.ledger.transaction() as db:
            db.execute("DELETE FROM limits WHERE account = ? AND name = ?", (self.account, name))

    def limits(self) -> dict[str, Limit]:
        """Limits that are set."""
        with self.ledger.transaction() as db:
            rows = db.execute("SELECT name, value, source, day FROM limits WHERE account = ?", (self.account,)).fetchall()
            found = {name: Limit(name, int(value), source, date.fromisoformat(day)) for name, value, source, day in rows}
        return {name: found[name] for name in KINDS if name in found}

    def reserve(self, kind: str, credits: int, name: str, *, project: int | None = None) -> Entry:
        """Set aside what a job may cost, if the limits of a job, a day and a month leave room for it.

        Parameters
        ----------
        kind : str
            Such as "optimization".
        credits : int
            QCC, estimated at the dearest.
        name : str
            Its unique name in the cloud. One that stands there already, as after a crash, gives its entry; nothing is added.
        project : int, optional
            The cloud's project, in which it can be looked up.

        Raises
        ------
        BudgetExceeded
            A limit isn't set, or would be exceeded.
        """
        if isinstance(credits, bool) or not isinstance(credits, int) or credits < 0:
            raise ParameterError("credits", credits, "a whole number of QCC of at least 0", "Round up.")
        today = self.today.isoformat()
        with self.ledger.transaction() as db:
            rows = db.execute("SELECT name, value FROM limits WHERE account = ?", (self.account,)).fetchall()
            limits = {str(one): int(value) for one, value in rows}
            before = db.execute(f"SELECT {COLUMNS} FROM spend WHERE account = ? AND name = ?", (self.account, name)).fetchone()
            if before is not None and before[3] != "freed":
                return entry_of(before)
            spent = {
                period: db.execute(
                    f"SELECT COALESCE(SUM({COUNTED}), 0) FROM spend WHERE account = ? AND day LIKE ?", (self.account, like)
                ).fetchone()[0]
                for period, like in (("job", ""), ("day", today), ("month", today[:8] + "%"))
            }  # fmt: skip
            for period, used in spent.items():
                self._check(name, credits, period, limits.get(period), used)
            row = (self.account, kind, name, "reserved", credits, None, None, project, today, self.clock())
            db.execute(
                "INSERT OR REPLACE INTO spend (account, kind, name, state, reserved, actual, remote, project, day, at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row,
            )  # fmt: skip
            found = db.execute(f"SELECT {COLUMNS} FROM spend WHERE account = ? AND name = ?", (self.account, name)).fetchone()
            return entry_of(found)

    def _check(self, name: str, credits: int, period: str, limit: int | None, used: int) -> None:
        raising = f"hidden-regime qc cost --set {period}=..."
        if limit is None:
            raise BudgetExceeded(
                f"{name} may cost {credits} QCC, and there is no limit for {KINDS[period].what}. Nothing was sent. "
                f"Set one: {raising}"
            )
        if used + credits > limit:
            raise BudgetExceeded(
                f"{name} may cost {credits} QCC, and of {limit} QCC {_for(period)}, {max(0, limit - used)} are left. "
                f"Nothing was sent. Wait, make it smaller, or raise the limit: {raising}"
            )

    def submitting(self, entry: Entry) -> None:
        """Note that the job is about to be sent: from here on it may have arrived, whatever happens.

        Raises
        ------
        BudgetExceeded
            It isn't set aside any more: it was booked, or given back by somebody who took its process for dead.
        """
        with self.ledger.transaction() as db:
            moved = db.execute(
                "UPDATE spend SET state = 'submitting' WHERE id = ? AND state IN ('reserved', 'submitting', 'submitted')",
                (entry.id,),
            )
            if moved.rowcount == 0:
                raise BudgetExceeded(
                    f"{entry.name} is not set aside any more: it ran before, or was given back. Give another key."
                )

    def submitted(self, entry: Entry, remote: str) -> None:
        """Note that the job arrived, and its id there."""
        self._move(entry, "submitted", remote=remote)

    def book(self, entry: Entry, credits: int) -> None:
        """Note what the job did cost: this counts from now on."""
        if isinstance(credits, bool) or not isinstance(credits, int) or credits < 0:
            raise ParameterError("credits", credits, "a whole number of QCC of at least 0", "Round up.")
        self._move(entry, "booked", actual=credits)

    def free(self, entry: Entry) -> None:
        """Give back what was set aside: the job does not exist in the cloud, somebody has looked."""
        self._move(entry, "freed")

    def _move(self, entry: Entry, state: str, **values: object) -> None:
        assignments = "".join(f", {name} = ?" for name in values)
        with self.ledger.transaction() as db:
            db.execute(f"UPDATE spend SET state = ?{assignments} WHERE id = ?", (state, *values.values(), entry.id))

    def entries(self, *, states: tuple[str, ...] = (*OPEN, "booked", "freed")) -> list[Entry]:
        """Lines of the ledger, oldest first."""
        marks = ", ".join("?" * len(states))
        with self.ledger.transaction() as db:
            rows = db.execute(
                f"SELECT {COLUMNS} FROM spend WHERE account = ? AND state IN ({marks}) ORDER BY id", (self.account, *states)
            ).fetchall()
            return [entry_of(row) for row in rows]

    def entry(self, name: str) -> Entry | None:
        """The line of a job, by its unique name."""
        with self.ledger.transaction() as db:
            row = db.execute(f"SELECT {COLUMNS} FROM spend WHERE account = ? AND name = ?", (self.account, name)).fetchone()
            return None if row is None else entry_of(row)

    def spent(self, period: str) -> int:
        """QCC of the day or the month, booked or set aside."""
        today = self.today.isoformat()
        like = {"day": today, "month": today[:8] + "%"}[period]
        with self.ledger.transaction() as db:
            row = db.execute(
                f"SELECT COALESCE(SUM({COUNTED}), 0) FROM spend WHERE account = ? AND day LIKE ?", (self.account, like)
            )
            return int(row.fetchone()[0])

    def count(self, what: str, *, name: str | None = None) -> int:
        """Count something against its limit a day, before it is sent.

        Parameters
        ----------
        what : str
            "backtests".
        name : str, optional
            Its unique name in the cloud, if it is one. The same name, after a crash say, is counted once.

        Returns
        -------
        int
            Of today, with this one.

        Raises
        ------
        BudgetExceeded
            It would be one too many; nothing is counted. Without a limit nothing is.
        """
        checked(what, 1)
        today = self.today.isoformat()
        with self.ledger.transaction() as db:
            row = db.execute("SELECT value FROM limits WHERE account = ? AND name = ?", (self.account, what)).fetchone()
            used = self._used(db, what, today, but=name)
            if row is not None and used + 1 > row[0]:
                raise BudgetExceeded(
                    f"{used} of {row[0]} {KINDS[what].what} are used, UTC. Nothing was sent. Wait for tomorrow, run it in the "
                    f"embedded engine (hidden-regime backtest), or raise the limit: hidden-regime qc cost --set {what}=..."
                )
            if name is not None:
                db.execute("INSERT OR REPLACE INTO counted VALUES (?, ?, ?, ?)", (self.account, what, name, today))
            else:
                unnamed = self._unnamed(db, what, today)
                db.execute("INSERT OR REPLACE INTO counts VALUES (?, ?, ?, ?)", (self.account, today, what, unnamed + 1))
        return used + 1

    def uncount(self, what: str, name: str) -> None:
        """Take back what was counted: it does not exist in the cloud, somebody has looked."""
        with self.ledger.transaction() as db:
            db.execute("DELETE FROM counted WHERE account = ? AND what = ? AND name = ?", (self.account, what, name))

    def counted(self, what: str) -> int:
        """How many there were today."""
        with self.ledger.transaction() as db:
            return self._used(db, what, self.today.isoformat())

    def _used(self, db: sqlite3.Connection, what: str, day: str, but: str | None = None) -> int:
        """How many are counted on a day, with the exception of a name."""
        row = db.execute(
            "SELECT COUNT(*) FROM counted WHERE account = ? AND what = ? AND day = ? AND name IS NOT ?",
            (self.account, what, day, but),
        )
        return int(row.fetchone()[0]) + self._unnamed(db, what, day)

    def _unnamed(self, db: sqlite3.Connection, what: str, day: str) -> int:
        row = db.execute("SELECT n FROM counts WHERE account = ? AND day = ? AND what = ?", (self.account, day, what)).fetchone()
        return int(row[0]) if row else 0

    def check(self, what: str, n: int, said: str) -> None:
        """Refuse what is over a limit that is set and counts nothing by day: files, bytes, live deployments.

        Raises
        ------
        BudgetExceeded
        """
        limit = self.limits().get(what)
        allowed = limit.value if limit is not None else 0 if what == "live" else None
        if allowed is not None and n > allowed:
            raise BudgetExceeded(
                f"{said}: {n:,}, and the limit of {KINDS[what].what} is {allowed:,}. Nothing was sent. Raise it if that is "
                f"wrong: hidden-regime qc cost --set {what}=..."
            )


def _for(period: str) -> str:
    return "a job" if period == "job" else KINDS[period].what
