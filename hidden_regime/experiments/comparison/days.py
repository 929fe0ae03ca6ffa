"""The trading days that all have in common, and what each returned on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import StudyError
from hidden_regime.experiments.result import Result
from hidden_regime.kernels.results import Floats

FEWEST = 20
"""Days below which nothing is compared: a month."""


class CommonDays(NamedTuple):
    """Days that all have.

    Attributes
    ----------
    days : (n_days,) of datetime64[D]
    returns : (n_days, n)
    """

    days: npt.NDArray[np.datetime64]
    returns: Floats


def trouble_with(result: Result) -> str:
    """Why a run can't be compared; empty where it can."""
    if result.error:
        return result.error
    values = result.equity["equity"].to_numpy(np.float64)
    if len(values) < 2:
        return "it has no trading day"
    days = result.equity.index.to_numpy().astype("datetime64[D]")
    if not (days[1:] > days[:-1]).all():
        return "its days don't rise, or one comes twice: its equity was changed. Run it again"
    if not np.isfinite(values).all() or not (values > 0.0).all():
        return "its equity falls to nothing, after which there are no returns"
    if np.ptp(values) <= 1e-12 * values.max():
        return "its equity never moves, so that it has no Sharpe ratio"
    return ""


def common_days(results: Sequence[Result]) -> CommonDays:
    """Returns on the days that all have.

    A return goes from the common day before: where a run has days between that others lack, they are in it. The first goes from
    the run's own day before it.

    Raises
    ------
    StudyError
        Fewer than `FEWEST` days.
    """
    own = [result.equity.index.to_numpy().astype("datetime64[D]") for result in results]
    days = own[0][1:]
    for more in own[1:]:
        days = np.intersect1d(days, more[1:])
    if len(days) < FEWEST:
        spans = "; ".join(_span(result.name, these) for result, these in zip(results, own, strict=True))
        raise StudyError(
            f"the strategies have {len(days)} trading days in common: expected at least {FEWEST}. {spans}. "
            "Give all the same dates."
        )
    columns = []
    for result, these in zip(results, own, strict=True):
        places = np.searchsorted(these, days)
        levels = result.equity["equity"].to_numpy(np.float64)
        columns.append(levels[places] / levels[np.concatenate([places[:1] - 1, places[:-1]])] - 1.0)
    return CommonDays(days, np.column_stack(columns))


def _span(name: str, days: npt.NDArray[np.datetime64]) -> str:
    return f"{name} has {len(days) - 1:,} from {days[1]} to {days[-1]}"
