"""What a search looks for, and what a result must keep to: statistics of LEAN, by name or by path."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from hidden_regime.data.offers import close_to
from hidden_regime.exceptions import ParameterError

STATISTICS = "statistics."
UNESTIMATED = ("Estimated Strategy Capacity", "Lowest Capacity Asset")
"""What LEAN tells besides. The embedded engine estimates neither, so no search can go by them."""


@lru_cache(maxsize=1)
def statistic_names() -> tuple[str, ...]:
    """Names of LEAN's table of statistics, as the engine makes it."""
    from hidden_regime.data.decimals import ZERO
    from hidden_regime.simulator.figures.portfolio import summary

    return (*summary(defaultdict(lambda: ZERO), 0, ZERO), *UNESTIMATED)


def number_in(text: str) -> float | None:
    """The number that a statistic's text holds, or None: percents become fractions, $ and commas go.

    Examples
    --------
    >>> number_in("19.300%"), number_in("$1,234.5"), number_in("27"), number_in("SPY R735QTJ8XC9X")
    (0.193, 1234.5, 27.0, None)
    """
    bare = text.strip().replace(",", "").replace("$", "")
    percent = bare.endswith("%")
    try:
        value = Decimal(bare.rstrip("%"))
    except InvalidOperation:
        return None
    # As decimals, for 20.000% must equal a limit of 0.2. What no float can hold is no number either.
    number = float(value / 100 if percent else value)
    return number if math.isfinite(number) else None


def fractions(texts: Mapping[str, str]) -> dict[str, float]:
    """LEAN's texts of statistics as numbers, percents as fractions; what is no number is left out.

    Examples
    --------
    >>> fractions({"Drawdown": "19.300%", "Sharpe Ratio": "0.154", "Lowest Capacity Asset": "SPY R735QTJ8XC9X"})
    {'Drawdown': 0.193, 'Sharpe Ratio': 0.154}
    """
    read = {name: number_in(text) for name, text in texts.items() if name not in UNESTIMATED}
    return {name: value for name, value in read.items() if value is not None}


def bare_of(target: str) -> str:
    """A target without the brackets and quotation marks of a JSON path."""
    return target.translate({ord(mark): None for mark in "[]'"}).strip()


def path_of(target: str, *, literal: bool = False) -> str:
    """A target as a dotted path in lower case: Drawdown is statistics.drawdown, ['A'].['B'] is a.b.

    With `literal` a name without a dot stays one, which is no statistic's path.
    """
    bare = bare_of(target).lower()
    return bare if literal or "." in bare else STATISTICS + bare


def look_up(target: str, values: Mapping[str, float], *, literal: bool = False) -> float:
    """The value of a target; NaN where this result has none.

    Parameters
    ----------
    target : str
        A name of LEAN's statistics, with or without "Statistics.", or a path such as
        "TotalPerformance.PortfolioStatistics.SharpeRatio".
    values : mapping of str to float
        By name or by dotted path; upper and lower case are one.
    literal : bool
        Look for the path as LEAN's optimiser does: what isn't found is never an error.

    Raises
    ------
    ParameterError
        No statistic of LEAN and no value has this name.

    Examples
    --------
    >>> look_up("Statistics.Drawdown", {"Drawdown": 0.193}), look_up("sharpe ratio", {"Sharpe Ratio": 0.154})
    (0.193, 0.154)
    """
    path = path_of(target, literal=literal)
    for name, value in values.items():
        if path_of(name) == path:
            return float(value)
    if literal or path in (path_of(name) for name in statistic_names()):
        return math.nan
    known = list(dict.fromkeys([*statistic_names(), *values]))
    asked = bare_of(target)
    near = close_to(asked, known) or close_to(asked.rpartition(".")[2], known)
    raise ParameterError("target", target, "a statistic of LEAN, such as Sharpe Ratio or Drawdown", near.strip())


def check_target(target: object) -> None:
    """Raise unless it is a text that can name something."""
    if not isinstance(target, str) or not path_of(target, literal=True).strip("."):
        raise ParameterError("target", target, "the name of a statistic of LEAN, such as Sharpe Ratio")


@dataclass(frozen=True)
class Objective:
    """A statistic that a search makes as large or as small as it can.

    Parameters
    ----------
    target : str
        "Sharpe Ratio", "Statistics.Sharpe Ratio", ['Statistics'].['Sharpe Ratio'] and "sharpe ratio" are one; another dotted
        path leads to another figure of LEAN's result.
    direction : "max" or "min"
    value : float, optional
        A search may end where a result is as good as this. A fraction where LEAN writes a percent.
    literal : bool
        The target is of a config of LEAN's optimiser, where a name without "Statistics." is found nowhere.

    Examples
    --------
    >>> Objective("Drawdown", "min").of({"Drawdown": 0.193, "Sharpe Ratio": 0.154})
    0.193
    """

    target: str
    direction: str = "max"
    value: float | None = None
    literal: bool = False

    def __post_init__(self) -> None:
        check_target(self.target)
        if self.direction not in ("max", "min"):
            raise ParameterError("direction", self.direction, "max or min")
        if self.value is not None:
            if isinstance(self.value, (str, bool)) or not math.isfinite(self.value):
                raise ParameterError("value", self.value, "a number")
            object.__setattr__(self, "value", float(self.value))

    def of(self, values: Mapping[str, float]) -> float:
        """The value that a result has: see `look_up`."""
        return look_up(self.target, values, literal=self.literal)

    def is_better(self, value: float, than: float) -> bool:
        """Whether a value is strictly better; NaN is better than nothing."""
        return value > than if self.direction == "max" else value < than


def reached(objective: Objective, value: float) -> bool:
    """Whether a search may end: a value as good as the objective's own or better.

    Examples
    --------
    >>> reached(Objective("Sharpe Ratio", value=1.0), 1.0), reached(Objective("Drawdown", "min", 0.1), 0.2)
    (True, False)
    """
    return objective.value is not None and (value == objective.value or objective.is_better(value, objective.value))
