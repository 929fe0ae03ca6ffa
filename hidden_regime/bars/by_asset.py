"""A dictionary by asset in which LEAN's symbol, its ticker and its security identifier find the same entry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from hidden_regime.exceptions import RegimeError, UnknownAssetError

V = TypeVar("V")
_IDENTIFIER = re.compile(r"([^\s|]+) ([0-9A-Z]{1,13})")
N_SECURITY_TYPES, N_MARKETS = 16, 100
"""More than LEAN knows: what text has larger numbers is no security identifier."""


def is_symbol(key: object) -> bool:
    """Whether it is one of LEAN's symbols, told by what it has: a ticker and an identifier."""
    return not isinstance(key, str) and isinstance(getattr(key, "value", None), str) and _identifier(key) is not None


def _identifier(key: object) -> str | None:
    found = getattr(key, "id", None) or getattr(key, "ID", None)
    return None if found is None else str(found)


def is_identifier(text: str) -> bool:
    """Whether text is a security identifier such as "SPY R735QTJ8XC9X"; "ACME CORP" is none.

    Its second part is a number to the base 36, whose last two digits (in base 10) are the type of security and the next
    three the market.
    """
    found = _IDENTIFIER.fullmatch(text)
    if found is None:
        return False
    number = int(found[2], 36)
    return number % 100 < N_SECURITY_TYPES and 0 < number // 100 % 1000 < N_MARKETS


def ticker_of(key: object) -> str:
    """Ticker of a symbol or of a security identifier; other keys as text."""
    value = getattr(key, "value", None)
    if isinstance(value, str):
        return value
    text = str(key)
    return text.split(" ")[0] if is_identifier(text) else text


def labels_of(keys: Iterable[Any]) -> dict[str, Any]:
    """Keys by their tickers; a ticker that two of them have gets a number."""
    out: dict[str, Any] = {}
    for key in keys:
        ticker = label = ticker_of(key)
        n = 1
        while label in out:
            n += 1
            label = f"{ticker} ({n})"
        out[label] = key
    return out


class ByAsset(dict[Any, V]):
    """Values by asset. The keys are those of the data: LEAN's symbols where there are any, otherwise text.

    An asset is found by its symbol, its ticker in either case of letters, and its security identifier.

    Parameters
    ----------
    values : mapping or iterable of pairs
    errors : mapping, optional
        Why assets have no value.

    Attributes
    ----------
    errors : ByAsset of RegimeError
        Empty where every asset has a value.

    Examples
    --------
    >>> from hidden_regime.bars.by_asset import ByAsset
    >>> found = ByAsset({"SPY R735QTJ8XC9X": 1})
    >>> found["SPY"], "spy" in found, found.get("TLT")
    (1, True, None)
    """

    def __init__(self, values: Mapping[Any, V] | Iterable[tuple[Any, V]] = (),
                 errors: Mapping[Any, RegimeError] | None = None) -> None:  # fmt: skip
        super().__init__(values)
        self.errors: Mapping[Any, RegimeError] = ByAsset(errors) if errors else {}

    def _alike(self, key: Any) -> list[Any]:
        """Keys that mean the same asset as one that isn't among them."""
        if not (isinstance(key, str) or is_symbol(key)):
            return []
        others = [own for own in self if not (is_symbol(own) and is_symbol(key))]  # two symbols are the same or they aren't
        same = [own for own in others if _text(own).upper() == _text(key).upper()]
        return same or [own for own in others if ticker_of(own).upper() == ticker_of(key).upper()]

    def __missing__(self, key: Any) -> V:
        found = self._alike(key)
        if len(found) == 1:
            return super().__getitem__(found[0])
        shown = repr(ticker_of(key))
        if found:
            raise UnknownAssetError(f"{shown} is the ticker of {len(found)} assets: expected one of them. Pass its Symbol.")
        if key in self.errors:
            raise UnknownAssetError(f"{shown} has no result: {self.errors[key]}")
        raise UnknownAssetError(f"{shown} isn't among {list(labels_of(self))}: expected one of these, or its Symbol.")

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or len(self._alike(key)) == 1

    def get(self, key: Any, default: Any = None) -> Any:
        """Value of an asset, or the default."""
        try:
            return self[key]
        except UnknownAssetError:
            return default

    def __repr__(self) -> str:
        without = f"; none of {', '.join(labels_of(self.errors))}" if self.errors else ""
        return f"<{type(self).__name__} of {', '.join(labels_of(self)) or 'no asset'}{without}>"


def _text(key: Any) -> str:
    """Security identifier of a symbol; other keys as text."""
    return str(_identifier(key)) if is_symbol(key) else str(key)
