"""LEAN's enumerations, as far as the engine knows them."""

from __future__ import annotations

from enum import Enum, IntEnum


class _LeanEnum(IntEnum):
    """Prints as LEAN's do: the bare name."""

    def __str__(self) -> str:
        return self.name


class Resolution(_LeanEnum):
    TICK = 0
    SECOND = 1
    MINUTE = 2
    HOUR = 3
    DAILY = 4


class DataNormalizationMode(_LeanEnum):
    RAW = 0
    ADJUSTED = 1
    SPLIT_ADJUSTED = 2
    TOTAL_RETURN = 3


class SplitType(_LeanEnum):
    WARNING = 0
    SPLIT_OCCURRED = 1


class OrderType(_LeanEnum):
    MARKET = 0
    LIMIT = 1
    STOP_MARKET = 2
    STOP_LIMIT = 3
    MARKET_ON_OPEN = 4
    MARKET_ON_CLOSE = 5


class OrderStatus(_LeanEnum):
    NEW = 0
    SUBMITTED = 1
    PARTIALLY_FILLED = 2
    FILLED = 3
    CANCELED = 5
    NONE = 6
    INVALID = 7
    CANCEL_PENDING = 8
    UPDATE_SUBMITTED = 9


class OrderDirection(_LeanEnum):
    BUY = 0
    SELL = 1
    HOLD = 2


class SecurityType(_LeanEnum):
    BASE = 0
    EQUITY = 1


class AccountType(_LeanEnum):
    MARGIN = 0
    CASH = 1


class Calendar(Enum):
    """Calendar periods for `consolidate`."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


class Market:
    """Names of markets."""

    USA = "usa"
