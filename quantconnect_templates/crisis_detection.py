"""Crisis detection with safe havens: out of the market while it panics.

Idea: four regimes of one market, of which the wildest falling one is Crisis. In Crisis everything goes to safe havens; in
Bear the market keeps a quarter; otherwise it has what is left by the havens' standing share. It returns only after
`patience` bars out of Crisis, for crises come in waves.

Parameters: assets (the first ticker is the market; default SPY), defensive (safe havens; default TLT,GLD), start and end
(yyyy-mm-dd), cash, lookback (trading days), retrain, patience (bars), standing (share of the havens in good times).
Data: daily US equities.
What to expect: few trades, on the packaged S&P 500 five orders a year; it leaves after the first bad days, not before them,
and pays for false alarms.
"""

from AlgorithmImports import *

from hidden_regime.quantconnect import HiddenRegimeAlgorithm


class CrisisDetection(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(*map(int, self.get_parameter("start", "2006-01-03").split("-")))
        self.set_end_date(*map(int, self.get_parameter("end", "2020-12-31").split("-")))
        self.set_cash(self.get_parameter("cash", 100000))
        self.market = self.subscribe(self.get_parameter("assets", "SPY"))[0]
        self.havens = self.subscribe(self.get_parameter("defensive", "TLT,GLD"))
        self.patience = self.get_parameter("patience", 5)
        standing = self.get_parameter("standing", 0.1) if self.havens else 0.0
        full = 0.98 - standing
        self.initialize_regime_detection(
            self.market,
            n_states=4,
            lookback_days=self.get_parameter("lookback", 252),
            retrain_frequency=self.get_parameter("retrain", "monthly"),
            regime_allocations={"Crisis": 0.0, "Bear": 0.25, "Sideways": full, "Bull": full},
        )
        self.calm, self.share = self.patience, None

    def subscribe(self, tickers):
        return [self.add_equity(t.strip(), Resolution.DAILY).symbol for t in tickers.split(",") if t.strip()]

    def on_regime_change(self, old_regime, new_regime, confidence, ticker):
        if "Crisis" in (old_regime, new_regime):
            self.log(f"{ticker}: {old_regime} -> {new_regime} ({confidence:.2f})")

    def on_data(self, data):
        if self.is_warming_up or data.bars.get(self.market) is None or not self.regime_is_ready(self.market):
            return
        signal = self.get_regime_signal(self.market)
        self.calm = 0 if signal.regime_name == "Crisis" else self.calm + 1
        share = signal.allocation if self.calm >= self.patience else 0.0
        if share == self.share:
            return
        self.share = share
        wishes = {self.market: share} | {s: (0.98 - share) / len(self.havens) for s in self.havens}
        self.set_holdings([PortfolioTarget(s, w) for s, w in wishes.items() if self.securities[s].price > 0])
