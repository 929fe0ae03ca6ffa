"""What LEAN identifies an asset by."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from string import ascii_uppercase, digits
from typing import Any

SIGNS = digits + ascii_uppercase
DAY_ZERO = date(1899, 12, 30)
"""Day 0 of OLE automation's dates, which stands for a first day that nobody knows."""
DAYS, USA, EQUITY = 10**14, 100, 1
"""Places of the day, the market and the kind of asset in an identifier's number."""
MARKETS = {
    "usa": 1, "fxcm": 2, "oanda": 3, "bitfinex": 5, "kraken": 13, "binance": 16, "binanceus": 36, "bybit": 37, "coinbase": 38,
}  # fmt: skip
"""LEAN's numbers of markets."""


def _in_36(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number, 36)
        text = SIGNS[rest] + text
    return text


class SecurityIdentifier(str):
    """The first ticker that an asset had and a number of its first day, market and kind: `SPY R735QTJ8XC9X`.

    Where the engine doesn't know them, the ticker alone.
    """

    __slots__ = ()
    market = "usa"

    @classmethod
    def of_pair(cls, ticker: str, market: str, kind: int) -> SecurityIdentifier:
        """Identifier of a pair at a market."""
        place = MARKETS.get(market, 0)
        made = _OfPair(f"{ticker.upper()} {_in_36(place * USA + kind)}")
        made.market = market
        return made

    @classmethod
    def of_equity(cls, ticker: str, first: date | None = None) -> SecurityIdentifier:
        """Identifier of a US equity, by its first ticker and the first day of its listing."""
        days = ((first or DAY_ZERO) - DAY_ZERO).days
        return cls(f"{ticker.upper()} {_in_36(days * DAYS + USA + EQUITY)}")

    @classmethod
    def of_data(cls, name: str, underlying: SecurityIdentifier, kind: int) -> SecurityIdentifier:
        """Identifier of custom data of a class's name that belong to an asset of a kind: its day and its market are theirs."""
        ticker, _, code = underlying.partition(" ")
        return cls(f"{ticker}.{name} {_in_36(int(code, 36) - kind)}" if code else f"{ticker}.{name}")

    @classmethod
    def generate_equity(cls, *given: Any, **options: Any) -> SecurityIdentifier:
        """Identifier of a US equity: (ticker, market, ...), or (first day, ticker, market)."""
        if given and isinstance(given[0], date):
            first = given[0].date() if isinstance(given[0], datetime) else given[0]
            return cls.of_equity(str(given[1]), first)
        return cls(str(given[0] if given else options["symbol"]).upper())

    @classmethod
    def generate_constituent_identifier(cls, symbol: str, security_type: Any = None, market: Any = None) -> SecurityIdentifier:
        """Identifier of a list of securities."""
        return cls(symbol)

    generate_base = generate_constituent_identifier
    GenerateEquity, GenerateConstituentIdentifier, GenerateBase = generate_equity, generate_constituent_identifier, generate_base

    @property
    def symbol(self) -> str:
        """The first ticker."""
        return self.partition(" ")[0]

    def to_string(self) -> str:
        """The identifier as text."""
        return str(self)


class _OfPair(SecurityIdentifier):
    """One that knows its market."""

    __slots__ = ("market",)


def first_day(identifier: str) -> date | None:
    """The first day of a listing that an identifier tells; None where it tells none."""
    number = identifier.partition(" ")[2]
    if not number.isalnum():
        return None
    days = int(number, 36) // DAYS
    return DAY_ZERO + timedelta(days=days) if days else None
