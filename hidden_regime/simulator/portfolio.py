"""The account: cash, positions, and what they are worth."""

from __future__ import annotations

from datetime import datetime

from hidden_regime.simulator.enums import DataNormalizationMode, SplitType
from hidden_regime.simulator.objects import DataDictionary, Dividend, Split, Symbol
from hidden_regime.simulator.orders import OrderEvent
from hidden_regime.simulator.securities import Holding, Security, SecurityManager


class Portfolio(DataDictionary[Holding]):
    """A margin account in dollars. Indexed by symbol it gives the position."""

    def __init__(self, securities: SecurityManager) -> None:
        super().__init__()
        self._securities = securities
        self.cash = 100_000.0
        self.dividends = 0.0
        self.closed: list[tuple[datetime, float, bool]] = []

    def _held(self) -> list[Security]:
        return [s for s in self._securities.values() if s.holdings.quantity != 0.0]

    @property
    def total_portfolio_value(self) -> float:
        """Cash and positions at their last prices."""
        return self.cash + sum(s.holdings.quantity * s.price for s in self._held())

    @property
    def total_holdings_value(self) -> float:
        """Positions at their last prices, without sign."""
        return sum(abs(s.holdings.holdings_value) for s in self._held())

    @property
    def total_unrealized_profit(self) -> float:
        """What closing everything would earn after fees."""
        return sum(s.holdings.unrealized_profit for s in self._held())

    total_unrealised_profit = total_unrealized_profit

    @property
    def total_profit(self) -> float:
        """Realised profit before fees."""
        return sum(s.holdings.profit for s in self._securities.values())

    @property
    def total_fees(self) -> float:
        """Fees paid."""
        return sum(s.holdings.total_fees for s in self._securities.values())

    @property
    def total_net_profit(self) -> float:
        """Realised profit after fees."""
        return self.total_profit - self.total_fees

    @property
    def total_sale_volume(self) -> float:
        """Value of everything traded."""
        return sum(s.holdings.total_sale_volume for s in self._securities.values())

    @property
    def invested(self) -> bool:
        """Whether there is any position."""
        return bool(self._held())

    @property
    def hold_stock(self) -> bool:
        """Whether there is any position."""
        return self.invested

    @property
    def total_margin_used(self) -> float:
        """Maintenance margin of all positions."""
        return sum(abs(s.holdings.holdings_value) / s.leverage for s in self._held())

    @property
    def margin_remaining(self) -> float:
        """Margin left for new positions."""
        return self.total_portfolio_value - self.total_margin_used

    def set_cash(self, cash: float) -> None:
        """Start with this much."""
        self.cash = float(cash)

    def process_fill(self, event: OrderEvent) -> None:
        """Book a fill."""
        security = self._securities[event.symbol]
        holding, quantity, price, fee = security.holdings, event.fill_quantity, event.fill_price, event.fee or 0.0
        holding.total_sale_volume += abs(quantity) * price
        holding.total_fees += fee
        self.cash -= fee + quantity * price
        held = holding.quantity
        if held * quantity < 0:
            closed = min(abs(quantity), abs(held))
            profit = closed * (price - holding.average_price) * (1 if held > 0 else -1)
            holding.profit += profit
            holding.last_trade_profit = profit
            # LEAN books the closing fee twice in its record of closed trades.
            net = profit - 2.0 * fee
            self.closed.append((event.utc_time, net, net > 0))
        after = held + quantity
        if held == 0.0 or held * after < 0:
            holding.average_price = price
        elif after == 0.0:
            holding.average_price = 0.0
        elif held * quantity > 0:
            holding.average_price = (holding.average_price * held + price * quantity) / after
        holding.quantity = after

    def apply_dividend(self, dividend: Dividend, mode: DataNormalizationMode) -> None:
        """Pay a dividend, where prices aren't adjusted for it."""
        if mode in (DataNormalizationMode.RAW, DataNormalizationMode.SPLIT_ADJUSTED):
            paid = self._securities[dividend.symbol].holdings.quantity * dividend.distribution
            self.cash += paid
            self.dividends += paid

    def apply_split(self, split: Split, mode: DataNormalizationMode) -> None:
        """Turn old shares into new ones, where prices aren't adjusted for it; a fraction is paid out."""
        if mode != DataNormalizationMode.RAW or split.type != SplitType.SPLIT_OCCURRED:
            return
        security = self._securities[split.symbol]
        holding = security.holdings
        security.price *= split.split_factor
        quantity = holding.quantity / split.split_factor
        whole = float(int(quantity))
        self.cash += (quantity - whole) * security.price
        holding.quantity = whole
        holding.average_price *= split.split_factor

    def add(self, symbol: Symbol, holding: Holding) -> None:
        """Take a position into the index."""
        self[symbol] = holding
