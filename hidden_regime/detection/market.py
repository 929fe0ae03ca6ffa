"""One regime for a whole market, from several assets at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.bars.bar import Bar, is_later
from hidden_regime.bars.by_asset import labels_of
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.bars.jumps import factor_of
from hidden_regime.bars.objects import as_bar
from hidden_regime.bars.observer import Observer
from hidden_regime.detection.detector import RegimeDetector
from hidden_regime.detection.histories import expect_later, expect_trained, warn_of_starting_over
from hidden_regime.detection.several import check_zones
from hidden_regime.detection.step import Offer
from hidden_regime.detection.suspects import split_in, spoilt_by_close, without
from hidden_regime.exceptions import DataError, DuplicateDateError, ParameterError, RegimeError
from hidden_regime.guards import fix
from hidden_regime.models.training import Task
from hidden_regime.regimes.state import RegimeState

if TYPE_CHECKING:
    import pandas as pd


class MarketDetector(RegimeDetector):
    """Regimes of a market, point in time: each feature is the mean over the assets, whose own shocks cancel out.

    Parameters
    ----------
    n_states : int
    min_share : float
        Share of the assets seen so far that must have a bar; with fewer the observation is missing.
    **options
        All others as in `RegimeDetector`.

    Examples
    --------
    >>> from hidden_regime import MarketDetector, load_dataset
    >>> frames = {name: load_dataset(name) for name in ("aapl", "ibm", "msft")}
    >>> states = MarketDetector(n_states=2, lookback=252).run(frames)
    >>> sorted(states["regime"].dropna().unique())
    ['Bear', 'Bull']
    """

    def __init__(self, n_states: int = 3, *, min_share: float = 0.5, **options: Any) -> None:
        if isinstance(min_share, bool) or not isinstance(min_share, (int, float)) or not 0.0 < min_share <= 1.0:
            raise ParameterError("min_share", min_share, "a share above 0, up to 1")
        self.min_share = min_share
        super().__init__(n_states, **options)

    def reset(self) -> None:
        """Forget every bar and model."""
        super().reset()
        self._assets: dict[str, Observer] = {}

    @property
    def observers(self) -> dict[str, Observer]:
        """What turns each asset's bars into observations, by ticker."""
        return self._assets

    def _observe_with(self, observers: dict[str, Observer]) -> None:
        self._assets = observers

    def rescale(self, factor: float, ticker: str = "") -> None:
        """Correct the bars kept of an asset for a split in raw prices: multiply the prices before it by `factor`."""
        if ticker not in self._assets:
            raise ParameterError("ticker", ticker, f"one of {sorted(self._assets)}")
        self._assets[ticker].rescale(factor)

    def update(self, bar: Mapping[str, Bar]) -> RegimeState | None:
        """Take the next bar of each asset; all of them end at the same time. Train if the schedule says so."""
        return super().update(bar)

    def push(self, bar: Mapping[str, Bar]) -> Task | None:
        """First half of `update`: take the bars and say what must be trained. `adopt` must follow before the next ones."""
        return super().push(bar)

    def offer(self, bar: Mapping[str, Bar]) -> Offer:
        """What the next bars of all assets are to the steps of `hidden_regime.detection.step`."""
        self._expect_bar()
        bar = {ticker: one if isinstance(one, Bar) else as_bar(one, self._observer.columns) for ticker, one in bar.items()}
        for one in bar.values():
            one.check()  # before any asset takes its bar: all or none
        times = list(dict.fromkeys(b.end_time for b in bar.values()))
        if len(times) != 1:
            shown = ", ".join(str(time) for time in times) or "no time"
            raise DataError(f"bars that end at {shown}: expected bars of one moment, of at least one asset.")
        time: datetime = times.pop()
        before = self.course_as_is.time
        if before is not None and not is_later(time, before):
            raise DuplicateDateError(f"bars of {time} came after those of {before}: expected rising times.")
        rows: dict[str, Any] = {}
        done: list[Observer] = []
        for ticker in sorted(bar):
            observer = self._assets.setdefault(ticker, Observer(self._options.features))
            try:
                row = observer.values(bar[ticker])
            except RegimeError:
                for other in done:  # all or none here, too
                    other.take_back()
                raise
            done.append(observer)
            if row is not None:
                rows[ticker] = row
        splits = {ticker: split for ticker, row in rows.items() if (split := split_in(self.course, row))}
        for ticker, split in splits.items():
            rows[ticker] = without(rows[ticker], spoilt_by_close(self._options.features))
            self._assets[ticker].mend(factor_of(split), False)
        said = "; ".join(f"the close of {ticker} moved as at a split of {split}: left out" for ticker, split in splits.items())
        row = self._combine(list(rows.values()))
        if self.clock is None or row is None:
            return Offer(time, row, None, said)
        return Offer(time, self.clock.adjust(time, row), float(row[self._options.return_place]), said)

    def mend(self) -> None:
        """Nothing: of a move of the mean nobody knows whose it was."""

    def _combine(self, rows: list[Any]) -> Any:
        if not rows:
            return (
                None
                if self.course_as_is.time is None or not (self.course_as_is.slate or self.course_as_is.rows)
                else np.full(len(self._options.features), np.nan)
            )
        table = np.array(rows)
        seen = ~np.isnan(table)
        count = seen.sum(axis=0)
        mean = np.where(seen, table, 0.0).sum(axis=0) / np.maximum(count, 1)
        return np.where(count >= self.min_share * len(self._assets), mean, np.nan)

    def run(self, frame: Any) -> Any:
        """Regimes of every bar, from scratch.

        Parameters
        ----------
        frame : mapping of ticker to DataFrame, or DataFrame
            A frame for each ticker, or what `self.history` gives for several symbols and everything else that
            `RegimeDetector.run` takes. They need not cover the same days.

        Returns
        -------
        DataFrame
            By the union of their times, with the columns that `RegimeDetector.run` has.
        """
        index, bars = _by_moment(frame, self._observer.columns)
        with self._turn:
            warn_of_starting_over(self.course, index, stacklevel=2)
            self.reset()
            states = self._follow(index, bars)
            expect_trained(self.course, states.index)
            return states

    def extend(self, frame: Any) -> Any:
        """Regimes of further bars, from where the detector stands; see `RegimeDetector.extend`."""
        index, bars = _by_moment(frame, self._observer.columns)
        for bar in bars:
            for one in bar.values():
                one.check()
        with self._turn:
            expect_later(self.course, index)
            return self._follow(index, bars)


def _by_moment(frame: Any, columns: Sequence[str]) -> tuple[pd.DatetimeIndex, list[dict[str, Bar]]]:
    """The moments at which some asset has a bar, and the bars of each."""
    import pandas as pd

    from hidden_regime.bars.prices import read_prices

    frames, errors, _ = read_prices(frame, "frame")
    for error in errors.values():
        raise error
    if not frames:
        raise ParameterError("frame", {}, "a frame of at least one asset")
    check_zones(frames)
    moments: dict[Any, dict[str, Bar]] = {}
    for ticker, key in sorted(labels_of(frames).items()):
        for time, bar in zip(frames[key].index, frame_to_bars(frames[key], columns), strict=True):
            moments.setdefault(time, {})[ticker] = bar
    times = sorted(moments)
    return pd.DatetimeIndex(times), [moments[time] for time in times]


fix(MarketDetector, ["min_share"])
