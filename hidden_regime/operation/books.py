"""What a running strategy believes to hold, and what companies did to it: dividends and splits, beside its fills."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from hidden_regime.operation.journal.records import stamp
from hidden_regime.operation.targets.base import Account, OpenOrder
from hidden_regime.simulator.core import Core


class Action(NamedTuple):
    """What a company did: dollars, and shares that came or went, by a key of its own."""

    key: str
    cash: float
    shares: Mapping[str, float]


class Books:
    """Reads a run's account.

    Parameters
    ----------
    core : Core
        State of the run.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._opened: float | None = None
        self._explained = Decimal(0)
        """Dollars that fills, fees and companies have moved so far."""
        self._held: dict[str, float] = {}
        """Shares by ticker that fills and splits explain."""
        self._dividends: dict[str, float] = {}
        self._seen = 0

    @property
    def opened_with(self) -> float:
        """Dollars before the first fill."""
        return self._cash() if self._opened is None else self._opened

    def _cash(self) -> float:
        portfolio = self._core.portfolio
        return float(portfolio.exact_cash + portfolio.exact_unsettled)

    def account(self) -> Account:
        """What it believes to hold."""
        held = {s.symbol.value: float(s.holdings.quantity) for s in self._core.securities.values() if s.holdings.quantity}
        return Account(self._cash(), dict(sorted(held.items())))

    def orders(self) -> list[OpenOrder]:
        """Its open orders."""
        return [
            OpenOrder(order.id, order.symbol.value, float(order.quantity), float(order.quantity_filled))
            for order in self._core.book.orders.values()
            if not order.status.is_closed
        ]

    def actions(self, time: datetime) -> list[Action]:
        """What companies did since this was last asked."""
        core, out = self._core, []
        if self._opened is None:
            self._opened = self._cash()
        for event in core.book.events[self._seen :]:
            if event.fill_quantity:
                ticker, quantity = event.symbol.value, float(event.fill_quantity)
                self._held[ticker] = self._held.get(ticker, 0.0) + quantity
                self._explained -= _exact(quantity) * _exact(event.fill_price) + _exact(event.order_fee.value.amount)
        self._seen = len(core.book.events)
        for security in core.securities.values():
            ticker, paid = security.symbol.value, float(security.holdings.ledger.dividends)
            more = round(paid - self._dividends.get(ticker, 0.0), 6)
            if more:
                self._dividends[ticker] = paid
                out.append(self._noted(f"dividend {ticker} {stamp(time)}", more, {}))
        sliced = core.sliced
        if sliced is not None and sliced.time == time and sliced.splits.count:
            out += self._splits(time)
        return out

    def _splits(self, time: datetime) -> list[Action]:
        """Shares that came or went without a fill, and what was paid for their fractions."""
        held = self.account().positions
        shares = {t: held.get(t, 0.0) - self._held.get(t, 0.0) for t in sorted({*held, *self._held})}
        shares = {ticker: quantity for ticker, quantity in shares.items() if quantity}
        if not shares:
            return []
        self._held = dict(held)
        rest = round(self._cash() - self.opened_with - float(self._explained), 6)
        return [self._noted(f"split {', '.join(shares)} {stamp(time)}", rest, shares)]

    def _noted(self, key: str, cash: float, shares: Mapping[str, float]) -> Action:
        self._explained += _exact(cash)
        return Action(key, cash, shares)


def _exact(value: float) -> Decimal:
    """The shortest decimal number that a double stands for."""
    return Decimal(repr(float(value)))
