"""Credits: what comes and goes, and what is left."""

from __future__ import annotations

from hidden_regime.cloud.fake.records import Movement
from hidden_regime.cloud.fake.store import Store


def balance(store: Store) -> float:
    """Credits that are left."""
    last = store.movements.find(newest_first=True, most=1)
    return last[0].balance if last else 0.0


def book(store: Store, moment: float, amount: float, description: str, kind: str, subtype: str) -> Movement:
    """Move credits: a positive amount comes, a negative one goes."""
    amount = round(amount, 2)
    made = Movement(store.number("movement"), moment, description, kind, subtype, amount, round(balance(store) + amount, 2))
    store.movements.put(made)
    return made


def begin(store: Store, moment: float, amount: float) -> None:
    """Book what a new account has; an account that has moved keeps what is left of it."""
    if not store.movements.count():
        book(store, moment, amount, "Opening balance", "credit", "deposit")
