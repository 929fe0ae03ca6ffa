"""Numbers of a space: read exactly, reckoned as LEAN reckons them, and written as LEAN writes them.

LEAN's decimals keep the zeros at their end: 0.3 + 0 * 0.15 is written 0.30, and 5 + 0 * 2.5 is written 5.0, which a strategy
that asks for a whole number can't read. So the texts of a sweep depend on the scale of what they are made of.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from numbers import Integral, Real
from typing import Any

from hidden_regime.data.decimals import DECIMALS, LARGEST, SystemDecimal
from hidden_regime.exceptions import ParameterError

MOST_VALUES = 1_000_000
"""The most values that one parameter enumerates."""


def decimal_of(parameter: str, given: Any) -> Decimal:
    """A number as it is written, zeros at its end included; a float by its shortest text.

    Raises
    ------
    ParameterError
        It is no number, or one that LEAN's decimals have no room for.
    """
    wanted = "a number"
    try:
        if isinstance(given, bool) or not isinstance(given, (str, Decimal, Real)):
            raise ValueError
        value = given if isinstance(given, Decimal) else Decimal(text_of(given).strip().replace("_", "x"))
    except (InvalidOperation, ValueError):
        raise ParameterError(parameter, given, wanted) from None
    if not value.is_finite():
        raise ParameterError(parameter, given, wanted)
    text = f"{value:f}" if abs(value.adjusted()) <= DECIMALS else None
    if text is None or len(text.partition(".")[2]) > DECIMALS or abs(int(text.replace(".", ""))) > LARGEST:
        raise ParameterError(parameter, given, f"{wanted} that LEAN's decimals hold", f"They have room for {DECIMALS} digits.")
    return Decimal(text)


def rounded(value: Decimal, unit: Decimal) -> Decimal:
    """The nearest multiple of a power of ten, half to even, with its decimals."""
    found = value.quantize(unit, ROUND_HALF_EVEN, Context(prec=100))
    return found if found else abs(found)  # not -0


def exact(value: Decimal) -> SystemDecimal:
    """The number in LEAN's arithmetic, with as many decimals as it is written with."""
    return SystemDecimal.parse(f"{value:f}")


def text_of(value: object) -> str:
    """A value as LEAN passes it to a strategy.

    Whole numbers have no point and no number has an exponent; True and False are 1 and 0, which is how `get_parameter` reads
    them where its default is one of them.

    Examples
    --------
    >>> text_of(5), text_of(0.1), text_of(1e-7), text_of(True), text_of("SPY")
    ('5', '0.1', '0.0000001', '1', 'SPY')
    """
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Real):
        return f"{Decimal(repr(float(value))):f}".removesuffix(".0")
    return str(value)


def enumerated(low: SystemDecimal, high: SystemDecimal, step: SystemDecimal) -> Iterator[SystemDecimal]:
    """low + k * step for k = 0, 1, ... as long as that isn't above `high`: how LEAN enumerates."""
    k = 0
    while (value := low + SystemDecimal(k) * step) <= high:
        yield value
        k += 1


def count_between(low: SystemDecimal, high: SystemDecimal, step: SystemDecimal) -> int:
    """How many values `enumerated` gives."""
    scale = max(low.scale, high.scale, step.scale)
    wide, by = (number.n * 10 ** (scale - number.scale) for number in (high - low, step))
    return int(wide // by) + 1
