"""Decimal numbers as .NET has them: whole digits below 2**96 and a scale of 0 to 28, of which trailing zeros are part.

LEAN multiplies prices and factors in them. What a strategy reads is the double of the product, and two numbers of one value
but different scales have different doubles: the digits are divided by a power of ten after they were rounded to a double.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

LIMIT = 1 << 96
"""What the digits must be below."""
MOST = 28
"""The largest scale."""
POWERS = tuple(float(f"1e{scale}") for scale in range(MOST + 1))
"""Nearest doubles to the powers of ten. `10.0**25` isn't, with some libraries."""
TOO_LARGE = "Value was either too large or too small for a Decimal."
_LOW = (1 << 64) - 1
_ABOVE = float(1 << 64)


class NetDecimal(NamedTuple):
    """`digits` / 10**`scale`."""

    digits: int
    scale: int

    @property
    def is_one(self) -> bool:
        """Whether its value is 1, however it is written."""
        return self.digits == int(10**self.scale)


ONE = NetDecimal(1, 0)


def read(text: str) -> NetDecimal:
    """The number that a text stands for; ValueError or ArithmeticError where it is none."""
    sign, digits, exponent = Decimal(text).as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(text)
    whole = int("".join(map(str, digits)))
    found = fit(whole * 10 ** max(exponent, 0), max(-exponent, 0))
    return NetDecimal(-found.digits, found.scale) if sign else found


def _divided(digits: int, power: int) -> int:
    """A quotient of numbers that aren't negative, rounded half to even."""
    whole, rest = divmod(digits, power)
    return whole + (2 * rest > power or (2 * rest == power and whole & 1))


def fit(digits: int, scale: int) -> NetDecimal:
    """Exact digits brought to what a decimal can hold: the fewest are dropped, and the last one is rounded half to even."""
    size = abs(digits)
    if size < LIMIT and scale <= MOST:
        return NetDecimal(digits, scale)
    drop = max(scale - MOST, 0)
    while size // 10**drop >= LIMIT:
        drop += 1
    rounded = _divided(size, 10**drop)
    if rounded == LIMIT:
        rounded, drop = _divided(rounded, 10), drop + 1
    if drop > scale:
        raise OverflowError(TOO_LARGE)
    return NetDecimal(-rounded if digits < 0 else rounded, scale - drop)


def times(a: NetDecimal, b: NetDecimal) -> NetDecimal:
    """Their product: digits are multiplied and scales added."""
    return fit(a.digits * b.digits, a.scale + b.scale)


def plus(a: NetDecimal, b: NetDecimal) -> NetDecimal:
    """Their sum, in the larger scale; a zero leaves the other as it is."""
    if a.digits == 0 or b.digits == 0:
        return b if a.digits == 0 else a
    scale = max(a.scale, b.scale)
    return fit(a.digits * 10 ** (scale - a.scale) + b.digits * 10 ** (scale - b.scale), scale)


def minus(a: NetDecimal, b: NetDecimal) -> NetDecimal:
    """Their difference."""
    return plus(a, NetDecimal(-b.digits, b.scale))


def over(a: NetDecimal, b: NetDecimal) -> NetDecimal:
    """The quotient of positive numbers: in the natural scale where that is exact, otherwise as long as fits, without zeros
    at its end."""
    scale = a.scale - b.scale
    whole, rest = divmod(a.digits, b.digits)
    if rest == 0:
        return fit(whole * 10 ** max(-scale, 0), max(scale, 0))
    more = MOST - scale
    digits = a.digits * 10**more // b.digits
    while digits >= LIMIT and scale + more > 0:
        digits, more = digits // 10, more - 1
    if digits >= LIMIT:
        raise OverflowError(TOO_LARGE)
    digits, scale = _divided(a.digits * 10 ** max(more, 0), b.digits * 10 ** max(-more, 0)), scale + more
    while scale and digits % 10 == 0:
        digits, scale = digits // 10, scale - 1
    return NetDecimal(digits, scale)


def rounded(number: NetDecimal, places: int) -> NetDecimal:
    """Rounded to so many places, half to even; shorter numbers stay as they are."""
    if number.scale <= places:
        return number
    size = _divided(abs(number.digits), 10 ** (number.scale - places))
    return NetDecimal(-size if number.digits < 0 else size, places)


def to_double(number: NetDecimal) -> float:
    """The double that .NET makes of a decimal; now and then it is a neighbour of the nearest one."""
    size = abs(number.digits)
    value = (float(size & _LOW) + float(size >> 64) * _ABOVE) / POWERS[number.scale]
    return -value if number.digits < 0 else value
