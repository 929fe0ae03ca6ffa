"""LEAN's hash of a run's orders: of everything that it knows of each, written as its JSON, with the digits of its decimals."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

ROUNDED = frozenset({"price", "limitPrice", "stopPrice", "triggerPrice", "trailingAmount"})
"""What LEAN rounds before it writes: to seven digits, or four decimals above 1000."""


def _decimal(number: float) -> Decimal:
    """The decimal that a double is the nearest to, without zeros at its end."""
    plain = Decimal(repr(float(number))).normalize()
    return plain.quantize(Decimal(1)) if plain == plain.to_integral_value() else plain


def _rounded(number: float) -> Decimal:
    return _decimal(round(number, 4) if number >= 1000.0 else float(f"{number:.7g}"))


def _digits(number: Decimal) -> str:
    text = f"{number:f}" if number else f"{abs(number):f}"
    return text if "." in text else f"{text}.0"


def _text(value: Any) -> str:
    """A value as Newtonsoft writes it."""
    if isinstance(value, float):
        value = _decimal(value)
    if isinstance(value, Decimal):
        return _digits(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f'"{name}":{_text(one)}' for name, one in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _times(quantity: Decimal, price: Decimal) -> Decimal:
    """A product as .NET has it: one with nothing keeps its digits where both numbers have 32 bits."""
    whole = quantity.scaleb(-int(quantity.as_tuple().exponent))
    return quantity * price if price or abs(whole) < 2**32 else Decimal(0)


def _exact(order: Mapping[str, Any]) -> dict[str, Any]:
    """An order with decimals: its value has the digits of both its factors, a price in the middle those of bid and ask."""
    exact = {name: _rounded(value) if name in ROUNDED else value for name, value in order.items()}
    exact["quantity"] = _decimal(order["quantity"])
    seen = {name: _decimal(value) for name, value in order["orderSubmissionData"].items()}
    middle = (seen["bidPrice"] + seen["askPrice"]) / 2
    if middle == seen["lastPrice"]:
        seen["lastPrice"] = middle
    exact["orderSubmissionData"] = seen
    return exact | {"value": _times(exact["quantity"], exact["price"])}


def order_list_hash(orders: Mapping[str, Mapping[str, Any]]) -> str:
    """Hash of the orders of a result, as LEAN's test suite expects it.

    Prices at which an order was sent have in LEAN the zeros that its data files have, which no double knows: the hash is LEAN's
    where these have none, as those of crypto and forex in LEAN's repository, and not of adjusted prices.

    Parameters
    ----------
    orders : mapping
        As results have them: by their numbers.

    Examples
    --------
    >>> order_list_hash({})
    'd41d8cd98f00b204e9800998ecf8427e'
    """
    texts = [_text(_exact(orders[number])) for number in sorted(orders, key=int)]
    return hashlib.md5(",".join(texts).encode(), usedforsecurity=False).hexdigest()
