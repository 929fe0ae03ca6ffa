"""Seconds and ticks from handwritten files: when they come, what fills, what they become when they are consolidated.

LEAN's rules: SubscriptionFilterEnumerator (the session's only), FillForwardEnumerator (a bar a second), TimeSliceFactory (ticks of a
time together, without suspicious ones), SecurityCache (price of a quote halfway), EquityFillModel (ask and bid, else the trade).
"""

import shutil
import zipfile
from datetime import datetime, timedelta

import pytest

from hidden_regime.data import LeanFolder

DAYS = {"start": "2014, 1, 6", "end": "2014, 1, 6"}
OPEN = 34_200_000
RAW = ", data_normalization_mode=DataNormalizationMode.RAW).symbol\n"
TICK, SECOND = (f'self.spy = self.add_equity("SPY", Resolution.{kind}{RAW}' for kind in ("TICK", "SECOND"))


def _zip(path, name, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "\n".join(lines) + "\n")


def price(value):
    return round(value * 10_000)


@pytest.fixture
def folder(tmp_path):
    """folder(kind, trades, quotes): SPY on one day, its lines as the files have them."""

    def make(kind, trades, quotes=(), splits="20501231,1,1,0"):
        usa = tmp_path / "data" / "equity" / "usa"
        shutil.rmtree(usa, ignore_errors=True)
        for side, lines in (("trade", trades), ("quote", quotes)):
            name = f"20140106_spy_{side.capitalize()}_Tick.csv" if kind == "tick" else f"20140106_spy_{kind}_{side}.csv"
            if lines:
                _zip(usa / kind / "spy" / f"20140106_{side}.zip", name, lines)
        for name, text in (("map", "19980102,spy,P\n20501231,spy,P"), ("factor", splits)):
            (usa / f"{name}_files").mkdir(parents=True, exist_ok=True)
            (usa / f"{name}_files" / "spy.csv").write_text(text + "\n")
        return LeanFolder(tmp_path / "data", synthetic=True)

    return make


def trade(at, value, size=10, code="P", doubted=0):
    return f"{OPEN + at},{price(value)},{size},{code},0,{doubted}"


def quote(at, bid, ask, code="P"):
    return f"{OPEN + at},{price(bid)},100,{price(ask)},200,{code},0,0"


TRADES = [
    trade(-5, 1.0),
    trade(7, 100.0),
    trade(7, 100.5, 20, "Q"),
    trade(900, 101.0),
    trade(1200, 500.0, doubted=1),
    trade(61_000, 102.0),
]
QUOTES = [quote(100, 99.0, 100.2), quote(900, 0.0, 101.2), quote(62_000, 101.5, 102.5)]


def test_ticks_of_a_time_come_together_within_the_session_without_suspicious_ones(play, folder):
    hooks = """
    def on_data(self, data):
        found = data.ticks[self.spy]
        self.seen.append(((self.time - datetime(2014, 1, 6, 9, 30)) / timedelta(milliseconds=1), len(data[self.spy]),
                          [(t.value, t.quantity, t.bid_price, t.ask_price, t.is_trade) for t in found],
                          self.securities[self.spy].price))
    """
    seen = play(TICK, hooks, market=folder("tick", TRADES, QUOTES), **DAYS).algorithm.seen
    assert [(at, n, price) for at, n, _, price in seen] == [
        (7, 2, 100.5), (100, 1, 99.6), (900, 2, 101.2), (61_000, 1, 102.0), (62_000, 1, 102.0),
    ]  # fmt: skip
    assert seen[0][2] == [(100.0, 10.0, 0, 0, True), (100.5, 20.0, 0, 0, True)]
    assert seen[2][2] == [(101.0, 10.0, 0, 0, True), (101.2, 0.0, 0.0, 101.2, False)]


def test_orders_fill_at_the_quote_of_a_tick_or_at_the_trade(play, folder):
    hooks = """
    def on_data(self, data):
        self.market_order(self.spy, 1 if len(self.seen) < 4 else -1)

    def on_order_event(self, event):
        if event.fill_quantity:
            self.seen.append((event.fill_price, "Trade Tick" in event.message))
    """
    both = play(TICK, hooks, market=folder("tick", TRADES, QUOTES), **DAYS).algorithm.seen
    # Before the first quote by the trade; a bid of zero is none, so that the ask alone is quoted; then ask, and the bid to sell at.
    assert both == [(100.5, True), (100.2, False), (101.2, False), (101.2, False), (101.5, False)]
    alone = play(TICK, hooks, market=folder("tick", TRADES), **DAYS).algorithm.seen
    assert alone[:2] == [(100.5, True), (101.0, True)]


def test_ticks_become_bars_of_trades_and_of_quotes(play, folder):
    body = TICK + (
        "self.consolidate(self.spy, timedelta(minutes=1), TickType.TRADE, self.take)\n"
        "self.consolidate(self.spy, timedelta(minutes=1), TickType.QUOTE, self.take)\n"
        "self.consolidate(TradeBar, self.spy, 2, TickType.TRADE, self.take)\n"
        "self.consolidate(self.spy, Resolution.TICK, TickType.QUOTE, self.take)"
    )
    hooks = """
    def take(self, found):
        kind = type(found).__name__
        self.seen.append((kind, found.volume, found.open, found.high, found.low, found.close) if kind == "TradeBar" else
                         (kind, found.bid.close, found.ask.close) if kind == "QuoteBar" else (kind, found.bid_price, found.ask_price))
    """
    seen = play(body, hooks, market=folder("tick", TRADES, QUOTES), **DAYS).algorithm.seen
    assert [row for row in seen if row[0] == "Tick"] == [("Tick", 99.0, 100.2), ("Tick", 0.0, 101.2), ("Tick", 101.5, 102.5)]
    minutes = ("TradeBar", 40.0, 100.0, 101.0, 100.0, 101.0)
    pairs = [("TradeBar", 30.0, 100.0, 100.5, 100.0, 100.5), ("TradeBar", 20.0, 101.0, 102.0, 101.0, 102.0)]
    assert sorted(row for row in seen if row[0] == "TradeBar") == sorted([minutes, *pairs])
    assert [row for row in seen if row[0] == "QuoteBar"] == [("QuoteBar", 99.0, 101.2)]


def test_history_of_ticks_is_by_time_and_adjusted(play, folder):
    body = TICK.replace(RAW, ").symbol\n")
    hooks = """
    def on_end_of_algorithm(self):
        listed = list(self.history[Tick](self.spy, timedelta(days=1), Resolution.TICK))
        self.seen = [[t.value for t in listed if t.is_trade], [t.exchange for t in listed if t.is_trade]]
        together = list(self.history[Tick]([self.spy], timedelta(days=1)))
        self.seen.append([len(piece[self.spy]) for piece in together])
        frame = self.history(self.spy, timedelta(days=1), Resolution.TICK)
        self.seen.append([list(frame.columns), frame["quantity"].sum()])
        try:
            self.history[Tick](self.spy, 5)
        except InvalidOperationException as error:
            self.seen.append("can not be used with Resolution.Tick" in str(error))
    """
    market = folder("tick", TRADES, QUOTES, splits="20140107,1,0.5,101\n20501231,1,1,0")
    seen = play(body, hooks, market=market, **DAYS).algorithm.seen
    assert seen[0] == [50.0, 50.25, 50.5, 51.0]
    assert seen[1] == ["ARCA", "NASDAQ", "ARCA", "ARCA"]
    assert seen[2] == [2, 1, 2, 1, 1]
    assert seen[3] == [["askprice", "asksize", "bidprice", "bidsize", "lastprice", "quantity"], 100.0]
    assert seen[4] is True


def bar(second, o, h, low, c, volume=100):
    return ",".join(str(x) for x in (OPEN + second * 1000, price(o), price(h), price(low), price(c), volume))


def test_seconds_are_filled_forward_from_the_first_to_the_close(play, folder):
    trades = [bar(-1, 1, 1, 1, 1), bar(2, 10, 11, 9, 10.5), bar(4, 10.6, 10.7, 10.6, 10.7), bar(23_400, 1, 1, 1, 1)]
    quotes = [
        f"{OPEN + 4000},{price(10.4)},{price(10.4)},{price(10.4)},{price(10.4)},300,{price(10.8)},{price(10.8)},{price(10.8)},{price(10.8)},400"
    ]
    hooks = """
    def on_data(self, data):
        if data.bars.contains_key(self.spy):
            found = data.bars[self.spy]
            self.seen.append((self.time, found.close, found.volume, found.is_fill_forward, found.period))
        if len(self.seen) == 3:
            self.market_order(self.spy, 1)

    def on_order_event(self, event):
        if event.fill_quantity:
            self.price = event.fill_price
    """
    algorithm = play(SECOND, hooks, market=folder("second", trades, quotes), **DAYS).algorithm
    begin, second = datetime(2014, 1, 6, 9, 30), timedelta(seconds=1)
    assert algorithm.seen[:4] == [
        (begin + 3 * second, 10.5, 100.0, False, second), (begin + 4 * second, 10.5, 0.0, True, second),
        (begin + 5 * second, 10.7, 100.0, False, second), (begin + 6 * second, 10.7, 0.0, True, second),
    ]  # fmt: skip
    assert len(algorithm.seen) == 23_400 - 2 and algorithm.seen[-1][0] == datetime(2014, 1, 6, 16)
    assert algorithm.price == 10.8


def test_bars_of_seconds_become_minutes_and_history(play, folder):
    trades = [bar(second, 10 + second / 100, 10 + second / 100, 10 + second / 100, 10 + second / 100, 1) for second in range(150)]
    body = (
        SECOND
        + "self.consolidate(self.spy, timedelta(minutes=1), lambda found: self.seen.append((found.open, found.close, found.volume)))"
    )
    hooks = """
    def on_data(self, data):
        if self.time == datetime(2014, 1, 6, 9, 32):
            self.kept = [bar.close for bar in self.history[TradeBar](self.spy, 3, Resolution.SECOND)]
    """
    algorithm = play(body, hooks, market=folder("second", trades), **DAYS).algorithm
    assert algorithm.seen[:2] == [(10.0, 10.59, 60.0), (10.6, 11.19, 60.0)]
    assert algorithm.kept == [11.17, 11.18, 11.19]
