"""Indicators of several securities and of swings, against numpy and pandas over the same bars."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from hidden_regime.simulator.failures import ArgumentException
from hidden_regime.simulator.indicators import (
    AdvanceDeclineDifference,
    AdvanceDeclineRatio,
    AdvanceDeclineVolumeRatio,
    ArmsIndex,
    Beta,
    MassIndex,
    WilderAccumulativeSwingIndex,
    WilderSwingIndex,
)
from hidden_regime.simulator.objects import Symbol, TradeBar

BEGIN, DAY = datetime(2020, 1, 1), timedelta(days=1)


def market(names, n=60, seed=3):
    """Daily bars of some names, day by day, and their table."""
    rng = np.random.default_rng(seed)
    close = pd.DataFrame(np.round(100 * np.exp(np.cumsum(rng.normal(0, 0.02, (n, len(names))), axis=0)), 2), columns=names)
    opened = np.round(close * (1 + rng.normal(0, 0.01, close.shape)), 2)
    high = np.round(np.maximum(opened, close) + rng.uniform(0, 2, close.shape), 2)
    low = np.round(np.minimum(opened, close) - rng.uniform(0, 2, close.shape), 2)
    volume = pd.DataFrame(rng.integers(100, 900, close.shape).astype(float), columns=names)
    parts = {"open": opened, "high": high, "low": low, "close": close, "volume": volume}
    bars = [
        TradeBar(BEGIN + i * DAY, Symbol(name), *(float(part[name].iloc[i]) for part in parts.values()), DAY)
        for i in range(n)
        for name in names
    ]
    return bars, parts


def fed(made, bars):
    """Its value after each bar."""
    out = []
    for bar in bars:
        made.update(bar)
        out.append(made.current.value)
    return out


def test_beta_is_the_covariance_by_the_variance_of_the_reference():
    bars, parts = market(["AAA", "BBB"])
    made = Beta("b", Symbol("AAA"), Symbol("BBB"), 10)
    values = fed(made, bars)[1::2]
    returns = parts["close"].pct_change()
    expected = returns["AAA"].rolling(10).cov(returns["BBB"]) / returns["BBB"].rolling(10).var()
    assert values[10:] == pytest.approx(expected.to_numpy()[10:], rel=1e-9)
    assert (made.is_ready, made.warm_up_period, Beta(Symbol("AAA"), "BBB", 10).name) == (True, 11, "B(10)")
    made.reset()
    assert (made.is_ready, made.samples) == (False, 0)
    assert fed(made, bars)[1::2] == values
    with pytest.raises(ArgumentException, match="must be greater than 2"):
        Beta("AAA", "BBB", 1)
    with pytest.raises(ArgumentException, match="does not correspond"):
        made.update(market(["CCC"])[0][0])


@pytest.mark.parametrize("kind", [AdvanceDeclineRatio, AdvanceDeclineDifference, AdvanceDeclineVolumeRatio, ArmsIndex])
def test_those_that_rise_and_fall(kind):
    names = ["AAA", "BBB", "CCC", "DDD", "EEE"]
    bars, parts = market(names)
    made = kind()
    for name in names:
        made.add(Symbol(name))
    values = fed(made, bars)[len(names) - 1 :: len(names)]
    change = parts["close"].diff()

    def ratio(up, down):
        return np.where(down == 0, up, up / down.replace(0, 1))

    count = (change > 0).sum(axis=1), (change < 0).sum(axis=1)
    volume = tuple((parts["volume"] * side).sum(axis=1) for side in (change > 0, change < 0))
    by_volume = ratio(*volume)
    expected = {
        AdvanceDeclineRatio: ratio(*count),
        AdvanceDeclineDifference: (count[0] - count[1]).to_numpy(),
        AdvanceDeclineVolumeRatio: by_volume,
        ArmsIndex: np.where(by_volume == 0, 0, ratio(*count) / np.where(by_volume == 0, 1, by_volume)),
    }[kind]
    assert made.is_ready
    assert values[1:] == pytest.approx(expected[1:], rel=1e-12)
    made.reset()
    assert fed(made, bars)[len(names) - 1 :: len(names)] == values
    made.remove(Symbol("EEE"))


def test_swings():
    bars, parts = market(["AAA"], 80, 5)
    o, h, low, c = (parts[name]["AAA"] for name in ("open", "high", "low", "close"))
    before = c.shift()
    up, down, wide = (h - before).abs(), (low - before).abs(), (h - low).abs()
    most = pd.concat([up, down, wide], axis=1).max(axis=1)
    reach = np.select([up == most, down == most], [up - 0.5 * down, down - 0.5 * up], wide) + 0.25 * (before - o.shift()).abs()
    moved = (c - before) + 0.5 * (c - o) + 0.25 * (before - o.shift())
    swing = (50 * moved / reach * np.maximum(up, down) / 3.0).fillna(0)
    assert fed(WilderSwingIndex(3.0), bars) == pytest.approx(swing.to_numpy(), rel=1e-9, abs=1e-9)
    assert fed(WilderAccumulativeSwingIndex("mine", -3.0), bars) == pytest.approx(swing.cumsum().to_numpy(), rel=1e-9, abs=1e-9)
    assert fed(WilderSwingIndex(0), bars[:3]) == [0, 0, 0]


def test_mass_is_a_sum_of_ratios_of_averages_of_ranges():
    bars, parts = market(["AAA"], 80, 5)

    def average(values, n):
        """LEAN's: the mean of the first ones, then the exponential one."""
        out, kept = [np.nan] * len(values), []
        for i, value in enumerate(values):
            if np.isnan(value):
                continue
            kept.append(value)
            if len(kept) == n:
                out[i] = float(np.mean(kept))
            elif len(kept) > n:
                out[i] = value * 2 / (n + 1) + out[i - 1] * (1 - 2 / (n + 1))
        return np.array(out)

    once = average((parts["high"] - parts["low"])["AAA"].to_numpy(), 9)
    ratios = pd.Series(once / average(once, 9)).rolling(25).sum()
    made = MassIndex(9, 25)
    values = fed(made, bars)
    assert values[:40] == [25.0] * 40
    assert values[made.warm_up_period - 1 :] == pytest.approx(ratios.to_numpy()[made.warm_up_period - 1 :], rel=1e-9)


def test_shortcuts_feed_all_of_them_and_warm_up(play):
    body = """
    self.set_benchmark(lambda when: 0)
    self.settings.automatic_indicator_warm_up = True
    names = [self.add_equity(name, Resolution.DAILY).symbol for name in ("SPY", "TLT", "GLD")]
    self.beta = self.b(names[0], names[1], 5)
    self.arms, self.ratio = self.trin(names), self.adr(names, Resolution.DAILY)
    self.volumes, self.more = self.advr(names), self.addiff(names)
    self.mass_, self.swing, self.total = self.mass(names[0]), self.si(names[0], 2), self.asi(names[0], 2)
    self.seen.append([i.is_ready for i in (self.beta, self.arms, self.ratio, self.volumes, self.more)])
    """
    hooks = """
    def on_end_of_algorithm(self):
        closes = self.history(["SPY", "TLT", "GLD"], 6, Resolution.DAILY)["close"].unstack(level=0)
        moved = closes.pct_change().dropna()
        self.seen.append((self.beta.current.value, moved["SPY"].cov(moved["TLT"]) / moved["TLT"].var()))
        self.seen.append((self.more.current.value, (moved.iloc[-1] > 0).sum() - (moved.iloc[-1] < 0).sum()))
    """
    algorithm = play(body, hooks).algorithm
    ready, beta, more = algorithm.seen
    assert ready == [True] * 5
    assert beta[0] == pytest.approx(beta[1], rel=1e-6)
    assert more[0] == more[1]
    assert [i.name for i in (algorithm.beta, algorithm.arms, algorithm.ratio)] == ["B(5_day)", "TRIN(day)", "A/D Ratio(day)"]
