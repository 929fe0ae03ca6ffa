"""Dynamic position sizing: as much as the regime's risk allows.

Idea: in each regime the model knows the mean and the volatility of a day's return. The position is the smallest of three:
the share that brings the account to a volatility target; the Kelly share, mean / variance, times `kelly_fraction`, for all of
it is far too much on estimated means; and `max_share`. It is scaled by the confidence, and traded when it has moved by
`threshold`.

Parameters: assets (the first ticker is traded; default SPY), start and end (yyyy-mm-dd), cash, n_states, lookback (trading
days), retrain, target (volatility a year), kelly_fraction, max_share, threshold.
Data: one daily US equity.
What to expect: the volatility target decides in calm times; where the regime's mean return is negative Kelly's share is nothing.
"""

from AlgorithmImports import *

from hidden_regime.quantconnect import HiddenRegimeAlgorithm


class DynamicPositionSizing(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(*map(int, self.get_parameter("start", "2006-01-03").split("-")))
        self.set_end_date(*map(int, self.get_parameter("end", "2020-12-31").split("-")))
        self.set_cash(self.get_parameter("cash", 100000))
        self.asset = self.add_equity(self.get_parameter("assets", "SPY").split(",")[0].strip(), Resolution.DAILY).symbol
        self.set_benchmark(self.asset)
        self.target = self.get_parameter("target", 0.12)
        self.kelly_fraction = self.get_parameter("kelly_fraction", 0.5)
        self.max_share = self.get_parameter("max_share", 0.98)
        self.threshold = self.get_parameter("threshold", 0.1)
        self.initialize_regime_detection(
            self.asset,
            n_states=self.get_parameter("n_states", 3),
            lookback_days=self.get_parameter("lookback", 252),
            retrain_frequency=self.get_parameter("retrain", "monthly"),
        )
        self.share = 0.0

    def size(self, signal):
        mean, sd = signal.metadata["expected_return"], signal.metadata["expected_volatility"]
        kelly = max(0.0, mean + sd**2 / 2) / sd**2  # the mean is of log returns
        by_volatility = self.target / (sd * 252**0.5)
        return signal.confidence * min(by_volatility, self.kelly_fraction * kelly, self.max_share)

    def on_data(self, data):
        if self.is_warming_up or data.bars.get(self.asset) is None or not self.regime_is_ready(self.asset):
            return
        share = self.size(self.get_regime_signal(self.asset))
        if abs(share - self.share) > self.threshold or (share == 0.0) != (self.share == 0.0):
            self.share = share
            self.set_holdings(self.asset, share)
            self.plot("size", "share", share)
