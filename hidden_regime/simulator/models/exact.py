"""Margin of accounts with several currencies, in LEAN's decimals.

A rate is a quotient of up to 28 digits, so that a target of whole lots is met or missed by its last one, and LEAN prints all of
them. An account of one currency needs none of this: its prices have few digits, which doubles keep.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hidden_regime.data.decimals import ONE, ZERO, SystemDecimal, total
from hidden_regime.simulator.failures import ArgumentException
from hidden_regime.simulator.models.fees import fee_of
from hidden_regime.simulator.orders.kinds.market import MarketOrder

if TYPE_CHECKING:
    from hidden_regime.simulator.account.portfolio import Portfolio
    from hidden_regime.simulator.account.security import Security
    from hidden_regime.simulator.orders.order import Order

of = SystemDecimal.of
SHORT = "Id: {}, Initial Margin: {}, Free Margin: {}"


def initial_margin(security: Security, quantity: SystemDecimal, requirement: SystemDecimal) -> SystemDecimal:
    """Margin that an order of so many units needs, with its sign."""
    return security.quote_cash.exact_rate * of(security.price) * quantity * requirement


def bound(security: Security) -> SystemDecimal:
    """Margin that a position binds."""
    model = security.margins
    if not model.is_usual:
        return of(model.maintenance_margin(security))
    value = of(security.price) * of(security.holdings.quantity) * security.quote_cash.exact_rate
    return abs(value) * model.exact_maintenance  # type: ignore[no-any-return]


def margin_left(portfolio: Portfolio) -> SystemDecimal:
    """Margin left for new positions."""
    used = total([bound(s) for s in portfolio.held.values() if s.is_position(s.holdings.quantity)])
    return portfolio.exact_value - portfolio.exact_unsettled - used


def _fees(portfolio: Portfolio, security: Security, order: Order) -> SystemDecimal:
    fee = fee_of(security, order).value
    return portfolio.cash_book.exact_in_account(of(fee.amount), fee.currency) if fee.amount else ZERO


def shortfall(model: Any, portfolio: Portfolio, security: Security, order: Order) -> str:
    """Why an order can't be carried, in LEAN's words; empty if it can."""
    quantity, held = of(order.quantity), of(security.holdings.quantity)
    if not quantity or ((held * quantity).n < 0 and abs(held) >= abs(quantity)):
        return ""
    free = margin_left(portfolio)
    if security.is_position(float(held)) and (held.n > 0) != (quantity.n > 0):
        free = free + bound(security) + initial_margin(security, abs(held), model.exact_initial)
    free = free - portfolio.exact_value * of(model.free)
    free = free if free.n > 0 else ZERO
    need, fees = initial_margin(security, quantity, model.exact_initial), _fees(portfolio, security, order)
    need = need + fees if need.n > 0 else need - fees
    need = (abs(quantity) - abs(of(order.quantity_filled))) / abs(quantity) * need
    if abs(need) <= free:
        return ""
    return SHORT.format(order.id, need.normalize(), free.normalize())


def whole_lots(quantity: SystemDecimal, lot: SystemDecimal, *, up: bool) -> SystemDecimal:
    """The next whole lots, up or down."""
    lots = quantity / lot
    number = int(lots)
    if SystemDecimal(number) != lots and (lots.n > 0) == up:
        number += 1 if up else -1
    return lot * SystemDecimal(number)


def order_quantity(
    model: Any, portfolio: Portfolio, security: Security, share: SystemDecimal, least: SystemDecimal
) -> SystemDecimal | None:
    """Units to order so that the position's margin becomes a share of the account's value; None where that is too small.

    Raises
    ------
    ArgumentException
        No number of units does it.
    """
    worth, held = portfolio.exact_value, of(security.holdings.quantity)
    kept = worth * of(model.free)
    target = share * (worth - kept)
    if not target:
        return -held
    unit = initial_margin(security, ONE, model.exact_initial)
    if not unit:
        return ZERO
    away = abs(target - initial_margin(security, held, model.exact_initial))
    if worth * least > away and margin_left(portfolio).n > 0:
        return None
    lot, last = of(security.symbol_properties.lot_size), ZERO
    while True:
        quantity, margin = _to_order(model, security, target, unit, lot)
        if not quantity:
            return ZERO
        order = MarketOrder(security.symbol, float(quantity), security.now)
        target = (worth - _fees(portfolio, security, order) - kept) * share
        if last == quantity:
            raise ArgumentException(
                f"GetMaximumOrderQuantityForTargetBuyingPower failed to converge on the target margin: {target}; the following "
                f"information can be used to reproduce the issue. Total Portfolio Cash: {portfolio.cash}; Security: "
                f"{security.symbol.id}; Price : {security.price}; Leverage: {model.get_leverage(security)}."
            )
        last = quantity
        if abs(margin) <= abs(target):
            return quantity


def _to_order(
    model: Any, security: Security, target: SystemDecimal, unit: SystemDecimal, lot: SystemDecimal
) -> tuple[SystemDecimal, SystemDecimal]:
    """Units to order that keep a position's margin within a target, and that margin."""
    held, short = of(security.holdings.quantity), target.n < 0
    quantity = whole_lots(target / unit - held, lot, up=short)
    margin = initial_margin(security, quantity + held, model.exact_initial)
    while (margin - target).n and ((margin - target).n < 0) == short:
        quantity = quantity + lot if short else quantity - lot
        margin = initial_margin(security, quantity + held, model.exact_initial)
    return quantity, margin
