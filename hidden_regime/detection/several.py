"""Many detectors through their bars at once, each with the numbers that it finds alone."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hidden_regime.bars.bar import moment
from hidden_regime.bars.by_asset import ByAsset, labels_of
from hidden_regime.bars.prices import Prices
from hidden_regime.detection.accept import accept
from hidden_regime.detection.advance import advance
from hidden_regime.detection.prepare import prepare
from hidden_regime.exceptions import DataError, ParameterError, RegimeError, TrainingError
from hidden_regime.models.task import Task, Trained
from hidden_regime.models.training import train
from hidden_regime.regimes.naming import regime_names
from hidden_regime.regimes.table import StateTable

if TYPE_CHECKING:
    import pandas as pd

    from hidden_regime.detection.detector import RegimeDetector

TOGETHER = 64
"""Assets that go through their bars in one call: more of them would leave the processor's cache."""

Trainer = Callable[[Sequence[Task]], Sequence[Trained | TrainingError]]


class StatesByAsset(ByAsset["pd.DataFrame"]):
    """Regimes of several assets, as `RegimeDetector.run` gives them.

    Attributes
    ----------
    errors : ByAsset of RegimeError
        Why the others have none.
    detectors : ByAsset of RegimeDetector
        `detectors[symbol].update(bar)` goes on from there.
    """

    def __init__(self, values: Mapping[Any, pd.DataFrame], errors: Mapping[Any, RegimeError],
                 detectors: Mapping[Any, RegimeDetector]) -> None:  # fmt: skip
        super().__init__(values, errors)
        self.detectors = ByAsset(detectors)


def run_prices(prices: Prices, detector: RegimeDetector) -> StatesByAsset:
    """Regimes of each asset by a clone of the detector. An asset's failure is its own.

    Raises
    ------
    RegimeError
        All failed: the first error.
    """
    if not prices.frames and not prices.errors:
        raise ParameterError("frame", {}, "a frame of at least one asset")
    check_zones(prices.frames)
    labels = labels_of(prices.frames)
    states: dict[Any, pd.DataFrame] = {}
    errors: dict[Any, RegimeError] = dict(prices.errors)
    detectors: dict[Any, RegimeDetector] = {}
    named = {label: prices.frames[key] for label, key in labels.items()}
    for label, found, own in run_each(named, detector, train):
        key = labels[label]
        if isinstance(found, RegimeError):
            errors[key] = found
        else:
            states[key], detectors[key] = found, own
    if errors and not states:
        raise next(iter(errors.values()))
    order = [key for key in prices.frames if key in states]
    return StatesByAsset({key: states[key] for key in order}, errors, {key: detectors[key] for key in order})


def check_zones(frames: Mapping[Any, pd.DataFrame]) -> None:
    """Raise where some frames have a time zone and others none: their bars can't be put in one order."""
    import pandas as pd

    zones = {name: frame.index.tz for name, frame in frames.items() if isinstance(frame.index, pd.DatetimeIndex)}
    naive, aware = ([name for name, zone in zones.items() if (zone is None) == without] for without in (True, False))
    if naive and aware:
        raise DataError(
            f"{naive[0]} has times without a zone, {aware[0]} times of {zones[aware[0]]}: expected all with or all without, for "
            "bars must be put in one order. Use frame.tz_localize or frame.tz_convert.")  # fmt: skip


def run_each(frames: Mapping[str, pd.DataFrame], detector: RegimeDetector,
             trainer: Trainer) -> Iterator[tuple[str, pd.DataFrame | RegimeError, RegimeDetector]]:  # fmt: skip
    """Name, states or error, and detector of each asset, block by block.

    Parameters
    ----------
    frames : mapping of str to DataFrame
    detector : RegimeDetector
        Cloned for each asset.
    trainer : callable
        Trains what the detectors ask for.
    """
    names = list(frames)
    blocks = -(-len(names) // TOGETHER)
    for block in range(blocks):
        yield from _run_block({name: frames[name] for name in names[block::blocks]}, detector, trainer)


class _Asset:
    """One asset on its way through its bars."""

    def __init__(self, frame: pd.DataFrame, detector: RegimeDetector) -> None:
        self.detector, self.index = detector, frame.index
        self.table = StateTable(int(detector.n_states))
        self._steps = detector.walk(frame)
        self.time: Any = None
        self.next: Callable[[], bool] = bool
        self.step()

    def step(self) -> None:
        """Look at the next bar: `next` takes it, and says whether a training is due."""
        time, self.next = next(self._steps, (None, bool))
        self.time = None if time is None else moment(time)


def _run_block(frames: Mapping[str, pd.DataFrame], detector: RegimeDetector,
               trainer: Trainer) -> Iterator[tuple[str, pd.DataFrame | RegimeError, RegimeDetector]]:  # fmt: skip
    detectors = {name: detector.clone() for name in frames}
    errors: dict[str, RegimeError] = {}
    assets = {}
    for name, frame in frames.items():
        try:
            assets[name] = _Asset(frame, detectors[name])
        except RegimeError as error:
            errors[name] = error
    with _settled():
        errors |= _through(assets, trainer)
    for name, own in detectors.items():
        if name not in errors and own.model is None:
            errors[name] = own.error or TrainingError(
                f"{name or 'frame'}: {len(assets[name].index)} bars can't fill the window: expected more than "
                f"{detector.min_bars or detector.lookback}. Give more bars, a smaller lookback, or min_bars.")  # fmt: skip
        usual = regime_names(int(detector.n_states)) if detector.naming is None else ()
        yield name, errors[name] if name in errors else assets[name].table.frame(assets[name].index, usual), own


@contextmanager
def _settled() -> Iterator[None]:
    """Keep the collector of garbage from looking at dozens of detectors again and again: they stay until the end."""
    if gc.get_freeze_count():  # somebody else has settled things; that is theirs to undo
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _through(assets: Mapping[str, _Asset], trainer: Trainer) -> dict[str, RegimeError]:
    """Take all assets through all moments; those whose bars are wrong stop there."""
    going, errors = dict(assets), {}
    while going:
        times = [asset.time for asset in going.values() if asset.time is not None]
        if not times:
            break
        now = min(times)
        here: list[_Asset] = []
        due: list[int] = []
        for name, asset in list(going.items()):
            if asset.time != now:
                continue
            try:
                if asset.next():
                    due.append(len(here))
                asset.step()
                here.append(asset)
            except RegimeError as error:
                errors[name] = error
                del going[name]
        tasks = prepare([here[i].detector.course for i in due])
        results: list[Any] = [None] * len(here)
        for i, result in zip(due, trainer(tasks) if tasks else (), strict=True):
            results[i] = result
        courses = [asset.detector.course for asset in here]
        for asset, state in zip(here, advance(courses, accept(courses, results)), strict=True):
            asset.table.add(state)
    return errors
