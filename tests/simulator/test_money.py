"""Sums of money, texts of statistics and warnings of targets, against LEAN's answers and against decimal arithmetic."""

from __future__ import annotations

from array import array
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import numpy as np
import pytest

from hidden_regime.data.decimals import SystemDecimal
from hidden_regime.simulator import result
from hidden_regime.simulator.account.trades import Path, Trade, TradeBuilder
from hidden_regime.simulator.comparison import check, read_case
from hidden_regime.simulator.enums import OrderStatus
from hidden_regime.simulator.figures.portfolio import (
    Samples,
    average_rate,
    drawdown,
    portfolio_figures,
    portfolio_strings,
    probabilistic_sharpe,
    summary,
)
from hidden_regime.simulator.figures.trades import trade_statistics
from hidden_regime.simulator.models.fees import CashAmount, OrderFee
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.orders.events import OrderEvent
from hidden_regime.simulator.orders.kinds import MarketOrder
from hidden_regime.simulator.rounding import short, smart
from tests.conftest import CASES

RAW = "data_normalization_mode=DataNormalizationMode.RAW"
TABLES = ("statistics", "portfolio_statistics", "trade_statistics", "runtime_statistics")
NOT_IN_CASES = {"maximumEndTradeDrawdown", "totalFees"}
TRADED = [path for path in sorted((CASES / "expected").glob("*.json.xz")) if len(read_case(path)["closed_trades"]) > 2]
SMALL_TRADE = (
    "Warning: Portfolio rebalance result ignored as it resulted in a single share trade recommendation which can generate "
    "high fees. To disable minimum order size checks please set self.settings.minimum_order_margin_portfolio_percentage = 0."
)
OUT_OF_RANGE = (
    "The portfolio target percent: {}, does not comply with the current "
    "'self.settings.max_absolute_portfolio_target_percentage': {} or "
    "'self.settings.min_absolute_portfolio_target_percentage': 0.0000000001. Skipping"
)
CONVERTED = (
    "Warning: market orders submitted while the market is closed are automatically converted into MarketOnOpen orders to "
    "fill at the next market open."
)


def lines(done):
    return list(done.algorithm._sim.logs.lines)


def decimal(value):
    return Decimal(f"{value:.15g}")


# Closing fills ---------------------------------------------------------------------------------------------------------
def test_a_profit_of_twice_the_fee_is_nothing_and_no_win(play):
    """The fills, and LEAN's log, of a plan in GLD, whose prices are whole cents."""
    body = 'self.gld = self.add_equity("GLD", Resolution.DAILY).symbol'
    hooks = """
    PLAN = {"0122": 100, "0123": 200, "0126": -150, "0127": -150, "0225": 100, "0227": 200, "0302": -150, "0303": -150,
            "0416": 100, "0421": -100, "0612": 100, "0615": -100, "0717": 100, "0720": -100}

    def on_data(self, data):
        quantity = self.PLAN.get(self.time.strftime("%m%d"))
        if quantity:
            self.market_on_open_order(self.gld, quantity)

    def on_order_event(self, e):
        if e.status == OrderStatus.FILLED:
            h = self.portfolio[self.gld]
            self.log(f"{e.fill_quantity} {e.fill_price!r} avg {h.average_price!r} last {h.last_trade_profit!r} closed {h.profit!r}")
    """
    done = play(body, hooks, start="2009, 1, 2", end="2009, 8, 31")
    assert [line[20:] for line in lines(done)] == [
        "100.0 24.51 avg 24.51 last 0.0 closed 0.0",
        "200.0 24.61 avg 24.576666666666668 last 0.0 closed 0.0",
        "-150.0 24.59 avg 24.576666666666668 last 2.0 closed 2.0",
        "-150.0 24.49 avg 0.0 last -12.999999999999998 closed -11.0",
        "100.0 24.75 avg 24.75 last -12.999999999999998 closed -11.0",
        "200.0 24.64 avg 24.676666666666666 last -12.999999999999998 closed -11.0",
        "-150.0 24.69 avg 24.676666666666666 last 2.0 closed -9.0",
        "-150.0 24.64 avg 0.0 last -5.5 closed -14.499999999999998",
        "100.0 25.59 avg 25.59 last -5.5 closed -14.499999999999998",
        "-100.0 25.61 avg 0.0 last 2.0 closed -12.499999999999998",
        "100.0 24.39 avg 24.39 last 2.0 closed -12.499999999999998",
        "-100.0 24.41 avg 0.0 last 2.0 closed -10.5",
        "100.0 25.32 avg 25.32 last 2.0 closed -10.5",
        "-100.0 25.34 avg 0.0 last 2.0 closed -8.5",
    ]
    book, found = done.algorithm.transactions, result.build(done, "gld")
    assert list(book.transaction_record.values()) == [0.0, -14.999999999999998, 0.0, -7.499999999999999, 0.0, 0.0, 0.0]
    assert list(found["profitLoss"].values()) == [0.0, -15.0, 0.0, -7.5, 0.0, 0.0, 0.0]
    assert (book.win_count, book.loss_count) == (0, 7)
    assert found["totalPerformance"]["portfolioStatistics"]["winRate"] == "0"
    assert found["statistics"]["Loss Rate"] == "100%"


def test_closings_of_one_moment_get_a_millisecond_each(play):
    hooks = """
    def on_data(self, data):
        if self.time.day == 3:
            self.market_order(self.spy, 30)
        if self.time.day == 8:
            for _ in range(3):
                self.market_order(self.spy, -10)
    """
    done = play('self.spy = self.add_equity("SPY", Resolution.DAILY).symbol', hooks)
    found = result.build(done, "x")["profitLoss"]
    assert list(found) == ["2014-01-09T21:00:00Z", "2014-01-09T21:00:00.001Z", "2014-01-09T21:00:00.002Z"]
    assert len(set(found.values())) == 1
    assert list(done.algorithm.transactions.transaction_record) == [
        datetime(2014, 1, 9, 21) + timedelta(milliseconds=n) for n in range(3)
    ]


def test_shorts_that_are_closed_leave_a_negative_zero(play):
    hooks = """
    def on_data(self, data):
        if self.time.day in (3, 8):
            self.market_order(self.spy, -10 if self.time.day == 3 else 10)
        self.seen.append(str(self.portfolio[self.spy].quantity))
    """
    done = play('self.spy = self.add_equity("SPY", Resolution.DAILY).symbol', hooks)
    assert done.algorithm.seen[:7] == ["0.0", "0.0", "-10.0", "-10.0", "-10.0", "-0.0", "-0.0"]
    assert not done.algorithm.portfolio.invested


HALF_CENT = """
class HalfCent:
    def get_slippage_approximation(self, asset, order):
        return 0.005 if order.quantity > 0 else 0.0
"""


@pytest.mark.parametrize("ticker", ["QQQ", "GLD", "AAPL"])
def test_half_cents_of_closed_trades_are_rounded_to_even(play, ticker):
    body = f"""
    share = self.add_equity("{ticker}", Resolution.DAILY, {RAW})
    share.set_slippage_model(HalfCent())
    self.share, self.size = share.symbol, 1
    """
    hooks = """
    def on_data(self, data):
        if self.portfolio.invested:
            self.liquidate()
        else:
            self.market_order(self.share, self.size)
            self.size += 2
    """
    done = play(body, hooks, top=HALF_CENT, start="2015, 3, 2", end="2015, 6, 30")
    orders, trades = done.algorithm._sim.book.orders, done.algorithm._sim.trades.closed
    exact = []
    for trade in trades:
        into, out = (decimal(orders[number].price) for number in trade.order_ids)
        exact.append((out - into) * Decimal(str(trade.quantity)) * (-1 if trade.direction else 1))
    assert len(trades) > 35
    assert [str(t.profit_loss) for t in trades] == [str(x.quantize(Decimal("0.01"), ROUND_HALF_EVEN)) for x in exact]
    halves = [x for x in exact if x * 100 % 1 in (Decimal("0.5"), Decimal("-0.5"))]
    assert len(halves) > 10
    # Rounded as a double, some of them go the other way.
    assert any(round(float(x), 2) != float(x.quantize(Decimal("0.01"), ROUND_HALF_EVEN)) for x in halves)


def test_unrealized_profit_is_summed_in_decimals_and_its_half_cents_go_up(play):
    body = f"self.shares = [self.add_equity(t, Resolution.DAILY, {RAW}).symbol for t in ('SPY', 'QQQ', 'IWM', 'GLD', 'AAPL')]"
    hooks = """
    def on_data(self, data):
        if self.time.day == 3:
            for n, share in enumerate(self.shares):
                self.market_order(share, 201 + 103 * n if n % 2 else -(305 + 7 * n))
        self.seen.append([
            (h.price, h.average_price, h.quantity, h.unrealized_profit) for h in self.portfolio.values() if h.invested
        ] + [self.portfolio.total_unrealized_profit])
    """
    done = play(body, hooks)
    sums = []
    for *held, total in done.algorithm.seen[4:]:
        parts = []
        for price, average, quantity, profit in held:
            value, size = abs(decimal(price) * decimal(quantity)), abs(decimal(quantity))
            fee = max(Decimal(1), min(size * Decimal("0.005"), value * Decimal("0.005")))
            parts.append((decimal(price) - decimal(average)) * decimal(quantity) - fee)
            assert profit == float(parts[-1])
        assert total == float(sum(parts))
        sums.append(sum(parts))
    assert any(x * 100 % 1 in (Decimal("0.5"), Decimal("-0.5")) for x in sums)
    shown = result.build(done, "x")["runtimeStatistics"]["Unrealized"]
    assert shown == f"${sums[-1].quantize(Decimal('0.01'), ROUND_HALF_UP):,f}"


def test_cash_is_exact_after_thousands_of_payments(play):
    hooks = """
    def on_data(self, data):
        self.market_order(self.spy, 7 if len(self.seen) % 2 else -5)
        self.seen.append(self.portfolio.cash)
    """
    body = f"self.spy = self.add_equity('SPY', Resolution.DAILY, {RAW}, leverage=2).symbol"
    done = play(body, hooks, start="2012, 1, 3", end="2013, 12, 31")
    account, cash = done.algorithm.portfolio, Decimal(100_000)
    for event in done.algorithm._sim.book.events:
        cash -= decimal(event.fill_price) * decimal(event.fill_quantity) + decimal(event.order_fee.value.amount)
    assert account.cash == float(cash + decimal(account["SPY"].total_dividends))
    assert Decimal(str(account.exact_cash)) == cash + Decimal(str(account["SPY"].ledger.dividends))


# Texts -----------------------------------------------------------------------------------------------------------------
def amount(value):
    return SystemDecimal.of(value).at_scale(2)


@pytest.mark.parametrize("path", TRADED, ids=lambda p: p.name.removesuffix(".json.xz"))
def test_statistics_of_leans_trades_are_printed_to_the_letter(path):
    case = read_case(path)
    trades = [
        Trade(
            Symbol(t["symbol"]), datetime.fromisoformat(t["entryTime"][:-1]), SystemDecimal.of(t["entryPrice"]), t["direction"],
            SystemDecimal.of(t["quantity"]), datetime.fromisoformat(t["exitTime"][:-1]), SystemDecimal.of(t["exitPrice"]),
            amount(t["profitLoss"]), SystemDecimal.of(t["totalFees"]), Path(array("d"), set(), 4, 0, 0), t["orderIds"],
        )
        for t in case["closed_trades"]
    ]  # fmt: skip
    for trade, t in zip(trades, case["closed_trades"], strict=True):  # what was seen on the way is LEAN's
        vars(trade).update(excursions=(amount(t["mae"]), amount(t["mfe"])), end_trade_drawdown=amount(0.0))
    found = trade_statistics(trades)
    lean = case["trade_statistics"]
    assert {k: v for k, v in found.items() if k not in NOT_IN_CASES} == {k: v for k, v in lean.items() if k not in NOT_IN_CASES}


@pytest.mark.parametrize("name", ["r03_long_short_flips", "r12_inheritance", "r17_models_and_settings", "r22_custom_data",
                                  "r26_models_by_the_user", "f01_random_7"])  # fmt: skip
def test_whole_runs_print_leans_statistics_to_the_letter(name, reference_market):
    found = check(CASES / "expected" / f"{name}.json.xz", reference_market)
    for table in TABLES:
        lean = {k: v for k, v in found.lean[table].items() if k in found.ours[table] and k != "Volume"}
        assert {k: found.ours[table][k] for k in lean} == lean


def test_bars_prices_keep_zeros_and_fills_prices_do_not():
    """LEAN's crisis_detection lost -8302.5 on 1845 shares from 24.90 to 20.40, and its b17 gave back 38.00 at most."""
    builder, share = TradeBuilder(), Symbol("GLD")
    at = datetime(2011, 5, 23, 20)

    def fill(number, quantity, price):
        order = MarketOrder(share, quantity, at)
        order.id = number
        event = OrderEvent(order, at, OrderStatus.FILLED, "", price, quantity, OrderFee(CashAmount(1.0)))
        builder.process_fill(event, SystemDecimal.of(1.0))

    fill(1, 1845.0, 24.9)
    builder.see(share, 24.9)
    fill(2, -1845.0, 20.4)
    fill(3, 100.0, 24.5)
    builder.see_all(share, [(datetime(2020, 1, 6, 10), 25.0), (datetime(2020, 1, 6, 11), 24.62)])
    fill(4, -100.0, 24.7)
    first, second = builder.closed
    assert [str(x) for x in (first.profit_loss, first.mae, first.mfe, first.total_fees)] == ["-8302.5", "-8302.5", "0.0", "2"]
    # The price of 24.9 was seen once more, as 24.9000, from which it fell.
    assert (str(first.end_trade_drawdown), str(second.profit_loss)) == ("8302.50", "20.0")
    assert [str(x) for x in (second.mae, second.mfe, second.end_trade_drawdown)] == ["0.0", "50.00", "38.00"]
    found = trade_statistics(builder.closed)
    assert [found[k] for k in ("largestLoss", "largestProfit", "averageMFE", "largestMFE", "totalFees")] == [
        "-8302.5", "20.0", "25.00", "50.00", "4",
    ]  # fmt: skip


def figures(equity, returns, benchmark, closed=None, capital=100_000.0):
    days = [datetime(2014, 1, 2, 5) + timedelta(days=n) for n in range(len(returns))]
    samples = Samples(list(zip(days, equity, strict=True)), list(zip(days, returns, strict=True)),
                      list(zip(days, benchmark, strict=True)), [0.15, 0.25])  # fmt: skip
    found = portfolio_figures(samples, capital, closed or {}, [])
    return portfolio_strings(found), summary(found, 0, SystemDecimal.of(1.005))


def test_portfolio_figures_keep_the_decimals_of_their_arithmetic():
    equity = [100_000.0, 95_000.0, 96_000.0, 97_000.0, 100_500.5]
    record = {datetime(2014, 1, 3): SystemDecimal(50000, 2), datetime(2014, 1, 4): SystemDecimal(0, 2)}
    strings, table = figures(equity, [0.0, -5.0, 1.0526, 1.0417, 3.6088], [100.0, 101.0, 102.0, 101.5, 103.0], record)
    # 1 - 95000 / 100000 = 0.05; 100500.5 / 100000 - 1 = 0.005005; 500.00 / 100000 = 0.005; 0.00 / 100500.00 = 0.00
    assert (strings["drawdown"], table["Drawdown"]) == ("0.05", "5.00%")
    assert (strings["totalNetProfit"], table["Net Profit"]) == ("0.0050", "0.500%")
    assert (strings["averageWinRate"], table["Average Win"]) == ("0.005", "0.50%")
    assert (strings["averageLossRate"], table["Average Loss"]) == ("0", "0%")
    assert (strings["profitLossRatio"], strings["expectancy"], strings["winRate"]) == ("0", "-0.5", "0.5")
    assert (strings["portfolioTurnover"], table["Portfolio Turnover"]) == ("0.20", "20.00%")
    assert (strings["startEquity"], table["Start Equity"], table["End Equity"]) == ("100000", "100000", "100500.5")
    assert (table["Total Fees"], table["Win Rate"]) == ("$1.01", "50%")


def test_tiny_figures_are_zeros_with_decimals():
    noise = np.random.default_rng(1).standard_normal(800)
    marks = [100.0 + n for n in range(800)]
    losing = noise - 0.24
    chance = probabilistic_sharpe(losing[2:] / 100.0, 0.01 / 252)
    assert 0.0 < chance < 1e-15  # of the smallest ones 1 + erf leaves nothing
    strings, table = figures([100_000.0] * 800, losing.tolist(), marks)
    assert (strings["probabilisticSharpeRatio"], table["Probabilistic Sharpe Ratio"]) == ("0.0000", "0.000%")
    strings, table = figures([100_000.0] * 800, (noise * 1e-3 - 3.0).tolist(), marks)
    assert (strings["probabilisticSharpeRatio"], table["Probabilistic Sharpe Ratio"]) == ("0", "0%")
    strings, _ = figures([100_000.0] * 800, (noise * 1e-3).tolist(), marks)
    assert (strings["valueAtRisk99"], strings["valueAtRisk95"]) == ("0.000", "0.000")
    assert (str(drawdown([1e6, 1e6 - 1.0])), str(drawdown([1.0, 2.0]))) == ("0.000", "0")


def test_the_mean_rate_weighs_each_sample():
    table = [(datetime(2014, 1, 1).date(), 0.0225), (datetime(2014, 1, 3).date(), 0.02)]
    times = [datetime(2014, 1, n) for n in (1, 2, 3, 4)]
    assert str(average_rate(times, table)) == "0.02125"
    assert str(average_rate(times, [])) == "0.01"


def test_figures_too_large_for_decimals_leave_no_statistics(play):
    done = play("self.add_equity('SPY', Resolution.DAILY)")
    done.sampler.samples.returns[3] = (done.sampler.samples.returns[3][0], float("nan"))
    found = result.build(done, "x")
    assert found["statistics"] == {} and found["totalPerformance"]["portfolioStatistics"]["endEquity"] == "0"


def test_doubles_round_their_product_as_net_does():
    # 0.0145 is a little more than its text says; times 1000 it is 14.5 and goes to the even 14.
    assert (short(0.0145), short(-0.0001), short(0.7)) == ("0.014", "-0", "0.7")


# Warnings --------------------------------------------------------------------------------------------------------------
def test_targets_out_of_range_are_told_in_leans_words_and_numbers(play):
    """A double is cast to 15 digits, the quantity of a PortfolioTarget is parsed; one message isn't repeated in a row."""
    hooks = """
    TRIES = {3: None, 6: -2.220446049250313e-16, 7: -2.220446049250313e-16, 8: 9.9e-11, 9: 9.9e-11, 10: 1e-10, 13: 1e-30, 14: 3e9}

    def on_data(self, data):
        share = self.TRIES.get(self.time.day, "")
        if share is None:
            self.market_order(self.spy, 100)
        elif share != "":
            self.log(f"{self.time.day} {share!r} {self.calculate_order_quantity(self.spy, share)}")
            self.set_holdings([PortfolioTarget(self.spy, share)]) if self.time.day % 2 else self.set_holdings(self.spy, share)
    """
    done = play('self.spy = self.add_equity("SPY", Resolution.DAILY).symbol', hooks)
    assert [line[20:] for line in lines(done)] == [
        CONVERTED,
        OUT_OF_RANGE.format("-0.000000000000000222044604925", 1000000000),
        "6 -2.220446049250313e-16 0.0",
        OUT_OF_RANGE.format("-0.0000000000000002220446049250", 1000000000),
        "7 -2.220446049250313e-16 0.0",
        OUT_OF_RANGE.format("0.000000000099", 1000000000),
        "8 9.9e-11 0.0",
        "9 9.9e-11 0.0",
        "10 1e-10 -100.0",
        "13 1e-30 -0.0",
        OUT_OF_RANGE.format("3000000000", 1000000000),
        "14 3000000000.0 0.0",
    ]


MODELS = """
class Fixed(PortfolioConstructionModel):
    n = 0
    def create_targets(self, algorithm, insights):
        self.n += 1
        spy, qqq = algorithm.symbol("SPY"), algorithm.symbol("QQQ")
        if self.n == 1:
            return [PortfolioTarget(spy, 300), PortfolioTarget(qqq, 300)]
        if self.n == 4:
            return [PortfolioTarget(spy, 301)]
        if self.n == 7:
            algorithm.log("before percent")
            PortfolioTarget.percent(algorithm, qqq, 5e9)
            PortfolioTarget.percent(algorithm, qqq, 0.5)
            PortfolioTarget.percent(algorithm, qqq, 0.5)
            algorithm.log("after percent")
        return []
"""


def test_what_execution_finds_too_small_is_said_by_the_next_target(play):
    """LEAN refuses the single share on the fourth day and says so on the seventh, past the target out of range, once."""
    body = """
    self.spy = self.add_equity("SPY", Resolution.DAILY).symbol
    self.qqq = self.add_equity("QQQ", Resolution.DAILY).symbol
    self.set_alpha(NullAlphaModel())
    self.set_portfolio_construction(Fixed())
    self.set_execution(ImmediateExecutionModel())
    """
    hooks = """
    def on_data(self, data):
        self.log(f"{self.time.day} {self.portfolio[self.spy].quantity}")
    """
    done = play(body, hooks, top=MODELS, start="2012, 1, 3", end="2012, 1, 13")
    assert [line[20:] for line in lines(done)] == [
        CONVERTED, "3 0.0", "4 300.0", "5 300.0", "6 300.0", "9 300.0", "10 300.0", SMALL_TRADE,
        OUT_OF_RANGE.format("5000000000", 1000000000), "11 300.0", "before percent", "after percent", "12 300.0", "13 300.0",
    ]  # fmt: skip
    assert [line[:10] for line in lines(done) if SMALL_TRADE in line] == ["2012-01-11"]


def test_rounded_prices_are_told_once_a_run(play):
    body = f"self.share = self.add_equity('SPY', Resolution.DAILY, {RAW}).symbol"
    hooks = """
    def on_data(self, data):
        if self.time.day == 3:
            self.stop = self.stop_market_order(self.share, -1, 150.10)
            self.limit_order(self.share, 1, 150.45)
        if self.time.day == 6:
            self.stop_limit_order(self.share, 1, 350.111, 350.299)
        if self.time.day == 7:
            self.limit = self.limit_order(self.share, 1, 150.125)
            self.penny = self.limit_order(self.share, 1, 0.12345)
            self.trailing = self.trailing_stop_order(self.share, -1, 12.345, False)
            # Of these a double is below the half: 1.015 / 0.01 is 101.49999999999999.
            self.halves = [self.limit_order(self.share, 1, price) for price in (1.015, 1.045, 8.165, 0.00335)]
            self.seen = [t.get(OrderField.LIMIT_PRICE) for t in (self.limit, self.penny, *self.halves)]
    """
    done = play(body, hooks)
    warned = [line for line in lines(done) if "precision" in line]
    # A stop limit order's limit is rounded first; the rounded price has a cent's decimals, the given one its own.
    assert [line[20:] for line in warned] == [
        "Warning: To meet brokerage precision requirements, order LimitPrice was rounded to 350.30 from 350.299"
    ]
    assert done.algorithm.seen == [150.12, 0.1234, 1.02, 1.04, 8.16, 0.0034]  # halves go to even


def test_a_strategy_that_subscribes_to_nothing_completes_and_keeps_its_log(play):
    hooks = """
    def on_end_of_algorithm(self):
        self.log("end")
    """
    done = play('self.log("begin")', hooks)
    assert (done.status, [line[20:] for line in lines(done)]) == ("Completed", ["begin", "end"])
    assert result.build(done, "x")["totalPerformance"]["portfolioStatistics"]["endEquity"] == "100000"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234.5, "1234.5"), (1234.56785, "1234.5678"), (1234.56775, "1234.5678"), (1234.56999, "1234.5700"), (1000.0, "1000"),
        (150.12345675, "150.1235"), (1.0000005, "1"), (1.0000015, "1.000002"), (0.0000123456785, "0.00001234568"),
        (-1234.56785, "-1234.568"), (0.0, "0"), (1e20, "100000000000000000000"), (300.0, "300"), (0.1, "0.1"),
    ],
)  # fmt: skip
def test_short_forms_of_values_are_rounded_as_decimals(value, text):
    """Extensions.SmartRounding: above 1,000 four decimals, else seven digits, half to even as Math.Round of decimals."""
    assert smart(value) == text
