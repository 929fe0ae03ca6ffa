"""LEAN's class `SymbolCache`: the tickers that the latest run knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from hidden_regime.simulator.failures import InvalidOperationException
from hidden_regime.simulator.objects.symbol import Symbol
from hidden_regime.simulator.spelling import TwoSpellings

UNKNOWN = "We were unable to locate the ticker '{ticker}'."


class SymbolCache(TwoSpellings):
    """Static functions. What was added by hand is known, as in LEAN."""

    known: ClassVar[Mapping[str, Symbol]] = {}

    @classmethod
    def try_get_symbol(cls, ticker: str, _: object = None) -> tuple[bool, Symbol | None]:
        """Whether a ticker is known, and its symbol."""
        found = cls.known.get(ticker.upper())
        return found is not None, found

    @classmethod
    def get_symbol(cls, ticker: str) -> Any:
        """Symbol of a ticker that is known."""
        found = cls.known.get(str(getattr(ticker, "value", ticker)).upper())
        if found is None:
            raise InvalidOperationException(UNKNOWN.format(ticker=ticker))
        return found
