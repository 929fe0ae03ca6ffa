"""What a detector says of a whole history: that it is too short, that it begins too early, that it has no regimes."""

from __future__ import annotations

import inspect
import warnings
from datetime import datetime
from typing import Any

from hidden_regime.bars.bar import is_later
from hidden_regime.detection.course import Course
from hidden_regime.exceptions import DataError, NoRegimesWarning, StartsOverWarning, TrainingError, UnsortedDataError
from hidden_regime.regimes.statistics import bars_per_year


def warn_of_starting_over(course: Course, index: Any, stacklevel: int) -> None:
    """Warn where new bars are later than those taken, as if a run were to go on."""
    known = course.time
    if known is not None and len(index) and _follows(index[0], known):
        warnings.warn(
            StartsOverWarning(
                f"run starts over: what the detector knew up to {known} is forgotten. extend(frame) goes on from there; "
                "clone() gives a fresh detector, reset() forgets without a word."
            ),
            stacklevel=stacklevel + 1,
        )


def expect_later(course: Course, index: Any) -> None:
    """Raise unless times begin after the latest bar taken."""
    if course.time is None or not len(index) or is_later(index[0].to_pydatetime(), course.time):
        return
    raise UnsortedDataError(
        f"frame begins at {index[0]}, and bars up to {course.time} were taken: expected later ones. Give them alone: "
        f"frame[frame.index > {str(course.time)!r}]."
    )


def expect_trained(course: Course, index: Any) -> None:
    """Raise after a run that has no model; warn after one over an asset that has no regimes."""
    if course.model is None:
        options = course.options
        raise course.error or TrainingError(
            f"{len(index)} bars can't fill the window: expected more than {options.least_bars}. "
            f"Give more bars, a smaller lookback, or min_bars.{_in_years(options.lookback, index)}"
        )
    if course.doubt.has_none:
        warnings.warn(NoRegimesWarning(course.doubt.warning), stacklevel=_level_of_caller())


def _level_of_caller() -> int:
    """Level of the first frame outside the package: where the user's line is, which is then told once."""
    level, frame = 0, inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").startswith("hidden_regime."):
        level, frame = level + 1, frame.f_back
    return level


def _in_years(lookback: int, index: Any) -> str:
    """How long a window of slow bars is: the default is a year of days, and five years of weeks."""
    year = bars_per_year(index)
    return f" Of such bars {lookback} are {lookback / year:.1f} years." if year < 200 else ""


def _follows(first: Any, time: datetime) -> bool:
    """Whether a frame's first time comes after another; False for what can't be compared, which a run refuses by itself."""
    try:
        return is_later(first, time)
    except (DataError, AttributeError, TypeError):
        return False
