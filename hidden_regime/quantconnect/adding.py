"""Which of LEAN's methods subscribes to an asset: what advice names."""

from __future__ import annotations

from typing import Any

from hidden_regime.quantconnect._lean import SecurityType

ADDED_BY = ((SecurityType.CRYPTO, "add_crypto"), (SecurityType.FOREX, "add_forex"))
FIAT = "AUD CAD CHF CNH CZK DKK EUR GBP HKD HUF INR JPY KRW MXN NOK NZD PLN SAR SEK SGD THB TRY TWD USD XAG XAU ZAR"
"""What LEAN's OANDA has pairs of."""
LONGEST = 5
"""Letters of a US stock's ticker without its class of shares."""


def adder_of_kind(kind: Any) -> str:
    """The method for a type of securities."""
    return next((name for known, name in ADDED_BY if kind == known), "add_equity")


def adder_of_ticker(ticker: str) -> str:
    """The method for a ticker that nobody has subscribed to, by its letters: pairs have more than stocks.

    Examples
    --------
    >>> adder_of_ticker("SPY"), adder_of_ticker("EURUSD"), adder_of_ticker("BTCUSD")
    ('add_equity', 'add_forex', 'add_crypto')
    """
    if not ticker.isalnum() or len(ticker) <= LONGEST:
        return "add_equity"
    return "add_forex" if {ticker[:3].upper(), ticker[3:].upper()} <= {*FIAT.split()} else "add_crypto"
