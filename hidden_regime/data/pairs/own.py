"""Common pairs and markets, for data that bring no databases of their own.

Facts of November 2026, written down by hand: hours of OANDA's currencies since 2005, and of the coins that are traded most the
ticks, lots and least orders at Coinbase and Binance. What isn't here needs a data folder with `symbol-properties` and
`market-hours`, which LEAN's command brings along.
"""

from __future__ import annotations

from datetime import date, timedelta

from hidden_regime.data.pairs.hours import PairHours, Pieces
from hidden_regime.data.pairs.properties import CRYPTO, FOREX, Key, PairProperties

AS_OF = "November 2026"
ZERO, DAY = timedelta(0), timedelta(days=1)
BREAK_BEGINS, BREAK_ENDS = timedelta(hours=16, minutes=58), timedelta(hours=17, minutes=3)

# Hours -------------------------------------------------------------------------------------------------------------------
_ROUND: Pieces = ((ZERO, DAY),)
_WEEKDAY: Pieces = ((ZERO, BREAK_BEGINS), (BREAK_ENDS, DAY))
ALWAYS = PairHours("UTC", "UTC", (_ROUND,) * 7)


def _days(text: str) -> list[date]:
    """Days written as 2016: 12-24 12-31; ..."""
    out = []
    for part in text.split(";"):
        year, _, days = part.partition(":")
        out += [date.fromisoformat(f"{year.strip()}-{day}") for day in days.split()]
    return out


def _at(hour: int, minute: int, text: str) -> dict[date, timedelta]:
    return dict.fromkeys(_days(text), timedelta(hours=hour, minutes=minute))


_SHUT = (
    "2005: 01-01; 2010: 01-01 12-25; 2011: 01-01; 2012: 12-25; 2013: 01-01; 2015: 12-25; 2016: 01-01 12-25; 2017: 01-01; "
    "2020: 12-25; 2021: 01-01; 2022: 12-25 12-26; 2023: 01-01 01-02 12-24 12-31"
)
_AT_17 = (
    "2005: 12-29 12-30; 2007: 12-31; 2008: 12-31; 2009: 12-31; 2010: 12-31; 2011: 12-30; 2017: 12-29; 2018: 12-24 12-31; "
    "2019: 12-24 12-31; 2020: 12-24 12-31; 2021: 12-31; 2024: 12-24 12-31; 2025: 12-24 12-31"
)
_AT_14 = "2012: 12-31; 2013: 12-31; 2014: 12-31; 2015: 12-31; 2016: 12-30"
_FROM_17 = "2018: 12-25; 2019: 01-01 12-25; 2020: 01-01; 2023: 12-25; 2024: 01-01"
_FROM_17_05 = "2024: 12-25; 2025: 01-01 12-25; 2026: 01-01"
OANDA_HOURS = PairHours(
    "America/New_York", "UTC", (*(_WEEKDAY,) * 4, ((ZERO, BREAK_BEGINS),), (), ((BREAK_ENDS, DAY),)), frozenset(_days(_SHUT)),
    _at(17, 0, _AT_17) | _at(14, 0, _AT_14), _at(17, 0, _FROM_17) | _at(17, 5, _FROM_17_05),
)  # fmt: skip
HOURS: dict[tuple[str, str], PairHours] = {
    (FOREX, "oanda"): OANDA_HOURS, (CRYPTO, "coinbase"): ALWAYS, (CRYPTO, "binance"): ALWAYS,
}  # fmt: skip

# Pairs -------------------------------------------------------------------------------------------------------------------
_CURRENCIES = """
    AUD: CAD CHF HKD JPY NZD SGD USD
    CAD: CHF JPY
    CHF: JPY
    EUR: AUD CAD CHF CZK DKK GBP HKD HUF JPY NOK NZD PLN SEK SGD TRY USD ZAR
    GBP: AUD CAD CHF JPY NZD PLN SGD USD ZAR
    NZD: CAD CHF JPY SGD USD
    SGD: CHF JPY
    USD: CAD CHF CNH CZK DKK HKD HUF JPY MXN NOK PLN SEK SGD THB TRY ZAR
"""
_COARSE = ("JPY", "HUF", "THB")
"""Currencies quoted in thousandths."""
_COINBASE = """
    BTC  .00000001 USD .01 EUR .01 GBP .01 USDC .01 USDT .01
    ETH  .00000001 USD .01 EUR .01 GBP .01 BTC .00001 USDC .01 USDT .01
    LTC  .00000001 USD .01 EUR .01 GBP .01 BTC .000001
    BCH  .00000001 USD .01 EUR .01 GBP .01 BTC .000001
    SOL  .00000001 USD .01
    ADA  .00000001 USD .0001
    DOT  .00000001 USD .001
    XRP  .000001   USD .0001 EUR .0001
    LINK .01       USD .001 EUR .01
    DOGE .1        USD .00001
"""
"""Coin, lot, which is the least order too, and currencies with their ticks."""
_BINANCE = """
    BTC  5 .00001 USDT .01 USDC .01 EUR .01
    ETH  5 .0001  USDT .01 USDC .01 EUR .01 BTC .00001
    BNB  5 .001   USDT .01 USDC .01 EUR .01
    SOL  5 .001   USDT .01 USDC .01 EUR .01
    LTC  5 .001   USDT .01 USDC .01 EUR .01
    XRP  5 .1     USDT .0001 USDC .0001 EUR .0001
    ADA  5 .1     USDT .0001 USDC .0001 EUR .0001
    DOT  5 .01    USDT .001 USDC .001 EUR .001
    LINK 5 .01    USDT .001 USDC .001 EUR .001
    DOGE 1 1      USDT .00001 USDC .00001 EUR .00001
"""
"""Coin, least order in quote currency, lot, and currencies with their ticks."""
LEAST_IN_BITCOIN = 0.0001


def _lines(text: str) -> list[list[str]]:
    return [line.replace(":", " ").split() for line in text.strip().splitlines()]


def _known() -> dict[Key, PairProperties]:
    out: dict[Key, PairProperties] = {}
    for base, *quotes in _lines(_CURRENCIES):
        for quote in quotes:
            tick = 0.001 if quote in _COARSE else 0.00001
            out[FOREX, "oanda", base + quote] = PairProperties(base, quote, tick, 1.0, None, f"{base}/{quote}")
    for base, lot, *rest in _lines(_COINBASE):
        for quote, tick_of in zip(rest[::2], rest[1::2], strict=True):
            facts = PairProperties(base, quote, float(tick_of), float(lot), float(lot), f"{base}-{quote}", f"{base}-{quote}")
            out[CRYPTO, "coinbase", base + quote] = facts
    for base, least, lot, *rest in _lines(_BINANCE):
        for quote, tick_of in zip(rest[::2], rest[1::2], strict=True):
            at_least = LEAST_IN_BITCOIN if quote == "BTC" else float(least)
            name = base + quote
            out[CRYPTO, "binance", name] = PairProperties(base, quote, float(tick_of), float(lot), at_least, name, name)
    return out


PAIRS: dict[Key, PairProperties] = _known()
"""Facts by kind, market and ticker."""
