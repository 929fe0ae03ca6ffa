"""Multi-asset rotation: the best few assets by regime, the rest in defensive ones.

Idea: each asset has a score, its regime's allocation times the confidence. At the first bar of a month, and when a regime
changes, the best `hold` assets share the portfolio equally; the places of those that score nothing go to defensive assets.

Parameters: assets and defensive (tickers separated by commas; default SPY,QQQ,IWM,EFA,EEM and TLT,GLD), hold (assets at a
time), start and end (yyyy-mm-dd), cash, n_states, lookback (trading days), retrain, invested (largest share of the account
in use).
Data: daily US equities; an asset that isn't listed yet is left out until its window is full.
What to expect: much trading, on the packaged stocks 84 orders a year; the defensive assets in long declines.
"""

from AlgorithmImports import *

from hidden_regime.quantconnect import HiddenRegimeAlgorithm


class MultiAssetRotation(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(*map(int, self.get_parameter("start", "2006-01-03").split("-")))
        self.set_end_date(*map(int, self.get_parameter("end", "2020-12-31").split("-")))
        self.set_cash(self.get_parameter("cash", 100000))
        self.risky = self.subscribe(self.get_parameter("assets", "SPY,QQQ,IWM,EFA,EEM"))
        self.defensive = self.subscribe(self.get_parameter("defensive", "TLT,GLD"))
        self.hold = min(self.get_parameter("hold", 2), len(self.risky))
        self.invested = self.get_parameter("invested", 0.98)
        for symbol in self.risky:
            self.initialize_regime_detection(
                symbol,
                n_states=self.get_parameter("n_states", 3),
                lookback_days=self.get_parameter("lookback", 252),
                retrain_frequency=self.get_parameter("retrain", "monthly"),
            )
        self.month, self.changed = None, False

    def subscribe(self, tickers):
        return [self.add_equity(t.strip(), Resolution.DAILY).symbol for t in tickers.split(",") if t.strip()]

    def on_regime_change(self, old_regime, new_regime, confidence, ticker):
        self.changed = True

    def on_data(self, data):
        month = (self.time.year, self.time.month)
        if self.is_warming_up or not data.bars.count or (month == self.month and not self.changed):
            return
        self.month, self.changed = month, False

        scores = {}
        for symbol in self.risky:
            if self.regime_is_ready(symbol) and self.securities[symbol].price > 0:
                signal = self.get_regime_signal(symbol)
                scores[symbol] = signal.allocation * signal.confidence
        best = sorted(scores, key=lambda symbol: (-scores[symbol], symbol.value))[: self.hold]
        chosen = [symbol for symbol in best if scores[symbol] > 0]

        share = self.invested / self.hold
        wishes = {symbol: share if symbol in chosen else 0.0 for symbol in self.risky}
        left = max(0.0, round(self.invested - share * len(chosen), 9))
        for symbol in self.defensive:
            wishes[symbol] = left / len(self.defensive)
        self.set_holdings([PortfolioTarget(s, w) for s, w in wishes.items() if self.securities[s].price > 0])
