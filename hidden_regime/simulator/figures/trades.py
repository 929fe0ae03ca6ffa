"""Figures over closed trades as LEAN computes and prints them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from statistics import median_high, stdev
from typing import Any

from hidden_regime.simulator.account.trades import Trade
from hidden_regime.simulator.clock import stamp
from hidden_regime.simulator.rounding import decimal, fixed, span, ticks

_ZERO = "0"


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else stamp(moment)


def _lean(value: float | Decimal) -> str:
    return fixed(value, 4)


def _cents(values: Sequence[float]) -> Decimal:
    """Exact sum of amounts in cents, which keeps its two decimals."""
    return sum((Decimal(f"{v:.2f}") for v in values), Decimal("0.00")) if values else Decimal(0)


def _money(value: Decimal) -> str:
    return f"{value:f}" if value else (_ZERO if value.as_tuple().exponent == 0 else f"{value:f}")


def _amount(value: float) -> str:
    """An amount of a trade, which keeps its two decimals."""
    return f"{value:.2f}" if value else _ZERO


def _mean(values: Sequence[float]) -> Decimal:
    return _cents(values) / len(values) if values else Decimal(0)


def _mean_ticks(durations: Sequence[int]) -> int:
    """LEAN's running mean, cut to a tick at each step."""
    mean = 0
    for n, duration in enumerate(durations, 1):
        mean += int((duration - mean) / n)
    return mean


def _streaks(trades: Sequence[Trade]) -> tuple[int, int]:
    best = {True: 0, False: 0}
    run, side = 0, None
    for trade in trades:
        won = trade.profit_loss > 0
        run = run + 1 if won == side else 1
        side = won
        best[won] = max(best[won], run)
    return best[True], best[False]


def _drawdowns(trades: Sequence[Trade]) -> tuple[float, float, int]:
    """Worst fall of cumulated profit at closes, worst with excursions, and longest time below a high, in ticks."""
    total = high = peak_inside = 0.0
    closed = inside = 0.0
    since, falling, longest = trades[0].entry_time, False, 0
    for trade in trades:
        peak_inside = max(peak_inside, total + trade.mfe)
        inside = min(inside, total + trade.mae - peak_inside)
        total += trade.profit_loss
        if trade.profit_loss > 0:
            if total > high + 1e-9:
                high = total
                if falling:
                    longest = max(longest, ticks(trade.exit_time - since))
                since, falling = trade.exit_time, False
        else:
            closed = min(closed, total - high)
            falling = True
    return closed, inside, longest


def trade_statistics(trades: Sequence[Trade]) -> dict[str, Any]:
    """LEAN's table of statistics over trades."""
    won = [t.profit_loss for t in trades if t.profit_loss > 0]
    lost = [t.profit_loss for t in trades if t.profit_loss <= 0]
    every = [t.profit_loss for t in trades]
    spans = [ticks(t.exit_time - t.entry_time) for t in trades]
    wins = [s for s, t in zip(spans, trades, strict=True) if t.profit_loss > 0]
    losses = [s for s, t in zip(spans, trades, strict=True) if t.profit_loss <= 0]
    closed, inside, longest = _drawdowns(trades) if trades else (0.0, 0.0, 0)
    run_won, run_lost = _streaks(trades)
    n = len(trades)
    mean, mean_won, mean_lost = _mean(every), _mean(won), _mean(lost)
    sd = stdev(every) if n > 1 else 0.0
    downside = stdev(lost) if len(lost) > 1 else 0.0
    total = _cents(every)
    fees = sum((decimal(t.total_fees) for t in trades), Decimal(0))
    win_rate = Decimal(len(won)) / n if n else Decimal(0)
    mae, mfe = [t.mae for t in trades], [t.mfe for t in trades]
    return {
        "startDateTime": _time(min((t.entry_time for t in trades), default=None)),
        "endDateTime": _time(max((t.exit_time for t in trades), default=None)),
        "totalNumberOfTrades": n,
        "numberOfWinningTrades": len(won),
        "numberOfLosingTrades": len(lost),
        "totalProfitLoss": _money(total),
        "totalProfit": _money(_cents(won)),
        "totalLoss": _money(_cents(lost)),
        "largestProfit": _amount(max(won, default=0.0)),
        "largestLoss": _amount(min(lost, default=0.0)),
        "averageProfitLoss": _lean(mean),
        "averageProfit": _lean(mean_won),
        "averageLoss": _lean(mean_lost),
        "averageTradeDuration": span(_mean_ticks(spans)),
        "averageWinningTradeDuration": span(_mean_ticks(wins)),
        "averageLosingTradeDuration": span(_mean_ticks(losses)),
        "medianTradeDuration": span(median_high(spans) if spans else 0),
        "medianWinningTradeDuration": span(median_high(wins) if wins else 0),
        "medianLosingTradeDuration": span(median_high(losses) if losses else 0),
        "maxConsecutiveWinningTrades": run_won,
        "maxConsecutiveLosingTrades": run_lost,
        "profitLossRatio": _lean(mean_won / abs(mean_lost) if mean_lost else Decimal(0)),
        "winLossRatio": _lean(Decimal(len(won)) / len(lost) if lost else Decimal(10 if n else 0)),
        "winRate": _lean(win_rate),
        "lossRate": _lean(1 - win_rate if n else Decimal(0)),
        "averageMAE": _lean(_mean(mae)),
        "averageMFE": _lean(_mean(mfe)),
        "largestMAE": _amount(min(mae, default=0.0)),
        "largestMFE": _amount(max([*mfe, 0.0])),
        "maximumClosedTradeDrawdown": _lean(round(closed, 2)),
        "maximumIntraTradeDrawdown": _lean(round(inside, 2)),
        "profitLossStandardDeviation": _lean(sd),
        "profitLossDownsideDeviation": _lean(downside),
        "profitFactor": _lean(_factor(_cents(won), _cents(lost))),
        "sharpeRatio": _lean(float(mean) / sd if sd else 0.0),
        "sortinoRatio": _lean(float(mean) / downside if downside else 0.0),
        "profitToMaxDrawdownRatio": _lean(_factor(total, Decimal(f"{closed:.2f}"))),
        "maximumEndTradeDrawdown": _lean(max((t.end_trade_drawdown for t in trades), default=0.0)),
        "averageEndTradeDrawdown": _lean(mean - _mean(mfe)),
        "maximumDrawdownDuration": span(longest),
        "totalFees": f"{fees:f}" if n else _ZERO,
    }


def _factor(gain: Decimal, loss: Decimal) -> Decimal:
    """Gain over loss; 10 stands for infinity."""
    if gain == 0:
        return Decimal(0)
    return gain / abs(loss) if loss < 0 else Decimal(10)
