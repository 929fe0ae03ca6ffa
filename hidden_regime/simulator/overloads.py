"""What becomes of a Python value that LEAN has several overloads for: of `log(5.0)`, the text "5".

`log`, `debug` and `error` take a string, an int, a double, a decimal, or any object. pythonnet gives a str, a float and an int
that fits to the overload of that type. Others go where they can be converted to, the decimal first: it reads what `str` shows,
so that numpy's 5.0 stays "5.0"; then the double, then the int, and only then the object.
"""

from __future__ import annotations

import re
import warnings
from decimal import ROUND_HALF_EVEN, Context, Decimal
from math import isfinite, isnan
from typing import Any

from hidden_regime.simulator.enums import LeanEnum
from hidden_regime.simulator.models.fees import OrderFee
from hidden_regime.simulator.objects import IndicatorDataPoint, Symbol
from hidden_regime.simulator.orders.tickets import OrderTicket
from hidden_regime.simulator.rounding import exact
from hidden_regime.simulator.spelling import TwoSpellings

BLANK = "cannot convert object to target type"
DOUBLE_DIGITS, DECIMAL_DIGITS, DECIMAL_LIMIT, SMALLEST_EXPONENT = 17, 28, 2**96, -5
INT_LOWEST, INT_HIGHEST = -(2**31), 2**31 - 1
NUMBER = re.compile(
    r"[\t-\r ]*(?P<sign>[+-])?(?P<whole>(?:[0-9][0-9,]*)?)(?:\.(?P<rest>[0-9]*))?(?:[eE](?P<power>[+-]?[0-9]+))?(?P<last>[+-])?"
    r"[\t-\r ]*"
)
ONE_NUMBER = ("ndarray", "Series")
"""What is a number in the versions that LEAN has, if it holds a single one; newer ones refuse that."""
EXACT = Context(prec=10_000, rounding=ROUND_HALF_EVEN)


def double(value: float) -> str:
    """A double as .NET prints it: the shortest digits that give it back; with an exponent from 1E+17 on and below 0.0001."""
    if not isfinite(value):
        return "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"
    sign, digits, exponent = Decimal(repr(float(value))).normalize(EXACT).as_tuple()
    assert isinstance(exponent, int)
    if value == 0.0:
        return "-0" if sign else "0"
    leading = len(digits) + exponent - 1
    if SMALLEST_EXPONENT < leading < DOUBLE_DIGITS:
        return f"{Decimal((sign, digits, exponent)):f}"
    text = "".join(map(str, digits))
    fraction = f".{text[1:]}" if len(text) > 1 else ""
    return f"{'-' if sign else ''}{text[0]}{fraction}E{'-' if leading < 0 else '+'}{abs(leading):02d}"


def decimal(text: str) -> str | None:
    """What a C# decimal that is read from a text prints: with the text's trailing zeros. None if it isn't one."""
    found = NUMBER.fullmatch(text)
    if found is None or not (found["whole"] or found["rest"]) or (found["sign"] and found["last"]):
        return None
    digits = found["whole"].replace(",", "") + (found["rest"] or "")
    exponent = int(found["power"] or 0) - len(found["rest"] or "")
    if not digits.strip("0"):
        return f"{Decimal((0, (0,), min(0, max(exponent, -DECIMAL_DIGITS)))):f}"
    if len(digits.lstrip("0")) + exponent > DECIMAL_DIGITS + 1:
        return None
    places = min(DECIMAL_DIGITS, max(0, -exponent))
    vanishes = len(digits.lstrip("0")) + exponent < -DECIMAL_DIGITS
    number = Decimal(0) if vanishes else Decimal(f"{digits}e{exponent}")
    rounded = number.quantize(Decimal(1).scaleb(-places), context=EXACT)
    while rounded.copy_abs().scaleb(places, EXACT) >= DECIMAL_LIMIT:
        if not places:
            return None
        places -= 1
        rounded = number.quantize(Decimal(1).scaleb(-places), context=EXACT)
    negative = "-" in (found["sign"], found["last"]) and rounded != 0
    return f"{'-' if negative else ''}{rounded:f}"


def _as_float(value: Any) -> float | None:
    if type(value).__name__ in ONE_NUMBER and value.size == 1:
        value = value.tolist()[0] if value.ndim == 1 else value.item()
    if isinstance(value, (str, bytes, bytearray)) or not (hasattr(value, "__float__") or hasattr(value, "__index__")):
        return None
    try:
        return float(value)
    except Exception:  # noqa: BLE001 - a class of the user's may raise anything, and pythonnet goes on
        return None


def _as_int(value: Any) -> int | None:
    try:
        number = int(value)
    except Exception:  # noqa: BLE001 - as above
        return None
    return number if INT_LOWEST <= number <= INT_HIGHEST else None


def as_number(value: Any) -> str | None:
    """A value's text where an overload for numbers takes it. None: none does."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if type(value) is float:
        return double(value)
    if type(value) is int and INT_LOWEST <= value <= INT_HIGHEST:
        return str(value)
    if isinstance(value, (TwoSpellings, LeanEnum)):
        return _converted(value)
    if value is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = decimal(str(value))
        if text is None and (number := _as_float(value)) is not None:
            text = double(number)
        if text is None and (whole := _as_int(value)) is not None:
            text = str(whole)
    return text


def _converted(value: Any) -> str | None:
    """LEAN's own objects that are numbers where one is wanted."""
    if isinstance(value, OrderTicket):
        return str(value.order_id)
    if isinstance(value, OrderFee):
        return exact(value.value.amount)
    return decimal(str(value.value)) if type(value) is IndicatorDataPoint else None


def spoken(value: Any) -> str:
    """The line that `log` writes of a value."""
    if type(value) is str:
        return value
    text = as_number(value)
    if text is not None:
        return text
    if type(value) is int:
        raise TypeError("No method matches given arguments for Log: (<class 'int'>)")
    if not isinstance(value, type) and hasattr(value, "to_string"):
        return f"\n{value.to_string()}"
    text = str(value)
    if not text.strip():
        raise TypeError(BLANK)
    return text


def figure(method: str, value: Any) -> str:
    """The text of a statistic: a text or a number."""
    if type(value) is str or isinstance(value, Symbol):
        return str(value)
    text = as_number(value)
    if text is None and value is not None and not isinstance(value, str):
        raise TypeError(f"No method matches given arguments for {method}: (<class 'str'>, {type(value)})")
    return text if text is not None else str(value or "")
