"""How many shares make a target share of the account (LEAN's buying power model for margin accounts)."""

from __future__ import annotations

import math

from hidden_regime.simulator.portfolio import Portfolio
from hidden_regime.simulator.securities import Security


class Refusal(Exception):
    """A target so close to the position that the order would cost more than it does."""


def _amount(target: float, unit: float, held: float) -> tuple[float, float]:
    """Shares to order so that the position's margin stays within the target's, and that margin.

    The small slack stands for LEAN's decimal arithmetic, in which a quotient that is whole stays whole.
    """
    exact = target / unit
    slack = 1e-9 * max(abs(exact), 1.0)
    wanted = math.ceil(exact - slack) if target < 0 else math.floor(exact + slack)
    return wanted - held, wanted * unit


def order_quantity(portfolio: Portfolio, security: Security, share: float, *, free_share: float, minimum_share: float) -> float:
    """Shares to order for a position worth `share` of the account.

    Parameters
    ----------
    share : float
        Target as a share of the account; negative is short.
    free_share : float
        Part of the account kept free.
    minimum_share : float
        Least change of margin worth an order, as a share of the account.

    Raises
    ------
    Refusal
        The change is below `minimum_share`.
    """
    held = security.holdings.quantity
    value = portfolio.total_portfolio_value
    unit = security.price / security.leverage
    if value <= 0.0 or unit <= 0.0:
        return 0.0
    part = share * (value - value * free_share) / value / security.leverage
    target = part * value
    if target == 0.0:
        return -held
    if value * minimum_share > abs(target - held * unit) and portfolio.margin_remaining > 0.0:
        raise Refusal
    last = None
    while True:
        quantity, margin = _amount(target, unit, held)
        if quantity == 0.0 or quantity == last:
            return quantity
        last = quantity
        fee = security.fee_model.fee(quantity, security.price)
        target = (value - fee) * part
        if abs(margin) <= abs(target):
            return quantity


def margin_shortfall(portfolio: Portfolio, security: Security, quantity: float) -> tuple[float, float] | None:
    """Margin that an order needs and margin that is free, if the latter isn't enough."""
    held = security.holdings.quantity
    if held * quantity < 0 and abs(held) >= abs(quantity):
        return None
    unit = security.price / security.leverage
    free = portfolio.margin_remaining
    if held * quantity < 0:
        free += 2.0 * abs(held) * unit
    free = max(free, 0.0)
    fee = security.fee_model.fee(quantity, security.price)
    needed = quantity * unit + math.copysign(fee, quantity)
    return (needed, free) if abs(needed) > free else None
