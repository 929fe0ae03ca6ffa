"""Regime deterioration: short an asset whose regime gets worse.

Idea: a fall from a better regime into Bear, believed with `confidence`, opens a short position; it is closed when the regime
improves, after `patience` bars, or when it has lost `stop`. A short sale costs without limit where a long one can't, so
it is small.

Parameters: assets (tickers separated by commas; default SPY,QQQ,IWM), size (share of the account for each short, above 0),
confidence, patience (bars after the change), stop (loss on the position that ends it), start and end (yyyy-mm-dd), cash,
n_states, lookback (trading days), retrain.
Data: daily US equities that can be borrowed; LEAN charges no borrowing fee, your broker does.
What to expect: little. It lost 3% in twelve years of the packaged stocks, and gained 5% in nineteen of the S&P 500, before
borrowing costs. Use it beside a long strategy, not alone.
"""

from AlgorithmImports import *

from hidden_regime.quantconnect import HiddenRegimeAlgorithm


class RegimeDeteriorationShort(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(*map(int, self.get_parameter("start", "2006-01-03").split("-")))
        self.set_end_date(*map(int, self.get_parameter("end", "2020-12-31").split("-")))
        self.set_cash(self.get_parameter("cash", 100000))
        tickers = self.get_parameter("assets", "SPY,QQQ,IWM")
        self.assets = [self.add_equity(t.strip(), Resolution.DAILY).symbol for t in tickers.split(",") if t.strip()]
        self.size = self.get_parameter("size", 0.2)
        self.confidence = self.get_parameter("confidence", 0.6)
        self.patience = self.get_parameter("patience", 40)
        self.stop = self.get_parameter("stop", 0.08)
        for symbol in self.assets:
            self.initialize_regime_detection(
                symbol,
                n_states=self.get_parameter("n_states", 3),
                lookback_days=self.get_parameter("lookback", 252),
                retrain_frequency=self.get_parameter("retrain", "monthly"),
            )
        self.worse = {}

    def on_regime_change(self, old_regime, new_regime, confidence, ticker):
        if new_regime in ("Bear", "Crisis") and old_regime != "Crisis":
            self.worse[ticker] = 0
        else:
            self.worse.pop(ticker, None)

    def on_data(self, data):
        if self.is_warming_up:
            return
        for symbol in self.assets:
            if data.bars.get(symbol) is None or not self.regime_is_ready(symbol):
                continue
            bars, position = self.worse.get(symbol.value), self.portfolio[symbol]
            if bars is not None:
                self.worse[symbol.value] = bars + 1
            over = bars is None or bars >= self.patience
            if position.is_short and (over or position.unrealized_profit_percent < -self.stop):
                self.worse.pop(symbol.value, None)
                self.liquidate(symbol)
            elif not over and not position.invested and self.get_regime_signal(symbol).confidence >= self.confidence:
                self.set_holdings(symbol, -self.size)
