"""A feature of one's own: what a model is to see of a bar besides, or instead of, the built-in ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hidden_regime.bars.bar import Bar
from hidden_regime.exceptions import FeatureError, ParameterError
from hidden_regime.guards import Limit, check_limits

Function = Callable[[Sequence[Bar]], float]


@dataclass(frozen=True)
class Feature:
    """A causal function of the latest bars.

    Parameters
    ----------
    name : str
    function : callable
        From exactly `n_bars` bars, the newest last, to a number; NaN where there is none. It is shown no other bar, so it can
        neither look ahead nor remember more than it says.
    n_bars : int
        Bars that it needs. With fewer the feature is missing.
    is_volatility : bool
        It measures how wild the market is: a first training then ranks observations by it.

    Examples
    --------
    >>> import math
    >>> from hidden_regime import Feature, RegimeDetector, load_dataset
    >>> gap = Feature("gap", lambda bars: math.log(bars[1].open / bars[0].close), n_bars=2)
    >>> detector = RegimeDetector(2, features=("log_return", "log_range", gap), lookback=120)
    >>> detector.run(load_dataset("aapl").iloc[:200])["regime"].iloc[-1]
    'Bull'
    """

    name: str
    function: Function
    n_bars: int = 1
    is_volatility: bool = False

    def __post_init__(self) -> None:
        _check_name(self.name)
        if not callable(self.function):
            raise ParameterError("function", self.function, "a function of bars that gives a number")
        check_limits(self, {"n_bars": Limit(1, 100_000, whole=True)})
        _check_flag(self.is_volatility)

    def value(self, bars: Sequence[Bar]) -> float:
        """Of `n_bars` bars.

        Raises
        ------
        FeatureError
            The function failed, or gave something other than a number.
        """
        try:
            found = float(self.function(bars))
        except Exception as error:
            raise FeatureError(
                f"feature {self.name!r} failed at the bar of {bars[-1].end_time} with {type(error).__name__}: {error}. "
                "Expected a number, or NaN where there is none."
            ) from error
        if math.isinf(found):
            raise FeatureError(
                f"feature {self.name!r} is {found} at the bar of {bars[-1].end_time}: expected a finite number, or NaN for none."
            )
        return found


@dataclass(frozen=True)
class Column:
    """A column of the frame, as it stands: what was known when the bar ended.

    Parameters
    ----------
    name : str
        Of the column. A bar by itself is given it by `with_columns`, a row or a mapping under its name.
    is_volatility : bool
        As of `Feature`.

    Examples
    --------
    >>> import numpy as np
    >>> from hidden_regime import Column, RegimeDetector, load_dataset
    >>> frame = load_dataset("sp500").iloc[:300]
    >>> frame["log_volume"] = np.log(frame["volume"])
    >>> states = RegimeDetector(2, features=("log_return", Column("log_volume")), lookback=120).run(frame)
    """

    name: str
    is_volatility: bool = False

    def __post_init__(self) -> None:
        _check_name(self.name)
        _check_flag(self.is_volatility)

    @property
    def n_bars(self) -> int:
        """Bars that it needs: this one."""
        return 1

    def value(self, bars: Sequence[Bar]) -> float:
        """Of the newest bar."""
        bar = bars[-1]
        columns = bar.columns
        if self.name not in columns:
            raise FeatureError(
                f"the bar of {bar.end_time} has no column {self.name!r}, which is a feature: expected a frame with that column, "
                f"a row or a mapping with it, or bar.with_columns({{{self.name!r}: value}})."
            )
        found = columns[self.name]
        if math.isinf(found):
            raise FeatureError(f"column {self.name!r} is {found} at the bar of {bar.end_time}: expected a finite number, or NaN.")
        return found


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not name.strip():
        raise ParameterError("name", name, "a name for the feature")


def _check_flag(flag: object) -> None:
    if not isinstance(flag, bool):
        raise ParameterError("is_volatility", flag, "True or False")
