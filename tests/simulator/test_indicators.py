"""Indicators where the reference case doesn't look: parts, resets, keywords, own ones, and indicators of indicators."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

import numpy as np
import pytest

from hidden_regime.simulator import indicators
from hidden_regime.simulator.enums import MovingAverageType
from hidden_regime.simulator.indicators import (
    BollingerBands,
    CommodityChannelIndex,
    ExponentialMovingAverage,
    IndicatorExtensions,
    MoneyFlowIndex,
    MovingAverageConvergenceDivergence,
    RelativeStrengthIndex,
    RollingWindow,
    SimpleMovingAverage,
)
from hidden_regime.simulator.objects import Symbol, TradeBar

BEGIN = datetime(2020, 1, 1)
SPY = 'self.spy = self.add_equity("SPY", Resolution.DAILY).symbol'


def bars(n=120, seed=0):
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, n)))
    spread = np.abs(rng.normal(0, 0.5, (2, n)))
    opened = close * (1 + rng.normal(0, 0.002, n))
    high, low = np.maximum(opened, close) + spread[0], np.minimum(opened, close) - spread[1]
    volume = rng.integers(1000, 9000, n).astype(float)
    return [
        TradeBar(BEGIN + timedelta(days=i), Symbol("X"), *row, timedelta(days=1))
        for i, row in enumerate(zip(opened.tolist(), high.tolist(), low.tolist(), close.tolist(), volume.tolist(), strict=True))
    ]


SPECIAL = {"Indicator", "CompositeIndicator", "ConstantIndicator"}
NEEDS = {
    "MovingAverageConvergenceDivergence": (5, 12, 9), "AbsolutePriceOscillator": (5, 12), "PercentagePriceOscillator": (5, 12),
    "AroonOscillator": (7, 7), "BollingerBands": (7, 2), "KeltnerChannels": (7, 1.5), "Stochastic": (7, 7, 3),
}  # fmt: skip
NOTHING = ("Identity", "TrueRange", "OnBalanceVolume", "AccumulationDistribution", "IntradayVwap", "ParabolicStopAndReverse")


def fresh():
    for kind in (getattr(indicators, name) for name in indicators.__all__):
        of_several = kind.__module__.endswith("indicators.market")
        if issubclass(kind, indicators.Indicator) and kind.__name__ not in SPECIAL and not of_several:
            yield kind() if kind.__name__ in NOTHING else kind(*NEEDS.get(kind.__name__, (7,)))


@pytest.mark.parametrize("made", list(fresh()), ids=lambda i: type(i).__name__)
def test_every_indicator_gets_ready_and_after_a_reset_gives_the_same_numbers(made):
    events = []
    made.updated += lambda sender, point: events.append(point.value)
    first = []
    for i, bar in enumerate(bars(), 1):
        made.update(bar)
        first.append(made.current.value)
        assert not (made.is_ready and i < made.period)
        if i >= made.warm_up_period:
            assert made.is_ready
    parts = dict(made.parts)
    values = {name: part.current.value for name, part in parts.items()}
    made.name = "mine"
    made.reset()
    assert (made.samples, made.current.value, made.is_ready, made.name) == (0, 0.0, False, "mine")
    n = len(events)
    again = []
    for bar in bars():
        made.update(bar)
        again.append(made.current.value)
    assert again == first
    assert len(events) == 2 * n
    assert {name: part.current.value for name, part in parts.items()} == values
    assert made.samples == 120
    made.update(bars()[3])
    assert made.samples == 120


def test_parameters_by_name():
    assert SimpleMovingAverage(period=20).name == "SMA(20)"
    assert SimpleMovingAverage("x", period=20).period == 20
    assert BollingerBands(20, k=3).name == "BB(20,3)"
    assert RelativeStrengthIndex(14, moving_average_type=MovingAverageType.SIMPLE).period == 15
    assert MovingAverageConvergenceDivergence(fast_period=3, slow_period=5, signal_period=2).warm_up_period == 6
    assert SimpleMovingAverage(3.0).period == 3
    with pytest.raises(TypeError, match="unexpected keyword argument 'length'"):
        SimpleMovingAverage(length=3)


def test_an_indicators_window_and_comparisons():
    sma = SimpleMovingAverage(2)
    for i, value in enumerate((1.0, 3.0, 5.0)):
        sma.update(BEGIN + timedelta(days=i), value)
    assert (sma[0].value, sma.previous.value, str(sma), sma > 3, sma <= 4.0, sma == 4.0) == (4.0, 2.0, "4.0", True, True, True)
    assert sma[5] is None
    assert sma.window.size == 6
    window = RollingWindow[float](2)
    window.add(1.0)
    assert (window.is_ready, window[1], len(window)) == (False, 0.0, 1)


def test_indicators_of_indicators():
    fast, slow = SimpleMovingAverage(2), ExponentialMovingAverage(3)
    spread, ratio = IndicatorExtensions.minus(fast, slow), IndicatorExtensions.Over(fast, 2)
    smooth = IndicatorExtensions.sma(fast, 2)
    for i, value in enumerate((1.0, 2.0, 4.0, 8.0)):
        for indicator in (fast, slow):
            indicator.update(BEGIN + timedelta(days=i), value)
    assert spread.current.value == pytest.approx(6 - slow.current.value)
    assert (ratio.current.value, smooth.current.value, smooth.name) == (3.0, 4.5, "SMA2_Of_SMA(2)")
    assert spread.name == "COMPOSE(SMA(2),EMA(3))"


def test_helpers_names_selectors_and_forms(play):
    body = (
        SPY
        + """
s = self.spy
self.made = [self.sma(s, 20), self.rsi(s, 14, MovingAverageType.WILDERS, Resolution.DAILY), self.bb(s, 20, 2), self.macd(s, 12, 26, 9),
             self.dch(s, period=20), self.ema(s, 5, 0.5), self.sr(s, 10), self.max(s, 5, selector=Field.CLOSE), self.EMA(s, 9, Resolution.Daily)]
self.high = self.max(s, 5)
"""
    )
    done = play(body)
    names = [indicator.name for indicator in done.algorithm.made]
    assert names == [
        "SMA(20,SPY_day)", "RSI(14,Wilders,SPY_day)", "BB(20,2,SPY_day)", "MACD(12,26,9,SPY_day)", "DCH(20,20,SPY_day)", "EMA(5,SPY_day)",
        "SR(10,SPY_day)", "MAX(5,SPY_day)", "EMA(9,SPY_day)",
    ]  # fmt: skip
    assert done.algorithm.high.current.value > done.algorithm.made[7].current.value


def test_own_indicators_in_either_spelling(play):
    top = """
    class Spread(PythonIndicator):
        def __init__(self, n):
            self.n, self.WarmUpPeriod, self.Value = n, n, 0
        def Update(self, input):
            self.Value = input.High - input.Low
            return self.samples + 1 >= self.n

    class Plain:
        def __init__(self):
            self.value, self.is_ready = 0, False
        def update(self, bar):
            self.value, self.is_ready = bar.close, True
            return True
    """
    body = (
        SPY
        + """
self.own, self.plain = Spread(3), Plain()
self.own.updated += lambda sender, point: self.seen.append(point.value)
self.warm_up_indicator(self.spy, self.own)
self.register_indicator(self.spy, self.own, Resolution.DAILY)
self.register_indicator(self.spy, self.plain)
"""
    )
    hooks = """
    def on_data(self, data):
        bar = data.bars[self.spy]
        assert self.own.is_ready and self.own.current.value == bar.high - bar.low
        assert self.plain.value == bar.close
        if self.time.day == 15:
            self.deregister_indicator(self.own)
    def on_end_of_algorithm(self):
        self.rows = len(self.indicator_history(Spread(3), self.spy, 5))
        self.bands = self.indicator_history(BollingerBands(20, 2), self.spy, 5, Resolution.DAILY)
    """
    done = play(body, hooks, top=top, end="2014, 1, 15")
    assert len(done.algorithm.seen) == 3 + 10
    assert done.algorithm.rows == 5
    frame = done.algorithm.bands.data_frame
    assert (len(frame), "upperband" in frame, done.algorithm.bands.upper_band[0].value) == (5, True, frame["upperband"].iloc[0])


def test_an_exponential_average_of_an_indicator_needs_no_factor(play):
    body = """
    spy = self.add_equity("SPY", Resolution.DAILY).symbol
    self.of = IndicatorExtensions.ema(self.sma(spy, 3), 4)
    self.own = IndicatorExtensions.ema(self.sma(spy, 3), 4, 0.4)
    """
    algorithm = play(body).algorithm
    assert algorithm.of.is_ready
    assert algorithm.of.current.value == pytest.approx(algorithm.own.current.value)  # 2 / (4 + 1)


def ties(n, seed):
    """Bars in few cents: sums of high, low and close are often equal, though their doubles aren't."""
    rng = np.random.default_rng(seed)
    for i in range(n):
        low, close, high = sorted(rng.integers(1610, 1616, 3).tolist())
        cents = [Fraction(number, 100) for number in (high, low, close)]
        volume = int(rng.integers(0, 4)) * 1_234_567
        bar = TradeBar(
            BEGIN + timedelta(days=i), Symbol("X"), float(cents[1]), *map(float, cents), float(volume), timedelta(days=1)
        )
        yield bar, sum(cents) / 3, volume


@pytest.mark.parametrize("seed", range(4))
def test_equal_sums_of_prices_are_equal(seed):
    """LEAN adds decimals: here the oracle is exact fractions."""
    flow, channel = MoneyFlowIndex(5), CommodityChannelIndex(5)
    flows, typicals, equal = [], [], 0
    for bar, typical, volume in ties(400, seed):
        before = typicals[-1] if typicals else Fraction(0)
        equal += typical == before
        flows.append((typical * volume * (typical > before), typical * volume * (typical < before)))
        typicals.append(typical)
        flow.update(bar)
        channel.update(bar)
        plus, minus = (sum(pair[i] for pair in flows[-5:]) for i in (0, 1))
        if plus + minus:
            assert flow.current.value == pytest.approx(float(100 * plus / (plus + minus)), abs=1e-9)
        mean = sum(typicals[-5:]) / 5
        deviation = sum(abs(t - mean) for t in typicals[-5:]) / 5
        expected = (typical - mean) / (deviation * Fraction(15, 1000)) if deviation else Fraction(0)
        if channel.is_ready:
            assert channel.current.value == pytest.approx(float(expected), abs=1e-7)
    assert equal > 20


def test_a_flow_that_has_left_leaves_the_rest_of_its_rounding():
    """A decimal holds integers below 2**96: the second flow just fits with 15 decimals, its sum with the first has 14."""
    flow = MoneyFlowIndex(2)
    volume = int(Fraction(2**96, 10**15) / Fraction(29999999, 300))
    rows = [(1.61, 1_000_000), (100_000.0, volume), (99_999.0, 3), (99_998.0, 3), (99_997.0, 3)]
    for i, (price, volume) in enumerate(rows):
        flow.update(
            TradeBar(BEGIN + timedelta(days=i), Symbol("X"), price, price, price - 0.01, price, volume, timedelta(days=1))
        )
    left = flow.positive_money_flow.current.value
    assert 0 < abs(left) < 1e-13
    assert flow.current.value == pytest.approx(100 * left / flow.negative_money_flow.current.value, rel=1e-8, abs=0)
