"""Strategies that the tests deploy."""

from __future__ import annotations

TURNING = '''
from AlgorithmImports import *


class Turning(QCAlgorithm):
    """Holds the better half of three stocks, chosen anew every other day."""

    def initialize(self):
        self.set_cash(50_000)
        self.stocks = [self.add_equity(t, Resolution.DAILY).symbol for t in ("AAPL", "IBM", "MSFT")]
        self.averages = {s: self.sma(s, 5) for s in self.stocks}
        self.days = 0
        self.schedule.on(self.date_rules.every_day("IBM"), self.time_rules.at(10, 0), self.look)

    def on_data(self, data):
        self.days += 1
        if self.days % 2 or not all(one.is_ready for one in self.averages.values()):
            return
        best = max(self.stocks, key=lambda s: self.securities[s].price / self.averages[s].current.value)
        for symbol in self.stocks:
            self.set_holdings(symbol, 0.6 if symbol == best else 0.1)

    def look(self):
        if self.days % 7 == 3:
            self.market_order(self.stocks[0], 1)

    def on_order_event(self, event):
        if event.status == OrderStatus.FILLED:
            self.log(f"{event.symbol.value} {event.fill_quantity} at {event.fill_price}")
'''

ODD = (
    TURNING.replace("class Turning", "class Odd")
    .replace("self.days += 1", "self.days += 1; import random; self.lucky = random.SystemRandom().randrange(1000)")
    .replace("0.6 if symbol == best", "0.3 + self.lucky / 2500 if symbol == best")
)
"""The same, but that it throws dice."""
