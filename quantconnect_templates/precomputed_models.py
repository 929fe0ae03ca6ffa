"""Precomputed models from the object store: train at home, trade in the cloud.

Idea: every model of a backtest is found beforehand, with the C++ kernels of your own machine, by
`hidden_regime.many.run.precompute(..., store=...)`, or by running this strategy once where it can write. Put into LEAN's
object store they are looked up by a digest of all that they were trained from: a hit is what training would have given, and
what isn't there is trained on the spot.

Parameters: assets (tickers separated by commas; default SPY,QQQ,IWM), start and end (yyyy-mm-dd), cash, n_states, lookback
(trading days), retrain (default weekly), arithmetic (native, native-portable or numba: who trained the models; empty: whoever
would train here).
Data: daily US equities, the same bars that the models were trained on, to the last digit.
What to expect: "0 trainings" in the log of the second run, and the orders of the first.
"""

from AlgorithmImports import *

from hidden_regime.quantconnect import HiddenRegimeAlgorithmOptimized


class PrecomputedModels(HiddenRegimeAlgorithmOptimized):
    def initialize(self):
        self.set_start_date(*map(int, self.get_parameter("start", "2006-01-03").split("-")))
        self.set_end_date(*map(int, self.get_parameter("end", "2020-12-31").split("-")))
        self.set_cash(self.get_parameter("cash", 100000))
        arithmetic = self.get_parameter("arithmetic", "") or None
        self.enable_caching(max_cache_size=1000, store=self.object_store, arithmetic=arithmetic)
        self.enable_batch_updates()
        tickers = self.get_parameter("assets", "SPY,QQQ,IWM")
        self.assets = [self.add_equity(t.strip(), Resolution.DAILY).symbol for t in tickers.split(",") if t.strip()]
        for symbol in self.assets:
            self.initialize_regime_detection(
                symbol,
                n_states=self.get_parameter("n_states", 3),
                lookback_days=self.get_parameter("lookback", 252),
                retrain_frequency=self.get_parameter("retrain", "weekly"),
            )
        self.shares = {}

    def on_data(self, data):
        if self.is_warming_up:
            return
        for symbol in self.assets:
            if data.bars.get(symbol) is None or not self.regime_is_ready(symbol):
                continue
            share = 0.98 / len(self.assets) * self.get_regime_allocation(symbol)
            if share != self.shares.get(symbol.value):
                self.shares[symbol.value] = share
                self.set_holdings(symbol, share)

    def on_end_of_algorithm(self):
        self.log_performance_summary()
