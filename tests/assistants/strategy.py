"""A strategy of four months, quick to run."""

CROSSING = """from AlgorithmImports import *


class Crossing(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2004, 1, 2)
        self.set_end_date(2004, 4, 30)
        self.set_benchmark("SP500")
        self.asset = self.add_equity("MSFT", Resolution.DAILY).symbol
        self.fast = self.sma(self.asset, int(self.get_parameter("fast", 5)))
        self.slow = self.sma(self.asset, int(self.get_parameter("slow", 20)))
        self.set_warm_up(30)

    def on_data(self, data):
        if not self.is_warming_up and self.slow.is_ready:
            self.set_holdings(self.asset, 1 if self.fast.current.value > self.slow.current.value else 0)
"""
