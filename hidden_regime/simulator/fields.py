"""Selectors: what an indicator reads of a bar."""

from __future__ import annotations

from typing import Any


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
        return float(getattr(bar, "volume", 0.0))

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

    Open, High, Low, Close, Volume = OPEN, HIGH, LOW, CLOSE, VOLUME = open, high, low, close, volume
    Average, Median, Typical, Weighted, SevenBar = average, median, typical, weighted, seven_bar
    AVERAGE, MEDIAN, TYPICAL, WEIGHTED, SEVEN_BAR = average, median, typical, weighted, seven_bar
