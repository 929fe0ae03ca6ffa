"""Hourly data with daily regimes: the day's regime decides how much, the hour when.

Idea: regimes are those of daily bars whatever is subscribed; they are known at the close. The next session's orders go out
at `hour`, when the opening's noise has settled, and a position whose hour has fallen below the day's open by `stop` is
closed before the day ends.

Parameters: assets (tickers separated by commas; default SPY,QQQ), hour (of New York, from 10 to 12: half days close at 13), stop
(fall within the day that closes a position), start and end (yyyy-mm-dd), cash, n_states, lookback (trading days), retrain.
Data: hourly US equities, and their daily bars for the first window.
What to expect: the regimes, and so the long-run exposure, of the daily templates; fills at the hour instead of the open.
"""

from AlgorithmImports import *

from hidden_regime.quantconnect import HiddenRegimeAlgorithm


class HourlyWithDailyRegimes(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(*map(int, self.get_parameter("start", "2006-01-03").split("-")))
        self.set_end_date(*map(int, self.get_parameter("end", "2020-12-31").split("-")))
        self.set_cash(self.get_parameter("cash", 100000))
        tickers = self.get_parameter("assets", "SPY,QQQ")
        self.assets = [self.add_equity(t.strip(), Resolution.HOUR).symbol for t in tickers.split(",") if t.strip()]
        self.hour = self.get_parameter("hour", 11)
        self.stop = self.get_parameter("stop", 0.03)
        for symbol in self.assets:
            self.initialize_regime_detection(
                symbol,
                n_states=self.get_parameter("n_states", 3),
                lookback_days=self.get_parameter("lookback", 252),
                retrain_frequency=self.get_parameter("retrain", "monthly"),
            )
        self.opens, self.stopped = {}, {}

    def on_data(self, data):
        if self.is_warming_up:
            return
        for symbol in self.assets:
            bar = data.bars.get(symbol)
            if bar is None or not self.regime_is_ready(symbol):
                continue
            if self.opens.get(symbol.value, (None,))[0] != self.time.date():
                self.opens[symbol.value] = (self.time.date(), bar.open)
            fallen = bar.close < self.opens[symbol.value][1] * (1 - self.stop)
            if fallen and self.portfolio[symbol].invested and self.time.hour < 16:
                self.stopped[symbol.value] = self.time.date()
                self.liquidate(symbol)
            elif self.time.hour == self.hour and self.stopped.get(symbol.value) != self.time.date():
                wish = 0.98 / len(self.assets) * self.get_regime_allocation(symbol)
                held = self.portfolio[symbol].holdings_value / self.portfolio.total_portfolio_value
                if abs(wish - held) > 0.05:
                    self.set_holdings(symbol, wish)
