"""Figures over closed trades as LEAN computes and prints them.

LEAN keeps running sums and means in decimals, and prints at most four of their decimals: an amount has two, a mean that is
once longer stays so. Hence the same sums here, trade by trade.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median_high
from typing import Any

from hidden_regime.data.decimals import ONE, ZERO, SystemDecimal, total
from hidden_regime.simulator.account.trades import Trade
from hidden_regime.simulator.clock import stamp
from hidden_regime.simulator.rounding import span, ticks

SECOND = 10_000_000
TEN = SystemDecimal(10)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else stamp(moment)


def _printed(value: SystemDecimal) -> str:
    return str(value.round(4))


@dataclass
class _Durations:
    """Spans in ticks, and LEAN's running mean of them: in seconds as doubles, cut to a tick at each step."""

    spans: list[int] = field(default_factory=list)
    mean: int = 0

    def add(self, span: int) -> None:
        self.spans.append(span)
        self.mean += int((span / SECOND - self.mean / SECOND) / len(self.spans) * SECOND)

    @property
    def median(self) -> int:
        return median_high(self.spans) if self.spans else 0


@dataclass
class _Group:
    """All trades, those that won, or those that lost: sum, running mean, and deviation."""

    count: int = 0
    sum: SystemDecimal = ZERO
    mean: SystemDecimal = ZERO
    _squares: SystemDecimal = ZERO
    lasted: _Durations = field(default_factory=_Durations)

    def add(self, trade: Trade) -> None:
        amount, before = trade.profit_loss, self.mean
        self.count += 1
        self.sum = self.sum + amount
        self.mean = before + (amount - before) / SystemDecimal(self.count)
        self._squares = self._squares + (amount - before) * (amount - self.mean)
        self.lasted.add(ticks(trade.exit_time - trade.entry_time))

    @property
    def deviation(self) -> SystemDecimal:
        if self.count < 2:
            return ZERO
        return SystemDecimal.of(math.sqrt(float(self._squares / SystemDecimal(self.count - 1))))


def _running_mean(values: Sequence[SystemDecimal]) -> SystemDecimal:
    mean = ZERO
    for n, value in enumerate(values, 1):
        mean = mean + (value - mean) / SystemDecimal(n)
    return mean


def _streaks(trades: Sequence[Trade]) -> tuple[int, int]:
    best = {True: 0, False: 0}
    run, side = 0, None
    for trade in trades:
        won = trade.profit_loss.n > 0
        run = run + 1 if won == side else 1
        side = won
        best[won] = max(best[won], run)
    return best[True], best[False]


def _drawdowns(trades: Sequence[Trade]) -> tuple[SystemDecimal, SystemDecimal, int]:
    """Worst fall of cumulated profit at closes, worst with excursions, and longest time below a high, in ticks."""
    sum_, high, high_inside, closed, inside = ZERO, ZERO, ZERO, ZERO, ZERO
    since, falling, longest = trades[0].entry_time, False, 0
    for trade in trades:
        high_inside = max(high_inside, sum_ + trade.mfe)
        inside = min(inside, sum_ + trade.mae - high_inside)
        sum_ = sum_ + trade.profit_loss
        if trade.profit_loss.n > 0:
            if sum_ > high:
                high = sum_
                if falling:
                    longest = max(longest, ticks(trade.exit_time - since))
                since, falling = trade.exit_time, False
        else:
            closed = min(closed, sum_ - high)
            falling = True
    return closed, inside, longest


def trade_statistics(trades: Sequence[Trade]) -> dict[str, Any]:
    """LEAN's table of statistics over trades."""
    every, won, lost = _Group(), _Group(), _Group()
    for trade in trades:
        every.add(trade)
        (won if trade.profit_loss.n > 0 else lost).add(trade)
    closed, inside, longest = _drawdowns(trades) if trades else (ZERO, ZERO, 0)
    run_won, run_lost = _streaks(trades)
    n = SystemDecimal(every.count)
    win_rate = SystemDecimal(won.count) / n if n else ZERO
    mean_mfe = _running_mean([t.mfe for t in trades])
    return {
        "startDateTime": _time(min((t.entry_time for t in trades), default=None)),
        "endDateTime": _time(max((t.exit_time for t in trades), default=None)),
        "totalNumberOfTrades": every.count,
        "numberOfWinningTrades": won.count,
        "numberOfLosingTrades": lost.count,
        "totalProfitLoss": _printed(every.sum),
        "totalProfit": _printed(won.sum),
        "totalLoss": _printed(lost.sum),
        "largestProfit": _printed(max([ZERO, *(t.profit_loss for t in trades)])),
        "largestLoss": _printed(min([ZERO, *(t.profit_loss for t in trades)])),
        "averageProfitLoss": _printed(every.mean),
        "averageProfit": _printed(won.mean),
        "averageLoss": _printed(lost.mean),
        "averageTradeDuration": span(every.lasted.mean),
        "averageWinningTradeDuration": span(won.lasted.mean),
        "averageLosingTradeDuration": span(lost.lasted.mean),
        "medianTradeDuration": span(every.lasted.median),
        "medianWinningTradeDuration": span(won.lasted.median),
        "medianLosingTradeDuration": span(lost.lasted.median),
        "maxConsecutiveWinningTrades": run_won,
        "maxConsecutiveLosingTrades": run_lost,
        "profitLossRatio": _printed(won.mean / abs(lost.mean) if lost.mean else ZERO),
        "winLossRatio": _printed(SystemDecimal(won.count) / SystemDecimal(lost.count) if lost.count else TEN if n else ZERO),
        "winRate": _printed(win_rate),
        "lossRate": _printed(ONE - win_rate if n else ZERO),
        "averageMAE": _printed(_running_mean([t.mae for t in trades])),
        "averageMFE": _printed(mean_mfe),
        "largestMAE": _printed(min([ZERO, *(t.mae for t in trades)])),
        "largestMFE": _printed(max([ZERO, *(t.mfe for t in trades)])),
        "maximumClosedTradeDrawdown": _printed(closed),
        "maximumIntraTradeDrawdown": _printed(inside),
        "profitLossStandardDeviation": _printed(every.deviation),
        "profitLossDownsideDeviation": _printed(lost.deviation),
        "profitFactor": _printed(_factor(won.sum, lost.sum)),
        "sharpeRatio": _printed(every.mean / every.deviation if every.deviation else ZERO),
        "sortinoRatio": _printed(every.mean / lost.deviation if lost.deviation else ZERO),
        "profitToMaxDrawdownRatio": _printed(_factor(every.sum, closed)),
        "maximumEndTradeDrawdown": _printed(max([ZERO, *(t.end_trade_drawdown for t in trades)])),
        "averageEndTradeDrawdown": _printed(every.mean - mean_mfe),
        "maximumDrawdownDuration": span(longest),
        "totalFees": _printed(total([t.total_fees for t in trades])),
    }


def _factor(gain: SystemDecimal, loss: SystemDecimal) -> SystemDecimal:
    """Gain over loss; 10 stands for infinity."""
    if not gain:
        return ZERO
    return gain / abs(loss) if loss.n < 0 else TEN
