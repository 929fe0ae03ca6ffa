"""Margin calls: when a position has outgrown its account."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from hidden_regime.simulator.enums import OrderType
from hidden_regime.simulator.managed import Managed
from hidden_regime.simulator.models.buying_power import TooSmall
from hidden_regime.simulator.orders.requests import SubmitOrderRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hidden_regime.simulator.account.portfolio import Portfolio

BUFFER, WARNING = 0.10, 0.05
TAG = "Margin Call"


class DefaultMarginCallModel(metaclass=Managed):
    """Sells what an account can't carry once margin exceeds its value by a tenth, the biggest loser first.

    Each position's order is sized to remove the whole excess; orders are sent one by one until the margin suffices.
    """

    def __init__(self, *_: Any, margin_buffer: float = BUFFER) -> None:
        self._buffer = float(margin_buffer)

    def orders(self, portfolio: Portfolio) -> tuple[list[SubmitOrderRequest], bool]:
        """Orders that the account needs, and whether a warning is due."""
        used, total = portfolio.total_margin_used, portfolio.total_portfolio_value
        left = total - portfolio.unsettled_cash - used
        if used <= 0.0:
            return [], False
        if left > 0.0:
            return [], left <= WARNING * total
        if used <= total * (1.0 + self._buffer):
            return [], False
        requests = []
        for security in list(portfolio.held.values()):
            quantity = self._quantity(portfolio, security, used - total)
            if quantity:
                requests.append(SubmitOrderRequest(OrderType.MARKET, security.symbol, quantity, tag=TAG))
        return requests, bool(requests)

    @staticmethod
    def _quantity(portfolio: Portfolio, security: Any, excess: float) -> float:
        model, held = security.margins, security.holdings.quantity
        if not security.is_position(held):
            return 0.0
        bound = model.maintenance_margin(security)
        released = bound - max(0.0, bound - excess)
        total = portfolio.total_portfolio_value
        share = (math.copysign(bound, held) - math.copysign(released, held)) / total if total else 0.0
        try:
            quantity = abs(model.order_quantity(portfolio, security, share, least=0.0))
        except TooSmall:
            return 0.0
        return -math.copysign(quantity, held) if quantity else 0.0

    def sorted(self, portfolio: Portfolio, requests: Sequence[SubmitOrderRequest]) -> list[SubmitOrderRequest]:
        """Requests in the order in which they are sent."""
        return sorted(requests, key=lambda request: portfolio[request.symbol].unrealized_profit)


class NullMarginCallModel(DefaultMarginCallModel):
    """Never calls, never warns."""

    def orders(self, portfolio: Portfolio) -> tuple[list[SubmitOrderRequest], bool]:
        """None."""
        return [], False


class MarginCallModel:
    """Door to the models."""

    NULL = NullMarginCallModel()
