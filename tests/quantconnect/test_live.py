"""The layer fed as LEAN live feeds: raw prices in every mode, events in the morning, and restarts around them.

The oracle is the same strategy in a backtest on adjusted prices, which sees no event at all.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from tests.quantconnect.running import HEAD, run

TEXT = (
    HEAD
    + """
class Follows(HiddenRegimeAlgorithmOptimized):
    def initialize(self):
        self.set_start_date(2000, 1, 1)
        self.set_end_date(2000, 1, 2)
        self.set_cash(1_000_000)
        self.asset = self.add_equity(self.get_parameter("ticker"), RESOLUTION, data_normalization_mode=MODE).symbol
        self.initialize_regime_detection(self.asset, lookback_days=126, retrain_frequency="weekly", memory=0)
        self.told = []

    def on_splits(self, splits):
        self.told += [(self.time, s.time, s.type) for s in splits.values()]

    def on_dividends(self, dividends):
        self.told += [(self.time, d.time, d.distribution) for d in dividends.values()]

    def on_data(self, data):
        if self.regime_is_ready() and data.bars.contains_key(self.asset):
            self.set_holdings(self.asset, 0.9 if self.current_regime != "Bear" else 0.1)
"""
)
MODES = ("ADJUSTED", "RAW", "SPLIT_ADJUSTED", "TOTAL_RETURN")
# First day, the session before the ex-date, the day at whose morning live tells of it, last day: a split 7:1 whose ex-date is a
# Monday, a reverse split 1:10 likewise, and a dividend.
EVENTS = {
    "AAPL": ("2014-05-20", "2014-06-06", "2014-06-07", "2014-07-03"),
    "XACM": ("2011-02-22", "2011-03-11", "2011-03-12", "2011-04-08"),
    "SPY": ("2020-11-24", "2020-12-14", "2020-12-15", "2020-12-31"),
}


def play(tmp_path, market, ticker, start, end, *, live, mode="ADJUSTED", resolution="DAILY", store=None):
    text = TEXT.replace("MODE", f"DataNormalizationMode.{mode}", 1).replace("RESOLUTION", f"Resolution.{resolution}")
    options = {"live": live, "parameters": {"ticker": ticker}, "store": store}
    return run(tmp_path, market, text, start=date.fromisoformat(start), end=date.fromisoformat(end), **options)


def states(done):
    return next(iter(done.algorithm._hr.assets.values())).states


def since(found, start):
    return [s for s in found if s.time.date().isoformat() >= start]


def check(found, expected, *, atol=2e-3):
    assert [s.time for s in found] == [s.time for s in expected]
    assert [s.regime for s in found] == [s.regime for s in expected]
    assert [s.trained_at for s in found] == [s.trained_at for s in expected]
    np.testing.assert_allclose([s.probabilities for s in found], [s.probabilities for s in expected], atol=atol)


@pytest.fixture(scope="module")
def backtests(tmp_path_factory, reference_market):
    folder = tmp_path_factory.mktemp("backtests")
    return {ticker: play(folder, reference_market, ticker, span[0], span[-1], live=False) for ticker, span in EVENTS.items()}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ticker", EVENTS)
def test_live_bars_give_the_regimes_of_adjusted_prices(tmp_path, reference_market, backtests, ticker, mode):
    start, _, _, end = EVENTS[ticker]
    done = play(tmp_path, reference_market, ticker, start, end, live=True, mode=mode)
    check(since(states(done), start), since(states(backtests[ticker]), start))


@pytest.mark.parametrize("ticker", EVENTS)
def test_live_prices_are_raw_and_events_come_in_the_morning(tmp_path, reference_market, ticker):
    start, before, after, end = EVENTS[ticker]
    done = play(tmp_path, reference_market, ticker, start, end, live=True)
    raw = reference_market.load(ticker)
    closes = dict(zip((d.isoformat() for d in raw.dates), raw.close, strict=True))
    tracked = next(iter(done.algorithm._hr.assets.values()))
    assert tracked.close == closes[end]
    times = [(at.isoformat(), stamped.isoformat()) for at, stamped, _ in done.algorithm.told]
    first = [] if ticker == "SPY" else [(f"{before}T08:00:00", f"{before}T00:00:00")]  # a split is announced
    assert times[: len(first) + 1] == [*first, (f"{after}T08:00:00", f"{after}T00:00:00")]


def restarts():
    """Last day of the first run and first day of the second, on each side of the event and around the night before it."""
    for ticker, stops in {
        "AAPL": ["06-04 06-06", "06-05 06-06", "06-06 06-07", "06-06 06-08", "06-06 06-09", "06-07 06-08", "06-08 06-09", "06-04 06-12",
                 "06-09 06-10", "06-09 06-19"],
        "XACM": ["03-09 03-11", "03-11 03-12", "03-11 03-13", "03-11 03-14", "03-12 03-14", "03-09 03-17", "03-14 03-15", "03-16 03-17"],
        "SPY": ["12-10 12-14", "12-14 12-15", "12-14 12-16", "12-11 12-21", "12-15 12-16", "12-17 12-21"],
    }.items():  # fmt: skip
        for stop in stops:
            yield ticker, *(EVENTS[ticker][0][:5] + day for day in stop.split())


@pytest.mark.parametrize(("ticker", "last", "first"), list(restarts()))
def test_a_restart_around_an_event_is_exact(tmp_path, reference_market, backtests, ticker, last, first):
    start, _, _, end = EVENTS[ticker]
    one = play(tmp_path, reference_market, ticker, start, last, live=True, store=tmp_path / "store")
    two = play(tmp_path, reference_market, ticker, first, end, live=True, store=tmp_path / "store")
    expected = since(states(backtests[ticker]), start)
    check([*since(states(one), start), *states(two)], expected)
    assert states(two)[0].trained_at <= states(one)[-1].time or states(two)[0].trained_at == states(two)[0].time


@pytest.mark.parametrize(("ticker", "first"), [(t, f) for t, _, f in restarts()])
def test_a_first_start_around_an_event_has_no_false_crash(tmp_path, reference_market, ticker, first):
    """Its history is that of a backtest that begins on the day, which is the oracle."""
    end = EVENTS[ticker][-1]
    backtest = play(tmp_path, reference_market, ticker, first, end, live=False)
    done = play(tmp_path, reference_market, ticker, first, end, live=True)
    check(states(done), states(backtest), atol=5e-3)
