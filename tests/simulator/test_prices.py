"""Prices to the last bit: LEAN's rule in fractions, over the reference market and a folder with awkward factors.

The rule (found by running LEAN): the file's integer times the digits of the factors, as the file writes them; the double of
the result is its lower and upper 64 bits as doubles, over a power of ten.
"""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import cache

import numpy as np
import pandas as pd
import pytest

from hidden_regime.data import LeanFolder, TableMarket
from hidden_regime.simulator.clock import TradingCalendar, from_utc
from hidden_regime.simulator.enums import DataNormalizationMode as Mode
from hidden_regime.simulator.enums import Resolution
from hidden_regime.simulator.feed.adjustment import Adjustment
from hidden_regime.simulator.feed.catalog import Catalog
from hidden_regime.simulator.objects.symbol import Symbol
from tests.conftest import CASES

USA = CASES / "data" / "equity" / "usa"
LIMIT = 2**96
MODES = (Mode.ADJUSTED, Mode.SPLIT_ADJUSTED, Mode.TOTAL_RETURN, Mode.SCALED_RAW)
END = date(2013, 5, 31)
"""Of the requests of scaled raw prices."""


# The oracle: numbers are (value, scale), the value a fraction --------------------------------------------------------------
def number(text):
    return Fraction(text), len(text.partition(".")[2])


def held(value, scale):
    """The nearest value of the largest scale that fits into 96 bits."""
    while scale > 28 or abs(value) * 10**scale >= LIMIT:
        scale -= 1
    return Fraction(round(value * 10**scale), 10**scale), scale


def product(a, b):
    return held(a[0] * b[0], a[1] + b[1])


def quotient(a, b):
    """Exact in the natural scale, or as long as fits without zeros at the end."""
    value, scale = a[0] / b[0], a[1] - b[1]
    if scale >= 0 and (value * 10**scale).denominator == 1:
        return value, scale
    value, scale = held(value, 28)
    while scale and (value * 10 ** (scale - 1)).denominator == 1:
        scale -= 1
    return value, scale


def double(a):
    digits = int(a[0] * 10 ** a[1])
    return (float(digits % 2**64) + float(digits // 2**64) * 18446744073709551616.0) / float(f"1e{a[1]}")


ONE = (Fraction(1), 0)


@dataclass
class File:
    """A factor file, read on its own."""

    lines: list[list[str]]

    def row(self, day):
        return next((line for line in self.lines if line[0] >= f"{day:%Y%m%d}"), None)

    def factor(self, day, mode):
        row = self.row(day)
        if row is None:
            return ONE
        both = mode in (Mode.ADJUSTED, Mode.SCALED_RAW)
        return product(number(row[1]), number(row[2])) if both else number(row[2])

    def paid(self, day, first):
        """Cents, as C# rounds them."""
        total = Fraction(0)
        for row, following in zip(self.lines, self.lines[1:], strict=False):
            if row[1] != following[1] and float(row[3]) > 0 and f"{first:%Y%m%d}" <= row[0] < f"{day:%Y%m%d}":
                close = number(row[3])
                part = product(close, quotient(number(row[1]), number(following[1])))
                total += Fraction(round((close[0] - part[0]) * 100), 100)
        return total


@cache
def file_of(folder, ticker):
    text = (folder / "factor_files" / f"{ticker}.csv").read_text()
    return File([line.split(",") for line in text.split()])


def oracle(folder, ticker, day, texts, mode, *, first=date.min, history=False):
    """Open, high, low, close and volume of a line of a zip."""
    file = file_of(folder, ticker)
    factor = file.factor(day, mode)
    if mode == Mode.SCALED_RAW:
        factor = quotient(factor, file.factor(END, mode))
    paid = file.paid(day, first) if mode == Mode.TOTAL_RETURN else Fraction(0)
    if not history and factor[0] == 1 and not paid:
        factor = ONE
    out = []
    for text in texts[:4]:
        value, scale = number(text)
        value, scale = product((value / 10_000, scale + 4), factor)
        out.append(double((value + paid, scale)))
    volume = product(number(texts[4]), quotient(ONE, factor))[0]
    return [*out, float(round(volume))]


def lines_of(path):
    with zipfile.ZipFile(path) as archive:
        return [line.split(",") for line in archive.read(archive.namelist()[0]).decode().split("\n") if line]


def make(market, ticker, mode, resolution, *, first=date.min, history=False):
    catalog = Catalog()
    catalog.offer(market)
    if history:
        return catalog.other(Symbol(ticker), mode, resolution, first, END)
    return catalog._make(Symbol(ticker), mode, resolution, fill_forward=False, extended=True, first=first)


def values(bar):
    return [bar.open, bar.high, bar.low, bar.close, bar.volume]


# The reference market ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
@pytest.mark.parametrize("ticker", ["SPY", "AAPL", "GLD", "XACM"])
def test_daily_prices_of_the_reference_market(reference_market, ticker, mode):
    """Dividends and a split, none, and shares that were put together, in history, which has every mode."""
    first = date(2009, 6, 1)
    feed = make(reference_market, ticker, mode, Resolution.DAILY, first=first, history=True)
    found = {bar.time.date(): values(bar) for bar in feed.between(datetime(2003, 1, 1), datetime(2021, 1, 1))}
    lines = lines_of(USA / "daily" / f"{ticker.lower()}.zip")[::9]
    assert len(lines) > 400
    for line in lines:
        day = datetime.strptime(line[0][:8], "%Y%m%d").date()
        assert found[day] == oracle(USA, ticker.lower(), day, line[1:], mode, first=first, history=True)


@pytest.mark.parametrize("mode", MODES[:3], ids=lambda mode: mode.name)
@pytest.mark.parametrize("resolution", [Resolution.HOUR, Resolution.MINUTE], ids=lambda resolution: resolution.name)
def test_prices_inside_days_of_the_reference_market(reference_market, resolution, mode):
    feed = make(reference_market, "TLT", mode, resolution, first=date(2012, 1, 3))
    catalog = Catalog()
    catalog.offer(reference_market)
    if resolution == Resolution.HOUR:
        of_day: dict[date, list[list[str]]] = {}
        for line in lines_of(USA / "hour" / "tlt.zip"):
            of_day.setdefault(datetime.strptime(line[0][:8], "%Y%m%d").date(), []).append(line[1:])
        days = list(of_day)[::97]
    else:
        paths = sorted((USA / "minute" / "tlt").glob("*.zip"))[::4]
        of_day = {datetime.strptime(p.name[:8], "%Y%m%d").date(): [line[1:] for line in lines_of(p)][::11] for p in paths}
        days = list(of_day)
    assert len(days) > 3
    for day in days:
        found = [values(bar) for bar in feed.real(catalog.calendar.find(day))][:: 11 if resolution == Resolution.MINUTE else 1]
        assert found == [oracle(USA, "tlt", day, texts, mode, first=date(2012, 1, 3)) for texts in of_day[day]]


def test_the_rule_is_not_the_product_of_doubles(reference_market):
    """What this is about: a good share of the prices isn't the float product."""
    asset = reference_market.load("SPY")
    price, split = asset.factors.factors(asset.dates)
    exact = Adjustment(asset, Mode.ADJUSTED).closes(asset.dates, asset.close)
    assert np.mean(exact != asset.close * (price * split)) > 0.1
    np.testing.assert_allclose(exact, asset.close * price * split, rtol=1e-15)


def test_frames_have_the_prices_of_the_engine(reference_market):
    asset = reference_market.load("AAPL")
    rows = np.column_stack([asset.open, asset.high, asset.low, asset.close, asset.volume])
    engine = Adjustment(asset, Mode.ADJUSTED, history=True).rows(asset.dates, rows)
    assert (asset.frame()[["open", "high", "low", "close"]].to_numpy() == engine[:, :4]).all()


# Awkward files -------------------------------------------------------------------------------------------------------------
DAYS = ("20130102", "20130131", "20130228", "20130328", "20130430", "20130531", "20130628")
FACTORS = {
    "zeros": "20130131,0.9876500,0.50000000,20\n20130328,0.9876540,0.5000,21.5\n20130531,1.0000000,1.00000000,0\n20501231,1,1,0\n",
    "long": "20130131,0.98765432101234567,0.03571428571428571,20\n20130328,0.9912345678901234567,0.25,21\n20501231,1,1,0\n",
    "split": "20130131,1,0.03571428571428571428571428571,0\n20130328,1,0.7,0\n20501231,1,1,0\n",
    "cents": "20130131,0.9981,1,30\n20130228,0.99860,1,30.000\n20130328,0.9995,1,30\n20501231,1,1,0\n",
    "ends": "20130131,0.5,1,0\n20130328,0.51,1,0\n",
}
PRICES = ("1234567", "987654321", "10000003", "90071992547", "123", "1451300.5", "7770001")


@pytest.fixture
def folder(tmp_path):
    usa = tmp_path / "equity" / "usa"
    for name in ("daily", "factor_files", "map_files"):
        (usa / name).mkdir(parents=True)
    for name, factors in FACTORS.items():
        (usa / "factor_files" / f"{name}.csv").write_text(factors)
        (usa / "map_files" / f"{name}.csv").write_text(f"20130102,{name}\n20501231,{name}\n")
        with zipfile.ZipFile(usa / "daily" / f"{name}.zip", "w") as archive:
            bars = [f"{day} 00:00,{p},{p},{p},{p},{7 + 100 * n}" for n, (day, p) in enumerate(zip(DAYS, PRICES, strict=True))]
            archive.writestr(f"{name}.csv", "\n".join(bars))
    return tmp_path


@pytest.mark.filterwarnings("ignore:.*doesn't match the bars")
@pytest.mark.parametrize(
    ("mode", "history"),
    [(mode, True) for mode in MODES] + [(mode, False) for mode in MODES if mode != Mode.SCALED_RAW],
    ids=lambda value: getattr(value, "name", "history" if value else "feed"),
)
@pytest.mark.parametrize("name", FACTORS)
def test_awkward_factors(folder, name, mode, history):
    """Zeros at the end, products beyond 96 bits, fractions of what the files hold, dividends of half cents."""
    usa = folder / "equity" / "usa"
    feed = make(LeanFolder(folder), name, mode, Resolution.DAILY, first=date(2013, 1, 31), history=history)
    found = [values(bar) for bar in feed.between(datetime(2012, 1, 1), datetime(2013, 6, 29), fill_forward=False)]
    expected = [
        oracle(usa, name, datetime.strptime(day, "%Y%m%d").date(), [p] * 4 + [str(7 + 100 * n)], mode,
               first=date(2013, 1, 31), history=history)
        for n, (day, p) in enumerate(zip(DAYS, PRICES, strict=True))
    ]  # fmt: skip
    assert found == expected


@pytest.mark.filterwarnings("ignore:.*doesn't match the bars")
def test_history_multiplies_by_one_and_the_feed_does_not(folder):
    """A factor of 1.0000000 times 1.00000000 leaves a price of 20 digits, whose double may be another."""
    market = LeanFolder(folder)
    asset = market.load("zeros")
    prices = np.arange(1, 40_000_000, 1_234_567) / 1e4
    days = [date(2013, 5, 2)] * len(prices)
    feed, history = (Adjustment(asset, Mode.ADJUSTED, history=which).closes(days, prices) for which in (False, True))
    assert (feed == prices).all()
    assert (history != prices).any()


@pytest.mark.filterwarnings("ignore:.*doesn't match the bars")
def test_events_are_those_of_decimals(folder):
    """30 - 30 * 0.9995 is half a cent and one: LEAN rounds to the even cent, a double falls below. Factors of splits likewise."""
    market = LeanFolder(folder)
    dividends = market.load("cents").factors.dividends()
    assert [event.distribution for event in dividends] == [0.02, 0.03, 0.02]
    assert round(30 * (1 - 0.9995), 2) == 0.01
    splits = market.load("split").factors.splits()
    written = [number(line[2]) for line in file_of(folder / "equity" / "usa", "split").lines]
    assert [event.factor for event in splits] == [double(quotient(a, b)) for a, b in zip(written, written[1:], strict=False)]


# Markets that are no LEAN folders ------------------------------------------------------------------------------------------
@pytest.fixture
def asset():
    days = pd.to_datetime([f"2013-01-{day:02d}" for day in (2, 3, 14, 15, 16)])
    columns = {"open": 10.123, "high": 11.5, "low": 9.25, "close": 10.333, "volume": 1001.0}
    frame = pd.DataFrame({name: [value] * 5 for name, value in columns.items()}, index=days)
    frame["adj_close"] = frame["close"] * [0.9, 0.9, 0.9, 1.0, 1.0]
    return TableMarket({"ABC": frame}).load("ABC")


def test_adjusted_closes_of_a_table_scale_its_prices(asset):
    rows = np.column_stack([asset.open, asset.high, asset.low, asset.close, asset.volume])

    def show(mode, **options):
        return Adjustment(asset, mode, **options).rows(asset.dates, rows)

    np.testing.assert_allclose(show(Mode.ADJUSTED)[:, 3], [10.333 * 0.9] * 3 + [10.333] * 2, rtol=1e-15)
    np.testing.assert_allclose(show(Mode.ADJUSTED)[:, 4], [round(1001 / 0.9)] * 3 + [1001] * 2)
    np.testing.assert_allclose(
        show(Mode.SCALED_RAW, until=date(2013, 1, 14))[:, 3], [10.333] * 3 + [10.333 / 0.9] * 2, rtol=1e-15
    )
    closes = Adjustment(asset, Mode.ADJUSTED).closes(asset.dates, asset.close)
    assert (closes == show(Mode.ADJUSTED)[:, 3]).all()
    assert (Adjustment(asset, Mode.ADJUSTED).day(asset.dates[1], rows[:2]) == show(Mode.ADJUSTED)[:2]).all()
    for mode in (Mode.RAW, Mode.SPLIT_ADJUSTED, Mode.TOTAL_RETURN):
        assert (show(mode) == rows).all()


def test_scaled_raw_history_is_in_the_prices_of_its_end(play):
    """At each moment the latest bar is raw, and the day before an ex-dividend day is lower by the dividend."""
    hooks = """
    def on_data(self, data):
        mode = DataNormalizationMode.SCALED_RAW
        bars = list(self.history[TradeBar](self.spy, 2, Resolution.DAILY, data_normalization_mode=mode))
        if data.bars.count:
            self.seen.append((self.time.date(), [bar.close for bar in bars], self.securities[self.spy].price))
    """
    body = "self.spy = self.add_equity('SPY', Resolution.DAILY, data_normalization_mode=DataNormalizationMode.RAW).symbol"
    seen = play(body, hooks, start="2014, 3, 3", end="2014, 3, 31").algorithm.seen
    raw = {day: price for day, _, price in seen}
    ex = next(day for day in raw if f"{day:%Y%m%d}" > "20140314")
    for day, closes, price in seen[1:]:
        before = max(d for d in raw if d < day)
        assert closes[-1] == price
        assert (closes[0] == raw[before]) == (day != ex)
        assert closes[0] <= raw[before]


# Where the benchmark's prices go -------------------------------------------------------------------------------------------
RAW = "self.spy = self.add_equity('SPY', Resolution.DAILY, data_normalization_mode=DataNormalizationMode.RAW).symbol"
BUY = """
def on_data(self, data):
    if not self.portfolio.invested and self.time.day < 20:
        self.market_order(self.spy, 100)
    elif self.time.day == 21:
        self.liquidate()
"""


def benchmark(run):
    return [value for _, value in run.sampler.samples.benchmark]


@pytest.mark.parametrize("mode", ["RAW", "ADJUSTED", "SPLIT_ADJUSTED"])
def test_the_benchmark_is_adjusted_whatever_the_subscription(play, mode):
    """177.3084 is LEAN's value of 2014-01-02."""
    assert benchmark(play(RAW.replace("RAW", mode)))[0] == 177.3084


def test_closed_trades_see_the_benchmarks_prices(play, reference_market):
    """LEAN's trade builder takes any price of a symbol; the benchmark's hourly ones are adjusted, the trade's are raw."""
    (trade,) = play(RAW, BUY).algorithm._sim.trades.closed
    times, closes = reference_market.hourly("SPY")
    asset = reference_market.load("SPY")
    adjusted = Adjustment(asset, Mode.ADJUSTED).closes([t.date() for t in times], np.array(closes))
    begin, end = from_utc(trade.entry_time), from_utc(trade.exit_time)
    held = [close for time, close in zip(times, adjusted.tolist(), strict=True) if begin < time < end]
    assert float(trade.mae) == pytest.approx(100 * (min(held) - float(trade.entry_price)), abs=0.01)
    assert float(trade.mae) < -1000.0  # the difference of raw and adjusted


def test_a_benchmark_that_nothing_has_asked_for_yet_is_zero(play):
    """Where all comes from a universe that first chooses at 03:00, LEAN has no data before, and the midnight's sample is 0."""
    rule = "self.add_universe(ScheduledUniverse(self.date_rules.every_day(), self.time_rules.at({}, 0), self.choose))"
    choose = "def choose(self, utc):\n    return [Symbol.create('SPY', SecurityType.EQUITY, Market.USA)]"
    late, early = (benchmark(play(rule.format(hour), choose, start="2014, 1, 6")) for hour in (3, 0))
    assert late[0] == 0.0
    assert late[1:] == early[1:]
    assert early[0] > 0.0


# Trading hours -------------------------------------------------------------------------------------------------------------
def test_early_closes_that_lean_does_not_know():
    calendar = TradingCalendar(date(1998, 1, 1), date(2000, 12, 31))
    early = {s.date for s in calendar.sessions if s.close.hour == 13}
    assert {date(1999, 11, 26), date(2000, 7, 3), date(2000, 11, 24)} == early


def test_the_folders_own_hours_decide(tmp_path):
    """A holiday and an early close of its own."""
    shutil.copytree(CASES / "data" / "equity", tmp_path / "equity")
    hours = tmp_path / "market-hours" / "market-hours-database.json"
    hours.parent.mkdir()
    day = '[{"start": "09:30:00", "end": "16:00:00", "state": "market"}]'
    week = ", ".join(f'"{name}": {day}' for name in ("monday", "tuesday", "wednesday", "thursday", "friday"))
    hours.write_text(
        '{"entries": {"Equity-usa-[*]": {' + week + ', "saturday": [], "sunday": [], "holidays": ["1/15/2014"], '
        '"earlyCloses": {"1/16/2014": "13:00:00"}}}}'
    )
    catalog = Catalog()
    catalog.offer(LeanFolder(tmp_path))
    calendar = catalog.calendar
    assert calendar.find(date(2014, 1, 15)) is None
    assert calendar.find(date(2014, 1, 16)).close == datetime(2014, 1, 16, 13)
    assert calendar.find(date(2014, 1, 20)).close == datetime(2014, 1, 20, 16)  # a holiday of the exchange, not of this file
    again = Catalog()
    again.offer(catalog.market)
    assert again.calendar is calendar
