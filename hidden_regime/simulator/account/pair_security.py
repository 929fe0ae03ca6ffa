"""Securities that are pairs of currencies: their prices, and the cash that trading them moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from hidden_regime.data.decimals import SystemDecimal
from hidden_regime.simulator.account.cash_book import Cash
from hidden_regime.simulator.account.exchange import Exchange, SymbolProperties
from hidden_regime.simulator.account.security import HOUR, Security
from hidden_regime.simulator.enums import DataNormalizationMode, Resolution
from hidden_regime.simulator.objects import QuoteBar, Symbol, TradeBar


class PairSecurity(Security):
    """A pair. Its quotes set its last data, and the prices of what has no trades."""

    def __init__(
        self, symbol: Symbol, resolution: Resolution, exchange: Exchange, now: Callable[[], datetime],
        properties: SymbolProperties, base: Cash, quote: Cash, *, fill_forward: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(symbol, resolution, DataNormalizationMode.RAW, exchange, now, fill_forward=fill_forward)
        self.symbol_properties = properties
        self.base_cash, self.quote_cash = base, quote
        self.is_internal = False
        """Whether the strategy didn't add it: it is here for a rate."""
        self._ohlc = (0.0, 0.0, 0.0)
        self._ohlc_of: Any = None
        """Data whose open, high and low nobody has asked for."""
        self._quoted_until = self._priced_until = datetime.min
        self._close = 0.0

    is_valued = False

    def swap(self, portfolio: Any, cost: SystemDecimal, quantity: SystemDecimal, now: datetime, fill: Any) -> None:
        """Move the cash of a fill: one currency comes, the other goes."""
        own = self.own_settlement
        for amount, cash in ((-cost, self.quote_cash), (quantity, self.base_cash)):
            if own is None:
                portfolio.pay(amount, cash.symbol)
            else:
                own.book(portfolio, amount, cash.symbol, fill)

    @property
    def base_currency(self) -> Cash:
        """Cash of what is bought."""
        return self.base_cash

    def whole(self, quantity: float, *, up: bool) -> float:
        """Whole lots."""
        lot = SystemDecimal.of(self.symbol_properties.lot_size)
        lots = SystemDecimal.of(quantity) / lot
        number = int(lots)
        if SystemDecimal(number) != lots and (lots.n > 0) == up:
            number += 1 if up else -1
        return float(SystemDecimal(number) * lot)

    def step_of(self, price: SystemDecimal) -> SystemDecimal:
        """What an order's price is a multiple of: a tick."""
        return SystemDecimal.of(self.symbol_properties.minimum_price_variation)

    def cut(self, quantity: float) -> float:
        """Whole lots, towards zero."""
        lot = SystemDecimal.of(self.symbol_properties.lot_size)
        return float(SystemDecimal(int(SystemDecimal.of(quantity) / lot)) * lot)

    def is_position(self, quantity: float) -> bool:
        """Whether so many are a position: less than a lot can't be traded."""
        return abs(quantity) >= self.symbol_properties.lot_size

    @property
    def price(self) -> float:
        """Last price."""
        return self._price

    @price.setter
    def price(self, price: float) -> None:
        self._price = price

    @property
    def last(self) -> Any:
        """The last data."""
        return self._last

    @last.setter
    def last(self, data: Any) -> None:
        self._last = data

    @property
    def close(self) -> float:
        """Close of the last bar: of quotes, where they came with trades."""
        return self._close or self.price

    def _look(self) -> tuple[float, float, float]:
        data, known = self._ohlc_of, self._ohlc
        if data is not None:
            self._ohlc = (data.open or known[0], data.high or known[1], data.low or known[2])
            self._ohlc_of = None
        return self._ohlc

    @property
    def open(self) -> float:
        """Open of the last bar."""
        return self._look()[0] or self.price

    @property
    def high(self) -> float:
        """High of the last bar."""
        return self._look()[1] or self.price

    @property
    def low(self) -> float:
        """Low of the last bar."""
        return self._look()[2] or self.price

    def set_market_price(self, data: Any) -> None:
        """Take new data: a bar that only repeats an old one changes nothing."""
        if data is None or data.is_fill_forward:
            return
        quotes = type(data) is QuoteBar
        end = data.end_time
        if quotes or self._last is None or self._quoted_until != end or type(data) is not TradeBar:
            self._last = data
        if self._quoted_until != end or self._priced_until != end:
            self._priced_until = end
            if not data.close:  # of what has no prices the ones before stay
                self._look()
            self._ohlc_of = data
            self._close = data.close or self._close
            self._price_from(data)
        if quotes:
            self._quoted_until = end
            self._quote(data)
        elif type(data) is TradeBar:
            self._trade(data)
        if self.volatility_feed is not None:
            self.volatility_feed(self, data)

    @property
    def latest(self) -> Any:
        """The last data that didn't only repeat others."""
        return self._last

    @property
    def traded_until(self) -> datetime | None:
        """When they ended."""
        return None if self._last is None else self._last.end_time

    def fills_at(self, now: datetime) -> bool:
        """Whether orders may fill at a time of its exchange's: that is open, or was during the bar that holds the time."""
        if self.exchange.open_at(now):
            return True
        last = self._last
        if last is None:
            return False
        holds = now.date() == last.end_time.date() if last.end_time - last.time > HOUR else now <= last.end_time
        return bool(holds and self.exchange.open_during(last.time, last.end_time))

    def _price_from(self, data: Any) -> None:
        self._price = data.close or self._price

    def _trade(self, bar: TradeBar) -> None:
        self._bar = bar

    def reset(self, *, prices: bool) -> None:
        """Nobody receives it any more."""
        super().reset(prices=prices)
        if prices:
            self._ohlc, self._ohlc_of = (0.0, 0.0, 0.0), None
            self._quoted_until = self._priced_until = datetime.min
            self._close = 0.0


class Forex(PairSecurity):
    """A pair of currencies: its price is halfway between bid and ask."""


class Crypto(PairSecurity):
    """A pair with a coin: its price is that of the last trade."""

    def _price_from(self, data: Any) -> None:
        # Once there has been a trade, only trades set the price.
        if self._bar is None or type(data) is TradeBar:
            self._price = data.close or self._price

    def _trade(self, bar: TradeBar) -> None:
        self._bar, self._price = bar, bar.close


__all__ = ["Crypto", "Forex", "PairSecurity"]
