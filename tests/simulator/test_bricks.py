"""Bars that end by price or by volume, against counts in whole cents and results reckoned by hand."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.consolidation import (
    ClassicRangeConsolidator,
    ClassicRenkoConsolidator,
    RangeConsolidator,
    RenkoConsolidator,
    VolumeRenkoConsolidator,
)
from hidden_regime.simulator.enums import BarDirection, RenkoType
from hidden_regime.simulator.failures import ArgumentException
from hidden_regime.simulator.objects import IndicatorDataPoint, Symbol, TradeBar

SPY, BEGIN, MINUTE = Symbol("SPY"), datetime(2014, 1, 6, 9, 30), timedelta(minutes=1)


def bars(closes, volumes=None):
    """Minute bars of some closes."""
    volumes = volumes or [100.0] * len(closes)
    times = [BEGIN + i * MINUTE for i in range(len(closes))]
    return [
        TradeBar(t, SPY, c, c, c, c, v, end_time=t + MINUTE) for t, c, v in zip(times, closes, volumes, strict=True)
    ]  # fmt: skip


def fed(consolidator, data):
    seen = []
    consolidator.data_consolidated += lambda sender, bar: seen.append(bar)
    for item in data:
        consolidator.update(item)
    return seen


def wicked(cents, size):
    """Opens and closes of bricks, in cents: an edge must be passed, not reached; a turn begins at the last brick's open."""
    first = cents[0]
    low = first // size * size
    rest = first - low
    open_ = low + (size if 2 * rest > size else 0)  # sizes are odd: nothing is halfway
    out, top, bottom = [], open_, open_
    for price in cents[1:]:
        while price > top + size or price < bottom - size:
            begun, done = (top, top + size) if price > top + size else (bottom, bottom - size)
            out.append((begun, done))
            top, bottom = max(begun, done), min(begun, done)
    return out


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(900, 1100), min_size=1, max_size=60), st.sampled_from([7, 13, 25]))
def test_bricks_with_wicks_are_those_of_whole_cents(cents, size):
    seen = fed(RenkoConsolidator(size / 100), bars([c / 100 for c in cents]))
    assert [(round(b.open * 100), round(b.close * 100)) for b in seen] == wicked(cents, size)
    for bar in seen:
        assert bar.low <= min(bar.open, bar.close) and bar.high >= max(bar.open, bar.close)
        assert round(bar.spread * 100) == size and bar.type == RenkoType.WICKED
        assert bar.direction == (BarDirection.RISING if bar.close > bar.open else BarDirection.FALLING)


def test_bricks_with_wicks_by_hand():
    # From 10: 10.3 passes 10.1 and 10.2 but only reaches 10.3; 10.05 turns below 10.1, the last brick's open less a size is 10.0.
    seen = fed(RenkoConsolidator(0.1), bars([10.0, 10.3, 10.05, 9.95]))
    assert [(b.open, b.high, b.low, b.close) for b in seen] == [
        (10.0, 10.1, 10.0, 10.1), (10.1, 10.2, 10.1, 10.2), (10.1, 10.3, 10.0, 10.0),
    ]  # fmt: skip
    assert [(b.time.minute, b.end_time.minute) for b in seen] == [(30, 31), (31, 31), (31, 33)]
    assert RenkoConsolidator.get_closest_multiple(10.07, 0.05) == 10.05


def test_classic_bricks_open_where_the_last_one_closed():
    made = ClassicRenkoConsolidator(0.5)
    seen = fed(made, bars([10.1, 10.3, 11.0, 11.3, 11.6, 10.4], [1, 2, 3, 4, 5, 6]))
    # The first opens at 10.5, the next multiple above; 11.0 closes it. Prices beyond an edge are cut to it, and their volume
    # counts where they fell; a bar that closes a brick isn't the first of the next, but its data begin it.
    assert [(b.open, b.high, b.low, b.close, b.volume) for b in seen] == [
        (10.5, 11.0, 10.3, 11.0, 6.0), (11.0, 11.5, 11.0, 11.5, 12.0), (11.5, 11.5, 11.0, 11.0, 11.0),
    ]  # fmt: skip
    assert (made.working_data.open, made.working_data.close) == (11.0, 11.0)
    uneven = fed(ClassicRenkoConsolidator(0.5, False), bars([10.1, 10.6]))
    assert [(b.open, b.close) for b in uneven] == [(10.1, 10.6)]
    middle = fed(ClassicRenkoConsolidator(0.5, lambda bar: bar.high - 0.1, lambda bar: 2.0), bars([10.1, 10.6, 10.7]))
    assert [(b.open, b.close, b.volume) for b in middle] == [(10.0, 10.5, 4.0)]


def test_bars_of_a_range_by_hand():
    seen = fed(RangeConsolidator(10), bars([10.0, 10.05, 10.35, 10.3]))
    # From 10.0 the range ends at 10.10; on the way to 10.35 are 10.11-10.21 and 10.22-10.32, the first without volume.
    assert [(b.open, b.high, b.low, b.close) for b in seen] == [
        (10.0, 10.1, 10.0, 10.1), (10.11, 10.21, 10.11, 10.21), (10.22, 10.32, 10.22, 10.32),
    ]  # fmt: skip
    assert [b.volume for b in seen] == [200.0, 0.0, 0.0]
    classic = fed(ClassicRangeConsolidator(10), bars([10.0, 10.05, 10.35, 10.3, 10.2]))
    assert [(b.open, b.close, b.volume) for b in classic] == [(10.0, 10.1, 200.0), (10.35, 10.25, 200.0)]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(900, 1100), min_size=1, max_size=60), st.integers(3, 40))
def test_every_bar_of_a_range_spans_it(cents, size):
    for bar in fed(RangeConsolidator(size), bars([c / 100 for c in cents])):
        assert round((bar.high - bar.low) * 100) == size == round(bar.range_size * 100)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 900), min_size=1, max_size=40), st.integers(50, 1000))
def test_bars_of_a_volume_lose_none(volumes, size):
    seen = fed(VolumeRenkoConsolidator(size), bars([10.0 + i for i in range(len(volumes))], volumes))
    assert len(seen) == sum(volumes) // size
    assert all(bar.volume == size for bar in seen)


def test_what_a_size_can_be_and_what_volumes_need():
    for made in (lambda: RenkoConsolidator(0), lambda: ClassicRenkoConsolidator(-1), lambda: RangeConsolidator(0)):
        with pytest.raises(ParameterError):
            made()
    with pytest.raises(ArgumentException, match="must be used with TradeBar or Tick data"):
        VolumeRenkoConsolidator(10).update(IndicatorDataPoint(BEGIN, 3.0))
    with pytest.raises(ArgumentException, match="Please use the new RenkoConsolidator"):
        ClassicRenkoConsolidator(1.0, RenkoType.WICKED)


def test_consolidate_makes_them_by_type_and_size(play):
    body = """
    self.spy = self.add_equity("SPY", Resolution.DAILY).symbol
    made = [self.consolidate(RenkoBar, self.spy, 2.0, None, self.take), self.consolidate(TradeBar, self.spy, 5, None, self.take)]
    self.kinds = [type(one).__name__ for one in made]
    self.registered = self.sma(self.spy, 2)
    """
    hooks = """
    def take(self, bar):
        self.seen.append((type(bar).__name__, self.time))
    """
    algorithm = play(body, hooks).algorithm
    assert algorithm.kinds == ["RenkoConsolidator", "TradeBarConsolidator"]
    counted = [time for name, time in algorithm.seen if name == "TradeBar"]
    assert len(counted) == 4  # 21 sessions in January 2014
    assert any(name == "RenkoBar" for name, _ in algorithm.seen)
    with pytest.raises(ParameterError, match="RenkoBar, VolumeRenkoBar"):
        play(body.replace("TradeBar, self.spy, 5", "Dividend, self.spy, 5"), hooks)
