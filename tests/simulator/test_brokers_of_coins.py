"""Brokers of coins: what they take, what they keep, and what of a buy is left.

The oracles are LEAN's BybitBrokerageModel and BybitFeeModel, arithmetic by hand, and the same run with Coinbase's present name.
"""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from hidden_regime.simulator.account.currencies import Currencies
from hidden_regime.simulator.enums import AccountType, OrderType, SecurityType
from hidden_regime.simulator.failures import ArgumentOutOfRangeException
from hidden_regime.simulator.models.binance import BinanceBrokerageModel
from hidden_regime.simulator.models.bybit import BybitBrokerageModel, BybitFeeModel
from hidden_regime.simulator.models.messages import BrokerageMessageEvent
from hidden_regime.simulator.objects import Symbol


def coin(kind=SecurityType.CRYPTO, least=0.01):
    return SimpleNamespace(
        type=kind, symbol=Symbol("BTCUSDT", kind, "bybit"), symbol_properties=SimpleNamespace(minimum_order_size=least)
    )


def order(kind=OrderType.MARKET, quantity=1.0):
    return SimpleNamespace(type=kind, quantity=quantity)


@pytest.mark.parametrize(
    ("security", "asked", "said"),
    [
        (coin(), order(), None),
        (coin(), order(quantity=-0.01), None),
        (coin(least=None), order(quantity=1e-8), None),
        (coin(SecurityType.BASE), order(OrderType.STOP_LIMIT), None),
        (coin(), order(quantity=0.009), "minimum order size (in quote currency) for BTCUSDT is 0.01. Order quantity was 0.009."),
        (
            coin(),
            order(OrderType.MARKET_ON_OPEN),
            "does not support MarketOnOpen order type. Only supports [StopMarket,StopLimit",
        ),
        (coin(SecurityType.FOREX), order(), "The BybitBrokerageModel does not support Forex security type."),
    ],
)
def test_bybit_takes_what_leans_model_of_it_takes(security, asked, said):
    taken, text = BybitBrokerageModel().can_submit_order(security, asked)
    assert taken is (said is None)
    assert said is None or (said in text and text.startswith("Warning - Code: NotSupported - "))


def test_bybit_changes_no_order_and_lends_in_a_margin_account_only():
    bybit, lent = BybitBrokerageModel(), BybitBrokerageModel(AccountType.MARGIN)
    changed, text = bybit.can_update_order(coin(), order(), None)
    assert (changed, text) == (False, f"Warning - Code: NotSupported - {text.rpartition(' - ')[2]}")
    assert text.endswith("Brokerage does not support update. You must cancel and re-create instead.")
    # Binance's has a code of its own.
    assert BinanceBrokerageModel().can_update_order(coin(), order(), None)[1] == text.replace("NotSupported", "0")
    assert [m.get_leverage(coin()) for m in (bybit, lent)] == [1.0, 10.0]
    assert lent.get_leverage(coin(SecurityType.BASE)) == 1.0
    assert lent.default_markets[SecurityType.CRYPTO] == "bybit"
    assert lent.default_markets[SecurityType.FOREX] == "oanda"
    assert isinstance(bybit.get_fee_model(coin()), BybitFeeModel)
    with pytest.raises(ArgumentOutOfRangeException, match="Not supported security type Equity"):
        bybit.get_fee_model(coin(SecurityType.EQUITY))


TRADE = """
def on_data(self, data):
    if not self.transactions.orders_count:
        self.market_order(self.coin, 0.5)
    elif self.transactions.orders_count == 1:
        self.limit_order(self.coin, -0.2, round(self.securities[self.coin].price * 1.01, 2))
def on_order_event(self, event):
    self.seen.append((event.utc_time, str(event.status), event.fill_quantity, event.fill_price, event.order_fee.value.amount))
"""


def test_gdax_is_coinbases_former_name(play):
    body = """
    self.set_brokerage_model(BrokerageName.{}, AccountType.CASH)
    self.coin = self.add_crypto("BTCUSD", Resolution.DAILY, Market.{}).symbol
    """
    dates = {"start": "2017, 3, 1", "end": "2017, 4, 15"}
    former, present = (play(body.format(*names), TRADE, **dates) for names in (("GDAX", "GDAX"), ("COINBASE", "COINBASE")))
    assert former.algorithm.seen == present.algorithm.seen
    assert [row[1] for row in former.algorithm.seen].count("FILLED") == 2
    assert former.algorithm.seen[1][4] > 0
    assert type(former.algorithm.brokerage_model).__name__ == "GDAXBrokerageModel"
    assert former.algorithm.portfolio.total_portfolio_value == present.algorithm.portfolio.total_portfolio_value


BINANCE = """
self.set_account_currency("USDT", 30000)
self.set_brokerage_model(BrokerageName.BINANCE, AccountType.{account})
self.coin = self.add_crypto("BTCUSDT", Resolution.DAILY).symbol
self.set_benchmark(self.coin)
"""


def test_an_execution_model_buys_the_fee_in_kind_beside_its_target(play):
    top = """
    class Once(PortfolioConstructionModel):
        def create_targets(self, algorithm, insights):
            return [PortfolioTarget(next(iter(algorithm.securities.keys())), 2)] if not algorithm.transactions.orders_count else []
    """
    body = BINANCE.format(account="MARGIN") + (
        "self.set_alpha(ConstantAlphaModel(InsightType.PRICE, InsightDirection.UP, timedelta(20)))\n"
        "self.set_portfolio_construction(Once())\nself.set_execution(ImmediateExecutionModel())"
    )
    hooks = """
    def on_order_event(self, event):
        self.seen.append((str(event.status), event.fill_quantity))
    """
    done = play(body, hooks, top=top, start="2017, 2, 1", end="2017, 2, 10")
    [ordered] = done.algorithm.transactions.get_orders()
    # Two and a thousandth of two, in lots of 0.00001; Binance keeps a thousandth of what it fills.
    assert ordered.quantity == pytest.approx(2.002, abs=1e-12)
    assert done.algorithm.portfolio[done.algorithm.coin].quantity == pytest.approx(2.002 * 0.999, abs=1e-12)
    assert done.algorithm.seen[-1][0] == "FILLED"


def test_sizes_of_orders_count_fees_in_kind_where_they_are_told_to(play):
    hooks = """
    def on_data(self, data):
        for target in (2, -2):
            for with_fees in (False, True):
                self.seen.append(OrderSizing.get_unordered_quantity(self, PortfolioTarget(self.coin, target), None, with_fees))
        self.quit()
    """
    seen = play(BINANCE.format(account="MARGIN"), hooks, start="2017, 2, 1", end="2017, 2, 10").algorithm.seen[:4]
    assert seen == pytest.approx([2.0, 2.002, -2.0, -2.0], abs=1e-12)


def test_a_broker_of_the_strategys_own_names_its_markets(play):
    top = """
    class Mine(DefaultBrokerageModel):
        default_markets = {SecurityType.EQUITY: Market.USA, SecurityType.CRYPTO: Market.BINANCE}

        def can_submit_order(self, security, order, message):
            if order.quantity > 100:
                return False, BrokerageMessageEvent(BrokerageMessageType.INFORMATION, "", "too much")
            return True, None

        def can_update_order(self, security, order, request, message):
            return False, BrokerageMessageEvent(BrokerageMessageType.WARNING, 7, "never")
    """
    body = """
    self.set_brokerage_model(Mine())
    self.seen = [self.brokerage_model.default_markets[SecurityType.CRYPTO], str(self.add_crypto("BTCUSDT", Resolution.DAILY).symbol.id.market)]
    self.spy = self.add_equity("SPY", Resolution.DAILY).symbol
    """
    hooks = """
    def on_data(self, data):
        if data.contains_key(self.spy) and len(self.seen) == 2:
            tickets = [self.market_on_open_order(self.spy, quantity) for quantity in (101, 100)]
            self.seen += [t.submit_request.response.error_message for t in tickets]
            self.ticket = tickets[1]
            self.ticket.update_quantity(50)

    def on_end_of_algorithm(self):
        self.seen.append(self.ticket.update_requests[0].response.error_message)
        order = self.transactions.get_order_by_id(2)
        refused = self.transactions.get_order_by_id(1)
        self.seen.append((order.last_update_time == order.time, order.quantity, order.broker_id, refused.broker_id))
    """
    seen = play(body, hooks, top=top, start="2017, 2, 1", end="2017, 2, 10").algorithm.seen
    assert seen[:2] == ["binance", "binance"]
    assert seen[2] == "BrokerageModel declared unable to submit order: [1] Information - Code:  - too much"
    assert (seen[3], seen[4]) == ("", "OrderID: 2 Warning - Code: 7 - never")
    # LEAN notes the time of a change that is refused, too; what isn't sent has no number of the broker's.
    assert seen[5] == (True, 100, ["2"], [])


@pytest.mark.parametrize(("line", "expected"), [("", 2), ("self.set_benchmark(lambda when: 7)", 7)])
def test_a_broker_of_the_strategys_own_is_asked_for_a_benchmark_where_none_is_set(play, line, expected):
    top = """
    class Odd:
        def evaluate(self, time):
            return 2

    class Mine(DefaultBrokerageModel):
        def get_benchmark(self, securities):
            assert securities.contains_key("BTCUSD")
            return Odd()
    """
    body = f"self.set_brokerage_model(Mine())\nself.add_crypto('BTCUSD', Resolution.DAILY)\n{line}"
    hooks = """
    def on_data(self, data):
        self.seen.append(self.benchmark.evaluate(self.time))
    """
    done = play(body, hooks, top=top, start="2017, 2, 1", end="2017, 2, 10")
    assert set(done.algorithm.seen) == {expected}
    assert {value for _, value in done.sampler.samples.benchmark} == {expected}


def test_messages_and_names_of_currencies_are_leans():
    assert str(BrokerageMessageEvent.disconnected("gone")) == "Disconnect - Code: Disconnect - gone"
    assert str(BrokerageMessageEvent.reconnected("back")) == "Reconnect - Code: Reconnect - back"
    assert [Currencies.get_currency_symbol(name) for name in ("USD", "EUR", "JPY", "XYZ")] == ["$", "€", "¥", "XYZ"]
    assert (Currencies.USD, Currencies.NULL_CURRENCY, Currencies.NullCurrency) == ("USD", "QCC", "QCC")
