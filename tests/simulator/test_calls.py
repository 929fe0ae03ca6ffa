"""Members that calls reach: orders by request, windows of consolidators and indicators, functions of indicators."""

from datetime import datetime, timedelta

import pytest

from hidden_regime.simulator.consolidation import TradeBarConsolidator
from hidden_regime.simulator.failures import ArgumentOutOfRangeException
from hidden_regime.simulator.indicators import (
    AverageDirectionalIndex,
    BollingerBands,
    CommodityChannelIndex,
    CompositeIndicator,
    DonchianChannel,
    Identity,
    IndicatorResult,
    IndicatorStatus,
    KeltnerChannels,
    MoneyFlowIndex,
    MovingAverageConvergenceDivergence,
    ParabolicStopAndReverse,
    RelativeStrengthIndex,
    RollingWindow,
)
from hidden_regime.simulator.objects import Symbol, TradeBar

SPY = 'self.spy = self.add_equity("SPY", Resolution.DAILY).symbol'
BEGIN = datetime(2014, 1, 2)


def bar(i, opened, high, low, close, volume=1000.0):
    return TradeBar(BEGIN + timedelta(days=i), Symbol("X"), opened, high, low, close, volume, timedelta(days=1))


# Orders ------------------------------------------------------------------------------------------------------------------
def test_the_asynchronous_flag_stays_with_the_request(play):
    hooks = """
    def on_data(self, data):
        if self.time.day == 6:
            s = self.spy
            made = [self.market_order(s, 1, True), self.limit_order(s, 1, 1.0, asynchronous=True), self.limit_order(s, 1, 1.0),
                    self.stop_limit_order(s, -1, 1, 1, True), self.trailing_stop_order(s, -1, 5, False, True),
                    *self.set_holdings(s, 0.5, False, True), *self.liquidate(s, True)]
            self.seen = [(t.submit_request.asynchronous, t.order_type) for t in made]
    """
    done = play(SPY, hooks)
    assert [flag for flag, _ in done.algorithm.seen] == [True, True, False, True, True, True]


def test_a_trailing_stop_with_a_first_price_keeps_both(play):
    hooks = """
    def on_data(self, data):
        if self.time.day == 6:
            stop = self.trailing_stop_order(self.spy, -10, 100.0, trailing_amount=0.05, trailing_as_percentage=True)
            self.seen = [stop.get(OrderField.STOP_PRICE), stop.submit_request.trailing_amount, stop.order_events[0].trailing_amount]
    """
    assert play(SPY, hooks).algorithm.seen == [100.0, 0.05, 0.05]


def test_a_request_of_ones_own_is_an_order(play):
    hooks = """
    def on_data(self, data):
        if self.time.day == 6:
            request = SubmitOrderRequest(OrderType.LIMIT_IF_TOUCHED, SecurityType.EQUITY, "SPY", 10, 0, 1.25, 1.5, self.utc_time,
                                         "LIT", asynchronous=True)
            ticket = self.transactions.add_order(request)
            self.seen = [ticket.tag, ticket.get(OrderField.TRIGGER_PRICE), ticket.submit_request.asynchronous,
                         str(ticket.order_events[0]).partition(" Limit")[2]]
            refused = self.submit_order_request(SubmitOrderRequest(OrderType.MARKET, SecurityType.EQUITY, self.spy, 0, 0, 0,
                                                                   self.utc_time, ""))
            self.seen += [refused.order_id, self.transactions.orders_count]
    """
    done = play(SPY, hooks)
    assert done.algorithm.seen == ["LIT", 1.5, True, "Price: $1.25 TriggerPrice: $1.5", -10, 1]


def test_functions_choose_tickets_and_orders(play):
    hooks = """
    def on_data(self, data):
        if self.time.day == 6:
            self.limit_order(self.spy, 1, 1.0), self.limit_order(self.spy, 3, 1.0), self.stop_market_order(self.spy, 5, 1000.0)
            book = self.transactions
            self.seen = [len(list(book.get_order_tickets(lambda ticket: ticket.order_type == OrderType.LIMIT))),
                         len(list(book.get_open_orders(lambda order: order.type == OrderType.LIMIT))),
                         book.get_open_orders_remaining_quantity(lambda ticket: ticket.quantity_remaining > 2)]
    """
    assert play(SPY, hooks).algorithm.seen == [2, 2, 8.0]


def test_orders_are_not_capped_unless_the_strategy_does_it(play):
    hooks = "def on_end_of_algorithm(self): self.seen = self.transactions.maximum"
    assert play(SPY, hooks).algorithm.seen == 2**31 - 1
    many = """
    def on_data(self, data):
        for _ in range(3): self.limit_order(self.spy, 1, 1.0)
    """
    done = play(SPY + "\nself.set_maximum_orders(max=4)", many)
    assert done.algorithm.transactions.orders_count == 5


def test_the_end_of_day_goes_with_the_security_and_never_comes_for_the_moment_itself(play):
    body = """
    self.universe_settings.resolution = Resolution.DAILY
    self.add_universe("picked", lambda time: ["SPY", "IWM"] if time.day == 8 else ["SPY"])
    self.counts = {}
    """
    hooks = """
    def on_end_of_day(self, symbol):
        self.counts.setdefault(symbol.value, []).append(self.time.day)
        if symbol.value == "SPY" and "TLT" not in self.securities:
            self.add_equity("TLT", Resolution.DAILY)
    """
    done = play(body, hooks, start="2014, 1, 6", end="2014, 1, 10")
    counts = done.algorithm.counts
    assert counts["SPY"] == [6, 7, 8, 9, 10]
    assert counts["IWM"] == [8]
    assert counts["TLT"] == [7, 8, 9, 10]


# Windows -----------------------------------------------------------------------------------------------------------------
def test_a_window_counts_from_its_oldest_item_and_no_further_than_its_size():
    window = RollingWindow[float](5)
    for value in (10.0, 20.0, 30.0):
        window.add(value)
    assert [window[i] for i in range(-1, -6, -1)] == [10.0, 20.0, 30.0, 0.0, 0.0]
    with pytest.raises(
        ArgumentOutOfRangeException, match=r"Index must be a non-negative integer \(Parameter 'i'\)\nActual value was -6"
    ):
        window[-6]
    assert (window[7], window.size, window.count) == (0.0, 8, 3)
    objects = RollingWindow[TradeBar](2)
    assert (objects[-1], objects[0], type(objects).__name__, type(window).__name__) == (
        None, None, "RollingWindow[TradeBar]", "RollingWindow[Double]")  # fmt: skip
    window[-1] = 5.0
    assert list(window) == [0.0, 0.0, 0.0, 0.0, 0.0, 30.0, 20.0, 5.0]


def test_consolidators_keep_their_last_bars():
    consolidator, seen = TradeBarConsolidator(2), []
    consolidator.data_consolidated += lambda sender, made: seen.append(
        (sender[0] is made, sender.current is made, sender.consolidated is sender[1], sender.previous)
    )
    for i in range(6):
        consolidator.update(bar(i, 1.0, 2.0, 0.5, float(i)))
    assert [row[:3] for row in seen] == [(True, True, True)] * 3
    assert [previous and previous.close for *_, previous in seen] == [None, 1.0, 3.0]
    assert ([made.close for made in consolidator], consolidator.window.count) == ([5.0, 3.0], 2)
    consolidator.reset()
    consolidator.update(bar(9, 1.0, 2.0, 0.5, 9.0))
    assert (consolidator.window.count, consolidator.consolidated, consolidator.working_data.close) == (0, None, 9.0)


# Indicators --------------------------------------------------------------------------------------------------------------
def test_a_function_of_indicators_gets_them_and_its_result_may_be_none():
    left, right = Identity("l"), Identity("r")

    def smaller(one, two):
        assert one is left and two is right
        if one.current.value == 3.0:
            return IndicatorResult(9.0, IndicatorStatus.MATH_ERROR)
        return IndicatorResult(min(one.current.value, two.current.value))

    made = CompositeIndicator("least", left, right, smaller)
    for i, pair in enumerate([(1.0, 2.0), (5.0, 4.0), (3.0, 1.0)]):
        for side, value in zip((left, right), pair, strict=True):
            side.update(BEGIN + timedelta(days=i), value)
    assert ([point.value for point in made], made.samples, made.name) == ([4.0, 1.0], 3, "least")


def test_parts_are_named_after_the_whole():
    macd, bands = MovingAverageConvergenceDivergence(12, 26, 9), BollingerBands("B", 20, 2)
    channels, rsi = KeltnerChannels(20, 1.50), RelativeStrengthIndex(14)
    money, donchian = MoneyFlowIndex(5), DonchianChannel(20)
    assert (macd.fast.name, macd.slow.name, macd.signal.name) == tuple(f"MACD(12,26,9)_{x}" for x in ("Fast", "Slow", "Signal"))
    assert (bands.middle_band.name, bands.lower_band.name) == ("B_MiddleBand", "B_LowerBand")
    assert channels.average_true_range.name == "KC(20,1.5)_AverageTrueRange"
    assert (rsi.average_gain.name, rsi.average_loss.name) == ("RSI(14)Up", "RSI(14)Down")
    assert money.positive_money_flow.name == "MFI(5)_PositiveMoneyFlow"
    assert (donchian.name, donchian.upper_band.name) == ("DCH(20,20)", "DCH(20,20)_UpperBand")


def test_sums_of_prices_that_are_equal_as_decimals_are_ties():
    # 16.19 + 15.98 + 16.14 = 16.20 + 15.96 + 16.15, though not in doubles.
    one, two = (16.19, 15.98, 16.14), (16.20, 15.96, 16.15)
    assert sum(one) != sum(two)
    flow = MoneyFlowIndex(2)
    for i, row in enumerate((one, two)):
        flow.update(bar(i, row[2], *row))
    # The first flow is positive, against nothing; the second is neither, for its price is no other.
    assert (flow.positive_money_flow.current.value, flow.negative_money_flow.current.value) == (pytest.approx(16103.3333), 0.0)
    channel = CommodityChannelIndex(2)
    for i, row in enumerate((one, two)):
        channel.update(bar(i, row[2], *row))
    assert channel.current.value == 0.0
    # 10.3 - 10.2 and 9.3 - 9.2 are the same move up and down: then it counts as up.
    index = AverageDirectionalIndex(1)
    for i, row in enumerate(((10.2, 9.3, 9.8), (10.3, 9.2, 9.8), (10.3, 9.2, 9.8))):
        index.update(bar(i, row[2], *row))
    assert index.negative_directional_index.current.value == 0.0


def test_the_parabolic_stop_by_hand():
    rows = [(10.0, 9.0, 9.5), (11.0, 9.5, 10.5), (12.0, 10.0, 11.5), (11.0, 8.0, 8.5)]
    made, values = ParabolicStopAndReverse(0.02, 0.02, 0.2), []
    for i, row in enumerate(rows):
        made.update(bar(i, row[2], *row))
        values.append(made.current.value)
    # First the close; then the lower of the first low; then 9 + 0.02 * (11 - 9), not above the two lows; then the extreme.
    assert values == pytest.approx([9.5, 9.0, 9.04, 12.0])
    assert (made.is_ready, made.name) == (True, "PSAR(0.02,0.02,0.2)")


def test_past_values_have_their_parts_by_name(play):
    done = play(SPY + "\nself.past = self.indicator_history(indicator=BollingerBands(20, 2), symbol=self.spy, period=4)")
    past = done.algorithm.past
    assert (past.count, len(past.current), past["nothing"]) == (4, 4, None)
    for points, value, upper in zip(past, past.current, past["upper_band"], strict=True):
        assert points.current.value == value.value == points.value == points
        assert points["UpperBand"].value == points.upper_band.value == upper.value > points["middle_band"].value


def test_tags_have_a_limit(play):
    done = play("for i in range(102): self.add_tag(f'tag {i}')\nself.add_tag(' ')\nself.set_name('n' * 300)")
    assert (len(done.algorithm.tags), len(done.algorithm.name), done.algorithm.MAX_TAGS_COUNT) == (100, 200, 100)
    told = [line for line in done.algorithm._sim.logs.lines if "Tags are limited" in line]
    assert len(told) == 1
