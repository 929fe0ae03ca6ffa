"""Bars of bars: what one consolidator makes of another's, against the same made by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hidden_regime.simulator.failures import ArgumentException

BODY = """
self.add_equity("SPY", Resolution.HOUR)
self.days, self.three, self.given, self.told = [], [], [], []
day = TradeBarConsolidator(timedelta(1))
day.data_consolidated += lambda sender, bar: self.days.append((self.time, bar))
self.subscription_manager.add_consolidator("SPY", day)
self.both = SequentialConsolidator(TradeBarConsolidator(timedelta(1)), TradeBarConsolidator(3))
self.both.data_consolidated += lambda sender, bar: self.three.append((self.time, bar, self.both.consolidated))
self.subscription_manager.add_consolidator("SPY", self.both)
self.average = SimpleMovingAverage(2)
self.register_indicator("SPY", self.average, self.both)
"""


def test_three_days_in_a_bar_are_the_days_of_which_it_is_made(play):
    done = play(BODY).algorithm
    assert len(done.three) >= 5
    assert len(done.three) == len(done.days) // 3
    for n, (time, bar, before) in enumerate(done.three):
        times, days = zip(*done.days[3 * n : 3 * n + 3], strict=True)
        # LEAN's timer goes by the length of what was handed on, so that a day may be seen to be over later.
        assert timedelta(0) <= time - times[-1] <= timedelta(days=3)
        assert (bar.time, bar.end_time) == (days[0].time, days[-1].end_time)
        assert (bar.open, bar.close) == (days[0].open, days[-1].close)
        assert (bar.high, bar.low) == (max(day.high for day in days), min(day.low for day in days))
        assert bar.volume == pytest.approx(sum(day.volume for day in days), rel=1e-12)
        assert before is (done.three[n - 1][1] if n else None)
    assert done.both.window[0] is done.three[-1][1]
    closes = [bar.close for _, bar, _ in done.three[-2:]]
    assert done.average.current.value == pytest.approx(sum(closes) / 2, rel=1e-12)


def test_reset_forgets_the_bars_of_both(play):
    both = play(BODY).algorithm.both
    both.reset()
    assert both.working_data is None
    assert both.first.working_data is None
    assert both.window.count == 0


@pytest.mark.parametrize("parts", [
    "TradeBarConsolidator(timedelta(1)), QuoteBarConsolidator(3)", "TradeBarConsolidator(timedelta(1)), TickConsolidator(3)",
])  # fmt: skip
def test_a_second_one_of_another_type_is_refused_as_in_lean(play, parts):
    done = play(f"self.add_equity('SPY', Resolution.HOUR)\nSequentialConsolidator({parts})", fails=True)
    assert isinstance(done.error, ArgumentException)
    assert "first.OutputType must equal second.OutputType!" in str(done.error)


def test_bricks_are_made_of_bars(play):
    done = play("""
        self.add_equity("SPY", Resolution.HOUR)
        self.direct, self.bricks = [], []
        both = SequentialConsolidator(TradeBarConsolidator(1), ClassicRenkoConsolidator(0.5))
        both.data_consolidated += lambda sender, bar: self.bricks.append((self.time, bar.open, bar.close))
        plain = ClassicRenkoConsolidator(0.5)
        plain.data_consolidated += lambda sender, bar: self.direct.append((self.time, bar.open, bar.close))
        for one in (both, plain):
            self.subscription_manager.add_consolidator("SPY", one)
    """)
    assert len(done.algorithm.bricks) > 10
    assert done.algorithm.bricks == done.algorithm.direct


def test_a_period_may_begin_at_a_date(play):
    done = play("""
        self.add_equity("SPY", Resolution.HOUR)
        self.bars = []
        def week(moment):
            return CalendarInfo((moment - timedelta(days=moment.weekday())).date(), timedelta(days=7))
        for rule in (week, Calendar.WEEKLY):
            made = TradeBarConsolidator(rule)
            made.data_consolidated += lambda sender, bar, rule=rule: self.bars.append((rule is week, bar.time, bar.close, bar.volume))
            self.subscription_manager.add_consolidator("SPY", made)
    """)
    own, named = ([row[1:] for row in done.algorithm.bars if row[0] is flag] for flag in (True, False))
    assert own == named
    assert len(own) >= 3
