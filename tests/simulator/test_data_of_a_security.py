"""Custom data that belong to a security: found by its symbol's class, priced in the account's currency, traded at their value."""

from __future__ import annotations

import pytest

from hidden_regime.exceptions import ParameterError, UnsupportedError

TOP = """
import os

class Signal(PythonData):
    def get_source(self, config, date, is_live):
        return SubscriptionDataSource(os.path.join(Globals.data_folder, "custom", "signal.csv"), SubscriptionTransportMedium.LOCAL_FILE)

    def reader(self, config, line, date, is_live):
        if not line[:1].isdigit():
            return None
        day, value = line.split(",")
        row = Signal()
        row.symbol = config.symbol
        row.time = datetime.strptime(day, "%Y%m%d")
        row.end_time = row.time + timedelta(days=1)
        row.value = 100 * float(value)
        return row

class Other(Signal):
    pass
"""
SHOWN = """
def on_data(self, data):
    row = data.get(Signal).get(self.data)
    if row is not None:
        self.seen.append((row.end_time, row.value, self.securities[self.data].price))
    if self.data in data and not self.portfolio[self.data].invested:
        self.market_order(self.data, 10)
"""
WEEK = {"start": "2016, 2, 1", "end": "2016, 2, 12"}


@pytest.mark.parametrize(
    "how", ["self.add_data(Signal, self.spy, Resolution.DAILY)", "self.add_data(Signal, 'SPY', Resolution.DAILY)"]
)
def test_rows_come_and_are_traded_as_those_of_a_ticker(play, how):
    body = f'self.spy = self.add_equity("SPY", Resolution.DAILY).symbol\nself.data = {how}.symbol'
    algorithm = play(body, SHOWN, top=TOP, **WEEK).algorithm
    plain = play('self.data = self.add_data(Signal, "X", Resolution.DAILY).symbol', SHOWN, top=TOP, **WEEK).algorithm
    assert algorithm.seen == plain.seen
    assert len(algorithm.seen) >= 9
    assert all(value == price for _, value, price in algorithm.seen)
    [order], [alike] = (a.transactions.get_orders() for a in (algorithm, plain))
    assert (order.price, order.quantity, order.time) == (alike.price, alike.quantity, alike.time)
    # Of no market: free of charge.
    assert algorithm.portfolio.total_fees == 0


def test_the_symbol_knows_whose_it_is_and_both_keep_their_ticker(play):
    body = """
    self.btc = self.add_crypto("BTCUSD", Resolution.HOUR).symbol
    added = self.add_data(Signal, self.btc, Resolution.DAILY)
    same = self.add_data(Signal, underlying=self.btc, resolution=Resolution.DAILY)
    self.data = added.symbol
    self.seen = [
        added is same, self.data.value, self.data.has_underlying_symbol(self.btc), self.data.underlying == self.btc,
        self.data == self.btc, self.symbol("BTCUSD") == self.btc, added.symbol.security_type == SecurityType.BASE,
    ]
    """
    hooks = """
    def on_data(self, data):
        both = [row.value for row in data.get(Signal).values()], [bar.close for bar in data.bars.values()]
        if all(both):
            self.both = self.securities[self.data].price == both[0][0], self.securities[self.btc].price == both[1][0]

    def on_end_of_algorithm(self):
        self.kept = [float(v) for v in self.history(self.data, 3, Resolution.DAILY)["value"]]
    """
    algorithm = play(body, hooks, top=TOP, **WEEK).algorithm
    assert algorithm.seen == [True, "BTCUSD", True, True, False, True, True]
    assert algorithm.both == (True, True)
    assert len(algorithm.kept) == 3


def test_rows_have_new_yorks_times_whether_that_is_said_or_not(play):
    call = "self.data = self.add_data(Signal, 'X', Resolution.DAILY{}).symbol"
    said, unsaid = (play(call.format(zone), SHOWN, top=TOP, **WEEK).algorithm.seen for zone in (", TimeZones.NEW_YORK", ""))
    assert said == unsaid
    assert said
    with pytest.raises(UnsupportedError, match="add_data with time_zone='UTC': custom data of other zones than New York's"):
        play(call.format(", TimeZones.UTC"), SHOWN, top=TOP, **WEEK)


def test_data_of_nobody_are_refused(play):
    with pytest.raises(ParameterError, match="ticker"):
        play("self.add_data(Signal, None, Resolution.DAILY)", top=TOP, **WEEK)


def test_two_classes_for_one_security_are_refused(play):
    body = """
    self.spy = self.add_equity("SPY", Resolution.DAILY).symbol
    self.add_data(Signal, self.spy, Resolution.DAILY)
    self.add_data(Other, self.spy, Resolution.DAILY)
    """
    with pytest.raises(UnsupportedError, match=r"add_data\(Other, SPY\): .* give one of them a ticker of its own"):
        play(body, top=TOP, **WEEK)


def test_a_class_is_told_the_kind_of_ticks_and_its_zones(play):
    top = TOP.replace(
        "    def reader",
        "    def reader(self, config, line, date, is_live):\n"
        "        Signal.told = (Extensions.tick_type_to_lower(config.tick_type), config.data_time_zone, config.exchange_time_zone)\n"
        "        return self.read(config, line, date, is_live)\n\n"
        "    def read",
        1,
    )
    body = 'self.data = self.add_data(Signal, self.add_equity("SPY", Resolution.DAILY).symbol, Resolution.DAILY).symbol'
    hooks = """
    def on_end_of_algorithm(self):
        moment = datetime(2016, 2, 1, 9)
        self.seen = [Signal.told, Extensions.convert_to(moment, *Signal.told[1:]) == moment]
    """
    assert play(body, hooks, top=top, **WEEK).algorithm.seen == [("trade", "America/New_York", "America/New_York"), True]
