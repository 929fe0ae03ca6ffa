"""Buying power: what an order needs, what the account has, and how many shares make a target."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

from hidden_regime.data.decimals import ONE, SystemDecimal
from hidden_regime.exceptions import ParameterError, RegimeError, UnsupportedError
from hidden_regime.simulator.enums import OrderDirection
from hidden_regime.simulator.managed import Managed
from hidden_regime.simulator.models import exact
from hidden_regime.simulator.models.fees import amount_of
from hidden_regime.simulator.orders.costs import fee_at_market
from hidden_regime.simulator.rounding import plain

if TYPE_CHECKING:
    from hidden_regime.simulator.account.portfolio import Portfolio
    from hidden_regime.simulator.account.security import Security
    from hidden_regime.simulator.orders.order import Order

NOT_CONVERGED = (
    "GetMaximumOrderQuantityForTargetBuyingPower failed to converge on the target margin: {target}; the following information "
    "can be used to reproduce the issue. Total Portfolio Cash: {cash}; Security: {symbol}; Price : {price}; Leverage: {leverage}."
)


class TooSmall(Exception):
    """A change of position so small that LEAN lets it be."""


class Unreckoned(Exception):
    """A model can't tell how many make a target, and says why."""


OWN_RULES = (
    "get_maintenance_margin", "get_initial_margin_requirement", "get_initial_margin_required_for_order",
    "has_sufficient_buying_power_for_order", "get_maximum_order_quantity_for_target_buying_power",
    "get_maximum_order_quantity_for_delta_buying_power", "get_reserved_buying_power_for_position", "get_buying_power",
)  # fmt: skip


def check_buying_power(model: Any) -> Any:
    """Raise for a model whose own rules the engine wouldn't ask."""
    own = [name for name in OWN_RULES if any(name in vars(cls) for cls in type(model).__mro__)]
    if own or not isinstance(model, BuyingPowerModel):
        said = ", ".join(own) or "a class of its own"
        raise UnsupportedError(
            f"buying power model {type(model).__name__}: own rules ({said}) exist in LEAN only. Use BuyingPowerModel, "
            "SecurityMarginModel, ConstantBuyingPowerModel, PatternDayTradingMarginModel or NullBuyingPowerModel."
        )
    return model


class BuyingPowerModel(metaclass=Managed):
    """Margin as shares of a position's value.

    Parameters
    ----------
    leverage_or_initial : float
        With one argument the leverage; with two or three the initial margin requirement.
    maintenance_margin_requirement, required_free_buying_power_percent : float, optional
        From 0 to 1.
    """

    def __init__(
        self, leverage_or_initial: float = 1.0, maintenance_margin_requirement: float | None = None,
        required_free_buying_power_percent: float = 0.0,
    ) -> None:  # fmt: skip
        if maintenance_margin_requirement is None:
            self.set_leverage_value(leverage_or_initial)
        else:
            self.initial, self.maintenance = float(leverage_or_initial), float(maintenance_margin_requirement)
            self.exact_initial, self.exact_maintenance = SystemDecimal.of(self.initial), SystemDecimal.of(self.maintenance)
            for name, value in (("Initial", self.initial), ("Maintenance", self.maintenance)):
                if not 0.0 <= value <= 1.0:
                    raise ParameterError(f"{name} margin requirement", value, "a number between 0 and 1")
        if not 0.0 <= required_free_buying_power_percent <= 1.0:
            raise ParameterError(
                "required_free_buying_power_percent", required_free_buying_power_percent, "a number between 0 and 1"
            )
        self.free = float(required_free_buying_power_percent)

    NULL: ClassVar[Any]
    is_usual = True
    """Whether margin is shares of a position's value, and nothing else."""
    varies = False
    """Whether margin changes with the time of day."""

    def set_leverage_value(self, leverage: float) -> None:
        """Both requirements by a leverage."""
        if leverage < 1.0:
            raise ParameterError("leverage", leverage, "a number of at least 1 (Leverage must be greater than or equal to 1.)")
        self.initial = self.maintenance = 1.0 / float(leverage)
        self.exact_initial = self.exact_maintenance = ONE / SystemDecimal.of(float(leverage))

    def get_leverage(self, security: Security) -> float:
        """Leverage of a security."""
        return 1.0 / self.initial if self.initial else math.inf

    def set_leverage(self, security: Security, leverage: float) -> None:
        """Change it."""
        self.set_leverage_value(leverage)

    def initial_margin(self, security: Security, quantity: float) -> float:
        """Margin that an order of so many shares needs, with its sign."""
        return security.price * quantity * self.initial * security.quote_cash.rate

    def maintenance_margin(self, security: Security) -> float:
        """Margin that the position binds."""
        return abs(security.holdings.quantity * security.price * security.quote_cash.rate) * self.maintenance

    def buying_power(self, portfolio: Portfolio, security: Security, direction: OrderDirection) -> float:
        """What an order in a direction may use: a reversal frees the position's margin and may use it again."""
        left = portfolio.margin_remaining
        held = security.holdings.quantity
        if (held > 0 and direction == OrderDirection.SELL) or (held < 0 and direction == OrderDirection.BUY):
            left += self.maintenance_margin(security) + self.initial_margin(security, abs(held))
        return max(left - portfolio.total_portfolio_value * self.free, 0.0)

    def shortfall(self, portfolio: Portfolio, security: Security, order: Order) -> str:
        """Why an order can't be carried, in LEAN's words; empty if it can."""
        if portfolio.cash_book.abroad and self.is_usual:
            return exact.shortfall(self, portfolio, security, order)
        quantity, held = order.quantity, security.holdings.quantity
        if quantity == 0 or (held * quantity < 0 and abs(held) >= abs(quantity)):
            return ""
        need = self.initial_margin(security, quantity)
        need += math.copysign(amount_of(security, order), need)
        need *= (abs(quantity) - abs(order.quantity_filled)) / abs(quantity)
        free = self.buying_power(portfolio, security, order.direction)
        if abs(need) <= free:
            return ""
        return f"Id: {order.id}, Initial Margin: {plain(need)}, Free Margin: {plain(free)}"

    def order_quantity(self, portfolio: Portfolio, security: Security, share: float | SystemDecimal, *, least: float) -> float:
        """Shares to order so that the position's margin becomes a share of the account's value.

        Parameters
        ----------
        share : float or SystemDecimal
            Target margin over account value; negative is short.
        least : float
            Least change of margin worth an order, as a share of the account.

        Raises
        ------
        TooSmall
        """
        if portfolio.cash_book.abroad and self.is_usual:
            wanted = share if isinstance(share, SystemDecimal) else SystemDecimal.of(share)
            found = exact.order_quantity(self, portfolio, security, wanted, SystemDecimal.of(least))
            if found is None:
                raise TooSmall
            return float(found)
        share = float(share)
        held, total = security.holdings.quantity, portfolio.total_portfolio_value
        signed = share * total
        if signed == 0.0:
            return -held
        unit = self.initial_margin(security, 1.0)
        if unit <= 0.0:
            return 0.0
        if least * total > abs(signed - self.initial_margin(security, held)) and portfolio.margin_remaining > 0:
            raise TooSmall
        last = None
        while True:
            quantity = security.whole(signed / unit - held, up=signed < 0)
            margin = (quantity + held) * unit
            if quantity == 0.0:
                return 0.0
            fee = fee_at_market(security, quantity)
            signed = (total - fee) * share
            if abs(margin) <= abs(signed) * (1 + 1e-12):
                return quantity
            if quantity == last:
                raise RegimeError(
                    NOT_CONVERGED.format(
                        target=plain(signed),
                        cash=plain(portfolio.cash),
                        symbol=security.symbol.id,
                        price=plain(security.price),
                        leverage=plain(self.get_leverage(security)),
                    )
                )
            last = quantity


class SecurityMarginModel(BuyingPowerModel):
    """Buying power by leverage: what equities use in margin and in cash accounts."""


class NullBuyingPowerModel(BuyingPowerModel):
    """Whatever is ordered can be carried."""

    is_usual = False

    def maintenance_margin(self, security: Security) -> float:
        """None."""
        return 0.0

    def shortfall(self, portfolio: Portfolio, security: Security, order: Order) -> str:
        """Never."""
        return ""


type.__setattr__(BuyingPowerModel, "NULL", NullBuyingPowerModel())


class ConstantBuyingPowerModel(BuyingPowerModel):
    """The same margin for each share, whatever its price."""

    is_usual = False

    def __init__(self, margin: float) -> None:
        super().__init__(1.0)
        self._margin = float(margin)

    def initial_margin(self, security: Security, quantity: float) -> float:
        """Margin of so many shares, with their sign."""
        return self._margin * quantity

    def maintenance_margin(self, security: Security) -> float:
        """Margin of the position."""
        return self._margin * abs(security.holdings.quantity)


class PatternDayTradingMarginModel(SecurityMarginModel):
    """Leverage 4 while the exchange is open, 2 while it is closed."""

    is_usual = False
    varies = True

    def __init__(self, closed_market_leverage: float = 2.0, open_market_leverage: float = 4.0) -> None:
        super().__init__(open_market_leverage)
        self._closed_factor = open_market_leverage / closed_market_leverage

    def _factor(self, security: Security) -> float:
        return 1.0 if security.exchange.exchange_open else self._closed_factor

    def get_leverage(self, security: Security) -> float:
        """Leverage now."""
        return super().get_leverage(security) / self._factor(security)

    def set_leverage(self, security: Security, leverage: float) -> None:
        """Ignored, as in LEAN."""

    def initial_margin(self, security: Security, quantity: float) -> float:
        """Margin that an order needs now."""
        return super().initial_margin(security, quantity) * self._factor(security)

    def maintenance_margin(self, security: Security) -> float:
        """Margin that the position binds now."""
        return super().maintenance_margin(security) * self._factor(security)
