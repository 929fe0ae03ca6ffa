"""A/B comparison: the same strategy with caching and batching, and without.

Idea: speed must not buy a different answer. Run it twice, with optimized=on and optimized=off: the digest of the orders in
the log is the same, the seconds spent on regimes are not. It trains on every bar, where the difference is largest.

Parameters: optimized (on or off), assets (tickers separated by commas; default SPY,QQQ,IWM), start and end (yyyy-mm-dd), cash,
n_states, lookback (trading days), retrain (default daily), store (a folder that keeps the models; with it a second run trains
nothing).
Data: daily US equities.
What to expect: equal digests. Without a store the cache finds nothing, for no window of a run is asked for twice; batching
gains with the number of assets.
"""

import hashlib

from AlgorithmImports import *

from hidden_regime.quantconnect import HiddenRegimeAlgorithmOptimized


class OptimizedAbComparison(HiddenRegimeAlgorithmOptimized):
    def initialize(self):
        self.set_start_date(*map(int, self.get_parameter("start", "2006-01-03").split("-")))
        self.set_end_date(*map(int, self.get_parameter("end", "2020-12-31").split("-")))
        self.set_cash(self.get_parameter("cash", 100000))
        self.mode = self.get_parameter("optimized", "on")
        if self.mode == "on":
            self.enable_caching(store=self.get_parameter("store", "") or None)
            self.enable_batch_updates()
        tickers = self.get_parameter("assets", "SPY,QQQ,IWM")
        self.assets = [self.add_equity(t.strip(), Resolution.DAILY).symbol for t in tickers.split(",") if t.strip()]
        for symbol in self.assets:
            self.initialize_regime_detection(
                symbol,
                n_states=self.get_parameter("n_states", 3),
                lookback_days=self.get_parameter("lookback", 252),
                retrain_frequency=self.get_parameter("retrain", "daily"),
            )
        self.shares = {}
        self.digest = hashlib.sha256()

    def on_data(self, data):
        if self.is_warming_up or not data.bars.count:
            return
        for symbol in self.assets:
            if data.bars.get(symbol) is None or not self.regime_is_ready(symbol):
                continue
            share = 0.98 / len(self.assets) * self.get_regime_allocation(symbol)
            if share != self.shares.get(symbol.value):
                self.shares[symbol.value] = share
                self.set_holdings(symbol, share)

    def on_order_event(self, event):
        if event.status == OrderStatus.FILLED:
            self.digest.update(f"{event.utc_time} {event.symbol.value} {event.fill_quantity} {event.fill_price}".encode())

    def on_end_of_algorithm(self):
        self.log(f"optimized {self.mode}: orders {self.digest.hexdigest()[:16]}, {self.regime_seconds:.3f} s on regimes")
        self.log_performance_summary()
