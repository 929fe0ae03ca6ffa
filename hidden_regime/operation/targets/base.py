"""What every target answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from hidden_regime.operation.journal.records import OrderRow

RUNS, STOPPED, UNKNOWN = "running", "stopped", "unknown"


@dataclass(frozen=True)
class OpenOrder:
    """An order that is not done."""

    id: int
    ticker: str
    quantity: float
    filled: float = 0.0


@dataclass(frozen=True)
class Account:
    """What an account holds.

    Attributes
    ----------
    cash : float
        Dollars, those that are still to be settled too.
    positions : dict of str to float
        Shares by ticker, none of them zero.
    """

    cash: float
    positions: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_flat(self) -> bool:
        """Whether nothing is held."""
        return not self.positions


class Target(Protocol):
    """Where a strategy's orders go. Each call may fail with TargetError: then nobody knows, and that is no "nothing"."""

    def state(self) -> str:
        """Whether it runs: "running", "stopped" or "unknown"."""

    def start(self) -> None:
        """Begin, or go on."""

    def stop(self) -> None:
        """End without a change of positions."""

    def portfolio(self) -> Account:
        """What is held."""

    def orders(self) -> Sequence[OpenOrder]:
        """Orders that are open."""

    def cancel_all(self) -> None:
        """Ask for all open orders to be cancelled."""

    def flatten(self) -> None:
        """Ask for everything to be sold, and what is short to be bought."""


class OrderTarget(Target, Protocol):
    """A target to which this process sends what the strategy did."""

    def send(self, row: OrderRow) -> None:
        """Give it something that happened to an order. The same one again changes nothing."""

    def adjust(self, key: str, cash: float, shares: Mapping[str, float]) -> None:
        """Give it what a company did, a dividend or a split, by a key of its own. The same one again changes nothing."""
