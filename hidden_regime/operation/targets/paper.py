"""A paper account: its own books in a file of its own, kept apart from the strategy's."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from hidden_regime.files.database import transaction
from hidden_regime.operation.errors import TargetError
from hidden_regime.operation.journal.records import OrderRow
from hidden_regime.operation.targets.base import RUNS, STOPPED, UNKNOWN, Account, OpenOrder

OPEN = ("NEW", "SUBMITTED", "PARTIALLY_FILLED", "UPDATE_SUBMITTED", "CANCEL_PENDING")
SCHEMA = """
CREATE TABLE IF NOT EXISTS account (one INTEGER PRIMARY KEY CHECK (one = 1), cash TEXT NOT NULL, runs INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS positions (ticker TEXT PRIMARY KEY, quantity TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS prices (ticker TEXT PRIMARY KEY, price TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, ticker TEXT NOT NULL, quantity TEXT NOT NULL, filled TEXT NOT NULL,
    open INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS taken (key TEXT PRIMARY KEY, told TEXT NOT NULL)
"""


class PaperTarget:
    """A paper account. Fills come from the engine, which plays the exchange; the books are reckoned here, share by share.

    Parameters
    ----------
    path : Path
        File of the account.
    cash : float
        Dollars that it is opened with, the first time.
    marks : callable, optional
        The latest price of a ticker, for orders of the kill switch; by default that of its last fill.
    """

    def __init__(self, path: Path, cash: float, marks: Callable[[str], float | None] | None = None) -> None:
        self._path, self._marks = path, marks
        path.parent.mkdir(parents=True, exist_ok=True)
        with transaction(path, self._broken) as db:
            for statement in SCHEMA.split(";\n"):
                db.execute(statement)
            db.execute("INSERT OR IGNORE INTO account VALUES (1, ?, 0)", (str(_exact(cash)),))

    def _broken(self, error: Exception) -> TargetError:
        return TargetError(f"the paper account {self._path} can't be used ({error}). See that the disk has room.")

    # What is sent --------------------------------------------------------------------------------------------------------
    def send(self, row: OrderRow) -> None:
        """Take what happened to an order; the same one again changes nothing."""
        with transaction(self._path, self._broken) as db:
            if not _is_new(db, f"order {row.order}.{row.event}", row.told):
                return
            filled = _exact(row.fill_quantity)
            known = db.execute("SELECT filled FROM orders WHERE id = ?", (str(row.order),)).fetchone()
            whole = filled + (Decimal(known[0]) if known else Decimal(0))
            db.execute(
                "INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?, ?)",
                (str(row.order), row.ticker, str(_exact(row.quantity)), str(whole), int(row.status in OPEN)),
            )
            if filled:
                _book(db, row.ticker, filled, -filled * _exact(row.fill_price) - _exact(row.fee))
                db.execute("INSERT OR REPLACE INTO prices VALUES (?, ?)", (row.ticker, str(_exact(row.fill_price))))

    def adjust(self, key: str, cash: float, shares: Mapping[str, float]) -> None:
        """Take what a company did; the same one again changes nothing."""
        with transaction(self._path, self._broken) as db:
            if not _is_new(db, key, f"{cash} {dict(shares)}"):
                return
            _book(db, "", Decimal(0), _exact(cash))
            for ticker, quantity in shares.items():
                _book(db, ticker, _exact(quantity), Decimal(0))

    # What it says --------------------------------------------------------------------------------------------------------
    def state(self) -> str:
        """Whether it has been started."""
        with transaction(self._path, self._broken) as db:
            return RUNS if db.execute("SELECT runs FROM account").fetchone()[0] else STOPPED

    def start(self) -> None:
        """Note it."""
        self._set_runs(1)

    def stop(self) -> None:
        """Note it."""
        self._set_runs(0)

    def _set_runs(self, runs: int) -> None:
        with transaction(self._path, self._broken) as db:
            db.execute("UPDATE account SET runs = ?", (runs,))

    def portfolio(self) -> Account:
        """What is held."""
        with transaction(self._path, self._broken) as db:
            cash = Decimal(db.execute("SELECT cash FROM account").fetchone()[0])
            held = {str(ticker): float(Decimal(q)) for ticker, q in db.execute("SELECT ticker, quantity FROM positions")}
        return Account(float(cash), {ticker: quantity for ticker, quantity in sorted(held.items()) if quantity})

    def orders(self) -> Sequence[OpenOrder]:
        """Orders that are open."""
        with transaction(self._path, self._broken) as db:
            rows = db.execute(
                "SELECT id, ticker, quantity, filled FROM orders WHERE open ORDER BY CAST(id AS INTEGER)"
            ).fetchall()
        return [OpenOrder(int(id_), ticker, float(quantity), float(filled)) for id_, ticker, quantity, filled in rows]

    # The kill switch -----------------------------------------------------------------------------------------------------
    def cancel_all(self) -> None:
        """Cancel what is open."""
        with transaction(self._path, self._broken) as db:
            db.execute("UPDATE orders SET open = 0")

    def flatten(self) -> None:
        """Close every position at the latest price, without a fee.

        Raises
        ------
        TargetError
            No price of one of them is known.
        """
        with transaction(self._path, self._broken) as db:
            for ticker, quantity in db.execute("SELECT ticker, quantity FROM positions").fetchall():
                held = Decimal(quantity)
                if not held:
                    continue
                marked = None if self._marks is None else self._marks(ticker)
                row = db.execute("SELECT price FROM prices WHERE ticker = ?", (ticker,)).fetchone()
                if marked is None and row is None:
                    raise TargetError(f"{ticker} has no price: its {held} can't be closed.")
                price = _exact(marked) if marked is not None else Decimal(row[0])
                _book(db, ticker, -held, held * price)


class NoAccount:
    """A paper account that was never opened: nothing is held, and nothing can be."""

    def state(self) -> str:
        """Stopped."""
        return STOPPED

    def start(self) -> None:
        """Nothing."""

    def stop(self) -> None:
        """Nothing."""

    def portfolio(self) -> Account:
        """Nothing held."""
        return Account(0.0)

    def orders(self) -> Sequence[OpenOrder]:
        """None."""
        return []

    def cancel_all(self) -> None:
        """Nothing."""

    def flatten(self) -> None:
        """Nothing."""


class LostAccount:
    """A paper account that has taken orders and is there no more: what it holds nobody knows, and never nothing.

    Parameters
    ----------
    path : Path
        Where it was.
    """

    def __init__(self, path: Path) -> None:
        self._error = TargetError(f"the paper account {path} has taken orders and is gone: put it back from a copy.")

    def state(self) -> str:
        """Nobody knows."""
        return UNKNOWN

    def start(self) -> None:
        """Raise."""
        raise self._error

    def stop(self) -> None:
        """Raise."""
        raise self._error

    def portfolio(self) -> Account:
        """Raise."""
        raise self._error

    def orders(self) -> Sequence[OpenOrder]:
        """Raise."""
        raise self._error

    def cancel_all(self) -> None:
        """Raise."""
        raise self._error

    def flatten(self) -> None:
        """Raise."""
        raise self._error


def _exact(value: float) -> Decimal:
    """The shortest decimal number that a double stands for."""
    return Decimal(repr(float(value)))


def _is_new(db: sqlite3.Connection, key: str, told: str) -> bool:
    """Whether this is here for the first time.

    Raises
    ------
    TargetError
        It was here, and was another.
    """
    row = db.execute("SELECT told FROM taken WHERE key = ?", (key,)).fetchone()
    if row is None:
        db.execute("INSERT INTO taken VALUES (?, ?)", (key, told))
        return True
    if row[0] != told:
        raise TargetError(f"{key} was {row[0]}, and is {told} now: it was taken once and is not taken again.")
    return False


def _book(db: sqlite3.Connection, ticker: str, quantity: Decimal, cash: Decimal) -> None:
    now = Decimal(db.execute("SELECT cash FROM account").fetchone()[0]) + cash
    db.execute("UPDATE account SET cash = ?", (str(now),))
    if ticker and quantity:
        row = db.execute("SELECT quantity FROM positions WHERE ticker = ?", (ticker,)).fetchone()
        held = (Decimal(row[0]) if row else Decimal(0)) + quantity
        db.execute("INSERT OR REPLACE INTO positions VALUES (?, ?)", (ticker, str(held)))
