"""Pairs that universes choose: what is traded must be what is traded where they are added by hand."""

from __future__ import annotations

import pytest

from hidden_regime.exceptions import UnsupportedError

HOURLY = "self.universe_settings.resolution = Resolution.HOUR\n"
TRADES = """
def on_data(self, data):
    self.seen.append((self.utc_time, {str(s.value): data.quote_bars[s].close for s in data.quote_bars.keys()}))
    if self.time.hour == 12 and not self.portfolio.invested and data.contains_key("EURUSD"):
        self.market_order("EURUSD", 10000)
"""
TOLD = """
def on_securities_changed(self, changes):
    names = [",".join(sorted(s.symbol.value for s in found)) for found in (changes.added_securities, changes.removed_securities)]
    self.seen.append(f"{self.utc_time:%a %H} +{names[0]} -{names[1]}")
"""
EURUSD = "Symbol.create('EURUSD', SecurityType.FOREX, Market.OANDA)"
JANUARY = {"start": "2016, 1, 4", "end": "2016, 1, 15"}


def orders(done):
    found = done.algorithm.transactions.get_orders()
    return [(order.time, order.symbol.value, order.quantity, order.price) for order in found]


def test_a_list_of_pairs_trades_as_pairs_added_by_hand(play):
    listed = HOURLY + f"self.set_universe_selection(ManualUniverseSelectionModel([{EURUSD}]))"
    by_hand = "self.add_forex('EURUSD', Resolution.HOUR, Market.OANDA)"
    chosen, added = (play(body, TRADES, **JANUARY) for body in (listed, by_hand))
    assert len(orders(chosen)) == 1
    assert orders(chosen) == orders(added)
    assert chosen.algorithm.portfolio.total_portfolio_value == added.algorithm.portfolio.total_portfolio_value
    kept = [row for row in chosen.algorithm.seen if row[1]]
    assert kept == [row for row in added.algorithm.seen if row[1]]
    assert len(kept) > 100


SCHEDULED = """
self.set_universe_selection(ScheduledUniverseSelectionModel(
    self.date_rules.every(DayOfWeek.MONDAY, DayOfWeek.THURSDAY), self.time_rules.at(12, 0), self.choose))
"""
CHOOSE = """
def choose(self, when):
    pair = "EURUSD" if when.weekday() == 0 else "GBPUSD"
    return [Symbol.create("SPY", SecurityType.EQUITY, Market.USA), Symbol.create(pair, SecurityType.FOREX, Market.OANDA)]
"""


def test_a_schedule_changes_pairs_and_keeps_equities_beside_them(play):
    body = HOURLY + "self.set_benchmark(lambda time: 1)\n" + SCHEDULED
    seen = play(body, CHOOSE + TOLD, **JANUARY).algorithm.seen
    # Noon of New York is 17 o'clock of UTC.
    assert seen == [
        "Mon 17 +EURUSD,SPY -", "Thu 17 +GBPUSD -EURUSD", "Mon 17 +EURUSD -GBPUSD", "Thu 17 +GBPUSD -EURUSD",
    ]  # fmt: skip


def test_a_pair_that_is_chosen_again_is_the_same_security_with_new_bars(play):
    hooks = (
        CHOOSE
        + """
def on_data(self, data):
    for symbol in data.quote_bars.keys():
        self.seen.append((f"{self.utc_time:%d}", symbol.value, id(self.securities[symbol])))
        assert data.quote_bars[symbol].close == self.securities[symbol].price
"""
    )
    body = HOURLY + "self.set_benchmark(lambda time: 1)\n" + SCHEDULED
    seen = play(body, hooks, **JANUARY).algorithm.seen
    days = {ticker: sorted({day for day, value, _ in seen if value == ticker}) for ticker in ("EURUSD", "GBPUSD")}
    assert days == {"EURUSD": ["04", "05", "06", "07", "11", "12", "13", "14"], "GBPUSD": ["07", "08", "10", "11", "14", "15"]}
    assert len({place for _, value, place in seen if value == "EURUSD"}) == 1


def test_a_currency_of_a_chosen_pair_gets_its_rate(play):
    body = (
        HOURLY
        + "self.set_benchmark(lambda time: 1)\n"
        + SCHEDULED.replace("self.choose", "lambda when: [Symbol.create('USDJPY', SecurityType.FOREX, Market.OANDA)]")
    )
    hooks = """
    def on_data(self, data):
        for bar in data.quote_bars.values():
            yen = self.portfolio.cash_book["JPY"]
            self.seen.append(yen.conversion_rate * bar.close)
            self.steps = [s.symbol.value for s in yen.currency_conversion.conversion_rate_securities]
    """
    algorithm = play(body, hooks, **JANUARY).algorithm
    assert algorithm.seen == pytest.approx([1.0] * len(algorithm.seen))
    assert len(algorithm.seen) > 100
    assert algorithm.steps == ["USDJPY"]


def test_the_close_of_a_coin_is_its_quotes_and_its_price_its_last_trades(play):
    """SecurityCache gives quotes that end with trades the last word on close; Crypto.Price asks for trades alone."""
    hooks = """
    def on_data(self, data):
        coin, quote, trade = self.securities[self.btc], data.quote_bars.get(self.btc), data.bars.get(self.btc)
        if quote is not None and trade is not None and not quote.is_fill_forward and not trade.is_fill_forward:
            self.seen.append((coin.close == quote.close, coin.price == trade.close, quote.close == trade.close))
    """
    body = 'self.btc = self.add_crypto("BTCUSD", Resolution.HOUR).symbol'
    seen = play(body, hooks, start="2017, 3, 6", end="2017, 3, 7").algorithm.seen
    assert len(seen) > 24
    assert {row[:2] for row in seen} == {(True, True)}
    assert not all(row[2] for row in seen)


def test_two_steps_of_a_rate_are_told_in_their_order(play):
    body = """
    self.set_account_currency("BTC", 10)
    self.set_cash("JPY", 1000000)
    self.btc = self.add_crypto("BTCUSD", Resolution.HOUR).symbol
    self.jpy = self.add_forex("USDJPY", Resolution.HOUR).symbol
    self.set_benchmark(self.btc)
    """
    hooks = """
    def on_end_of_algorithm(self):
        yen, own = (self.portfolio.cash_book[name] for name in ("JPY", "BTC"))
        way = yen.currency_conversion
        price = [(s.bid_price + s.ask_price) / 2 for s in (self.securities[self.jpy], self.securities[self.btc])]
        self.seen = [
            [security.symbol for security in way.conversion_rate_securities] == [self.jpy, self.btc],
            (way.source_currency, way.destination_currency), way.conversion_rate == yen.conversion_rate,
            abs(yen.conversion_rate * price[0] * price[1] - 1) < 1e-9, len(own.currency_conversion.conversion_rate_securities),
        ]
    """
    seen = play(body, hooks, start="2017, 3, 6", end="2017, 3, 7").algorithm.seen
    assert seen == [True, ("JPY", "BTC"), True, True, 0]


def test_pairs_that_no_code_names_are_refused_when_they_are_chosen(play):
    top = "def outside(when):\n    return [Symbol.create('EURUSD', SecurityType.FOREX, Market.OANDA)]"
    body = HOURLY + "self.set_benchmark(lambda time: 1)\n" + SCHEDULED.replace("self.choose", "outside")
    with pytest.raises(UnsupportedError, match="EURUSD"):
        play(body, top=top, **JANUARY)


def test_universes_that_choose_among_equities_are_refused_beside_pairs(play):
    body = "self.add_forex('EURUSD', Resolution.HOUR)\nself.add_universe(lambda coarse: [])"
    with pytest.raises(UnsupportedError, match=r"Add the securities by hand .* or choose them by a ScheduledUniverse"):
        play(body, **JANUARY)
