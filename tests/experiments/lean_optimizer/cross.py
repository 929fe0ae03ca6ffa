"""Two moving averages of SPY, with their lengths and a share as parameters: something to optimise."""

from AlgorithmImports import *


class Cross(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2010, 1, 4)
        self.set_end_date(2012, 12, 31)
        self.set_cash(100000)
        self.spy = self.add_equity("SPY", Resolution.DAILY).symbol
        self.fast = self.sma(self.spy, self.get_parameter("fast", 10), Resolution.DAILY)
        self.slow = self.sma(self.spy, self.get_parameter("slow", 40), Resolution.DAILY)
        self.share = self.get_parameter("share", 0.9)

    def on_data(self, data):
        if not self.slow.is_ready or self.spy not in data.bars:
            return
        wish = self.share if self.fast.current.value > self.slow.current.value else 0.0
        if bool(wish) != self.portfolio[self.spy].invested:
            self.set_holdings(self.spy, wish)
