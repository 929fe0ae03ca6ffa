"""Basic regime switching: hold one asset by its regime.

Idea: all of it in Bull, half in Sideways, nothing in Bear. It trades when the regime changes, and no more.

Parameters: assets (the first ticker is traded; default SPY), start and end (yyyy-mm-dd), cash, n_states, lookback (trading
days), retrain (never, daily, weekly, monthly, quarterly), min_confidence (below it hold nothing), bull and sideways (shares).
Data: one daily US equity.
What to expect: smaller drawdowns than holding, and less of the rise: bear markets have their best days too. On the packaged
S&P 500 it has 14 orders a year.
"""

from AlgorithmImports import *

from hidden_regime.quantconnect import HiddenRegimeAlgorithm


class BasicRegimeSwitching(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(*map(int, self.get_parameter("start", "2006-01-03").split("-")))
        self.set_end_date(*map(int, self.get_parameter("end", "2020-12-31").split("-")))
        self.set_cash(self.get_parameter("cash", 100000))
        ticker = self.get_parameter("assets", "SPY").split(",")[0].strip()
        self.asset = self.add_equity(ticker, Resolution.DAILY).symbol
        self.set_benchmark(self.asset)

        n_states = self.get_parameter("n_states", 3)
        shares = {"Bear": 0.0, "Bull": self.get_parameter("bull", 1.0)}
        if n_states == 3:
            shares["Sideways"] = self.get_parameter("sideways", 0.5)
        self.initialize_regime_detection(
            self.asset,
            n_states=n_states,
            lookback_days=self.get_parameter("lookback", 252),
            retrain_frequency=self.get_parameter("retrain", "monthly"),
            regime_allocations=shares if n_states <= 3 else None,
            min_confidence=self.get_parameter("min_confidence", 0.0),
        )
        self.share = None

    def on_regime_change(self, old_regime, new_regime, confidence, ticker):
        self.log(f"{ticker}: {old_regime} -> {new_regime} ({confidence:.2f})")

    def on_data(self, data):
        if self.is_warming_up or data.bars.get(self.asset) is None or not self.regime_is_ready(self.asset):
            return
        share = self.get_regime_allocation(self.asset)
        if share != self.share:
            self.share = share
            self.set_holdings(self.asset, share)
