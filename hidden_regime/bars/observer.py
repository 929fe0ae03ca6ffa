"""From bars to observations: what a model sees of a bar."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from hidden_regime import kernels
from hidden_regime.bars.bar import Bar, BarWindow
from hidden_regime.bars.feature import Column, Feature
from hidden_regime.bars.features import DEFAULT_FEATURES, FEATURES, garman_klass, half_log
from hidden_regime.exceptions import ParameterError, RegimeError
from hidden_regime.kernels.results import Floats

Observed = str | Feature | Column


def features_of(given: Iterable[Observed]) -> tuple[Feature | Column, ...]:
    """The features that some names and objects stand for.

    Raises
    ------
    ParameterError
        Neither names of `FEATURES` nor features of one's own, none at all, or two of one name.
    """
    asked: tuple[Any, ...] = tuple(given) if isinstance(given, Iterable) else (given,)
    found = [FEATURES.get(one) if isinstance(one, str) else one for one in asked]
    features = tuple(one for one in found if isinstance(one, (Feature, Column)))
    names = [one.name for one in features]
    if not asked or len(features) < len(asked) or len(set(names)) < len(names):
        raise ParameterError(
            "features", asked, f"distinct names of {sorted(FEATURES)}, or a Feature or Column of your own",
            "Column('vix') takes a column of the frame, Feature('gap', function, n_bars=2) a function of the latest bars.",
        )  # fmt: skip
    return features


def default_rows(opens: Floats, highs: Floats, lows: Floats, closes: Floats) -> Floats:
    """What an `Observer` of the default features makes of a whole history of sound bars, (n_bars, 2), without making the bars.

    The first bar of all gives none: its row is NaN.
    """
    if kernels.can_follow():
        return kernels.observe(opens, highs, lows, closes)
    before, *after = (part.tolist() for part in (closes[:-1], opens[1:], highs[1:], lows[1:], closes[1:]))
    rows = [
        (math.log(close / earlier), half_log(garman_klass(open_, high, low, close)))
        for earlier, open_, high, low, close in zip(before, *after, strict=True)
    ]
    return np.array([(math.nan, math.nan), *rows]) if len(closes) else np.empty((0, 2))


class Observer:
    """Turns bars, one at a time, into observations of the named features.

    Parameters
    ----------
    features : sequence of str, Feature or Column
        Keys of `FEATURES`, or features of one's own.
    """

    def __init__(self, features: Sequence[Observed] = DEFAULT_FEATURES) -> None:
        self._used = features_of(features)
        # A feature of one's own is shown the bars that it has asked for, a built-in one all.
        self._calls = [(f.n_bars, f.function if f is FEATURES.get(f.name) else None, f) for f in self._used]
        self.features = tuple(feature.name for feature in self._used)
        self._dropped: Bar | None = None
        self._bars = BarWindow(max(2, *(feature.n_bars for feature in self._used)))

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that bars must have."""
        return tuple(feature.name for feature in self._used if isinstance(feature, Column))

    def observe(self, bar: Bar) -> Floats | None:
        """Observation of a later bar, (n_features,); None for the very first bar, which has no return.

        A feature that can't be had yet (too few bars) or at all (no range, no volume) is NaN.
        """
        values = self.values(bar)
        return None if values is None else np.array(values)

    def values(self, bar: Bar) -> list[float] | None:
        """As `observe`, in plain numbers.

        Raises
        ------
        FeatureError
            A feature of one's own failed; the bar is not taken then.
        """
        self._dropped = self._bars.append(bar)
        count = len(self._bars)
        if count < 2:
            return None
        bars = self._bars.bars
        try:
            return [
                math.nan if count < n else own.value(bars[-n:]) if built_in is None else built_in(bars)
                for n, built_in, own in self._calls
            ]
        except RegimeError:
            self.take_back()
            raise

    def take_back(self) -> None:
        """Forget the latest bar, once."""
        self._bars.take_back(self._dropped)

    @property
    def bars(self) -> list[Bar]:
        """The bars that are kept, oldest first."""
        return list(self._bars.bars)

    def see(self, bars: Iterable[Bar]) -> None:
        """Take bars whose observations were made already."""
        for bar in bars:
            self._bars.append(bar)

    @property
    def latest(self) -> Bar | None:
        """The latest bar."""
        return self._bars[-1] if len(self._bars) else None

    def rescale(self, factor: float) -> None:
        """Correct the bars kept for a split: multiply their prices by `factor`."""
        self._bars.rescale(factor)

    def mend(self, factor: float, leaves_out: bool) -> None:
        """Correct the bars kept before the latest, where it was a split; forget the one before it, where it took that back."""
        self._bars.mend(factor, leaves_out)


def shown(features: Sequence[Any]) -> list[Any]:
    """Features as what JSON can hold; of a function of one's own its name and memory."""
    return [
        one if isinstance(one, str)
        else {"column": one.name, "is_volatility": one.is_volatility} if isinstance(one, Column)
        else {"feature": one.name, "n_bars": one.n_bars, "is_volatility": one.is_volatility}
        for one in features
    ]  # fmt: skip
