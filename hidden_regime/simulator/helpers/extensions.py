"""LEAN's class `Extensions`, as far as strategies on equities use it: resolutions, time zones, rounding."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from math import isinf, isnan
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.enums import OrderDirection, Resolution, SecurityType, TickType
from hidden_regime.simulator.lengths import LENGTHS, SECOND
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.rounding import decimal, significant, smart_number
from hidden_regime.simulator.spelling import TwoSpellings

SPANS = {Resolution.TICK: timedelta(0), Resolution.SECOND: SECOND, **LENGTHS}


def _moved(time: datetime, from_: Any, to: Any) -> datetime:
    return time.replace(tzinfo=ZoneInfo(str(from_))).astimezone(ZoneInfo(str(to))).replace(tzinfo=None)


class Extensions(TwoSpellings):
    """Static functions."""

    @staticmethod
    def to_time_span(resolution: Resolution) -> timedelta:
        """Length of a resolution's bars."""
        return SPANS[Resolution(resolution)]

    @staticmethod
    def to_higher_resolution_equivalent(time_span: timedelta, require_exact_match: bool = False) -> Resolution:
        """The coarsest resolution whose bars are no longer than a span."""
        found = max((kind for kind, span in SPANS.items() if span <= time_span), default=Resolution.TICK)
        if require_exact_match and SPANS[found] != time_span:
            raise ParameterError("time_span", time_span, "the length of a resolution's bars")
        return found

    @staticmethod
    def resolution_to_lower(resolution: Resolution) -> str:
        """Its name in small letters."""
        return Resolution(resolution).name.lower()

    @staticmethod
    def tick_type_to_lower(tick_type: TickType) -> str:
        """Its name in small letters."""
        return TickType(tick_type).name.lower()

    @staticmethod
    def read_lines(data_provider: Any, file: Any) -> list[str]:
        """Lines of a file; none where there is no such file."""
        path = Path(str(file))
        return path.read_text(encoding="utf-8-sig").splitlines() if path.is_file() else []

    # Times ---------------------------------------------------------------------------------------------------------------
    @staticmethod
    def convert_from_utc(time: datetime, to: Any, strict: bool = False) -> datetime:
        """A time of UTC in another zone."""
        return _moved(time, "UTC", to)

    @staticmethod
    def convert_to_utc(time: datetime, from_: Any, strict: bool = False) -> datetime:
        """A time of a zone in UTC."""
        return time.replace(tzinfo=ZoneInfo(str(from_))).astimezone(UTC)

    @staticmethod
    def convert_to(time: datetime, from_: Any, to: Any, strict: bool = False) -> datetime:
        """A time of one zone in another."""
        return _moved(time, from_, to)

    @staticmethod
    def is_common_business_day(date: datetime) -> bool:
        """Monday to Friday."""
        return date.weekday() < 5

    @staticmethod
    def round_down(date_time: datetime, interval: timedelta) -> datetime:
        """The last multiple of a span."""
        return date_time - (date_time - datetime.min) % interval if interval else date_time

    @staticmethod
    def round_up(time: datetime, interval: timedelta) -> datetime:
        """The next multiple of a span."""
        return time + (datetime.min - time) % interval if interval else time

    @staticmethod
    def round(time: Any, rounding_interval: timedelta) -> Any:
        """The nearest multiple of a span, of a time or a span; halves to even."""
        if not rounding_interval:
            return time
        if isinstance(time, datetime):
            return datetime.min + Extensions.round(time - datetime.min, rounding_interval)
        return round(time / rounding_interval) * rounding_interval

    # Numbers -------------------------------------------------------------------------------------------------------------
    @staticmethod
    def round_to_significant_digits(d: float, digits: int) -> float:
        """Rounded to so many significant digits, halves to even."""
        return float(significant(decimal(d), digits))

    @staticmethod
    def smart_rounding(input: float | None) -> float | None:
        """To four places above 1000, to seven significant digits below."""
        return None if input is None else float(smart_number(input))

    @staticmethod
    def truncate_to_3_decimal_places(value: float) -> float:
        """Cut off behind the third place."""
        return float(decimal(value).quantize(Decimal("0.001"), ROUND_DOWN))

    @staticmethod
    def discretely_round_by(value: float, quanta: float) -> float:
        """The nearest multiple, halves away from zero."""
        step = decimal(quanta)
        return value if step == 0 else float((decimal(value) / step).quantize(Decimal(1), ROUND_HALF_UP) * step)

    @staticmethod
    def safe_division(numerator: float, denominator: float, fail_value: float = 0.0) -> float:
        """The quotient, or a value if there is none."""
        return numerator / denominator if denominator else fail_value

    @staticmethod
    def is_na_n_or_infinity(value: float) -> bool:
        """Whether it is no number to reckon with."""
        return isnan(value) or isinf(value)

    @staticmethod
    def is_na_n_or_zero(value: float) -> bool:
        """Whether it is NaN, or as good as zero."""
        return isnan(value) or abs(value) < 2.2250738585072014e-308

    # Assets and orders ---------------------------------------------------------------------------------------------------
    @staticmethod
    def get_order_direction(quantity: float) -> OrderDirection:
        """Buy, sell or hold, by the sign."""
        return OrderDirection.BUY if quantity > 0 else OrderDirection.SELL if quantity < 0 else OrderDirection.HOLD

    @staticmethod
    def is_option(security_type: Any) -> bool:
        """Whether a type is one of options."""
        return bool(security_type == SecurityType.OPTION)

    @staticmethod
    def is_market_open(asset: Any, *rest: Any) -> bool:
        """Whether a security's market is open."""
        if isinstance(asset, Symbol):
            raise ParameterError("is_market_open", asset, "a security: self.securities[symbol]")
        return bool(asset.exchange.exchange_open)
