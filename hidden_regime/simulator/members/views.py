"""What strategies see of subscriptions."""

from __future__ import annotations

from typing import Any

from hidden_regime.simulator.enums import Resolution
from hidden_regime.simulator.feed.subscription import Subscription
from hidden_regime.simulator.helpers.collections import List
from hidden_regime.simulator.objects import Symbol, TradeBar
from hidden_regime.simulator.spelling import TwoSpellings


class SubscriptionDataConfig(TwoSpellings):
    """How a security's data are subscribed."""

    is_internal_feed = False
    exchange_time_zone = data_time_zone = "America/New_York"

    def __init__(self, subscription: Subscription) -> None:
        self._subscription = subscription

    @property
    def symbol(self) -> Symbol:
        """Whose data."""
        return self._subscription.symbol

    @property
    def resolution(self) -> Resolution:
        """Length of its bars."""
        return self._subscription.resolution

    @property
    def increment(self) -> Any:
        """Length of its bars, as a timedelta."""
        return self._subscription.increment

    @property
    def data_normalization_mode(self) -> Any:
        """How prices are adjusted."""
        return self._subscription.security.data_normalization_mode

    @property
    def fill_data_forward(self) -> bool:
        """Whether gaps are filled."""
        return self._subscription.security.fill_forward

    @property
    def extended_market_hours(self) -> bool:
        """Whether bars outside the session come."""
        return self._subscription.security.is_extended_market_hours

    @property
    def is_custom_data(self) -> bool:
        """Whether a reader of the user's makes them."""
        return self._subscription.custom is not None

    @property
    def type(self) -> Any:
        """Class of the data."""
        return getattr(self._subscription.custom, "kind", TradeBar)

    @property
    def consolidators(self) -> List:
        """What it feeds, of trades and of quotes."""
        return List([*self._subscription.consolidators, *self._subscription.quote_consolidators])
