"""Closed trades: fills matched first in, first out."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from hidden_regime.simulator.objects import Symbol, TradeBar
from hidden_regime.simulator.orders.events import OrderEvent


@dataclass
class Trade:
    """A round trip. Times are naive UTC; `direction` is 0 for long and 1 for short; profit is before fees."""

    symbol: Symbol
    entry_time: datetime
    entry_price: float
    direction: int
    quantity: float
    exit_time: datetime
    exit_price: float
    profit_loss: float
    total_fees: float
    mae: float
    mfe: float
    end_trade_drawdown: float
    order_ids: list[int]


@dataclass
class _Lot:
    order_id: int
    time: datetime
    price: float
    sign: int
    quantity: float
    fee: float
    since: int


@dataclass
class _Position:
    """Open lots of a symbol, and every price seen since the first was opened."""

    seen: array[float]
    lots: list[_Lot] = field(default_factory=list)

    def given_back(self, lot: _Lot) -> float:
        """The worst move against a lot from its best price since it was opened."""
        prices = np.frombuffer(self.seen)[lot.since :] * lot.sign
        path = np.concatenate([[lot.price * lot.sign], prices])
        return float((np.maximum.accumulate(path) - path).max())


class TradeBuilder:
    """Builds trades from fills and from the prices in between."""

    def __init__(self) -> None:
        self.closed: list[Trade] = []
        self._positions: dict[Symbol, _Position] = {}

    def see(self, symbol: Symbol, price: float) -> None:
        """Take a market price."""
        position = self._positions.get(symbol)
        if position is not None:
            position.seen.append(price)

    def see_bars(self, bars: Iterable[TradeBar]) -> None:
        """Take the closes of bars."""
        if not self._positions:
            return
        find = self._positions.get
        for bar in bars:
            position = find(bar.symbol)
            if position is not None:
                position.seen.append(bar.close)

    def see_all(self, symbol: Symbol, prices: Iterable[float]) -> None:
        """Take market prices of one symbol, in order."""
        position = self._positions.get(symbol)
        if position is not None:
            position.seen.extend(prices)

    def apply_split(self, symbol: Symbol, factor: float) -> None:
        """Turn the open lots of raw prices into shares after the split."""
        position = self._positions.get(symbol)
        if position is None:
            return
        position.seen = array("d", (price * factor for price in position.seen))
        for lot in position.lots:
            lot.price, lot.quantity = lot.price * factor, lot.quantity / factor

    def process_fill(self, event: OrderEvent, now: datetime) -> None:
        """Take a fill."""
        price, quantity = event.fill_price, event.fill_quantity
        fee, sign = event.order_fee.value.amount, 1 if event.fill_quantity > 0 else -1
        left = abs(quantity)
        position = self._positions.get(event.symbol)
        if position is not None:
            position.seen.append(price)
        if position is not None and position.lots[0].sign != sign:
            while left > 0 and position.lots:
                lot = position.lots[0]
                part = min(left, lot.quantity)
                self._close(position, lot, part, event, fee)
                fee = 0.0
                lot.fee = 0.0
                lot.quantity -= part
                left -= part
                if lot.quantity <= 0:
                    position.lots.pop(0)
            if not position.lots:
                del self._positions[event.symbol]
                position = None
        if left > 0:
            if position is None:
                position = self._positions[event.symbol] = _Position(array("d", [price]))
            position.lots.append(_Lot(event.order_id, event.utc, price, sign, left, fee, len(position.seen)))

    def _close(self, position: _Position, lot: _Lot, part: float, event: OrderEvent, fee: float) -> None:
        price, given_back = event.fill_price, position.given_back(lot)
        prices = np.frombuffer(position.seen)
        high, low = float(prices.max()), float(prices.min())
        del prices
        worst, best = (low - lot.price, high - lot.price) if lot.sign > 0 else (lot.price - high, lot.price - low)
        self.closed.append(
            Trade(
                event.symbol, lot.time, lot.price, 0 if lot.sign > 0 else 1, part, event.utc, price,
                round((price - lot.price) * part * lot.sign, 2), lot.fee + fee, round(worst * part, 2), round(best * part, 2),
                round(given_back * part, 2), [lot.order_id, event.order_id],
            )
        )  # fmt: skip
