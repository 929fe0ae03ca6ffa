"""Lots share by share: each share is an object of its own, and nothing is ever split or rounded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass
class Share:
    """One share, in cents."""

    lot: str
    day: date
    value: float
    since: date
    replaces: bool = False


@dataclass
class Sold:
    lot: str
    order: str
    proceeds: float
    basis: float
    share: Share
    day: date
    short: bool
    put_off: list[float] = field(default_factory=list)


class Oracle:
    """All shares of one asset."""

    def __init__(self, method: str) -> None:
        self.method, self.short = method, False
        self.held: list[Share] = []
        self.sold: list[Sold] = []
        self.waiting: list[tuple[Sold, float, timedelta]] = []

    def fill(self, day: date, quantity: int, price: float, order: str) -> None:
        buys, left = quantity > 0, abs(quantity)
        losses = []
        going: list[Share] = []
        if self.held and self.short == buys:
            ranked = list(self.held)
            if self.method == "hifo":
                ranked.sort(key=lambda one: one.value if self.short else -one.value)
            going = ranked[:left]
        for share in [one for one in self.held if any(one is other for other in going)]:
            self.held = [one for one in self.held if one is not share]
            proceeds, basis = (share.value, price) if self.short else (price, share.value)
            self.sold.append(Sold(share.lot, order, proceeds, basis, share, day, self.short))
            if proceeds < basis:
                losses.append((self.sold[-1], basis - proceeds, day - share.since))
            left -= 1
        self.waiting += losses
        for _ in range(left):
            self.short = not buys
            self.held.append(Share(order, day, price, day))
        self._replace(day)

    def _replace(self, day: date) -> None:
        still = []
        for row, loss, carried in self.waiting:
            found = next((one for one in self.held if self._fits(one, row)), None) if (day - row.day).days <= 30 else None
            if found is None:
                still.append((row, loss, carried))
                continue
            row.put_off.append(loss)
            found.replaces = True
            if self.short:
                found.value -= loss
            else:
                found.value += loss
                # What was held at the same time counts once: what is left of the sold share's days lies before the other's.
                both = max((row.day - max(found.day, row.day - carried)).days, 0)
                found.since = found.day - (carried - timedelta(days=both))
        self.waiting = still

    def _fits(self, one: Share, row: Sold) -> bool:
        near = abs((one.day - row.day).days) <= 30
        return near and not one.replaces and (one.lot, one.day) != (row.share.lot, row.share.day) and row.short == self.short

    def split(self, ratio: int) -> None:
        """Each share becomes so many."""
        self.held = [
            Share(one.lot, one.day, one.value / ratio, one.since, one.replaces) for one in self.held for _ in range(ratio)
        ]
        self.waiting = [(row, loss / ratio, carried) for row, loss, carried in self.waiting for _ in range(ratio)]
