"""Securities that are pairs of currencies: their prices, and the cash that trading them moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np

from hidden_regime.data.decimals import SystemDecimal
from hidden_regime.simulator.account.cash_book import Cash
from hidden_regime.simulator.account.exchange import Exchange, SymbolProperties
from hidden_regime.simulator.account.security import HOUR, Security
from hidden_regime.simulator.enums import DataNormalizationMode, Resolution
from hidden_regime.simulator.feed.pair_panel import PairPanel
from hidden_regime.simulator.feed.panel import MISSING, Column, Panel
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
        self._lasts: list[float] = []
        self._ohlc = (0.0, 0.0, 0.0)
        self._ohlc_of: Any = None
        """Data whose open, high and low nobody has asked for."""
        self._quoted_until = self._priced_until = datetime.min
        self._close = 0.0

    is_valued = is_plain = False

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

    # What has come ------------------------------------------------------------------------------------------------------
    def follow(self, panel: Panel, place: int) -> None:
        """From now on take trades and quotes from columns of a panel of pairs, when somebody looks."""
        self.catch_up()
        self._panel, self._place, self._row = panel, place, panel.row
        self._foresee()

    def _foresee(self) -> None:
        """Know the price of the last data at each row to come: rates of currencies ask for it at each."""
        last = 0.0 if self._last is None else float(self._last.price)
        self._lasts = self._panel.lasts(self._place, last, self._row) if isinstance(self._panel, PairPanel) else []

    def catch_up(self) -> None:
        """Take what has arrived since somebody last looked: all that counts is the last trade and the last quote."""
        panel, before = self._panel, self._row
        if panel.row == before or not isinstance(panel, PairPanel):
            return
        self._row = row = panel.row
        trades, quotes = panel.columns[self._place], panel.quoted.columns[self._place]
        if self.path is not None:
            self.path.extend(self._seen(trades, quotes, before))
        traded, quoted = trades.traded[row], quotes.traded[row]
        if traded > before:
            self._ohlc_of = self._last = bar = panel.bar(self._place, traded)
            self._priced_until, self._close = bar.end_time, bar.close or self._close
            self._price_from(bar)
            self._trade(bar)
        if quoted > before:
            quote = panel.quoted.bar(self._place, quoted)
            self._quote(quote)
            self._quoted_until = quote.end_time
            if quoted >= traded:
                self._ohlc_of = self._last = quote
                self._priced_until, self._close = quote.end_time, quote.close or self._close
                self._price_from(quote)

    def _seen(self, trades: Column, quotes: Column, before: int) -> list[float]:
        """Its price after each trade and each quote since a row, real or repeated: trades alone have moved it."""
        if self._row == before + 1:
            price = trades.closes[self._row] if trades.traded[self._row] == self._row else self._price
            return [price] * (trades.has(self._row) + quotes.has(self._row))
        rows = slice(before + 1, self._row + 1)
        traded = np.array(trades.traded[rows])
        prices = np.where(traded > before, trades.values[traded, 3], self._price)
        times = (trades.kinds[rows] != MISSING).astype(int) + (quotes.kinds[rows] != MISSING)
        found: list[float] = np.repeat(prices, times).tolist()
        return found

    @property
    def last_price(self) -> float:
        """Price of the last data; zero without any."""
        if self._lasts and self._panel.row >= 0:
            return self._lasts[self._panel.row]
        last = self.last
        return 0.0 if last is None else float(last.price)

    @property
    def price(self) -> float:
        """Last price: while its data come in rows that of the last trade, without a look at anything else."""
        panel, before = self._panel, self._row
        if panel.row != before:
            column = panel.columns[self._place]
            traded = column.traded[panel.row]
            if traded > before:
                return column.closes[traded]
        return self._price

    @price.setter
    def price(self, price: float) -> None:
        self.catch_up()
        self._price = price

    @property
    def last(self) -> Any:
        """The last data."""
        self.catch_up()
        return self._last

    @last.setter
    def last(self, data: Any) -> None:
        self.catch_up()
        self._last, self._lasts = data, []

    @property
    def close(self) -> float:
        """Close of the last bar: of quotes, where they came with trades."""
        self.catch_up()
        return self._close or self.price

    def _look(self) -> tuple[float, float, float]:
        self.catch_up()
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
        self.catch_up()
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
        self._lasts = []  # others have come than the rows foretold
        if self.volatility_feed is not None:
            self.volatility_feed(self, data)

    def feed_volatility(self, panel: Panel) -> None:
        """Tell the volatility model of what a panel has just brought, as `set_market_price` does of others."""
        if self._panel is not panel or self.volatility_feed is None:
            return
        self.catch_up()
        for part in (panel, panel.quoted):
            if part is not None and part.columns[self._place].traded[panel.row] == panel.row:
                self.volatility_feed(self, part.bar(self._place, panel.row))

    @property
    def latest(self) -> Any:
        """The last data that didn't only repeat others."""
        return self.last

    @property
    def traded_until(self) -> datetime | None:
        """When they ended."""
        last = self.last
        return None if last is None else last.end_time

    @property
    def quote(self) -> QuoteBar | None:
        """The last quote."""
        self.catch_up()
        return self._quoted

    @quote.setter
    def quote(self, quote: QuoteBar | None) -> None:
        self.catch_up()
        self._quoted = quote

    @property
    def bid_price(self) -> float:
        """The last bid, or the last price where none has come."""
        self.catch_up()
        return super().bid_price

    @property
    def ask_price(self) -> float:
        """The last ask, or the last price where none has come."""
        self.catch_up()
        return super().ask_price

    @property
    def bid_size(self) -> float:
        """How many the last bid was for."""
        self.catch_up()
        return self._bid_size

    @bid_size.setter
    def bid_size(self, size: float) -> None:
        self._bid_size = size

    @property
    def ask_size(self) -> float:
        """How many were asked for last."""
        self.catch_up()
        return self._ask_size

    @ask_size.setter
    def ask_size(self, size: float) -> None:
        self._ask_size = size

    def fills_at(self, now: datetime) -> bool:
        """Whether orders may fill at a time of its exchange's: that is open, or was during the bar that holds the time."""
        if self.exchange.open_at(now):
            return True
        last = self.last
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
