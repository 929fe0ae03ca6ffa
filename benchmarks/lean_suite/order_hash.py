"""LEAN's hash of a run's orders: of everything that it knows of each, written as its JSON, with the digits of its decimals."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

EQUITY, RAW = 1, 0
"""LEAN's numbers of a kind of asset and of a mode of prices."""
PLACES = Decimal(1).scaleb(-4)
ADJUSTED_PLACES = Decimal(1).scaleb(-11)
"""Decimals of an equity's price in LEAN: those of its files, and, adjusted, those of a factor of seven decimals too."""
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


def _seen(order: Mapping[str, Any]) -> dict[str, Decimal]:
    """Prices at which an order was sent. One in the middle has the digits of bid and ask."""
    seen = {name: _decimal(price) for name, price in order["orderSubmissionData"].items()}
    if order["securityType"] == EQUITY:
        places = PLACES if order["priceAdjustmentMode"] == RAW else ADJUSTED_PLACES
        return {name: price.quantize(places) for name, price in seen.items()}
    middle = (seen["bidPrice"] + seen["askPrice"]) / 2
    return seen | ({"lastPrice": middle} if middle == seen["lastPrice"] else {})


def _exact(order: Mapping[str, Any]) -> dict[str, Any]:
    """An order with decimals, which keep the digits of what they are reckoned from."""
    exact = {name: _rounded(value) if name in ROUNDED else value for name, value in order.items()}
    exact |= {"quantity": _decimal(order["quantity"]), "orderSubmissionData": _seen(order)}
    return exact | {"value": _times(exact["quantity"], exact["price"])}


def order_list_hash(orders: Mapping[str, Mapping[str, Any]]) -> str:
    """Hash of the orders of a result, as LEAN's test suite expects it.

    Prices at which an order was sent have in LEAN as many decimals as what they are reckoned from, which no double knows. The
    hash is LEAN's where the files of crypto and forex write no zero at a price's end, as those in LEAN's repository don't, and
    where factors of equities have seven decimals: those after the last split and dividend, and of splits, have others.

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
