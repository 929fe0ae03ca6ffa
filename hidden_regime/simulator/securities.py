"""Securities and what the account holds of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.simulator.enums import DataNormalizationMode, Resolution, SecurityType
from hidden_regime.simulator.fees import FeeModel, InteractiveBrokersFeeModel
from hidden_regime.simulator.objects import DataDictionary, Symbol, TradeBar
from hidden_regime.simulator.spelling import TwoSpellings

if TYPE_CHECKING:
    from hidden_regime.data.market import Asset


class Holding(TwoSpellings):
    """Position in one security."""

    def __init__(self, security: Security) -> None:
        self._security = security
        self.symbol = security.symbol
        self.quantity = 0.0
        self.average_price = 0.0
        self.profit = 0.0
        self.last_trade_profit = 0.0
        self.total_fees = 0.0
        self.total_sale_volume = 0.0

    @property
    def price(self) -> float:
        """Last price."""
        return self._security.price

    @property
    def invested(self) -> bool:
        """Whether there is a position."""
        return self.quantity != 0.0

    hold_stock = invested

    @property
    def is_long(self) -> bool:
        """Whether shares are owned."""
        return self.quantity > 0.0

    @property
    def is_short(self) -> bool:
        """Whether shares are owed."""
        return self.quantity < 0.0

    @property
    def absolute_quantity(self) -> float:
        """Shares without sign."""
        return abs(self.quantity)

    @property
    def holdings_value(self) -> float:
        """Value at the last price, negative for a short position."""
        return self.quantity * self.price

    @property
    def absolute_holdings_value(self) -> float:
        """Value without sign."""
        return abs(self.holdings_value)

    @property
    def holdings_cost(self) -> float:
        """What the position cost."""
        return self.quantity * self.average_price

    @property
    def absolute_holdings_cost(self) -> float:
        """Cost without sign."""
        return abs(self.holdings_cost)

    @property
    def unrealized_profit(self) -> float:
        """What closing at the last price would earn, after its fee."""
        if self.quantity == 0.0:
            return 0.0
        fee = self._security.fee_model.fee(-self.quantity, self.price)
        return (self.price - self.average_price) * self.quantity - fee

    @property
    def unrealized_profit_percent(self) -> float:
        """Unrealised profit as a share of the cost."""
        cost = self.absolute_holdings_cost
        return self.unrealized_profit / cost if cost else 0.0

    @property
    def net_profit(self) -> float:
        """Realised profit after fees."""
        return self.profit - self.total_fees


class Security(TwoSpellings):
    """A subscribed security and its latest data."""

    def __init__(self, asset: Asset, symbol: Symbol, mode: DataNormalizationMode, fill_forward: bool, leverage: float) -> None:
        self.asset = asset
        self.symbol = symbol
        self.resolution = Resolution.DAILY
        self.type = SecurityType.EQUITY
        self.data_normalization_mode = mode
        self.fill_forward = fill_forward
        self.leverage = leverage
        self.fee_model: FeeModel = InteractiveBrokersFeeModel()
        self.bar: TradeBar | None = None
        self.price = 0.0
        self.is_tradable = True
        self.is_delisted = False
        self.holdings = Holding(self)

    @property
    def has_data(self) -> bool:
        """Whether a bar has come."""
        return self.bar is not None

    @property
    def open(self) -> float:
        """Open of the last bar."""
        return self.bar.open if self.bar else 0.0

    @property
    def high(self) -> float:
        """High of the last bar."""
        return self.bar.high if self.bar else 0.0

    @property
    def low(self) -> float:
        """Low of the last bar."""
        return self.bar.low if self.bar else 0.0

    @property
    def close(self) -> float:
        """Last price."""
        return self.price

    @property
    def volume(self) -> float:
        """Volume of the last bar."""
        return self.bar.volume if self.bar else 0.0

    @property
    def invested(self) -> bool:
        """Whether there is a position."""
        return self.holdings.invested

    def set_fee_model(self, model: FeeModel) -> None:
        """Charge by another model."""
        self.fee_model = model

    def set_leverage(self, leverage: float) -> None:
        """Buying power as a multiple of the account."""
        self.leverage = float(leverage)

    def get_last_data(self) -> TradeBar | None:
        """The latest bar."""
        return self.bar

    def update(self, bar: TradeBar) -> None:
        """Take a new bar."""
        self.bar = bar
        self.price = bar.close


class SecurityManager(DataDictionary[Security]):
    """Securities by symbol, in the order in which they were added."""
