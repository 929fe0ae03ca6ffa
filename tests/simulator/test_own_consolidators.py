"""Consolidators and indicators of a strategy's own, beside the engine's that do the same."""

from __future__ import annotations

OWN = """
class Hours(PythonConsolidator):
    def __init__(self, period):
        self.consolidated = None
        self.working_data = None
        self.input_type = {kind}
        self.output_type = {kind}
        self.period = period

    def update(self, data):
        if self.working_data is None:
            self.working_data = {make}
            return
        {go_on}

    def {scan}(self, time):
        if self.working_data is not None and time - self.working_data.time >= self.period:
            self.on_data_consolidated(self, self.working_data)
            self.consolidated = self.working_data
            self.working_data = None
"""
TRADES = {
    "kind": "TradeBar", "scan": "scan",
    "make": "TradeBar(data.time, data.symbol, data.open, data.high, data.low, data.close, data.volume, self.period)",
    "go_on": "self.working_data.update(data.close, 0, 0, data.volume, 0, 0)",
}  # fmt: skip
QUOTES = {
    "kind": "QuoteBar", "scan": "Scan",
    "make": "QuoteBar(data.time, data.symbol, data.bid, data.last_bid_size, data.ask, data.last_ask_size, self.period)",
    "go_on": "self.working_data.update(data.value, data.bid.close, data.ask.close, 0, data.last_bid_size, data.last_ask_size)",
}  # fmt: skip
BODY = """
{add}
self.symbol = symbol
self.own, self.ours = [], []
self.mine = Hours(timedelta(hours=4))
self.mine.data_consolidated += lambda sender, bar: self.own.append((sender is self.mine, bar.time, bar.open, bar.close))
self.subscription_manager.add_consolidator(self.symbol, self.mine)
ours = {kind}Consolidator(timedelta(hours=4))
ours.data_consolidated += lambda sender, bar: self.ours.append((sender is ours, bar.time, bar.open, bar.close))
self.subscription_manager.add_consolidator(self.symbol, ours)
self.average = SimpleMovingAverage(2)
self.register_indicator(self.symbol, self.average, self.mine)
"""


def test_a_consolidator_of_trades_makes_what_ours_makes(play):
    body = BODY.format(add="symbol = self.add_crypto('BTCUSD', Resolution.HOUR).symbol", kind="TradeBar")
    done = play(body, top=OWN.format(**TRADES), start="2016, 1, 4", end="2016, 1, 8").algorithm
    assert len(done.own) > 20
    assert [row[:4] for row in done.own] == done.ours
    assert done.mine.window[0].close == done.own[-1][3]
    assert done.average.current.value == sum(row[3] for row in done.own[-2:]) / 2


def test_a_consolidator_of_quotes_is_fed_with_quotes(play):
    body = BODY.format(add="symbol = self.add_forex('EURUSD', Resolution.HOUR).symbol", kind="QuoteBar")
    done = play(body, top=OWN.format(**QUOTES), start="2016, 1, 4", end="2016, 1, 8").algorithm
    assert len(done.own) > 20
    assert all(row[0] for row in done.own)
    assert done.average.is_ready
    config = done.subscription_manager.subscriptions[0]
    assert config.consolidators.count == 2  # an indicator that is registered adds none
    done.subscription_manager.remove_consolidator(done.symbol, done.mine)
    assert config.consolidators.count == 1


def test_an_own_indicator_goes_on_from_another_and_another_from_it(play):
    top = """
    class Middle(PythonIndicator):
        def __init__(self, name, period):
            self.name, self.value, self.queue = name, 0, deque(maxlen=period)

        def update(self, input):
            self.queue.append(input.value)
            self.value = sum(self.queue) / len(self.queue)
            return len(self.queue) == self.queue.maxlen

    class Range(PythonIndicator):
        def __init__(self, name):
            self.name, self.value, self.seen = name, 0, False

        @property
        def is_ready(self):
            return self.seen

        def update(self, bar):
            self.seen = True
            self.value = bar.high - bar.low
            self.on_updated(IndicatorDataPoint(bar.end_time, self.value))
            return True
    """
    body = """
    self.spy = self.add_equity("SPY", Resolution.DAILY).symbol
    self.average = self.sma(self.spy, 3, Resolution.DAILY)
    self.own = Middle("middle", 3)
    of = IndicatorExtensions.of(self.own, self.average)
    of.updated += lambda sender, point: self.seen.append(point.value)
    self.ours = IndicatorExtensions.of(SimpleMovingAverage(3), self.average)
    self.range = Range("range")
    self.range_sma = IndicatorExtensions.sma(self.range, 2)
    self.ranges = []
    """
    hooks = """
    def on_data(self, data):
        self.range.update(data.bars[self.spy])
        self.ranges.append(data.bars[self.spy].high - data.bars[self.spy].low)
    """
    done = play(body, hooks, top="from collections import deque\n" + top.replace("\n    ", "\n")).algorithm
    assert done.own.is_ready
    assert abs(done.own.current.value - done.ours.current.value) < 1e-9
    assert done.seen[-1] == done.own.current.value
    assert abs(done.range_sma.current.value - sum(done.ranges[-2:]) / 2) < 1e-9
