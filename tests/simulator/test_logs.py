"""What a strategy says against the lines that LEAN wrote of the same calls."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from hidden_regime.simulator import overloads
from hidden_regime.simulator.objects import Dividend, Slice, Split, SubscriptionDataSource, Symbol, TradeBar

SPY = 'self.spy = self.add_equity("SPY", Resolution.DAILY).symbol'
SAID = """
    self.log("same log"); self.log("same log"); self.log("  "); self.log("")
    self.debug("same debug"); self.debug("same debug"); self.debug("  ")
    self.error("same error"); self.error("same error")
    self.log("x"); self.log("same log")
"""
IMPRECISE = (
    "Warning: when performing history requests, the start date will be adjusted if there are numerical precision errors in the "
    "factor files."
)
UNLISTED = (
    "Warning: when performing history requests, the start date will be adjusted if it is before the first known date for the "
    "symbol."
)
LATER = [
    "Due to numerical precision issues in the factor file, data for the following symbols was adjust to a later starting date: "
    "[XLAT, 02/29/2012]",
    "The starting dates for the following symbols have been adjusted to match their map files first date: [XLAT, 2012-03-01]",
]


def lines_of(done):
    return done.algorithm._sim.logs.lines


def written(done):
    """Lines of the log as they stand in the file, without their times."""
    return [line.removeprefix("2013-06-24 00:00:00 ") for line in "\n".join(lines_of(done)).split("\n")]


def test_only_debug_and_error_drop_what_they_have_just_said(play):
    done = play(SPY, "def on_data(self, data):" + SAID, start="2012, 1, 3", end="2012, 1, 4")
    first, again = "2012-01-03 16:00:00 ", "2012-01-04 16:00:00 "
    logs = ["same log", "same log", "  ", "x", "same log"]
    assert lines_of(done) == [
        *[first + text for text in ("same debug", "  ", "same error", *logs)],
        *[again + text for text in ("same debug", "  ", *logs)],
    ]


@pytest.mark.parametrize("kind", ["log", "debug", "error"])
def test_blanks_are_written_and_numbers_are_compared_as_they_print(play, kind):
    texts = '("first", "first", "", " ", "  \\t", "\\n", "first", " first", "first ", 5, 5, 5.0, 1.25, True, None, "two\\nlines")'
    done = play(SPY + f"\nfor text in {texts}:\n    self.{kind}(text)", start="2013, 6, 24", end="2013, 6, 24")
    twice = ["first"] if kind == "log" else []
    fives = ["5"] * (3 if kind == "log" else 1)
    assert written(done) == [
        *twice, "first", " ", "  \t", "", "", "first", " first", "first ", *fives, "1.25", "1", "None", "two", "lines",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"), (1 / 3, "0.3333333333333333"), (1e15, "1000000000000000"), (1e14, "100000000000000"),
        (123456789012345678.0, "1.2345678901234568E+17"), (1e20, "1E+20"), (1e-4, "0.0001"), (1e-5, "1E-05"), (1e-7, "1E-07"),
        (float("nan"), "NaN"), (float("inf"), "Infinity"), (-0.0, "-0"), (10**10, "10000000000"), (2**31, "2147483648"),
        (-3, "-3"), (10**30, "1E+30"), (np.float64(2.5), "2.5"), (np.float32(2.5), "2.5"), (np.int64(7), "7"),
        (np.bool_(True), "1"), (False, "0"), (Decimal("1.50"), "1.50"), ([1, 2.0, "x"], "[1, 2.0, 'x']"), ((1, 2), "(1, 2)"),
        ({"a": 1}, "{'a': 1}"), ({1}, "{1}"), (pd.Series([1.0, 2.0]), "\n0    1.0\n1    2.0"), (b"x", "b'x'"),
        (np.array([1.0, 2.0]), "[1. 2.]"), (int, "<class 'int'>"), (None, "None"),
        (pd.Timestamp(2013, 1, 2, 3, 4), "2013-01-02 03:04:00"), (pd.Timedelta(days=1, hours=2), "1 days 02:00:00"),
    ],
)  # fmt: skip
def test_values_print_as_they_did_in_lean(value, text):
    assert overloads.spoken(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e16, "10000000000000000"), (1e17, "1E+17"), (-1.25e20, "-1.25E+20"), (5e-324, "5E-324"), (-np.inf, "-Infinity"),
        (np.float64(5.0), "5.0"), (np.float64(1e16), "10000000000000000"), (np.float64(1e-5), "0.00001"),
        (np.float64(np.nan), "NaN"), (np.float64(1e30), "1E+30"), (Decimal("1E+2"), "100"), (Decimal("1E+40"), "1E+40"),
        (Decimal("-0.0"), "0.0"), (Decimal("1.23456789012345678901234567891"), "1.2345678901234567890123456789"),
        (79228162514264337593543950335, "79228162514264337593543950335"), (79228162514264337593543950336, "7.922816251426434E+28"),
        (Fraction(1, 2), "0.5"), (np.str_("1,000"), "1000"), (np.str_("text"), "text"), (b"5", "5"), (np.array([5.0]), "5"),
        (np.array(5.0), "5.0"), (pd.Series([1.0]), "1"), (KeyError("x"), "'x'"), ("5.0", "5.0"),
    ],
)  # fmt: skip
def test_overloads_are_chosen_as_pythonnet_does(value, text):
    """By its MethodBinder and Converter, and by .NET's Decimal.TryParse and Double.ToString."""
    assert overloads.spoken(value) == text


def test_what_no_overload_takes():
    with pytest.raises(TypeError, match="No method matches given arguments for Log"):
        overloads.spoken(10**400)
    with pytest.raises(TypeError, match="cannot convert object to target type"):
        overloads.spoken(ValueError())


def test_leans_own_objects_begin_on_a_line_of_their_own(play):
    hooks = """
    def tell(self, *values):
        for value in values:
            self.log(value)

    def on_data(self, data):
        bar = data.bars[self.spy]
        self.tell(bar, round(bar.close, 9), bar.volume, bar.end_time, data, self.utc_time, self.portfolio[self.spy], self.portfolio)
        ticket = self.market_order(self.spy, 1)
        self.tell(ticket, ticket.status, ticket.order_id)

    def on_order_event(self, event):
        self.tell(event, event.direction, event.fill_price, event.order_fee)
    """
    body = f"""
    {SPY}
    self.tell(self.spy, self.securities[self.spy], Resolution.DAILY, self.time, self.portfolio.cash)
    """
    done = play(body, hooks, start="2013, 6, 24", end="2013, 6, 24")
    event = "Time: 06/24/2013 20:00:00 OrderID: 1 EventID: 1 Symbol: SPY Status: Submitted Quantity: 1"
    bar = "SPY: O: 150.6428 H: 150.9136 L: 146.3545 C: 146.7999 V: 4872942"
    said = [line.partition(" ")[2].partition(" ")[2] for line in lines_of(done) if "Warning" not in line]
    assert said == [
        "\nSPY", "\nSPY", "\nDaily", "2013-06-24 00:00:00", "100000", f"\n{bar}", "146.799912248", "4872942",
        "2013-06-24 16:00:00", "\nQuantConnect.Data.Slice", "2013-06-24 20:00:00+00:00", "\nSPY: 0 @ 0",
        "\nQuantConnect.Securities.SecurityPortfolioManager", f"\n{event}", "\nBuy", "0", "0", "1", "\nSubmitted", "1",
    ]  # fmt: skip


def test_objects_have_leans_texts_and_names():
    now, spy = pd.Timestamp(2014, 1, 2).to_pydatetime(), Symbol("SPY")
    assert str(Dividend(spy, now, 0.5, 100.0)) == "Dividend: SPY: 0.5 | 100"
    assert str(Split(spy, now, 0.25, 100.0, 0)) == "Split Warning: SPY: 0.25 | 100"
    assert str(SubscriptionDataSource("a.csv")) == "LocalFile: Csv a.csv"
    bar = TradeBar(now, spy, 1234.56789, 2.0, 0.5, 1.0, 3.0)
    assert bar.ToString() == str(bar) == "SPY: O: 1234.5679 H: 2 L: 0.5 C: 1 V: 3"
    assert repr(bar).startswith("<QuantConnect.Data.Market.TradeBar object at 0x")
    assert str(Slice(now, now, {}).bars) == "QuantConnect.Data.Market.TradeBars"


def test_statistics_take_texts_and_numbers(play):
    body = f"""
    {SPY}
    for name, value in (("a", 5.0), ("b", "5.0"), ("c", True), ("d", 1e-5), ("e", self.spy)):
        self.set_runtime_statistic(name, value)
    """
    done = play(body, end="2014, 1, 2")
    assert done.algorithm.runtime_statistics == {"a": "5", "b": "5.0", "c": "1", "d": "1E-05", "e": "SPY"}
    with pytest.raises(TypeError, match="No method matches given arguments for SetRuntimeStatistic"):
        done.algorithm.set_runtime_statistic("a", [1])


def test_history_that_begins_too_early_is_said_once_in_initialize_without_a_time(play):
    body = f"""
    {SPY}
    self.debug("hello")
    self.history(self.spy, 10, Resolution.DAILY)
    self.history(self.spy, 3000, Resolution.DAILY)
    self.history(self.spy, 3000, Resolution.DAILY)
    """
    done = play(body, "def on_data(self, data):\n    self.history(self.spy, timedelta(days=5000))", end="2014, 1, 3")
    start = "Algorithm Initialization: "
    assert lines_of(done) == [start + IMPRECISE, start + UNLISTED, "2014-01-02 00:00:00 hello"]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ("self.history(self.spy, datetime(2004, 1, 2), datetime(2004, 2, 2))", []),
        ("self.history(self.spy, datetime(2004, 1, 1), datetime(2004, 2, 2))", [UNLISTED]),
        ("self.history(self.spy, datetime(2003, 12, 31), datetime(2004, 2, 2))", [IMPRECISE, UNLISTED]),
        ("self.history[TradeBar](self.spy, timedelta(days=5000), Resolution.DAILY)", [IMPRECISE, UNLISTED]),
        ("self.warm_up_indicator(self.spy, SimpleMovingAverage(3000))", [IMPRECISE, UNLISTED]),
        ("self.indicator_history(SimpleMovingAverage(9), self.spy, 3000)", [IMPRECISE, UNLISTED]),
        ("self.indicator_history(SimpleMovingAverage(9), self.spy, datetime(2013, 1, 2), datetime(2013, 2, 1))", []),
        ("self.indicator_history(SimpleMovingAverage(9), self.spy, datetime(2004, 1, 6), datetime(2004, 2, 1))",
         [IMPRECISE, UNLISTED]),
        ("self.get_last_known_price(self.securities[self.spy])", []),
    ],
)  # fmt: skip
def test_what_reaches_back_too_far(play, request_, expected):
    """A factor file begins to be exact on the day before its first row (2004-01-02 here), a listing on its own first day."""
    done = play(SPY, f"def on_data(self, data):\n    self.log('before'); {request_}", end="2014, 1, 2")
    stamp = "2014-01-02 16:00:00 "
    assert lines_of(done) == [*[stamp + text for text in expected], stamp + "before"]


def test_later_listings_are_told_after_everything_else(play):
    body = 'self.add_equity("SPY", Resolution.DAILY); self.add_equity("XLAT", Resolution.DAILY)'
    hooks = "def on_end_of_algorithm(self):\n    self.log('end'); self.quit()"
    done = play(body, hooks, start="2012, 2, 27", end="2012, 3, 5")
    stamp = "2012-03-05 16:00:00 "
    assert lines_of(done)[-5:] == [stamp + text for text in ("Quit(): ", "end", "Algorithm Stopped", *LATER)]


def test_a_failing_run_tells_later_listings_before_its_error(play):
    body = 'self.add_equity("SPY", Resolution.DAILY); self.add_equity("XLAT", Resolution.DAILY)'
    hooks = "def on_data(self, data):\n    self.log('lost'); {}['key']"
    done = play(body, hooks, start="2012, 2, 27", end="2012, 3, 5", fails=True)
    stamp = "2012-02-27 16:00:00 "
    assert lines_of(done)[:2] == [stamp + text for text in LATER]
    assert lines_of(done)[2] == (
        stamp + "Runtime Error: The key 'key' was not found in the collection, which raises a KeyError exception. To prevent the "
        "exception, use collection.get(key), which returns None when the key is not found, or guard the access with 'if key in "
        "collection:'."
    )


def test_the_old_end_of_day_is_deprecated_in_leans_words(play):
    done = play(SPY, "def on_end_of_day(self):\n    pass", end="2014, 1, 2")
    assert lines_of(done)[-1] == (
        "2014-01-02 00:00:00 Usage of QCAlgorithm.OnEndOfDay() without a symbol will be deprecated August 2021. Always use a "
        "symbol when overriding this method: OnEndOfDay(symbol)"
    )
