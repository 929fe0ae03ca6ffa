"""LEAN's enumerations, as far as the engine knows them."""

from __future__ import annotations

import re
from enum import Enum, EnumMeta, IntEnum


class _BothSpellings(EnumMeta):
    """LEAN takes `Resolution.Daily` for `Resolution.DAILY`."""

    def __getattr__(cls, name: str) -> object:
        upper = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()
        if name[:1].isupper() and name != upper and upper in cls.__members__:
            return cls.__members__[upper]
        raise AttributeError(f"{cls.__name__} has no member {name!r}; it has {', '.join(cls.__members__)}")


class _LeanEnum(IntEnum, metaclass=_BothSpellings):
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


class Calendar(Enum, metaclass=_BothSpellings):
    """Calendar periods for `consolidate`."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


class Market:
    """Names of markets."""

    USA = "usa"
