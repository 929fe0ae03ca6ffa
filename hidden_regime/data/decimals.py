"""Decimal arithmetic of .NET (System.Decimal): an integer of 96 bits and a scale of up to 28 decimals.

LEAN reckons money in it and prints what comes out. Python's decimals agree neither in digits (29 against a precision) nor in
the zeros that they keep, so sums that end in half a cent, profits that are exactly nothing and printed statistics need this.
"""

from __future__ import annotations

import math
from functools import lru_cache

LARGEST = (1 << 96) - 1
DECIMALS = 28
"""The largest scale."""
LOW = (1 << 64) - 1
TOO_LARGE = "Value was either too large or too small for a Decimal."
_POWERS: list[int] = [10**k for k in range(64)]
_STEPS = ((8, 10**8), (4, 10**4), (2, 10**2), (1, 10))
DOUBLES = tuple(float(f"1e{k}") for k in range(DECIMALS + 1))
"""Nearest doubles to the powers of ten. `10.0**25` isn't, with some libraries."""


def _half_even(number: int, divisor: int) -> int:
    """Quotient of two integers that aren't negative, rounded half to even."""
    whole, rest = divmod(number, divisor)
    twice = 2 * rest
    return whole + (twice > divisor or (twice == divisor and whole & 1))


def _stripped(number: int, scale: int) -> tuple[int, int]:
    """A number without the zeros at its end, as far as they are decimals."""
    for zeros, power in _STEPS:
        while scale - zeros >= 0 and number % power == 0:
            number, scale = number // power, scale - zeros
    return number, scale


class SystemDecimal:
    """A number `n / 10**scale`. Immutable.

    Sums have the larger scale of both, products the sum of the scales, quotients the difference where that is exact and
    else as many decimals as are needed, 28 at most. What doesn't fit is rounded half to even.

    Parameters
    ----------
    n : int
    scale : int
        Number of decimals.
    """

    __slots__ = ("n", "scale")

    def __init__(self, n: int, scale: int = 0) -> None:
        self.n, self.scale = n, scale

    @classmethod
    def _fitting(cls, n: int, scale: int) -> SystemDecimal:
        """The nearest number that has room."""
        if scale <= DECIMALS and -LARGEST <= n <= LARGEST:
            return cls(n, scale)
        size = abs(n)
        cut = max(scale - DECIMALS, 0)
        while (rounded := _half_even(size, _POWERS[cut]) if cut else size) > LARGEST:
            cut += 1
        if cut > scale:
            raise OverflowError(TOO_LARGE)
        return cls(-rounded if n < 0 else rounded, scale - cut)

    @staticmethod
    @lru_cache(maxsize=4096)
    def of(value: float) -> SystemDecimal:
        """A double cast to a decimal: 15 significant digits, no zeros at the end.

        The digits are found as .NET does, by a multiplication that is itself rounded: exact decimal rounding of a double
        would give another last digit now and then. The latest are remembered: order, ledger and trade ask for one price.
        """
        value = float(value)
        if value.is_integer() and -1e15 < value < 1e15:
            return SystemDecimal(int(value), 0)
        if -1e10 < value < 1e10 and (few := round(value * 1e4)) / 1e4 == value:
            return SystemDecimal(*_stripped(few, 4))  # so few digits are certain
        size = abs(value)
        exponent = math.frexp(size)[1]
        if exponent < -94:
            return ZERO
        if exponent > 96 or not math.isfinite(size):
            raise OverflowError(TOO_LARGE)
        scale = 14 - ((exponent * 19728) >> 16)
        if scale >= 0:
            scale = min(scale, DECIMALS)
            size *= DOUBLES[scale]
        elif scale != -1 or size >= 1e15:
            size /= DOUBLES[-scale]
        else:
            scale = 0
        if size < 1e14 and scale < DECIMALS:
            size, scale = size * 10.0, scale + 1
        n = round(size)
        if n == 0:
            return ZERO
        if scale < 0:
            n, scale = n * _POWERS[-scale], 0
        else:
            n, scale = _stripped(n, scale)
        return SystemDecimal(-n if value < 0 else n, scale)

    @classmethod
    def nearest(cls, value: float) -> SystemDecimal:
        """The same, but what is too large becomes the largest decimal; only what is no number at all raises."""
        if math.isfinite(value) and abs(value) >= LARGEST:
            return LARGEST_DECIMAL if value > 0 else -LARGEST_DECIMAL
        return cls.of(value)

    @classmethod
    def parse(cls, text: str) -> SystemDecimal:
        """A number as it is written, zeros at its end included; with an exponent too."""
        digits, _, exponent = text.strip().lower().partition("e")
        whole, _, fraction = digits.partition(".")
        n, scale = int(whole + fraction), len(fraction) - int(exponent or 0)
        if not -len(_POWERS) < scale < len(_POWERS):
            raise OverflowError(TOO_LARGE)
        return cls._fitting(n * _POWERS[-scale], 0) if scale < 0 else cls._fitting(n, scale)

    @staticmethod
    @lru_cache(maxsize=256)
    def written(value: float) -> SystemDecimal:
        """A double that Python code hands to LEAN where a decimal is expected: its shortest text is parsed."""
        return SystemDecimal.parse(repr(float(value)))

    def __add__(self, other: SystemDecimal) -> SystemDecimal:
        n, scale, m = self.n, self.scale, other.n
        if scale > other.scale:
            m *= _POWERS[scale - other.scale]
        elif scale < other.scale:
            n, scale = n * _POWERS[other.scale - scale], other.scale
        n += m
        return SystemDecimal(n, scale) if -LARGEST <= n <= LARGEST else self._fitting(n, scale)

    def __sub__(self, other: SystemDecimal) -> SystemDecimal:
        n, scale, m = self.n, self.scale, other.n
        if scale > other.scale:
            m *= _POWERS[scale - other.scale]
        elif scale < other.scale:
            n, scale = n * _POWERS[other.scale - scale], other.scale
        n -= m
        return SystemDecimal(n, scale) if -LARGEST <= n <= LARGEST else self._fitting(n, scale)

    def __mul__(self, other: SystemDecimal) -> SystemDecimal:
        n, scale = self.n * other.n, self.scale + other.scale
        return SystemDecimal(n, scale) if scale <= DECIMALS and -LARGEST <= n <= LARGEST else self._fitting(n, scale)

    def __truediv__(self, other: SystemDecimal) -> SystemDecimal:
        if other.n == 0:
            raise ZeroDivisionError("Attempted to divide by zero.")
        scale = self.scale - other.scale
        above, below = abs(self.n), abs(other.n)
        sign = -1 if (self.n < 0) != (other.n < 0) else 1
        if scale < 0:
            above, scale = above * _POWERS[-scale], 0
        whole, rest = divmod(above, below)
        if rest == 0:
            return self._fitting(sign * whole, scale)
        # The most decimals that leave room for the digits before the point.
        more = DECIMALS - scale
        while (n := _half_even(above * _POWERS[more], below)) > LARGEST:
            more -= 1
        n, scale = _stripped(n, scale + more)
        return SystemDecimal(sign * n, scale)

    def __neg__(self) -> SystemDecimal:
        return SystemDecimal(-self.n, self.scale)

    def __abs__(self) -> SystemDecimal:
        return self if self.n >= 0 else SystemDecimal(-self.n, self.scale)

    def _against(self, other: SystemDecimal) -> int:
        more = self.scale - other.scale
        if more >= 0:
            return self.n - other.n * _POWERS[more]
        return self.n * _POWERS[-more] - other.n

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SystemDecimal) and self._against(other) == 0

    def __lt__(self, other: SystemDecimal) -> bool:
        return self._against(other) < 0

    def __le__(self, other: SystemDecimal) -> bool:
        return self._against(other) <= 0

    def __gt__(self, other: SystemDecimal) -> bool:
        return self._against(other) > 0

    def __ge__(self, other: SystemDecimal) -> bool:
        return self._against(other) >= 0

    def __hash__(self) -> int:
        return hash(_stripped(self.n, self.scale))

    def __bool__(self) -> bool:
        return self.n != 0

    def __float__(self) -> float:
        """The double that .NET makes of it, which needn't be the nearest."""
        size = abs(self.n)
        value = (float(size & LOW) + float(size >> 64) * 2.0**64) / DOUBLES[self.scale]
        return -value if self.n < 0 else value

    def __int__(self) -> int:
        whole = abs(self.n) // _POWERS[self.scale]
        return -whole if self.n < 0 else whole

    def round(self, digits: int) -> SystemDecimal:
        """At most so many decimals, half to even; shorter numbers stay as they are."""
        if self.scale <= digits:
            return self
        n = _half_even(abs(self.n), _POWERS[self.scale - digits])
        return SystemDecimal(-n if self.n < 0 else n, digits)

    def normalize(self) -> SystemDecimal:
        """Without the zeros at its end."""
        return SystemDecimal(*_stripped(self.n, self.scale))

    def at_scale(self, least: int) -> SystemDecimal:
        """With zeros at its end up to a number of decimals."""
        more = least - self.scale
        return self if more <= 0 else SystemDecimal(self.n * _POWERS[more], least)

    def fixed(self, digits: int, *, thousands: bool = False) -> str:
        """Text with exactly so many decimals, half away from zero, as formats round."""
        cut = self.scale - digits
        size = abs(self.n)
        n = size * _POWERS[-cut] if cut <= 0 else (size + _POWERS[cut] // 2) // _POWERS[cut]
        whole, rest = divmod(n, _POWERS[digits])
        text = f"{whole:,}" if thousands else str(whole)
        return ("-" if self.n < 0 and n else "") + (f"{text}.{rest:0{digits}d}" if digits else text)

    def __str__(self) -> str:
        return self.fixed(self.scale)

    def __repr__(self) -> str:
        return f"SystemDecimal({self})"


ZERO = SystemDecimal(0)
ONE = SystemDecimal(1)
HUNDRED = SystemDecimal(100)
LARGEST_DECIMAL = SystemDecimal(LARGEST)


def total(values: list[SystemDecimal]) -> SystemDecimal:
    """Sum, begun at zero."""
    out = ZERO
    for value in values:
        out = out + value
    return out
