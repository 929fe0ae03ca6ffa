"""Learned allocation: as much as a calibrated model's probability says, with a trend filter and a drawdown stop.

Idea: a model that `hidden-regime ml train` made predicts each asset after each bar, from columns of its bars and its filtered
regimes; the model itself says how to size. It is read from the object store, where `hidden-regime ml export` put it. Where it is
missing or damaged, nothing is held, and the log says so. It trades when a share has moved by `threshold`.

Parameters: model (its name), assets (tickers; default SPY), start and end (yyyy-mm-dd), cash, invested (largest share of the
account in use), threshold.
Data: daily US equities, those that the model was trained on or like them.
What to expect: on daily data usually no skill, so a share near what the training's share of rising labels asks for; days that it
was trained on say nothing, and the log names them.
"""

from AlgorithmImports import *

from hidden_regime.quantconnect import HiddenRegimeAlgorithm, load_model


class LearnedAllocation(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(*map(int, self.get_parameter("start", "2006-01-03").split("-")))
        self.set_end_date(*map(int, self.get_parameter("end", "2020-12-31").split("-")))
        self.set_cash(self.get_parameter("cash", 100000))
        tickers = self.get_parameter("assets", "SPY").split(",")
        self.symbols = [self.add_equity(t.strip(), Resolution.DAILY).symbol for t in tickers if t.strip()]
        self.invested = self.get_parameter("invested", 0.98)
        self.threshold = self.get_parameter("threshold", 0.05)
        self.model = load_model(self, self.get_parameter("model", "learned"))
        for symbol in self.symbols:
            self.model.watch(symbol)
        self.shares = dict.fromkeys(self.symbols, 0.0)

    def on_data(self, data):
        if self.is_warming_up:
            return
        for symbol in self.symbols:
            if data.bars.get(symbol) is None:
                continue
            share = min(self.model.allocation(symbol), 1.0) * self.invested / len(self.symbols)
            before = self.shares[symbol]
            if abs(share - before) > self.threshold or (share == 0.0) != (before == 0.0):
                self.shares[symbol] = share
                self.set_holdings(symbol, share)
