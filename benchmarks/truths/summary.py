"""Means over kinds and series, with standard errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.truths.measures import Score

Scores = Mapping[str, Sequence[Score]]
"""Scores of one detector: by kind, one for each seed, in the same order for every detector."""


class Mean(NamedTuple):
    """A mean and its standard error, NaN where that can't be known."""

    value: float
    error: float


def mean_over(values: Mapping[str, Sequence[float]]) -> Mean:
    """Mean over kinds of the mean over each kind's series.

    The standard error is that of other seeds of the same kinds, ``sqrt(sum_k s_k^2 / n_k) / K`` of K kinds: they are chosen, not
    drawn, so what sets them apart is no error. NaN where a kind has one series.
    """
    rows = [np.asarray(row, float) for row in values.values()]
    rows = [row[np.isfinite(row)] for row in rows]
    rows = [row for row in rows if len(row)]
    if not rows:
        return Mean(np.nan, np.nan)
    value = float(np.mean([row.mean() for row in rows]))
    if min(len(row) for row in rows) < 2:
        return Mean(value, np.nan)
    return Mean(value, float(np.sqrt(sum(row.var(ddof=1) / len(row) for row in rows)) / len(rows)))


def mean_of(scores: Scores, field: str) -> Mean:
    """Mean of one measure."""
    return mean_over({kind: [getattr(score, field) for score in row] for kind, row in scores.items()})


def difference(scores: Scores, base: Scores, field: str = "right") -> Mean:
    """Mean of the differences to another detector, series by series."""
    return mean_over({
        kind: [getattr(a, field) - getattr(b, field) for a, b in zip(row, base[kind], strict=True)]
        for kind, row in scores.items()
    })  # fmt: skip


HEAD = f"{'right':>14}{'to defaults':>16}{'renamed':>9}{'flips':>7}{'delay':>7}{'alarms':>8}{'ece':>7}{'seconds':>9}"


def number(value: float, width: int, digits: int, sign: str = "") -> str:
    """A number in its column; a dash where there is none."""
    return f"{'-':>{width}}" if np.isnan(value) else f"{value:{sign}{width}.{digits}f}"


def with_error(mean: Mean, width: int, sign: str = "") -> str:
    """A mean and, in brackets, its standard error."""
    if np.isnan(mean.value):
        return f"{'-':>{width}}"
    error = "" if np.isnan(mean.error) else f" ({mean.error:.3f})"
    return f"{f'{mean.value:{sign}.3f}{error}':>{width}}"


def cells(scores: Scores, base: Scores | None) -> str:
    """A row of a table under `HEAD`."""
    to_base = Mean(np.nan, np.nan) if base is None else difference(scores, base)
    means = {field: mean_of(scores, field).value for field in Score._fields}
    return (
        with_error(mean_of(scores, "right"), 14)
        + with_error(to_base, 16, "+")
        + number(means["renamed"], 9, 3)
        + number(means["flips"], 7, 1)
        + number(means["delay"], 7, 1)
        + number(means["alarms"], 8, 1)
        + number(means["calibration"], 7, 3)
        + number(means["seconds"], 9, 2)
    )
