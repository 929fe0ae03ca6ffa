"""Numbers as LEAN prints them."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from math import floor, log10


def decimal(value: float) -> Decimal:
    """A double as a C# decimal: 15 significant digits."""
    return Decimal(f"{value:.15g}")


def fixed(value: float | Decimal, digits: int) -> str:
    """Rounded half to even; shorter numbers are printed as they are, zero as "0"."""
    number = value if isinstance(value, Decimal) else decimal(value)
    if number == 0:
        return "0"
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > digits:
        number = number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
        return f"{number:f}".removeprefix("-") if number == 0 else f"{number:f}"
    return f"{number:f}"


def scaled(value: float | Decimal, factor: int, digits: int) -> str:
    """`fixed` of a multiple, such as a percentage."""
    number = value if isinstance(value, Decimal) else decimal(value)
    return fixed(number * factor, digits)


def short(value: float, digits: int = 3) -> str:
    """Rounded as .NET rounds doubles: no trailing zeros, and a negative that rounds to zero is "-0"."""
    power = 10.0**digits
    text = f"{round(value * power) / power:.{digits}f}".rstrip("0").rstrip(".")
    return "-0" if text in ("-0", "0") and value < 0 else ("0" if text == "-0" else text)


def money(value: float) -> str:
    """Two digits, half away from zero, with separators of thousands."""
    return f"{decimal(value).quantize(Decimal('0.01'), ROUND_HALF_UP):,f}"


def span(ticks: int) -> str:
    """A .NET TimeSpan of 100-nanosecond ticks."""
    seconds, fraction = divmod(abs(ticks), 10_000_000)
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, left = divmod(rest, 60)
    text = f"{hours:02d}:{minutes:02d}:{left:02d}"
    if days:
        text = f"{days}.{text}"
    if fraction:
        text += f".{fraction:07d}"
    return ("-" if ticks < 0 else "") + text


def ticks(duration: timedelta) -> int:
    """A duration in ticks of 100 nanoseconds."""
    return (duration.days * 86_400 + duration.seconds) * 10_000_000 + duration.microseconds * 10


def plain(value: float, digits: int = 10) -> str:
    """A decimal as LEAN prints it: no trailing zeros."""
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def exact(value: float) -> str:
    """A decimal that has a double's own digits: never an exponent, no trailing zeros."""
    text = f"{Decimal(repr(float(value))):f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) if value else "0"


def significant(number: Decimal, digits: int) -> Decimal:
    """So many significant digits, half to even."""
    if number == 0:
        return number
    scale = Decimal(10) ** (floor(log10(abs(number))) + 1)
    return scale * (number / scale).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)


def smart_number(value: float) -> Decimal:
    """LEAN's short form of a value, half to even: above 1,000 four decimals, else seven significant digits."""
    number = decimal(value)
    if number > 1000:
        exponent = number.as_tuple().exponent
        return number.quantize(Decimal("0.0001"), ROUND_HALF_EVEN) if isinstance(exponent, int) and exponent < -4 else number
    return significant(number, 7).normalize()


def smart(value: float) -> str:
    """The short form as text."""
    return f"{smart_number(value):f}"
