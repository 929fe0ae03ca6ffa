"""Many assets through their histories at once, and caches filled before anybody trades."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from hidden_regime.bars import moment
from hidden_regime.cache import CachingTrainer, MemoryStore, Trainer, open_store
from hidden_regime.detector import RegimeDetector
from hidden_regime.exceptions import DataError, ParameterError, RegimeError, TrainingError
from hidden_regime.frames import are_sound, frame_times, frame_to_bars, frame_to_columns
from hidden_regime.observations import default_rows
from hidden_regime.parallel import BatchTrainer, check_backend, count_workers, map_parts
from hidden_regime.state_table import StateTable
from hidden_regime.steps import accept, advance, prepare

if TYPE_CHECKING:
    import pandas as pd


TOGETHER = 64
"""Assets that go through their bars in one call: more of them would leave the processor's cache."""


class ManyRegimes(NamedTuple):
    """Regimes of many assets.

    `states`: a frame for each asset, as `RegimeDetector.run` gives it; `errors`: why the others have none; `statistics`: the
    counts of the cache, or an empty dict without one.
    """

    states: dict[str, pd.DataFrame]
    errors: dict[str, RegimeError]
    statistics: dict[str, Any]


class _Asset:
    """One asset on its way through its bars."""

    def __init__(self, frame: pd.DataFrame, detector: RegimeDetector) -> None:
        self.detector, self.index = detector, frame.index
        self.table = StateTable(int(detector.n_states))
        columns = frame_to_columns(frame)
        self._times = frame_times(frame)
        self._steps = self._rows(columns) if self._is_plain(columns) else self._bars(frame)
        self.time: Any = None
        self.next: Callable[[], bool] = bool
        self.step()

    def _is_plain(self, columns: Sequence[Any]) -> bool:
        return type(self.detector) is RegimeDetector and self.detector.has_default_features and are_sound(columns)

    def _rows(self, columns: Sequence[Any]) -> Iterator[tuple[datetime, Callable[[], bool]]]:
        """The usual case: observations of the whole history at once, each of which still sees no later bar."""
        rows = default_rows(*(values.tolist() for values in columns[:4]))
        for time, row in zip(self._times, rows, strict=True):
            yield time, partial(self.detector._take, time, row)

    def _bars(self, frame: pd.DataFrame) -> Iterator[tuple[datetime, Callable[[], bool]]]:
        for bar in frame_to_bars(frame):
            yield bar.end_time, partial(self.detector.observe, bar)

    def step(self) -> None:
        """Look at the next bar: `next` takes it, and says whether a training is due."""
        time, self.next = next(self._steps, (None, bool))
        self.time = None if time is None else moment(time)


def run_many(frames: Mapping[str, pd.DataFrame], detector: RegimeDetector | None = None, *, store: Any = None,
             backend: str = "kernel", max_workers: int | None = None) -> ManyRegimes:  # fmt: skip
    """Regimes of many assets, each as `RegimeDetector.run` would find them alone, in a fraction of the time.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        A frame for each asset. They need not cover the same days.
    detector : RegimeDetector, optional
        Its options serve all assets; by default the defaults.
    store : optional
        Look trainings up before doing them, and keep them: a folder's path, a URL, or a store of `hidden_regime.cache`.
    backend : str
        "kernel" takes all assets through each bar in one call; "threading", "loky", "dask" and "ray" give each worker a share
        of the assets.
    max_workers : int, optional
        Threads or workers. Default: all.

    Returns
    -------
    ManyRegimes
        An asset's failure is its own: it is in `errors`.

    Examples
    --------
    >>> from hidden_regime import RegimeDetector, load_dataset
    >>> from hidden_regime.precompute import run_many
    >>> frames = {name: load_dataset(name).iloc[:400] for name in ("aapl", "ibm", "msft")}
    >>> found = run_many(frames, RegimeDetector(3, retrain="weekly"))
    >>> sorted(found.states), found.errors
    (['aapl', 'ibm', 'msft'], {})
    """
    if not frames:
        raise ParameterError("frames", dict(frames), "a frame of at least one asset")
    check_backend(backend, max_workers)
    zones = {name: getattr(frame.index, "tz", None) for name, frame in frames.items()}
    naive, aware = ([name for name, zone in zones.items() if (zone is None) == without] for without in (True, False))
    if naive and aware:
        raise DataError(
            f"{naive[0]} has times without a zone, {aware[0]} times of {zones[aware[0]]}: expected all with or all without, for "
            "bars must be put in one order. Use frame.tz_localize or frame.tz_convert.")  # fmt: skip
    chosen = RegimeDetector() if detector is None else detector
    if backend == "kernel":
        return _run(dict(frames), chosen, store, max_workers)
    count = min(count_workers(backend, max_workers), len(frames))
    items = list(frames.items())
    parts = [dict(items[i::count]) for i in range(count)]
    work = partial(_run, detector=chosen, store=store, threads=1)
    found = map_parts(work, parts, backend=backend, workers=count)
    states = {name: frame for part in found for name, frame in part.states.items()}
    errors = {name: error for part in found for name, error in part.errors.items()}
    return ManyRegimes(
        {name: states[name] for name in frames if name in states}, {name: errors[name] for name in frames if name in errors},
        _total([part.statistics for part in found]))  # fmt: skip


def _run(frames: dict[str, pd.DataFrame], detector: RegimeDetector, store: Any, threads: int | None) -> ManyRegimes:
    trainer: Trainer = BatchTrainer(max_workers=threads)
    cache = None if store is None else CachingTrainer(trainer, MemoryStore(1), open_store(store))
    states: dict[str, pd.DataFrame] = {}
    errors: dict[str, RegimeError] = {}
    names = list(frames)
    blocks = -(-len(names) // TOGETHER)
    for block in range(blocks):
        _run_block({name: frames[name] for name in names[block::blocks]}, detector, cache or trainer, states, errors)
    if cache is not None:
        cache.flush()
    return ManyRegimes(
        {name: states[name] for name in names if name in states}, {name: errors[name] for name in names if name in errors},
        {} if cache is None else cache.statistics())  # fmt: skip


def _run_block(frames: Mapping[str, pd.DataFrame], detector: RegimeDetector, trainer: Trainer, states: dict[str, pd.DataFrame],
               errors: dict[str, RegimeError]) -> None:  # fmt: skip
    assets = {}
    for name, frame in frames.items():
        try:
            assets[name] = _Asset(frame, detector.clone())
        except RegimeError as error:
            errors[name] = error
    with _settled():
        errors |= _through(assets, trainer)
    for name, asset in assets.items():
        if name not in errors and asset.detector.model is None:
            errors[name] = asset.detector.error or TrainingError(
                f"{name}: {len(asset.index)} bars can't fill the window: expected more than "
                f"{detector.min_bars or detector.lookback}. Give more bars, a smaller lookback, or min_bars.")  # fmt: skip
        if name not in errors:
            states[name] = asset.table.frame(asset.index)


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
        tasks = prepare([here[i].detector for i in due])
        results: list[Any] = [None] * len(here)
        for i, result in zip(due, trainer(tasks) if tasks else (), strict=True):
            results[i] = result
        detectors = [asset.detector for asset in here]
        for asset, state in zip(here, advance(detectors, accept(detectors, results)), strict=True):
            asset.table.add(state)
    return errors


def _total(statistics: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Counts of several caches as of one."""
    if not any(statistics):
        return {}
    out = {name: sum(s[name] for s in statistics) for name in statistics[0]}
    out["hit_rate"] = out["hit_count"] / out["total_requests"] if out["total_requests"] else 0.0
    return out


def precompute(frames: pd.DataFrame | Mapping[str, pd.DataFrame], detector: RegimeDetector | None = None, *, store: Any,
               start: datetime | None = None, backend: str = "kernel",
               max_workers: int | None = None) -> ManyRegimes:  # fmt: skip
    """Train every window of a history in one call, and fill a cache that LEAN, the embedded engine or live trading then read.

    Parameters
    ----------
    frames : DataFrame or mapping of str to DataFrame
        The bars that the strategy will see, with the same prices to the last bit.
    detector : RegimeDetector, optional
        With the options of the strategy's `initialize_regime_detection` (there `lookback_days` and `retrain_frequency`).
    store : required
        A folder's path, a URL, an object store or a store of `hidden_regime.cache`.
    start : datetime, optional
        The strategy's start date: like the strategy, begin with the `lookback` + 1 bars before it. Models go on from each
        other, so another beginning makes other models.
    backend, max_workers
        As in `run_many`.

    Returns
    -------
    ManyRegimes
        The regimes that the strategy will see, and the counts of the cache.

    Examples
    --------
    >>> import tempfile
    >>> from hidden_regime import RegimeDetector, load_dataset
    >>> from hidden_regime.precompute import precompute
    >>> frame, folder = load_dataset("sp500").iloc[:400], tempfile.mkdtemp()
    >>> precompute(frame, RegimeDetector(2), store=folder).statistics["trainings"]
    8
    >>> precompute(frame, RegimeDetector(2), store=folder).statistics["trainings"]
    0
    """
    given: Mapping[str, Any] = frames if isinstance(frames, Mapping) else {"": frames}
    chosen = RegimeDetector() if detector is None else detector
    if start is not None:
        given = {name: _from(frame, start, chosen.lookback + 1) for name, frame in given.items()}
    return run_many(given, chosen, store=store, backend=backend, max_workers=max_workers)


def _from(frame: pd.DataFrame, start: datetime, before: int) -> pd.DataFrame:
    """The bars from a start on, and so many before it."""
    first = int(frame.index.searchsorted(start))
    return frame.iloc[max(first - before, 0) :]
