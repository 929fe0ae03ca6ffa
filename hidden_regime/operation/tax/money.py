"""Money to the cent, and shares as exact fractions: no sum ever loses one."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hidden_regime.exceptions import ParameterError

CENT = Decimal("0.01")
NOTHING = Decimal("0.00")
SMALLEST, LARGEST = -30, 11
"""Powers of ten between which amounts, prices and shares lie: sums of cents stay exact, and no damaged digit fills the memory."""


def cents(value: Fraction | Decimal) -> Decimal:
    """Dollars to the cent; half a cent goes up.

    Examples
    --------
    >>> from fractions import Fraction
    >>> cents(Fraction(1, 3)), cents(Fraction(5, 1000)), cents(Fraction(-5, 1000))
    (Decimal('0.33'), Decimal('0.01'), Decimal('-0.01'))
    """
    if isinstance(value, Decimal):
        return value.quantize(CENT, ROUND_HALF_UP)
    scaled = abs(value) * 100
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(whole if value > 0 else -whole).scaleb(-2)


def share(amount: Decimal, part: Fraction, whole: Fraction) -> Decimal:
    """What a part of some shares has of an amount of all of them, to the cent; the rest has the rest."""
    return amount if part == whole else cents(Fraction(amount) * part / whole)


def exact(name: str, value: object, expected: str) -> Fraction:
    """A number as it is written: 0.1 is a tenth.

    Raises
    ------
    ParameterError
        It is none, not finite, or of a size that no account has.
    """
    if isinstance(value, Fraction):
        return value
    try:
        if isinstance(value, bool) or value is None:
            raise ValueError
        found = Decimal(str(value).strip())
    except (ArithmeticError, ValueError):
        raise ParameterError(name, value, expected) from None
    if not found.is_finite() or (found and not SMALLEST <= found.adjusted() <= LARGEST):
        raise ParameterError(name, value, expected)
    return Fraction(found)


def written(quantity: Fraction) -> str:
    """Shares as people write them, at most six digits after the point.

    Examples
    --------
    >>> written(Fraction(100)), written(Fraction(1, 3)), written(Fraction(5, 2))
    ('100', '0.333333', '2.5')
    """
    return f"{float(quantity):.6f}".rstrip("0").rstrip(".") if quantity.denominator != 1 else str(quantity.numerator)
