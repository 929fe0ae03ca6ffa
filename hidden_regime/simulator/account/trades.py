"""Closed trades: fills matched first in, first out."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from operator import itemgetter

import numpy as np

from hidden_regime.data.decimals import ONE, ZERO, SystemDecimal
from hidden_regime.simulator.enums import SecurityType
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.orders.events import OrderEvent

BAR_DECIMALS = 4
"""Prices of bars have at least so many decimals, zeros at their end included; those of fills have none of these zeros."""

PRICE = itemgetter(1)


@dataclass
class Trade:
    """A round trip. Times are naive UTC; `direction` is 0 for long and 1 for short; profit is before fees.

    Amounts have the decimals that LEAN's have, which its statistics print. What the price did on the way is reckoned when
    somebody asks: a sweep never does.
    """

    symbol: Symbol
    entry_time: datetime
    entry_price: SystemDecimal
    direction: int
    quantity: SystemDecimal
    exit_time: datetime
    exit_price: SystemDecimal
    profit_loss: SystemDecimal
    total_fees: SystemDecimal
    path: Path
    order_ids: list[int]
    rate: SystemDecimal = ONE
    """What the currency of its prices was worth in the account's as it was closed."""

    @cached_property
    def excursions(self) -> tuple[SystemDecimal, SystemDecimal]:
        """Worst and best result on the way."""
        low, high = self.path.extremes()
        price = self.entry_price
        worst, best = (low - price, high - price) if self.direction == 0 else (price - high, price - low)
        return (worst * self.quantity * self.rate).round(2), (best * self.quantity * self.rate).round(2)

    @property
    def mae(self) -> SystemDecimal:
        """Worst result on the way."""
        return self.excursions[0]

    @property
    def mfe(self) -> SystemDecimal:
        """Best result on the way."""
        return self.excursions[1]

    @cached_property
    def end_trade_drawdown(self) -> SystemDecimal:
        """The worst fall from the best result so far."""
        return (self.path.given_back(self.entry_price, self.direction) * self.quantity * self.rate).round(2)


@dataclass
class Path:
    """Prices seen between the first fill of a position and the end of a trade, which began at `since`.

    `seen` may go on after `end`; `fills` are places of those of fills.
    """

    seen: array[float]
    fills: set[int]
    decimals: int
    since: int
    end: int

    def at(self, place: int) -> SystemDecimal:
        """A price that was seen."""
        price = SystemDecimal.of(self.seen[place])
        return price if place in self.fills else price.at_scale(self.decimals)

    def extremes(self) -> tuple[SystemDecimal, SystemDecimal]:
        """The lowest and the highest price, of the whole position."""
        prices = np.frombuffer(self.seen)[: self.end]
        low, high = int(prices.argmin()), int(prices.argmax())
        return self.at(low), self.at(high)

    def given_back(self, price: SystemDecimal, direction: int) -> SystemDecimal:
        """The worst move against a lot from its best price since it was opened."""
        seen = np.frombuffer(self.seen)[self.since : self.end]
        path = np.empty(len(seen) + 1)
        path[0], path[1:] = float(price), seen
        if direction:
            path = -path
        peaks = np.maximum.accumulate(path)
        worst = int((peaks - path).argmax())
        if not peaks[worst] > path[worst]:
            return ZERO
        # Of equal peaks the last one counts, and the lot's own price has no decimals to give.
        peak = worst - int((path[worst::-1] == peaks[worst]).argmax())
        best = self.at(self.since + peak - 1) - price if peak else ZERO
        moved = self.at(self.since + worst - 1) - price
        return moved - best if direction else best - moved


@dataclass
class _Lot:
    order_id: int
    time: datetime
    price: SystemDecimal
    sign: int
    quantity: SystemDecimal
    fee: SystemDecimal
    since: int


@dataclass
class _Position:
    """Open lots of a symbol, and every price seen since the first was opened; `fills` are places of those of fills."""

    seen: array[float]
    decimals: int
    fills: set[int] = field(default_factory=set)
    lots: list[_Lot] = field(default_factory=list)

    def fill(self, price: float) -> None:
        """Take the price of a fill."""
        self.fills.add(len(self.seen))
        self.seen.append(price)


class TradeBuilder:
    """Builds trades from fills and from the prices in between."""

    def __init__(self) -> None:
        self.closed: list[Trade] = []
        self._positions: dict[Symbol, _Position] = {}
        self._charged: set[int] = set()

    def see(self, symbol: Symbol, price: float) -> None:
        """Take a market price."""
        position = self._positions.get(symbol)
        if position is not None:
            position.seen.append(price)

    def see_all(self, symbol: Symbol, marks: Iterable[tuple[datetime, float]]) -> None:
        """Take market prices of one symbol with their times, in order."""
        position = self._positions.get(symbol) if self._positions else None
        if position is not None:
            position.seen.extend(map(PRICE, marks))

    def apply_split(self, symbol: Symbol, factor: float) -> array[float] | None:
        """Turn the open lots of raw prices into shares after the split. Where the prices go on, as of `process_fill`."""
        position = self._positions.get(symbol)
        if position is None:
            return None
        position.seen = array("d", (price * factor for price in position.seen))
        position.fills = set()  # trades that are over keep theirs
        exact = SystemDecimal.of(factor)
        for lot in position.lots:
            lot.price, lot.quantity = lot.price * exact, lot.quantity / exact
        return position.seen

    def process_fill(self, event: OrderEvent, charged: SystemDecimal, rate: SystemDecimal = ONE) -> array[float] | None:
        """Take a fill, its fee and the rate of its prices' currency, both in the account's.

        What the symbol's later prices are added to, while the position is open.
        """
        price, sign = SystemDecimal.of(event.fill_price), 1 if event.fill_quantity > 0 else -1
        # An order's fee belongs to its first fill.
        fee = ZERO if event.order_id in self._charged else charged
        self._charged.add(event.order_id)
        left = SystemDecimal.of(abs(event.fill_quantity))
        position = self._positions.get(event.symbol)
        if position is not None:
            position.fill(event.fill_price)
        if position is not None and position.lots[0].sign != sign:
            while left.n > 0 and position.lots:
                lot = position.lots[0]
                part = min(left, lot.quantity)
                self._close(position, lot, part, event, price, fee, rate)
                fee = lot.fee = ZERO
                lot.quantity = lot.quantity - part
                left = left - part
                if lot.quantity.n <= 0:
                    position.lots.pop(0)
            if not position.lots:
                del self._positions[event.symbol]
                position = None
        if left.n > 0:
            if position is None:
                decimals = BAR_DECIMALS if event.symbol.security_type == SecurityType.EQUITY else 0
                position = self._positions[event.symbol] = _Position(array("d"), decimals)
                position.fill(event.fill_price)
            position.lots.append(_Lot(event.order_id, event.utc, price, sign, left, fee, len(position.seen)))
        return None if position is None else position.seen

    def _close(
        self, position: _Position, lot: _Lot, part: SystemDecimal, event: OrderEvent, price: SystemDecimal, fee: SystemDecimal,
        rate: SystemDecimal,
    ) -> None:  # fmt: skip
        path = Path(position.seen, position.fills, position.decimals, lot.since, len(position.seen))
        earned = (price - lot.price) * part * SystemDecimal(lot.sign)
        self.closed.append(
            Trade(
                event.symbol, lot.time, lot.price, 0 if lot.sign > 0 else 1, part, event.utc, price,
                (earned if rate is ONE else earned * rate).round(2), lot.fee + fee, path,
                [lot.order_id, event.order_id], rate,
            )
        )  # fmt: skip
