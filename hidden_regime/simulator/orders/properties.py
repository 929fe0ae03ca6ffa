"""How long an order lives."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from hidden_regime.simulator.spelling import SettableTwoSpellings, TwoSpellings

if TYPE_CHECKING:
    from hidden_regime.simulator.account.exchange import Exchange


class TimeInForce(TwoSpellings):
    """Until when an order may fill: `GOOD_TIL_CANCELED`, `DAY`, or `good_til_date(day)`."""

    GOOD_TIL_CANCELED: ClassVar[TimeInForce]
    DAY: ClassVar[TimeInForce]
    name = "GoodTilCanceled"

    def expired(self, sent: datetime, now: datetime, exchange: Exchange) -> bool:
        """Whether an order sent at one time (its exchange's time) is over at another."""
        return False

    @staticmethod
    def good_til_date(expiry: date) -> TimeInForce:
        """Until the close of a day's session, or of the next one."""
        return GoodTilDateTimeInForce(expiry)

    @property
    def json(self) -> dict[str, object]:
        """As LEAN writes it: its class, unless that is the default one."""
        return {} if self.name == TimeInForce.name else {"$type": f"QuantConnect.Orders.TimeInForces.{self.name}TimeInForce"}


class GoodTilCanceledTimeInForce(TimeInForce):
    """Until it is cancelled."""


class DayTimeInForce(TimeInForce):
    """Until the close of its session, or of the next one."""

    name = "Day"

    def expired(self, sent: datetime, now: datetime, exchange: Exchange) -> bool:
        """Whether that close has come."""
        return now >= exchange.next_close(sent)


class GoodTilDateTimeInForce(TimeInForce):
    """Until the close of a day's session, or of the next one."""

    name = "GoodTilDate"

    def __init__(self, expiry: date) -> None:
        day = expiry.date() if isinstance(expiry, datetime) else expiry
        self.expiry = datetime(day.year, day.month, day.day)

    def expired(self, sent: datetime, now: datetime, exchange: Exchange) -> bool:
        """Whether that close has come."""
        return now >= exchange.next_close(self.expiry)

    @property
    def json(self) -> dict[str, object]:
        """As LEAN writes it."""
        return super().json | {"Expiry": f"{self.expiry + timedelta(0):%Y-%m-%dT%H:%M:%S}"}


TimeInForce.GOOD_TIL_CANCELED = GoodTilCanceledTimeInForce()
TimeInForce.DAY = DayTimeInForce()


class OrderProperties(SettableTwoSpellings):
    """Properties of orders. An order keeps a copy of what was set when it was sent."""

    def __init__(self) -> None:
        self.time_in_force: TimeInForce = TimeInForce.GOOD_TIL_CANCELED

    def clone(self) -> Self:
        """A copy."""
        made = object.__new__(type(self))
        vars(made).update(vars(self))
        return made


class InteractiveBrokersOrderProperties(OrderProperties):
    """The same: what Interactive Brokers adds matters in live trading only."""

    def __init__(self) -> None:
        super().__init__()
        self.outside_regular_trading_hours = False
