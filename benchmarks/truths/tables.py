"""What is printed: a table a market, each row against the defaults of its own run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.truths import reference
from benchmarks.truths.measures import Score
from benchmarks.truths.summary import HEAD, Scores, cells, mean_of, number
from benchmarks.truths.variants import DEFAULTS
from benchmarks.truths.without import Seen

ByRow = Mapping[str, Scores]
"""Scores of every row of a table."""


def goal_of(row: str, scores: Sequence[Score], is_whole: bool = True) -> str:
    """A row's goal and whether it is met; empty where it has none. Of a part of the bars only the defaults have to meet it."""
    if row not in reference.GOALS:
        return ""
    right, bear = reference.GOALS[row]
    said = "" if row != DEFAULTS and not is_whole else " met" if reference.meets_goal(row, scores) else " MISSED"
    return f"{right:.2f} / {bear:.2f}{said}"


def reference_table(by_row: ByRow, tickers: Sequence[str], last: int) -> list[str]:
    """Lines of the reference market's table; its scores are of one kind, an asset each."""
    lines = [
        f"The reference market (SYNTHETIC), bars {reference.FIRST} to {last}, three regimes, trained monthly",
        "Assets of one chain: standard errors over them are too small. bear: rightly Bear or not; moved: trainings that",
        "alone changed the last label; goal: right / bear, of all four assets and bars.",
        "",
        f"{'':30}{''.join(f'{ticker:>7}' for ticker in tickers)}{HEAD}{'bear':>7}{'moved':>7}   goal",
    ]
    for row, scores in by_row.items():
        (assets,) = scores.values()
        own = "".join(f"{score.right:7.3f}" for score in assets)
        bear, moved = mean_of(scores, "bear").value, 100 * mean_of(scores, "moved").value
        share = f"{'-':>7}" if np.isnan(moved) else f"{moved:6.0f}%"
        goal = goal_of(row, assets, last == reference.LAST)
        lines.append(f"{row:30}{own}{cells(scores, by_row[DEFAULTS])}{bear:7.3f}{share}   {goal}".rstrip())
    return lines


def kinds_table(by_row: ByRow, seeds: Sequence[int]) -> list[str]:
    """Lines of the table of all rows, over all kinds."""
    lines = [
        f"{len(by_row[DEFAULTS])} simulated kinds of markets, seeds {seeds[0]} to {seeds[-1]}: means over kinds",
        "In brackets the standard error, for other seeds of the same kinds; beside it the paired difference. Rates are of",
        "252 bars. renamed: right under the best names; delay: bars to the first right label; alarms: the label leaves a true",
        "regime that goes on; ece: expected calibration error of the confidence; seconds: of the processor, a series.",
        "",
        f"{'':30}{HEAD}",
    ]
    return [*lines, *(f"{row:30}{cells(scores, by_row[DEFAULTS])}" for row, scores in by_row.items())]


def defaults_table(by_row: ByRow) -> list[str]:
    """Lines of the table of the defaults on each kind."""
    lines = [
        "The defaults on each kind; said no: series of which it was said that there are no regimes",
        "",
        f"{'':30}{HEAD}{'said no':>9}",
    ]
    for kind, scores in by_row[DEFAULTS].items():
        lines.append(f"{kind:30}{cells({kind: scores}, None)}{_count([score.said_no for score in scores]):>9}")
    return lines


def right_table(by_row: ByRow) -> list[str]:
    """Lines of the shares of right labels, by kind and row."""
    lines = ["Share right by kind and row", "", *(f"{place:4} {row}" for place, row in enumerate(by_row)), ""]
    lines.append(f"{'':23}{''.join(f'{place:6}' for place in range(len(by_row)))}")
    for kind in by_row[DEFAULTS]:
        means = [mean_of({kind: scores[kind]}, "right").value for scores in by_row.values()]
        lines.append(f"{kind:23}{''.join(f'{mean:6.3f}' for mean in means)}")
    return lines


def without_table(seen: Mapping[str, Sequence[Seen]]) -> list[str]:
    """Lines of what markets without regimes are taken for."""
    lines = [
        "Markets without regimes, the defaults with three: shares of bars, volatility a year of bars called so",
        "",
        f"{'':20}{'Bear':>6}{'Bull':>6}{'flips':>7}{'confidence':>12}{'noted':>7}{'sd Bear':>9}{'sd Bull':>9}{'said no':>9}",
    ]
    for kind, rows in seen.items():
        mean = Seen(*(_mean(column) for column in np.array(rows).T))
        lines.append(
            f"{kind:20}{mean.bear:6.0%}{mean.bull:6.0%}{mean.flips:7.1f}{mean.confidence:12.2f}{mean.noted:7.0%}"
            f"{number(mean.bear_sd, 9, 2)}{number(mean.bull_sd, 9, 2)}{_count([row.said_no for row in rows]):>9}"
        )
    return lines


def rows_of(by_row: ByRow) -> list[list[str | float]]:
    """Every series' scores, for a file."""
    return [
        [kind, place, row, *score]
        for row, scores in by_row.items()
        for kind, of_kind in scores.items()
        for place, score in enumerate(of_kind)
    ]


FILE_HEAD = ("kind", "place", "row", *Score._fields)
"""Columns of that file; a place is that of the seed, or of the asset, among those asked for."""


def _mean(column: np.ndarray) -> float:
    known = column[np.isfinite(column)]
    return float(known.mean()) if len(known) else np.nan


def _count(said: Sequence[float]) -> str:
    return f"{sum(said):.0f} of {len(said)}"
