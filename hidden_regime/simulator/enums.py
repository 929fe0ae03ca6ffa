"""LEAN's enumerations, as far as the engine knows them."""

from __future__ import annotations

import re
from enum import Enum, EnumMeta, IntEnum

from hidden_regime.simulator.spelling import TwoSpellings, missing, pascal


class _BothSpellings(EnumMeta):
    """LEAN takes `Resolution.Daily` for `Resolution.DAILY`."""

    def __getattr__(cls, name: str) -> object:
        upper = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()
        if name[:1].isupper() and name != upper and upper in cls.__members__:
            return cls.__members__[upper]
        raise missing(cls, name, f"{cls.__name__} has no member {name!r}; the embedded engine has {', '.join(cls.__members__)}")


class LeanEnum(IntEnum, metaclass=_BothSpellings):
    """Prints as LEAN's do in Python: the bare name."""

    def __str__(self) -> str:
        return self.name

    def to_string(self) -> str:
        """The name as .NET has it, which `log` writes."""
        return pascal(self.name.lower())

    ToString = to_string


class Resolution(LeanEnum):
    TICK = 0
    SECOND = 1
    MINUTE = 2
    HOUR = 3
    DAILY = 4


class DataNormalizationMode(LeanEnum):
    RAW = 0
    ADJUSTED = 1
    SPLIT_ADJUSTED = 2
    TOTAL_RETURN = 3
    FORWARD_PANAMA_CANAL = 4
    BACKWARDS_PANAMA_CANAL = 5
    BACKWARDS_RATIO = 6
    SCALED_RAW = 7


class SplitType(LeanEnum):
    WARNING = 0
    SPLIT_OCCURRED = 1


class DelistingType(LeanEnum):
    WARNING = 0
    DELISTED = 1


class OrderType(LeanEnum):
    MARKET = 0
    LIMIT = 1
    STOP_MARKET = 2
    STOP_LIMIT = 3
    MARKET_ON_OPEN = 4
    MARKET_ON_CLOSE = 5
    OPTION_EXERCISE = 6
    LIMIT_IF_TOUCHED = 7
    COMBO_MARKET = 8
    COMBO_LIMIT = 9
    COMBO_LEG_LIMIT = 10
    TRAILING_STOP = 11


class OrderStatus(LeanEnum):
    NEW = 0
    SUBMITTED = 1
    PARTIALLY_FILLED = 2
    FILLED = 3
    CANCELED = 5
    NONE = 6
    INVALID = 7
    CANCEL_PENDING = 8
    UPDATE_SUBMITTED = 9

    @property
    def is_closed(self) -> bool:
        """Whether nothing more can happen to an order."""
        return self in CLOSED


CLOSED = (OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.INVALID)


class OrderDirection(LeanEnum):
    BUY = 0
    SELL = 1
    HOLD = 2


class OrderField(LeanEnum):
    LIMIT_PRICE = 0
    STOP_PRICE = 1
    TRIGGER_PRICE = 2
    TRAILING_AMOUNT = 3
    TRAILING_AS_PERCENTAGE = 4


class OrderRequestStatus(LeanEnum):
    UNPROCESSED = 0
    PROCESSING = 1
    PROCESSED = 2
    ERROR = 3


class SecurityType(LeanEnum):
    BASE = 0
    EQUITY = 1
    OPTION = 2
    COMMODITY = 3
    FOREX = 4
    FUTURE = 5
    CFD = 6
    CRYPTO = 7
    INDEX = 9


class AccountType(LeanEnum):
    MARGIN = 0
    CASH = 1


class BrokerageName(LeanEnum):
    DEFAULT = 0
    QUANTCONNECT_BROKERAGE = 0
    INTERACTIVE_BROKERS_BROKERAGE = 1
    TRADIER_BROKERAGE = 2
    OANDA_BROKERAGE = 3
    FXCM_BROKERAGE = 4
    BITFINEX = 5
    BINANCE = 6
    GDAX = 12
    ALPACA = 13
    ALPHA_STREAMS = 14
    ZERODHA = 15
    SAMCO = 16
    ATREYU = 17
    TRADING_TECHNOLOGIES = 18
    KRAKEN = 19
    FTX = 20
    FTXUS = 21
    EXANTE = 22
    BINANCE_US = 23
    WOLVERINE = 24
    TD_AMERITRADE = 25
    BINANCE_FUTURES = 26
    BINANCE_COIN_FUTURES = 27
    RBI = 28
    BYBIT = 29
    EZE = 30
    AXOS = 31
    COINBASE = 32
    TRADE_STATION = 33
    TERMINAL_LINK = 34
    CHARLES_SCHWAB = 35
    TASTYTRADE = 36
    INTERACTIVE_BROKERS_FIX = 37
    DYDX = 38
    WEBULL = 39
    PUBLIC = 40
    BLOOMBERG_FIX = 41


class MovingAverageType(LeanEnum):
    SIMPLE = 0
    EXPONENTIAL = 1
    WILDERS = 2
    LINEAR_WEIGHTED_MOVING_AVERAGE = 3
    DOUBLE_EXPONENTIAL = 4
    TRIPLE_EXPONENTIAL = 5
    TRIANGULAR = 6
    T_3 = 7
    KAMA = 8
    HULL = 9
    ALMA = 10
    ZLEMA = 11
    MGD = 12


class InsightDirection(LeanEnum):
    DOWN = -1
    FLAT = 0
    UP = 1


class InsightType(LeanEnum):
    PRICE = 0
    VOLATILITY = 1


class InsightScoreType(LeanEnum):
    DIRECTION = 0
    MAGNITUDE = 1


class PortfolioBias(LeanEnum):
    SHORT = -1
    LONG_SHORT = 0
    LONG = 1


class SeriesType(LeanEnum):
    LINE = 0
    SCATTER = 1
    CANDLE = 2
    BAR = 3
    FLAG = 4
    STACKED_AREA = 5
    PIE = 6
    TREEMAP = 7
    HEATMAP = 9
    SCATTER_3D = 10


class ScatterMarkerSymbol(LeanEnum):
    NONE = 0
    CIRCLE = 1
    SQUARE = 2
    DIAMOND = 3
    TRIANGLE = 4
    TRIANGLE_DOWN = 5


class SubscriptionTransportMedium(LeanEnum):
    LOCAL_FILE = 0
    REMOTE_FILE = 1
    REST = 2
    STREAMING = 3
    OBJECT_STORE = 4


class FileFormat(LeanEnum):
    CSV = 0
    BINARY = 1
    ZIP_ENTRY_NAME = 2
    UNFOLDING_COLLECTION = 3
    INDEX = 4
    FOLDING_COLLECTION = 5


class MarketDataType(LeanEnum):
    BASE = 0
    TRADE_BAR = 1
    TICK = 2
    AUXILIARY = 3
    QUOTE_BAR = 4
    OPTION_CHAIN = 5
    FUTURES_CHAIN = 6


class TickType(LeanEnum):
    TRADE = 0
    QUOTE = 1
    OPEN_INTEREST = 2


class RenkoType(LeanEnum):
    CLASSIC = 0
    WICKED = 1


class BarDirection(LeanEnum):
    RISING = 0
    NO_DELTA = 1
    FALLING = 2


class AlgorithmMode(LeanEnum):
    LIVE = 0
    OPTIMIZATION = 1
    BACKTESTING = 2
    RESEARCH = 3


class DeploymentTarget(LeanEnum):
    CLOUD_PLATFORM = 0
    LOCAL_PLATFORM = 1


class DayOfWeek(LeanEnum):
    """Sunday first, as in .NET."""

    SUNDAY = 0
    MONDAY = 1
    TUESDAY = 2
    WEDNESDAY = 3
    THURSDAY = 4
    FRIDAY = 5
    SATURDAY = 6


class Calendar(Enum, metaclass=_BothSpellings):
    """Calendar periods for `consolidate`."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


class Market(TwoSpellings):
    """Names of markets."""

    USA = "usa"
    OANDA, FXCM, INTERACTIVE_BROKERS = "oanda", "fxcm", "interactivebrokers"
    COINBASE = GDAX = "coinbase"
    BINANCE, BINANCE_US, BYBIT, BITFINEX, KRAKEN = "binance", "binanceus", "bybit", "bitfinex", "kraken"


class BrokerageMessageType(LeanEnum):
    INFORMATION = 0
    WARNING = 1
    ERROR = 2
    RECONNECT = 3
    DISCONNECT = 4
    ACTION_REQUIRED = 5
