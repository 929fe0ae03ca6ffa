"""The cash book as strategies walk, ask and print it, and what orders at brokers of coins say of themselves."""

from __future__ import annotations

import pytest

from hidden_regime.simulator.failures import InvalidOperationException, KeyNotFoundException

PAIRS = """
self.add_forex("EURUSD", Resolution.HOUR, Market.OANDA)
self.add_crypto("BTCUSD", Resolution.HOUR, Market.COINBASE)
self.set_cash("BTC", 0.5)
"""
WALK = """
def on_data(self, data):
    if self.seen or not data.contains_key("EURUSD") or not data.contains_key("BTCUSD"):
        return
    book = self.portfolio.cash_book
    self.seen.append({pair.key: (pair.value.amount, pair.value.conversion_rate) for pair in book})
    self.seen.append([(key, cash.symbol) for key, cash in book.items()])
    self.seen.append((book.count, book.Count, len(book), book.contains_key("EUR"), book.ContainsKey("XXX"), book.AccountCurrency))
    self.seen.append((book.try_get_value("XXX"), book.try_get_value("BTC")[1].symbol))
    self.seen.append(str(book))
    self.seen.append([str(cash) for cash in book.Values])
"""


def test_a_cash_book_is_walked_by_pairs_and_printed_as_lean_prints_it(play):
    done = play(PAIRS, WALK, start="2016, 1, 4", end="2016, 1, 8")
    rates, items, counts, tried, text, lines = done.algorithm.seen
    assert sorted(rates) == ["BTC", "EUR", "USD"]
    assert rates["USD"] == (100_000.0, 1.0)
    assert rates["BTC"][0] == 0.5
    assert all(rate > 0 for _, rate in rates.values())
    assert all(key == symbol for key, symbol in items)
    assert counts == (3, 3, 3, True, False, "USD")
    assert tried == ((False, None), "BTC")
    head, *between, rule, total, end = text.split("\n")
    assert head == "Symbol      Quantity    Conversion = Value in USD"
    assert between == lines
    assert (rule, end) == ("-" * 49, "")
    assert total.startswith("CashBook Total Value:                $")
    own = next(line for line in lines if line.startswith("USD"))
    assert own == "USD: $      100000.00 @       1.00 = $100000"
    coin = next(line for line in lines if line.startswith("BTC"))
    sign, amount, _, rate, _, worth = coin.removeprefix("BTC: ").split()
    assert (sign, amount) == ("₿", "0.50")
    assert float(rate) == pytest.approx(rates["BTC"][1], rel=1e-4)
    assert float(worth.removeprefix("$")) == pytest.approx(0.5 * rates["BTC"][1], abs=0.0051)


def test_a_currency_that_is_not_there_is_named_as_in_lean(play):
    book = play(PAIRS, "", start="2016, 1, 4", end="2016, 1, 5").algorithm.portfolio.cash_book
    with pytest.raises(KeyNotFoundException, match=r"This cash symbol \(XXX\) was not found in your cash book\."):
        book["XXX"]
    with pytest.raises(KeyNotFoundException, match="XXX"):
        book.convert(1.0, "XXX", "USD")
    with pytest.raises(InvalidOperationException, match="NullCurrency"):
        book["QCC"]
    assert book.get("XXX") is None


ORDERS = """
def on_data(self, data):
    if self.seen or not data.contains_key("BTCUSD"):
        return
    for kind in (OrderProperties, {own}, {other}):
        properties = kind()
        properties.{flag} = True
        # Above the market: it is filled at once, by what it says of itself as a maker's.
        self.seen.append(self.limit_order("BTCUSD", 0.5, 2 * self.securities["BTCUSD"].price, order_properties=properties))
"""


@pytest.mark.parametrize(("broker", "own", "other", "flag"), [
    ("COINBASE", "CoinbaseOrderProperties", "BinanceOrderProperties", "post_only"),
    ("GDAX", "GDAXOrderProperties", "BybitOrderProperties", "PostOnly"),
])  # fmt: skip
def test_an_order_that_is_to_wait_pays_the_makers_fee_where_the_broker_reads_it(play, broker, own, other, flag):
    market = f'self.set_brokerage_model(BrokerageName.{broker}, AccountType.CASH)\nself.add_crypto("BTCUSD", Resolution.HOUR)'
    done = play(market, ORDERS.format(own=own, other=other, flag=flag), start="2016, 1, 4", end="2016, 1, 6")
    plain, maker, foreign = (
        [event.order_fee.value.amount for event in ticket.order_events][-1] for ticket in done.algorithm.seen
    )
    assert plain == foreign > 0
    assert maker < plain
