"""Compares what the strategy believes with what its target says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hidden_regime.operation.errors import UnreconciledError
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import HALTED
from hidden_regime.operation.targets.base import Account, OpenOrder, Target

CENT = 0.005


@dataclass(frozen=True)
class Difference:
    """Something that isn't the same on both sides.

    Attributes
    ----------
    what : str
        "cash", a ticker, or an order.
    journal, target : float
        What each side says.
    """

    what: str
    journal: float
    target: float


def differences(
    believed: Account, ordered: Sequence[OpenOrder], account: Account, orders: Sequence[OpenOrder]
) -> list[Difference]:
    """What differs between the strategy's account and orders and the target's.

    Parameters
    ----------
    believed, account : Account
        Of the strategy, and of the target.
    ordered, orders : sequence of OpenOrder
        Open orders of the strategy, and of the target.
    """
    found = []
    if abs(believed.cash - account.cash) > CENT:
        found.append(Difference("cash", round(believed.cash, 2), round(account.cash, 2)))
    found += _differ(believed.positions, account.positions, "")
    ours, theirs = ({order.id: order.quantity - order.filled for order in side} for side in (ordered, orders))
    found += _differ({str(k): v for k, v in ours.items()}, {str(k): v for k, v in theirs.items()}, "order ")
    return found


def _differ(ours: Mapping[str, float], theirs: Mapping[str, float], kind: str) -> list[Difference]:
    return [
        Difference(f"{kind}{key}", ours.get(key, 0.0), theirs.get(key, 0.0))
        for key in sorted({*ours, *theirs})
        if ours.get(key, 0.0) != theirs.get(key, 0.0)
    ]


def table(found: Sequence[Difference]) -> str:
    """Differences as text."""
    wide = max(len("what"), *(len(one.what) for one in found))
    rows = [f"{'what':<{wide}}  {'journal':>16}  {'target':>16}"]
    rows += [f"{one.what:<{wide}}  {one.journal:>16,.2f}  {one.target:>16,.2f}" for one in found]
    return "\n".join(rows)


def check(believed: Account, ordered: Sequence[OpenOrder], account: Account, orders: Sequence[OpenOrder]) -> None:
    """Raise for what differs.

    Raises
    ------
    UnreconciledError
        With a table of it.
    """
    found = differences(believed, ordered, account, orders)
    if found:
        raise UnreconciledError(
            f"the target holds something else than the journal says. Nothing was sent.\n{table(found)}\n"
            "Somebody else has traded, or an answer was lost for good: put the account right, or `hidden-regime live panic` it "
            "and deploy anew."
        )


def by_journal(journal: Journal, name: str, target: Target) -> list[Difference]:
    """What differs between the fills in a journal and a target's positions, without a run of the strategy.

    Splits change positions without a fill: where one was, only a run can tell, and `live start` compares each time. What was
    halted is to hold nothing: what the kill switch sells is no order of the strategy's.
    """
    held: dict[str, float] = {}
    for row in () if journal.deployment(name).state == HALTED else journal.order_events(name):
        held[row.ticker] = held.get(row.ticker, 0.0) + row.fill_quantity
    account = target.portfolio()
    return _differ({ticker: quantity for ticker, quantity in held.items() if quantity}, account.positions, "")
