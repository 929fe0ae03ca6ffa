"""Which of LEAN's methods subscribes to an asset: what advice names."""

from __future__ import annotations

from typing import Any

from hidden_regime.quantconnect._lean import SecurityType

FIAT = "AUD CAD CHF CNH CZK DKK EUR GBP HKD HUF INR JPY KRW MXN NOK NZD PLN SAR SEK SGD THB TRY TWD USD XAG XAU ZAR"
"""What LEAN's OANDA has pairs of."""


def adder_of_kind(kind: Any) -> str:
    """The method for a type of securities."""
    return {SecurityType.CRYPTO: "add_crypto", SecurityType.FOREX: "add_forex"}.get(kind, "add_equity")


def adder_of_ticker(ticker: str) -> str:
    """The method for a ticker that nobody has subscribed to: pairs have more than the five letters of a US stock."""
    if not ticker.isalnum() or len(ticker) < 6:
        return "add_equity"
    return "add_forex" if {ticker[:3].upper(), ticker[3:].upper()} <= {*FIAT.split()} else "add_crypto"
