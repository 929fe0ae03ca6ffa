"""The lots of one asset, fill by fill: what is opened, what is closed, and what of a loss goes on in other shares."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from hidden_regime.operation.tax.choosing import Naming, closing
from hidden_regime.operation.tax.fills import Fill, Split
from hidden_regime.operation.tax.lots import Closed, Lot, Wash
from hidden_regime.operation.tax.money import NOTHING, share

WINDOW = timedelta(days=30)
"""Before a sale at a loss, and after it."""


@dataclass
class Loss:
    """A loss of which no other shares have taken over all yet.

    Attributes
    ----------
    row : int
        Place of the row that has it.
    quantity : Fraction
        Shares of which nothing was taken over; in the shares of now, after splits.
    shares : Fraction
        The same, in the shares that were sold.
    amount : Decimal
        Of the loss of these shares, above 0.
    since : date
        Since when the sold shares had been held.
    """

    row: int
    quantity: Fraction
    shares: Fraction
    amount: Decimal
    since: date


class Book:
    """Lots of one asset.

    Parameters
    ----------
    symbol : str
    method : str
    naming : Naming

    Attributes
    ----------
    lots : list of Lot
        Open ones in the order of their acquisition: all held, or all owed.
    closed : list of Closed
    """

    def __init__(self, symbol: str, method: str, naming: Naming) -> None:
        self.symbol, self.method, self.naming = symbol, method, naming
        self.lots: list[Lot] = []
        self.closed: list[Closed] = []
        self._losses: list[Loss] = []

    def fill(self, fill: Fill) -> None:
        """Close what the fill closes, and open the rest of it."""
        amount, left = fill.amount, abs(fill.quantity)
        if self.lots and self.lots[0].is_short == (fill.quantity > 0):
            parts = closing(self.lots, fill, self.method, self.naming)
            shares = sum((part for _, part in parts), Fraction(0))
            own = share(amount, shares, left)
            self._close(fill, parts, own, shares)
            amount, left = amount - own, left - shares
        if left:
            lot = Lot(self.symbol, left, amount, fill.day, fill.day, fill.quantity < 0, fill.id)
            self.lots.append(lot)
            self._replace_losses(fill.day)

    def split(self, split: Split) -> None:
        """Turn shares into others; a fraction that is paid out is sold, of the last lot."""
        self.lots = [replace(lot, quantity=lot.quantity * split.ratio) for lot in self.lots]
        for loss in self._losses:
            loss.quantity *= split.ratio
        position = sum((lot.quantity for lot in self.lots), Fraction(0))
        fraction = position - position.numerator // position.denominator
        if split.price is None or not fraction:
            return
        sign = 1 if self.lots[0].is_short else -1
        paid = Fill(split.time, self.symbol, sign * fraction, split.price, Fraction(0), f"split of {split.time:%Y-%m-%d}")
        if paid.amount:
            self._pay_out(paid)
        else:  # a fraction that is worth nothing, as that of a ratio which no decimal can hold
            self.lots[-1] = replace(self.lots[-1], quantity=self.lots[-1].quantity - fraction)

    def losses_open(self, day: date) -> bool:
        """Whether a purchase on the days after this one may still put off a loss."""
        return any(loss.quantity and day - self.closed[loss.row].sold < WINDOW for loss in self._losses)

    def _pay_out(self, fill: Fill) -> None:
        parts, left = [], abs(fill.quantity)
        for place in reversed(range(len(self.lots))):
            part = min(self.lots[place].quantity, left)
            if part:
                parts.append((place, part))
                left -= part
        self._close(fill, parts[::-1], fill.amount, abs(fill.quantity))

    def _close(self, fill: Fill, parts: list[tuple[int, Fraction]], amount: Decimal, shares: Fraction) -> None:
        """Close parts of lots, all at once: what one sale sells replaces nothing that it sells too."""
        lots = dict(enumerate(self.lots))
        losses = []
        for place, part in parts:
            lot = lots[place]
            theirs, own = share(amount, part, shares), share(lot.amount, part, lot.quantity)
            amount, shares = amount - theirs, shares - part
            self.closed.append(_row(lot, fill, part, theirs, own))
            if (loss := -self.closed[-1].gain) > 0:
                losses.append(Loss(len(self.closed) - 1, part, part, loss, lot.held_since))
            lots[place] = replace(lot, quantity=lot.quantity - part, amount=lot.amount - own)
        self.lots = [lot for lot in lots.values() if lot.quantity]
        self._losses += losses
        self._replace_losses(fill.day)

    def _replace_losses(self, day: date) -> None:
        """Give losses of the last thirty days to shares that were acquired around them: the first loss to the first shares."""
        self._losses = [loss for loss in self._losses if loss.quantity and day - self.closed[loss.row].sold <= WINDOW]
        for loss in self._losses:
            while loss.quantity and (place := self._replacement(self.closed[loss.row])) is not None:
                self._take_over(loss, place, day)

    def _replacement(self, row: Closed) -> int | None:
        """Place of the first lot that replaces what a row sold: of another acquisition, and of no other loss."""
        for place, lot in enumerate(self.lots):
            near = abs(lot.acquired - row.sold) <= WINDOW
            other = (lot.id, lot.acquired) != (row.lot, row.opened)
            if near and other and not lot.replaces and lot.is_short == row.is_short:
                return place
        return None

    def _take_over(self, loss: Loss, place: int, day: date) -> None:
        """Add a loss to what the shares of a lot cost, share for share, and the time for which the sold ones were held."""
        lot, row = self.lots[place], self.closed[loss.row]
        part = min(loss.quantity, lot.quantity)
        amount, own = share(loss.amount, part, loss.quantity), share(lot.amount, part, lot.quantity)
        shares = loss.shares * part / loss.quantity
        taken = replace(
            lot, quantity=part, amount=own - amount if lot.is_short else own + amount, replaces=row.order,
            held_since=lot.acquired if lot.is_short else _held_since(lot, row.sold, loss.since),
        )  # fmt: skip
        rest = replace(lot, quantity=lot.quantity - part, amount=lot.amount - own)
        self.lots[place : place + 1] = [taken, rest] if rest.quantity else [taken]
        if amount != NOTHING:
            washes = (*row.washes, Wash(day, shares, amount, lot.id))
            self.closed[loss.row] = replace(row, washes=washes)
        loss.quantity, loss.shares, loss.amount = loss.quantity - part, loss.shares - shares, loss.amount - amount


def _held_since(lot: Lot, sold: date, since: date) -> date:
    """Where the period begins of shares that inherit one; days on which both were held count once."""
    return lot.acquired - (sold - since) if lot.acquired >= sold else min(lot.acquired, since)


def _row(lot: Lot, fill: Fill, part: Fraction, theirs: Decimal, own: Decimal) -> Closed:
    """A row of what a fill closes of a lot: a short sale's proceeds are the lot's, and the fill is its cost."""
    acquired, proceeds, basis = (fill.day, own, theirs) if lot.is_short else (lot.acquired, theirs, own)
    return Closed(
        lot.symbol, part, acquired, fill.day, lot.held_since, proceeds, basis, lot.is_short, lot.acquired, lot.id, fill.id
    )


def lots_of(events: tuple[Fill | Split, ...], method: str, naming: Naming, until: date | None = None) -> dict[str, Book]:
    """Books by asset, in the order of their first fill, with all that happened until a day's end."""
    books: dict[str, Book] = {}
    for event in events:
        if until is not None and event.time >= datetime.combine(until, datetime.min.time()) + timedelta(days=1):
            continue
        book = books.setdefault(event.symbol, Book(event.symbol, method, naming))
        book.fill(event) if isinstance(event, Fill) else book.split(event)
    return books
