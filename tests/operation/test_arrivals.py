"""Bars that come late, twice, wrong or not at all: each has a rule, and a line in the journal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from hidden_regime.data import TableMarket, open_market
from hidden_regime.operation.arrivals import fault_of
from hidden_regime.operation.journal.records import BarRow
from hidden_regime.operation.sources.playback import Playback
from tests.operation.strategies import TURNING
from tests.operation.worlds import backtest, deployed, instant, journaled, runner, strategy_at

BAD = date(2012, 1, 18)


class Spoilt(Playback):
    """A playback whose AAPL does something odd."""

    def __init__(self, spoil):
        super().__init__(open_market("us_stocks"))
        self._spoil = spoil

    def asset(self, ticker, until):
        found = super().asset(ticker, until)
        return self._spoil(found, until) if ticker.upper() == "AAPL" else found


def told(journal, kind):
    return [line.said for line in journal.told("one") if line.kind == kind]


def without_last(asset):
    return replace(
        asset, dates=asset.dates[:-1], open=asset.open[:-1], high=asset.high[:-1], low=asset.low[:-1], close=asset.close[:-1],
        volume=asset.volume[:-1], adjusted_scale=asset.adjusted_scale[:-1],
    )  # fmt: skip


def run_with(tmp_path, spoil, **options):
    journal = deployed(tmp_path, TURNING, **options)
    assert runner(journal, source=Spoilt(spoil), clock=instant()).run() == "ended"
    return journal


def with_gap(*days):
    """The packaged stocks, but that AAPL has no bar on some days."""
    market = open_market("us_stocks")
    frames = {ticker: market.load(ticker) for ticker in market.tickers()}
    asset = frames["AAPL"]
    keep = np.array([day not in days for day in asset.dates])
    frames["AAPL"] = replace(
        asset, dates=[day for day in asset.dates if day not in days], open=asset.open[keep], high=asset.high[keep],
        low=asset.low[keep], close=asset.close[keep], volume=asset.volume[keep], adjusted_scale=asset.adjusted_scale[keep],
    )  # fmt: skip
    return TableMarket(frames, name="us_stocks", benchmark="SP500", assets=("AAPL", "IBM", "MSFT"))


def test_silence_is_waited_for_and_then_filled_as_a_backtest_with_the_gap_fills_it(tmp_path):
    journal = run_with(tmp_path, lambda asset, until: without_last(asset) if until.date() == BAD else asset)
    assert any("AAPL" in said for said in told(journal, "silent"))
    tested = backtest(strategy_at(tmp_path / "mine", TURNING), with_gap(BAD))
    assert journaled(journal).orders == tested.orders
    # On the next day the source has the bar of BAD too: it is late, and left out as the backtest leaves it out.
    assert any("2012-01-18" in said for said in told(journal, "late"))


def test_a_late_bar_within_the_grace_is_as_if_it_had_come_in_time(tmp_path):
    clock = instant()
    late = timedelta(minutes=20)

    def spoil(asset, until):
        close = datetime.combine(BAD, datetime.min.time()) + timedelta(hours=16)
        return without_last(asset) if until.date() == BAD and until >= close and clock.now() < close + late else asset

    journal = deployed(tmp_path, TURNING)
    assert runner(journal, source=Spoilt(spoil), clock=clock).run() == "ended"
    assert journaled(journal).orders == backtest(strategy_at(tmp_path / "mine", TURNING)).orders
    assert told(journal, "silent") == told(journal, "late") == []


def test_a_bar_beyond_the_grace_asked_for_counts_as_not_coming(tmp_path):
    clock = instant()

    def spoil(asset, until):
        close = datetime.combine(BAD, datetime.min.time()) + timedelta(hours=16)
        late = until.date() == BAD and until >= close and clock.now() < close + timedelta(minutes=20)
        return without_last(asset) if late else asset

    journal = deployed(tmp_path, TURNING, grace=60.0)
    assert runner(journal, source=Spoilt(spoil), clock=clock).run() == "ended"
    assert journaled(journal).orders == backtest(strategy_at(tmp_path / "mine", TURNING), with_gap(BAD)).orders


@pytest.mark.parametrize("value", [np.nan, np.inf, -1.0, 0.0, 4_000.0, 4.0])
def test_a_wrong_bar_is_left_out_and_told(tmp_path, value):
    def spoil(asset, until):
        if until.date() != BAD or asset.dates[-1] != BAD:
            return asset
        close = asset.close.copy()
        close[-1] = value
        return replace(asset, close=close, high=np.maximum(asset.high, close), low=np.minimum(asset.low, close))

    journal = run_with(tmp_path, spoil)
    assert any("2012-01-18" in said for said in told(journal, "wrong"))
    assert journaled(journal).orders == backtest(strategy_at(tmp_path / "mine", TURNING), with_gap(BAD)).orders


def test_a_source_that_fails_is_asked_again_and_told_once(tmp_path):
    failed = []

    def spoil(asset, until):
        if until.date() == BAD and until.hour == 16 and not failed:
            failed.append(until)
            raise ConnectionError("no route to host")
        return asset

    journal = run_with(tmp_path, spoil)
    assert len(failed) == 1
    assert told(journal, "feed") == ["AAPL: ConnectionError: no route to host"]
    assert journaled(journal).orders == backtest(strategy_at(tmp_path / "mine", TURNING)).orders


def test_a_bar_that_is_revised_later_changes_nothing(tmp_path):
    def spoil(asset, until):
        if until.date() <= BAD:
            return asset
        close = asset.close.copy()
        close[asset.dates.index(BAD)] *= 1.01
        return replace(asset, close=close)

    journal = run_with(tmp_path, spoil)
    assert journaled(journal).orders == backtest(strategy_at(tmp_path / "mine", TURNING)).orders


def test_adjusted_closes_that_are_adjusted_anew_go_on_from_the_old_scale(tmp_path):
    """As a vendor does after each dividend: all of the past is multiplied."""

    def spoil(asset, until):
        return replace(asset, adjusted_scale=asset.adjusted_scale * (0.5 if until.date() > BAD else 1.0))

    journal = run_with(tmp_path, spoil)
    scales = [bar.scale for bar in journal.bars("one", "AAPL", 1440)[-20:]]
    plain = open_market("us_stocks").load("AAPL")
    first = plain.dates.index(date.fromisoformat(journal.bars("one", "AAPL", 1440)[-20].day))
    np.testing.assert_allclose(scales, plain.adjusted_scale[first : first + 20], rtol=1e-12)


@pytest.mark.parametrize(
    ("bar", "wrong"),
    [
        ({}, ""),
        ({"low": 10.5}, "low"),
        ({"high": 9.9}, "high"),
        ({"volume": -1.0}, "volume"),
        ({"volume": float("nan")}, "volume"),
        ({"close": 31.0, "high": 31.0}, "no split"),
        ({"close": 3.0, "low": 3.0}, "no split"),
    ],
)
def test_what_is_wrong_with_a_bar(bar, wrong):
    row = replace(BarRow("A", 1440, "2020-01-02", 0, 10.0, 11.0, 9.0, 10.0, 100.0), **bar)
    said = fault_of(row, 10.0, has_event=False)
    assert (wrong in said) if wrong else not said
    if wrong == "no split":
        assert not fault_of(row, 10.0, has_event=True)
