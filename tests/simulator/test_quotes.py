"""Quotes: read from a handwritten folder, delivered beside trades, filled at and valued by, as LEAN's sources have it.

The oracles are the numbers written to the files and LEAN's formulas: `EquityFillModel`, `FillModel`, `SecurityCache`,
`SecurityHolding.TotalCloseProfit`, `QuoteBarConsolidator`.
"""

from __future__ import annotations

import json
import zipfile
from datetime import datetime

import pytest

from hidden_regime.data import LeanFolder
from hidden_regime.exceptions import DataError, DuplicateDateError, InvalidPriceError, UnsortedDataError
from hidden_regime.simulator import run_file
from hidden_regime.simulator.objects import Bar, QuoteBar, Symbol

DAYS = {"start": "2014, 1, 6", "end": "2014, 1, 6"}
ADD = 'self.eq = self.add_equity("SPY", Resolution.MINUTE); self.spy = self.eq.symbol; self.n = 0'
RAW = ADD.replace("MINUTE)", "MINUTE, data_normalization_mode=DataNormalizationMode.RAW)")
LOUD = "\ndef on_order_event(self, event):\n    if event.fill_quantity: self.seen.append((event.fill_price, event.message))\n"


def _write(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{path.stem}.csv", "\n".join(lines) + "\n")


def _line(minute, *values):
    return ",".join([str((9 * 60 + 30 + minute) * 60_000), *("" if v is None else str(round(v * 10_000)) for v in values)])


def trade(minute, o, h, low, c, volume=1000):
    return f"{_line(minute, o, h, low, c)},{volume}"


def quote(minute, bid, ask, sizes=(300, 200)):
    """A line of quotes: bid and ask are a price, or open, high, low and close, or None."""
    sides = [(None,) * 4 if side is None else (side,) * 4 if isinstance(side, float) else side for side in (bid, ask)]
    ask_part = _line(0, *sides[1]).partition(",")[2]
    return f"{_line(minute, *sides[0])},{sizes[0]},{ask_part},{sizes[1]}"


@pytest.fixture
def folder(tmp_path):
    """folder(trades, quotes, factors): a market of SPY on one day of minutes."""

    def make(trades, quotes, factors="20501231,1,1,0"):
        usa = tmp_path / "data" / "equity" / "usa"
        for kind, lines in (("trade", trades), ("quote", quotes)):
            if lines:
                _write(usa / "minute" / "spy" / f"20140106_{kind}.zip", lines)
        for name, text in (("map", "19980102,spy,P\n20501231,spy,P"), ("factor", factors)):
            (usa / f"{name}_files").mkdir(parents=True, exist_ok=True)
            (usa / f"{name}_files" / "spy.csv").write_text(text + "\n")
        return LeanFolder(tmp_path / "data", synthetic=True)

    return make


def test_a_buy_fills_at_the_ask_and_a_sale_at_the_bid(play, folder):
    market = folder(
        [trade(0, 100.0, 100.0, 100.0, 100.0), trade(1, 101.0, 101.0, 101.0, 101.0)],
        [quote(0, 99.99, 100.02), quote(1, (100.5, 101.5, 100.0, 100.98), 101.03)],
    )
    hooks = "def on_data(self, data):\n    self.n += 1\n    if self.n < 3: self.market_order(self.spy, 3 - 2 * self.n)\n" + LOUD
    assert play(RAW, hooks, market=market, **DAYS).algorithm.seen == [(100.02, ""), (100.98, "")]


def test_bid_ask_sizes_and_slices(play, folder):
    market = folder(
        [trade(0, 100.0, 100.0, 100.0, 100.0), trade(2, 102.0, 102.0, 102.0, 102.0)],
        [quote(0, 99.97, 100.02), quote(1, None, 101.03, (0, 500))],
    )
    hooks = """
def on_data(self, data):
    self.n += 1
    eq, quotes = self.eq, data.quote_bars
    self.seen.append((eq.bid_price, eq.AskPrice, eq.bid_size, eq.ask_size, eq.price))
    if self.n == 1:
        bar = quotes[self.spy]
        assert data[self.spy] is data.bars["SPY"] and data.get(QuoteBar)[self.spy] is bar and data.all_data[1] is bar
        assert data.keys() == [self.spy] and self.eq.cache.get_data(QuoteBar) is bar and QuoteBar is type(bar)
        assert (bar.Bid.Close, bar.LastAskSize, bar.close, bar.value, bar.price) == (99.97, 200.0, 99.995, 99.995, 99.995)
        assert (bar.time.minute, bar.end_time.minute, bar.period) == (30, 31, timedelta(minutes=1))
        assert str(bar) == "SPY: " + "".join(f"{s}: {p}: {v} " for s, v in (("Bid", 99.97), ("Ask", 100.02)) for p in "OHLC")
    if self.n == 2:  # the missing bid is the one before, and its size is none
        assert (quotes["SPY"].bid.close, quotes["SPY"].last_bid_size, quotes["SPY"].is_fill_forward) == (99.97, 0.0, False)
    if self.n == 3:
        assert (quotes["SPY"].is_fill_forward, quotes["SPY"].ask.close, quotes["SPY"].last_ask_size) == (True, 101.03, 500.0)
        self.quit()
"""
    found = play(RAW, hooks, market=market, **DAYS).algorithm.seen
    assert found == [
        (99.97, 100.02, 300.0, 200.0, 100.0), (99.97, 101.03, 300.0, 500.0, 100.0), (99.97, 101.03, 300.0, 500.0, 102.0),
    ]  # fmt: skip


def test_a_quote_without_a_trade_is_a_slice_that_has_data_but_no_symbol(play, folder):
    market = folder([trade(5, 100.0, 100.0, 100.0, 100.0)], [quote(0, 99.0, 101.0)])
    hooks = """
def on_data(self, data):
    self.seen.append((data.has_data, data.contains_key(self.spy), len(data), data.quote_bars.count, self.eq.has_data))
    self.quit()
"""
    assert play(RAW, hooks, market=market, **DAYS).algorithm.seen == [(True, False, 0, 1, False)]


@pytest.mark.parametrize("quantity", [10, -10])
def test_holdings_are_valued_at_the_bid_or_when_short_at_the_ask(play, folder, quantity):
    market = folder([trade(0, 100.0, 100.0, 100.0, 100.0)], [quote(0, 99.5, 100.25)])
    hooks = f"""
def on_data(self, data):
    self.market_order(self.spy, {quantity})
    held = self.portfolio[self.spy]
    self.seen = [held.unrealized_profit, held.total_close_profit(False), held.total_close_profit(False, 101.0),
                 held.holdings_value, self.portfolio.total_unrealized_profit, held.unrealized_profit_percent]
    self.quit()
"""
    entry, leave = (100.25, 99.5) if quantity > 0 else (99.5, 100.25)
    earned = (leave - entry) * quantity
    wanted = [earned - 1, earned, (101 - entry) * quantity, 100.0 * quantity, earned - 1, (earned - 1) / (entry * 10)]
    assert play(RAW, hooks, market=market, **DAYS).algorithm.seen == pytest.approx(wanted, abs=1e-12)


AT = "\nself.schedule.on(self.date_rules.today, self.time_rules.at({}), lambda: self.market_order(self.spy, 1))\n"
NOT_FILLED_FORWARD = RAW.replace("MINUTE,", "MINUTE, fill_forward=False,")


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ("", (110.0, "Warning: No quote information available at 01/06/2014 11:00:00 America/New_York, order filled using "
                     "TradeBar data")),
        ("self.settings.stale_price_time_span = timedelta(hours=2)", (100.5, "")),
    ],
)  # fmt: skip
def test_a_quote_too_old_gives_way_to_a_younger_trade(play, folder, settings, wanted):
    trades = [trade(m, 110.0, 110.0, 110.0, 110.0) for m in range(90)]
    body = f"{NOT_FILLED_FORWARD}\n{settings}" + AT.format("11, 0")
    assert play(body, LOUD, market=folder(trades, [quote(0, 99.5, 100.5)]), **DAYS).algorithm.seen == [wanted]


def test_an_order_at_stale_data_waits_for_the_next_quote(play, folder):
    trades = [trade(0, 100.0, 100.0, 100.0, 100.0), trade(150, 120.0, 121.0, 119.0, 120.0)]
    market = folder(trades, [quote(1, 99.0, 101.0), quote(150, (115.0, 125.0, 115.0, 119.5), (116.0, 126.0, 116.0, 120.5))])
    done = play(NOT_FILLED_FORWARD + AT.format("11, 30"), LOUD, market=market, **DAYS)
    assert done.algorithm.seen == [(120.5, "")]


def test_a_stale_quote_of_the_minute_before_fills_with_a_warning(play, folder):
    body = NOT_FILLED_FORWARD + "\nself.settings.stale_price_time_span = timedelta(seconds=10)" + AT.format("9, 33")
    market = folder([trade(0, 100.0, 100.0, 100.0, 100.0), trade(3, 1.0, 1.0, 1.0, 1.0)], [quote(1, 99.0, 101.0)])
    said = "Warning: fill at stale price (01/06/2014 09:32:00 America/New_York), using QuoteBar data."
    assert play(body, LOUD, market=market, **DAYS).algorithm.seen == [(101.0, said)]


BARS = (
    [trade(0, 100.0, 100.0, 100.0, 100.0), trade(1, 100.0, 100.4, 99.6, 100.0), trade(2, 100.0, 100.4, 99.6, 100.0)],
    [quote(0, 99.0, 101.0), quote(1, (98.0, 99.9, 97.0, 98.5), (101.0, 103.0, 100.1, 101.5)), quote(2, 98.6, 101.4)],
)


@pytest.mark.parametrize(
    ("order", "wanted"),
    [
        ("limit_order(self.spy, 1, 99.7)", 99.7),  # by the trades' low: asks never came below 100.1
        ("stop_market_order(self.spy, -1, 99.65)", 99.65),  # by the trades' low
        ("stop_market_order(self.spy, -1, 99.5)", None),  # bids at 97 are no trades
        ("stop_limit_order(self.spy, 1, 102.9, 101.6)", 101.6),  # asks reached 103 and closed at 101.5
        ("stop_limit_order(self.spy, -1, 97.1, 98.4)", 98.4),  # bids reached 97 and closed at 98.5
        ("trailing_stop_order(self.spy, -1, 97.5, 1.0, False)", 97.5),  # bids fell to 97: the stop or the close, what is lower
        ("trailing_stop_order(self.spy, -1, 98.7, 1.0, False)", 98.5),
        ("limit_if_touched_order(self.spy, 1, 99.7, 101.5)", 101.5),  # touched by a trade, filled at the ask
        ("limit_if_touched_order(self.spy, -1, 100.3, 98.6)", 98.6),  # at the next minute's bid: 98.5 is below the limit
    ],
)
def test_kinds_of_orders_look_at_trades_or_at_quotes_as_lean_does(play, folder, order, wanted):
    hooks = f"""
def on_data(self, data):
    self.n += 1
    if self.n == 1: self.{order}
    if self.n == 3: self.quit()
def on_order_event(self, event):
    if event.fill_quantity: self.seen.append(event.fill_price)
"""
    assert play(RAW, hooks, market=folder(*BARS), **DAYS).algorithm.seen == ([] if wanted is None else [wanted])


def test_quotes_are_adjusted_as_trades_are(play, folder):
    factors = "19980102,0.9,0.25,1\n20140106,0.9,0.5,100\n20140107,1,0.5,100\n20501231,1,1,0"
    market = folder(
        [trade(0, 100.0, 100.0, 100.0, 100.0, 30)], [quote(0, 99.98, 100.02, (31, 0)), quote(1, None, 101.0)], factors
    )
    hooks = """
def on_data(self, data):
    self.n += 1
    bar = data.quote_bars[self.spy]
    self.seen.append((None if bar.bid is None else bar.bid.close, bar.ask.close, bar.last_bid_size, self.eq.price, self.eq.volume))
    if self.n == 2: self.quit()
"""
    adjusted = play(ADD.replace("MINUTE)", "MINUTE, fill_forward=False)"), hooks, market=market, **DAYS).algorithm.seen
    # Prices times 0.9 x 0.5, sizes and volumes over it and rounded.
    assert adjusted == [(44.991, 45.009, 69.0, 45.0, 67.0), (None, 45.45, 0.0, 45.0, 67.0)]


def test_a_split_in_raw_prices_turns_the_last_quote_too(play, folder):
    market = folder([trade(0, 100.0, 100.0, 100.0, 100.0)], [quote(0, 99.0, 101.0)])
    hooks = """
def on_data(self, data):
    self.eq.adjust_to_split(0.5)
    self.seen = [self.eq.bid_price, self.eq.ask_price, self.eq.bid_size, self.eq.ask_size, self.eq.quote.bid.close]
    self.quit()
"""
    assert play(RAW, hooks, market=market, **DAYS).algorithm.seen == [49.5, 50.5, 600.0, 400.0, 49.5]


def test_history_of_quotes(play, folder):
    market = folder(
        [trade(0, 100.0, 100.0, 100.0, 100.0), trade(2, 102.0, 103.0, 101.0, 102.0)],
        [quote(0, 99.97, 100.02), quote(1, 100.99, 101.02, (7, 8)), quote(2, 101.0, 103.0)],
    )
    hooks = """
def on_data(self, data):
    self.n += 1
    if self.n == 3:
        self.seen = [
            self.history(self.spy, 3, Resolution.MINUTE, fill_forward=False), self.history(QuoteBar, self.spy, 2),
            self.history[QuoteBar](self.spy, 2), self.history[QuoteBar](self.spy, 2, Resolution.DAILY),
            self.history[QuoteBar]([self.spy], 1), self.history(1), self.history(TradeBar, self.spy, 1),
            self.get_last_known_prices(self.eq),
        ]
        self.quit()
"""
    both, frame, bars, none, slices, whole, trades, known = play(RAW, hooks, market=market, **DAYS).algorithm.seen
    quoted = [f"{side}{name}" for side in ("ask", "bid") for name in ("close", "high", "low", "open", "size")]
    prices = ["close", "high", "low", "open"]
    assert list(both.columns) == [*quoted, *prices, "volume"] and list(frame.columns) == [*quoted, *prices]
    assert both["close"].tolist() == [100.0, 101.005, 102.0] and both["bidclose"].tolist() == [99.97, 100.99, 101.0]
    assert both["volume"].isna().tolist() == [False, True, False]
    assert frame.loc["SPY"]["asksize"].tolist() == [8.0, 200.0] and frame["close"].tolist() == [101.005, 102.0]
    assert [bar.ask.close for bar in bars] == [101.02, 103.0] and list(none) == [] and list(trades.columns) == [*prices, "volume"]
    piece, both_kinds = next(iter(slices)), next(iter(whole))
    assert piece["SPY"].bid.close == both_kinds.quote_bars["SPY"].bid.close == 101.0 and both_kinds.bars["SPY"].close == 102.0
    assert [type(data).__name__ for data in known] == ["TradeBar", "QuoteBar"]


def test_a_consolidator_of_quotes_opens_at_the_close_before(play, folder):
    quotes = [quote(m, 100.0 + m, 100.5 + m, (m + 1, m + 2)) for m in range(5)]
    body = (
        RAW
        + """
made = QuoteBarConsolidator(timedelta(minutes=2))
made.data_consolidated += lambda sender, bar: self.seen.append(bar)
self.subscription_manager.add_consolidator(self.spy, made)
"""
    )
    market = folder([trade(0, 1.0, 1.0, 1.0, 1.0)], quotes)
    first, second, *_ = play(body, market=market, **DAYS).algorithm.seen
    assert (str(first.time)[11:], str(first.end_time)[11:]) == ("09:30:00", "09:32:00")
    assert [getattr(first.bid, name) for name in ("open", "high", "low", "close")] == [100.0, 101.0, 100.0, 101.0]
    assert [getattr(second.bid, name) for name in ("open", "high", "low", "close")] == [101.0, 103.0, 101.0, 103.0]
    assert (second.ask.open, second.ask.close, second.last_ask_size) == (101.5, 103.5, 5.0)


def test_a_quote_bar_takes_quotes_one_by_one_and_collapses():
    bar = QuoteBar(datetime(2014, 1, 6, 9, 30), Symbol("SPY"))
    bar.update(0, 10.0, 0, 0, 5, 0)
    bar.update(0, 9.0, 12.0, 0, 0, 7)
    assert str(bar.bid) == "O: 10 H: 10 L: 9 C: 9" and (bar.last_bid_size, bar.last_ask_size) == (5, 7)
    made = bar.collapse()
    assert (made.open, made.high, made.low, made.close, made.volume) == (11.0, 11.0, 10.5, 10.5, 0.0)
    assert QuoteBar(bar.time, bar.symbol, Bar(1, 1, 1, 1), 3, None, 4).last_ask_size == 0.0


@pytest.mark.parametrize(
    ("lines", "kind", "said"),
    [
        (["34200000,1,1,1,1,1,1,1,1,1,1", "34200000,1,1,1,1,1,1,1,1,1,1"], DuplicateDateError, "line 2"),
        (["34260000,1,1,1,1,1,1,1,1,1,1", "34200000,1,1,1,1,1,1,1,1,1,1"], UnsortedDataError, "line 2"),
        (["34200000,-1,1,1,1,1,1,1,1,1,1"], InvalidPriceError, "price or volume of -1"),
        (["34200000,1,1,1,1,1,1,1,2,1,1"], InvalidPriceError, "high is below low"),
        (["34200000,1,1,1,1,1,,,,,-3"], InvalidPriceError, "volume of -3"),
        (["34200000,1,1,1,1,1"], DataError, "line 1 has 6 columns: expected 11"),
        (["34200000,1,1,1,one,1,1,1,1,1,1"], DataError, "can't be read as LEAN quotes"),
    ],
)
def test_damaged_quotes_say_where(folder, lines, kind, said):
    market = folder([trade(0, 1.0, 1.0, 1.0, 1.0)], lines)
    quotes = market.quotes("SPY")
    with pytest.raises(kind, match=f"20140106_quote.zip.*{said}"):
        quotes.find(quotes.days[0])


def test_a_folder_without_quotes_has_none(folder):
    assert folder([trade(0, 1.0, 1.0, 1.0, 1.0)], []).quotes("SPY") is None


PARTIAL = """
class Halves(FillModel):
    def market_fill(self, asset, order):
        fill = super().market_fill(asset, order)
        fill.fill_quantity = np.sign(order.quantity) * 5
        done = abs(order.quantity_filled) + 5 >= abs(order.quantity)
        fill.status = OrderStatus.FILLED if done else OrderStatus.PARTIALLY_FILLED
        return fill
"""


def test_a_model_of_the_base_fills_what_rests_at_the_open_and_its_numpy_numbers_are_written(play, tmp_path):
    """`FillModel.GetMarketFillPrice`: an hourly order that was there before the bar fills at the bar's open."""
    body = 'self.eq = self.add_equity("SPY", Resolution.HOUR); self.spy = self.eq.symbol; self.eq.set_fill_model(Halves())'
    hooks = """
def on_data(self, data):
    self.seen.append((self.eq.bar.open, self.eq.bar.close))
    if self.time.hour == 11: self.market_order(self.spy, 20)
"""
    done = play(body, hooks, top=PARTIAL, start="2014, 1, 6", end="2014, 1, 6")
    events = [event for event in done.algorithm.transactions.events if event.fill_quantity]
    first, second = done.algorithm.seen[1][1], done.algorithm.seen[2][0]
    assert [(event.fill_price, event.fill_quantity) for event in events] == [(first, 5.0)] * 2 + [(second, 5.0)] * 2
    assert [event.message for event in events] == [""] * 4
    assert all(type(event.fill_quantity) is float for event in events)
    assert json.dumps(events[0].fill_quantity > 0) == "true"


@pytest.mark.parametrize(
    ("order", "wanted"),
    [
        ("market_order(self.spy, 1)", 101.0),
        ("limit_order(self.spy, 1, 100.2)", 100.2),  # asks came down to 100.1
        ("limit_order(self.spy, 1, 105.0)", 103.0),  # what is worse of the limit and the highest ask
        ("stop_market_order(self.spy, -1, 97.5)", 97.5),  # bids fell to 97
        ("stop_market_order(self.spy, -1, 98.7)", 98.5),
        ("stop_market_order(self.spy, -1, 97.0)", None),  # reached is not passed
        ("limit_if_touched_order(self.spy, 1, 99.7, 98.9)", 98.9),  # the bid is below, and it fills at the limit
        ("limit_if_touched_order(self.spy, -1, 100.3, 101.45)", 101.45),  # the ask is above
    ],
)
def test_the_base_model_looks_at_quotes(play, folder, order, wanted):
    hooks = f"""
def on_data(self, data):
    self.n += 1
    if self.n == 1: self.{order}
    if self.n == 3: self.quit()
def on_order_event(self, event):
    if event.fill_quantity: self.seen.append(event.fill_price)
"""
    body = RAW + "\nself.eq.set_fill_model(ImmediateFillModel())"
    assert play(body, hooks, market=folder(*BARS), **DAYS).algorithm.seen == ([] if wanted is None else [wanted])


def test_orders_at_the_open_and_close_are_trades_to_equities_and_quotes_to_the_base(play, folder):
    trades = [trade(0, 100.0, 100.0, 100.0, 100.0), trade(389, 105.0, 106.0, 104.0, 105.5)]
    quotes = [quote(0, 99.0, 101.0), quote(389, (104.0, 107.0, 103.0, 105.25), 105.75)]
    hooks = "def on_data(self, data):\n    self.n += 1\n    if self.n == 1: self.market_on_close_order(self.spy, -1)\n" + LOUD
    for model, wanted in (("EquityFillModel", 105.5), ("ImmediateFillModel", 105.25)):
        body = f"{RAW}\nself.eq.set_fill_model({model}())"
        assert play(body, hooks, market=folder(trades, quotes), **DAYS).algorithm.seen == [(wanted, "")]


def test_the_gap_that_lean_filled_at_the_close(tmp_path, folder):
    """An order of 11:30 in a gap of trades alone fills at the close of the first bar after it, with LEAN's warning."""
    path = tmp_path / "main.py"
    path.write_text(
        "from AlgorithmImports import *\nclass A(QCAlgorithm):\n    def initialize(self):\n"
        "        self.set_start_date(2014, 1, 6); self.set_end_date(2014, 1, 6)\n"
        '        self.spy = self.add_equity("SPY", fill_forward=False).symbol\n'
        "        self.schedule.on(self.date_rules.today, self.time_rules.at(11, 30), lambda: self.buy(self.spy, 1))\n"
    )
    market = folder([trade(0, 100.0, 100.0, 100.0, 100.0), trade(180, 51.0, 52.0, 50.0, 51.82)], [])
    done = run_file(path, market)
    filled = [event for event in done.algorithm.transactions.events if event.fill_quantity]
    assert [(event.fill_price, event.utc.hour, event.utc.minute) for event in filled] == [(51.82, 17, 31)]
    assert "No quote information available at 01/06/2014 12:31:00" in filled[0].message
