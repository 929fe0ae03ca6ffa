"""Selectors: what an indicator reads of a bar."""

from __future__ import annotations

from typing import Any

PRICES = ("open", "high", "low", "close")


def _of_side(side: str, name: str) -> Any:
    def read(bar: Any) -> float:
        # Of what has neither bids nor asks LEAN reads the value.
        return float(getattr(getattr(bar, side), name)) if hasattr(bar, side) else float(bar.value)

    read.__doc__ = f"{name.capitalize()} of the {side}s; of other data their value."
    return staticmethod(read)


class Field:
    """Functions from a bar to a number, for `selector=`."""

    @staticmethod
    def open(bar: Any) -> float:
        """Open."""
        return float(getattr(bar, "open", bar.value))

    @staticmethod
    def high(bar: Any) -> float:
        """High."""
        return float(getattr(bar, "high", bar.value))

    @staticmethod
    def low(bar: Any) -> float:
        """Low."""
        return float(getattr(bar, "low", bar.value))

    @staticmethod
    def close(bar: Any) -> float:
        """Close."""
        return float(bar.value)

    @staticmethod
    def volume(bar: Any) -> float:
        """Volume."""
        return float(getattr(bar, "volume", bar.value))

    @staticmethod
    def average(bar: Any) -> float:
        """Mean of open, high, low and close."""
        return (Field.open(bar) + Field.high(bar) + Field.low(bar) + Field.close(bar)) / 4.0

    @staticmethod
    def median(bar: Any) -> float:
        """Mean of high and low."""
        return (Field.high(bar) + Field.low(bar)) / 2.0

    @staticmethod
    def typical(bar: Any) -> float:
        """Mean of high, low and close."""
        return (Field.high(bar) + Field.low(bar) + Field.close(bar)) / 3.0

    @staticmethod
    def weighted(bar: Any) -> float:
        """Mean of high, low and twice the close."""
        return (Field.high(bar) + Field.low(bar) + 2.0 * Field.close(bar)) / 4.0

    @staticmethod
    def seven_bar(bar: Any) -> float:
        """Twice the open, high, low and thrice the close, over seven."""
        return (2.0 * Field.open(bar) + Field.high(bar) + Field.low(bar) + 3.0 * Field.close(bar)) / 7.0

    @staticmethod
    def bid_price(bar: Any) -> float:
        """Close of the bids; of other data their value."""
        return float(Field.bid_close(bar))

    @staticmethod
    def ask_price(bar: Any) -> float:
        """Close of the asks; of other data their value."""
        return float(Field.ask_close(bar))

    bid_open, bid_high, bid_low, bid_close = (_of_side("bid", name) for name in PRICES)
    ask_open, ask_high, ask_low, ask_close = (_of_side("ask", name) for name in PRICES)
    BidOpen, BidHigh, BidLow, BidClose = BID_OPEN, BID_HIGH, BID_LOW, BID_CLOSE = bid_open, bid_high, bid_low, bid_close
    AskOpen, AskHigh, AskLow, AskClose = ASK_OPEN, ASK_HIGH, ASK_LOW, ASK_CLOSE = ask_open, ask_high, ask_low, ask_close
    BidPrice, AskPrice = BID_PRICE, ASK_PRICE = bid_price, ask_price
    Open, High, Low, Close, Volume = OPEN, HIGH, LOW, CLOSE, VOLUME = open, high, low, close, volume
    Average, Median, Typical, Weighted, SevenBar = average, median, typical, weighted, seven_bar
    AVERAGE, MEDIAN, TYPICAL, WEIGHTED, SEVEN_BAR = average, median, typical, weighted, seven_bar


QUOTES_OF: dict[Any, bool] = {
    getattr(Field, f"{side}_{name}"): True for side in ("bid", "ask") for name in (*PRICES, "price")
} | {Field.volume: False}
"""Of the selectors that need it, whether they read quotes or trades."""
