"""What a share costs by quotes and by trades, as LEAN's fill models find it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from hidden_regime.simulator.enums import Resolution

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security

STALE = "Warning: fill at stale price ({:%m/%d/%Y %H:%M:%S} America/New_York), using QuoteBar data."
STALE_TICK = STALE.replace("QuoteBar", "Quote Tick")
NO_QUOTE = "Warning: No quote information available at {:%m/%d/%Y %H:%M:%S} America/New_York, order filled using TradeBar data"


NO_QUOTE_TICK = NO_QUOTE.replace("TradeBar", "Trade Tick")


class Offer(NamedTuple):
    """A price, what LEAN says of it, and when its data ended if they are too old to fill at."""

    price: float
    message: str
    stale_since: datetime | None


class Range(NamedTuple):
    """A bar of what a buyer pays or a seller gets."""

    time: datetime
    end_time: datetime
    open: float
    high: float
    low: float
    close: float


def best_offer(security: Security, sent: datetime, *, buys: bool) -> Offer | None:
    """The ask to a buyer or the bid to a seller; where no quote is fresh, the last trade, if that is younger than the quote.

    Data are fresh as long as an order found them no older than the settings' stale_price_time_span when it was sent.
    """
    bar, quote = security.bar, security.quote
    of_ticks = security.resolution == Resolution.TICK
    if quote is not None:
        side = quote.ask if buys else quote.bid
        price = quote.close if side is None else side.close
        if sent - quote.end_time <= security.stale_after:
            return Offer(price, "", None)
        if bar is None or bar.end_time <= quote.end_time:
            return Offer(price, (STALE_TICK if of_ticks else STALE).format(quote.end_time), quote.end_time)
    if bar is None:
        return None
    fresh = sent - bar.end_time <= security.stale_after
    return Offer(bar.close, (NO_QUOTE_TICK if of_ticks else NO_QUOTE).format(bar.end_time), None if fresh else bar.end_time)


def last_range(security: Security, *, buys: bool) -> Range | None:
    """The last bar of asks to a buyer or of bids to a seller, however old; else of trades; else the value."""
    bar, quote = security.bar, security.quote
    if quote is not None:
        side = quote.ask if buys else quote.bid
        if side is not None:
            return Range(quote.time, quote.end_time, side.open, side.high, side.low, side.close)
    if bar is not None:
        return Range(bar.time, bar.end_time, bar.open, bar.high, bar.low, bar.close)
    last, price = security.last, security.price
    return None if last is None or not price else Range(last.time, last.end_time, price, price, price, price)
