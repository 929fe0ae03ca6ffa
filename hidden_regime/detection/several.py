"""Many detectors through their bars at once, each with the numbers that it finds alone."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hidden_regime.bars.by_asset import ByAsset, labels_of
from hidden_regime.bars.prices import Prices
from hidden_regime.detection.past import Past, past_of, take
from hidden_regime.detection.step import Offer, Trainer, step
from hidden_regime.exceptions import DataError, ParameterError, RegimeError, TrainingError
from hidden_regime.kernels.results import Floats
from hidden_regime.models.training import train
from hidden_regime.regimes.naming import regime_names
from hidden_regime.regimes.state import RegimeState

if TYPE_CHECKING:
    import pandas as pd

    from hidden_regime.detection.detector import RegimeDetector

TOGETHER = 64
"""Assets that go through their bars in one call: more of them would leave the processor's cache."""
FEWEST = 16
"""Assets that are worth a thread of their own: fewer would leave the kernels' lanes empty."""


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
    for label, found, own in run_each(named, detector):
        key = labels[label]
        if isinstance(found, RegimeError):
            errors[key] = found
        else:
            states[key], detectors[key] = found, own
    if errors and not states:
        raise next(iter(errors.values()))
    order = [key for key in prices.frames if key in states]
    return StatesByAsset({key: states[key] for key in order}, errors, {key: detectors[key] for key in order})


def step_all(detectors: Sequence[RegimeDetector], offers: Sequence[Offer], trainer: Trainer = train, *, elsewhere: bool = False,
             spent: Floats | None = None) -> list[RegimeState | None]:  # fmt: skip
    """States of some detectors after the bars that they were offered; see `hidden_regime.detection.step.step`."""
    if any(detector.tape is not None for detector in detectors):
        return _step_with_tapes(detectors, offers, trainer, elsewhere=elsewhere, spent=spent)
    return _step(detectors, offers, trainer, elsewhere=elsewhere, spent=spent)


def _step(detectors: Sequence[RegimeDetector], offers: Sequence[Offer], trainer: Trainer = train, *, elsewhere: bool,
          spent: Floats | None) -> list[RegimeState | None]:  # fmt: skip
    states = step([detector.course_as_is for detector in detectors], offers, trainer, elsewhere=elsewhere, spent=spent)
    for detector in detectors:
        if detector.course_as_is.look is not None:
            detector.mend()
    return states


def _step_with_tapes(detectors: Sequence[RegimeDetector], offers: Sequence[Offer], trainer: Trainer, *, elsewhere: bool,
                     spent: Floats | None) -> list[RegimeState | None]:  # fmt: skip
    """The same where some answers are on tapes, or go on them."""
    states: list[RegimeState | None] = [None] * len(detectors)
    rest: list[int] = []
    for i, detector in enumerate(detectors):
        if detector.tape is not None and detector.is_playing:
            states[i] = detector.tape.play()
        else:
            rest.append(i)
    if rest:
        given = [offers[i] if (tape := detectors[i].tape) is None else tape.again(offers[i]) for i in rest]
        found = _step([detectors[i] for i in rest], given, trainer, elsewhere=elsewhere, spent=spent)
        for i, state in zip(rest, found, strict=True):
            states[i] = state
            if (tape := detectors[i].tape) is not None:
                tape.record(state)
    return states


def check_zones(frames: Mapping[Any, pd.DataFrame]) -> None:
    """Raise where some frames have a time zone and others none: their bars can't be put in one order."""
    import pandas as pd

    zones = {name: frame.index.tz for name, frame in frames.items() if isinstance(frame.index, pd.DatetimeIndex)}
    naive, aware = ([name for name, zone in zones.items() if (zone is None) == without] for without in (True, False))
    if naive and aware:
        raise DataError(
            f"{naive[0]} has times without a zone, {aware[0]} times of {zones[aware[0]]}: expected all with or all without, for "
            "bars must be put in one order. Use frame.tz_localize or frame.tz_convert.")  # fmt: skip


def run_each(frames: Mapping[str, pd.DataFrame], detector: RegimeDetector, trainer: Trainer | None = None,
             threads: int = 1) -> Iterator[tuple[str, pd.DataFrame | RegimeError, RegimeDetector]]:  # fmt: skip
    """Name, states or error, and detector of each asset, block by block.

    Parameters
    ----------
    frames : mapping of str to DataFrame
    detector : RegimeDetector
        Cloned for each asset.
    trainer : callable, optional
        Trains what the detectors ask for; by default whoever is quickest.
    threads : int
        That share the blocks, where nobody else trains.
    """
    names = list(frames)
    few = min(threads, len(names) // FEWEST) if trainer is None else 1
    blocks = max(-(-len(names) // TOGETHER), few)
    parts = [{name: frames[name] for name in names[block::blocks]} for block in range(blocks)]
    if few < 2:
        for part in parts:
            yield from _run_block(part, detector, trainer)
        return
    with ThreadPoolExecutor(threads) as pool:
        for found in pool.map(lambda part: list(_run_block(part, detector, trainer)), parts):
            yield from found


def _run_block(frames: Mapping[str, pd.DataFrame], detector: RegimeDetector,
               trainer: Trainer | None) -> Iterator[tuple[str, pd.DataFrame | RegimeError, RegimeDetector]]:  # fmt: skip
    detectors = {name: detector.clone() for name in frames}
    pasts: dict[str, Past] = {}
    errors: dict[str, RegimeError] = {}
    for name, frame in frames.items():
        try:
            pasts[name] = past_of(detectors[name], frame)
        except RegimeError as error:
            errors[name] = error
    with _settled():
        take(list(pasts.values()), trainer)
    errors |= {name: past.error for name, past in pasts.items() if past.error is not None}
    for name, own in detectors.items():
        if name not in errors and own.state is None:
            errors[name] = own.error or TrainingError(
                f"{name or 'frame'}: {len(frames[name])} bars can't fill the window: expected more than "
                f"{detector.min_bars or detector.lookback}. Give more bars, a smaller lookback, or min_bars.")  # fmt: skip
        usual = regime_names(int(detector.n_states)) if detector.naming is None else ()
        yield name, errors[name] if name in errors else pasts[name].table.frame(frames[name].index, usual), own


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
