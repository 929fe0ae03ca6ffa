"""Trade at the next close."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hidden_regime.simulator.enums import OrderType
from hidden_regime.simulator.failures import InvalidOperationException
from hidden_regime.simulator.models.slippage import slippage_of
from hidden_regime.simulator.orders.order import Fill, Order
from hidden_regime.simulator.orders.responses import OrderResponseErrorCode as Code
from hidden_regime.simulator.rounding import span, ticks

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security

TOO_LATE = (
    "MarketOnClose orders must be placed within {} before market close. Override this TimeSpan buffer by setting "
    "Orders.MarketOnCloseOrder.SubmissionTimeBuffer in QCAlgorithm.Initialize()."
)
NEVER_CLOSES = "Market never closes for this symbol {}, can no submit a {} order."
DEFAULT_BUFFER = timedelta(minutes=15, seconds=30)


class MarketOnCloseOrder(Order):
    """Fills at the last price of the session, once it is over."""

    type = OrderType.MARKET_ON_CLOSE
    signatures = "market_on_close_order symbol:Symbol quantity:int|double|decimal @end"
    at_auction = True
    settable = ("submission_time_buffer",)
    DEFAULT_SUBMISSION_TIME_BUFFER = DEFAULT_BUFFER
    submission_time_buffer = DEFAULT_BUFFER
    """How long before the close it has to be sent. Set on the class, it holds for the run."""

    @classmethod
    def refusal(cls, security: Security, now: datetime) -> tuple[Code, str] | None:
        """See `Order.refusal`."""
        if security.exchange.always:
            raise InvalidOperationException(NEVER_CLOSES.format(security.symbol, "MarketOnClose"))
        if not near_the_close(security, now):
            return None
        return Code.MARKET_ON_CLOSE_ORDER_TOO_LATE, TOO_LATE.format(span(ticks(cls.submission_time_buffer)))

    def attempt(self, security: Security, now: datetime) -> Fill | None:
        """See `Order.attempt`."""
        bar = security.bar
        if bar is None or now < security.exchange.next_close(self.sent) or not security.fills_at(now):
            return None
        slip = slippage_of(security, self)
        return Fill(bar.close + (slip if self.quantity > 0 else -slip))


def near_the_close(security: Security, now: datetime) -> bool:
    """Whether it is too late for an order at this session's close."""
    return now > security.exchange.next_close(now) - MarketOnCloseOrder.submission_time_buffer
