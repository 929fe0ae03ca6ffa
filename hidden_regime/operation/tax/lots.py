"""Lots: shares that are held, and rows of what was closed, as Form 8949 has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hidden_regime.operation.tax.money import NOTHING
from hidden_regime.operation.tax.term import is_long


@dataclass(frozen=True)
class Lot:
    """Shares of one acquisition that are held, or were sold short and are owed.

    Attributes
    ----------
    symbol : str
    quantity : Fraction
        Above 0, of short ones too.
    amount : Decimal
        What they cost, with what wash sales added; of short ones what they brought, less that.
    acquired : date
        Trade date; of short ones that of the short sale.
    held_since : date
        The same, or earlier by the days that shares of a wash sale had been held.
    is_short : bool
    id : str
        The order that opened it.
    replaces : str
        The order whose loss these shares took over; empty if none.
    """

    symbol: str
    quantity: Fraction
    amount: Decimal
    acquired: date
    held_since: date
    is_short: bool
    id: str
    replaces: str = ""

    @property
    def each(self) -> Fraction:
        """Dollars a share."""
        return Fraction(self.amount) / self.quantity

    @property
    def signed(self) -> Fraction:
        """Shares, below 0 where they are owed."""
        return -self.quantity if self.is_short else self.quantity


@dataclass(frozen=True)
class Wash:
    """Part of a loss that is none for now, for substantially identical shares came within thirty days.

    Attributes
    ----------
    day : date
        On which that was known: that of the sale, or of the later purchase.
    quantity : Fraction
        Shares sold.
    amount : Decimal
        Of the loss, above 0.
    replacement : str
        The order whose shares took it over.
    """

    day: date
    quantity: Fraction
    amount: Decimal
    replacement: str


@dataclass(frozen=True)
class Closed:
    """Shares of one lot that were sold, or a short sale that was closed: a row of Form 8949.

    Attributes
    ----------
    symbol : str
    quantity : Fraction
    acquired : date
        Trade date; of a short sale that of the purchase that closed it.
    sold : date
        Trade date; of a short sale that of the purchase too, for then it is delivered.
    held_since : date
        Where the holding period begins.
    proceeds, basis : Decimal
    is_short : bool
    opened : date
        When the lot was opened, of a short sale the day of the sale.
    lot, order : str
        The orders that opened and closed it.
    washes : tuple of Wash
    """

    symbol: str
    quantity: Fraction
    acquired: date
    sold: date
    held_since: date
    proceeds: Decimal
    basis: Decimal
    is_short: bool
    opened: date
    lot: str
    order: str
    washes: tuple[Wash, ...] = field(default=())

    @property
    def adjustment(self) -> Decimal:
        """Loss that isn't deductible."""
        return sum((one.amount for one in self.washes), NOTHING)

    @property
    def code(self) -> str:
        """W of a wash sale."""
        return "W" if self.washes else ""

    @property
    def gain(self) -> Decimal:
        """Gain or loss that counts."""
        return self.proceeds - self.basis + self.adjustment

    @property
    def is_long(self) -> bool:
        """Whether it is long term; a short sale that is closed by buying never is."""
        return not self.is_short and is_long(self.held_since, self.sold)
