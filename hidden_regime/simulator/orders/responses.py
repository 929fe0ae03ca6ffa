"""Whether a request was taken, and why not."""

from __future__ import annotations

from enum import IntEnum

from hidden_regime.simulator.spelling import TwoSpellings, pascal


class OrderResponseErrorCode(IntEnum):
    """Why a request failed."""

    NONE = 0
    INSUFFICIENT_BUYING_POWER = -3
    BROKERAGE_MODEL_REFUSED_TO_SUBMIT_ORDER = -4
    BROKERAGE_MODEL_REFUSED_TO_UPDATE_ORDER = -7
    INVALID_ORDER_STATUS = -9
    UNABLE_TO_FIND_ORDER = -10
    ORDER_QUANTITY_ZERO = -11
    MISSING_SECURITY = -14
    SECURITY_PRICE_ZERO = -16
    FOREX_BASE_AND_QUOTE_CURRENCIES_REQUIRED = -17
    FOREX_CONVERSION_RATE_ZERO = -18
    SECURITY_HAS_NO_DATA = -19
    EXCEEDED_MAXIMUM_ORDERS = -20
    MARKET_ON_CLOSE_ORDER_TOO_LATE = -21
    REQUEST_CANCELED = -23
    ALGORITHM_WARMING_UP = -24
    QUOTE_CURRENCY_REQUIRED = -26
    CONVERSION_RATE_ZERO = -27
    NON_TRADABLE_SECURITY = -28
    ORDER_QUANTITY_LESS_THAN_LOT_SIZE = -30
    EXCEEDS_SHORTABLE_QUANTITY = -31
    MARKET_ON_OPEN_NOT_ALLOWED_DURING_REGULAR_HOURS = -35

    def __str__(self) -> str:
        return pascal(self.name.lower())


class OrderResponse(TwoSpellings):
    """Whether a request was taken."""

    def __init__(self, code: OrderResponseErrorCode = OrderResponseErrorCode.NONE, message: str = "") -> None:
        self.error_code, self.error_message = code, message
        self.is_processed = True

    @property
    def is_success(self) -> bool:
        """Whether it was."""
        return self.error_code == OrderResponseErrorCode.NONE

    @property
    def is_error(self) -> bool:
        """Whether it was refused."""
        return not self.is_success

    def __str__(self) -> str:
        return "Success" if self.is_success else f"Error: {self.error_code} - {self.error_message}"
