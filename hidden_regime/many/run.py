"""Many assets through their histories at once, and caches filled before anybody trades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from hidden_regime.bars.by_asset import ByAsset, labels_of
from hidden_regime.bars.prices import Prices, read_prices
from hidden_regime.cache import CachingTrainer, MemoryStore, open_store
from hidden_regime.detection.detector import RegimeDetector
from hidden_regime.detection.several import check_zones, run_each
from hidden_regime.exceptions import ParameterError, RegimeError
from hidden_regime.many.parallel import BatchTrainer, check_backend, count_threads, count_workers, map_parts

if TYPE_CHECKING:
    import pandas as pd

    from hidden_regime import RegimeResult

Answer = tuple["pd.DataFrame | RegimeError", RegimeDetector]


@dataclass(frozen=True, eq=False)
class ManyRegimes:
    """Regimes of many assets. The keys are those of the data; where these are LEAN's symbols, a ticker finds its asset too.

    Attributes
    ----------
    states : ByAsset of DataFrame
        A frame for each asset, as `RegimeDetector.run` gives it.
    errors : ByAsset of RegimeError
        Why the others have none.
    statistics : dict
        The counts of the cache, or an empty dict without one.
    detectors : ByAsset of RegimeDetector
        `detectors[symbol].update(bar)` goes on from there.
    prices : ByAsset of DataFrame
        What they ran over.
    """

    states: ByAsset[pd.DataFrame]
    errors: ByAsset[RegimeError]
    statistics: dict[str, Any]
    detectors: ByAsset[RegimeDetector]
    prices: ByAsset[pd.DataFrame]

    @cached_property
    def results(self) -> ByAsset[RegimeResult]:
        """Each asset's regimes with their statistics and pictures: `results[symbol].statistics`, `.plot()`, `.summary`."""
        from hidden_regime import RegimeResult  # made when asked for: pictures are a floor above

        titles = {key: label for label, key in labels_of(self.prices).items()}
        found = {
            key: RegimeResult(titles[key], self.prices[key], states, self.detectors[key]) for key, states in self.states.items()
        }
        return ByAsset(found, self.errors)

    def __repr__(self) -> str:
        return (
            f"<ManyRegimes of {len(self.states)} assets, {len(self.errors)} without: {', '.join(map(str, [*self.states][:6]))}>"
        )


def run_many(frames: Any, detector: RegimeDetector | None = None, *, store: Any = None, backend: str = "kernel",
             max_workers: int | None = None) -> ManyRegimes:  # fmt: skip
    """Regimes of many assets, each as `RegimeDetector.run` would find them alone, in a fraction of the time.

    Parameters
    ----------
    frames : mapping of assets to DataFrame, or DataFrame
        A frame for each asset; or what `self.history` gives for several symbols, closes with a column for each symbol, and
        everything else that `RegimeDetector.run` takes. They need not cover the same days.
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
    >>> from hidden_regime.many.run import run_many
    >>> frames = {name: load_dataset(name).iloc[:400] for name in ("aapl", "ibm", "msft")}
    >>> found = run_many(frames, RegimeDetector(3, retrain="weekly"))
    >>> sorted(found.states), len(found.errors)
    (['aapl', 'ibm', 'msft'], 0)
    """
    return _run_prices(read_prices(frames, "frames"), detector, store, backend, max_workers)


def _run_prices(prices: Prices, detector: RegimeDetector | None, store: Any, backend: str,
                max_workers: int | None) -> ManyRegimes:  # fmt: skip
    if not prices.frames and not prices.errors:
        raise ParameterError("frames", {}, "a frame of at least one asset")
    check_backend(backend, max_workers)
    check_zones(prices.frames)
    chosen = RegimeDetector() if detector is None else detector
    keys = labels_of(prices.frames)  # LEAN's symbols can't be sent to other processes
    frames = {label: prices.frames[key] for label, key in keys.items()}
    if backend == "kernel":
        done = [_run(frames, chosen, store, max_workers)]
    else:
        count = min(count_workers(backend, max_workers), max(len(frames), 1))
        items = list(frames.items())
        work = partial(_run, detector=chosen, store=store, threads=1)
        done = map_parts(work, [dict(items[i::count]) for i in range(count)], backend=backend, workers=count)
    found = {name: answer for part, _ in done for name, answer in part.items()}
    errors: dict[Any, RegimeError] = dict(prices.errors)
    states: dict[Any, pd.DataFrame] = {}
    detectors: dict[Any, RegimeDetector] = {}
    for label, key in keys.items():
        answer, own = found[label]
        if isinstance(answer, RegimeError):
            errors[key] = answer
        else:
            states[key], detectors[key] = answer, own
    used = {key: prices.frames[key] for key in states}
    counts = _total([statistics for _, statistics in done])
    return ManyRegimes(ByAsset(states, errors), ByAsset(errors), counts, ByAsset(detectors, errors), ByAsset(used, errors))


def _run(frames: Mapping[str, pd.DataFrame], detector: RegimeDetector, store: Any,
         threads: int | None) -> tuple[dict[str, Answer], dict[str, Any]]:  # fmt: skip
    """States or error of each asset with its detector, and the counts of the cache."""
    cache = None if store is None else CachingTrainer(BatchTrainer(max_workers=threads), MemoryStore(1), open_store(store))
    found = {name: (answer, own) for name, answer, own in run_each(frames, detector, cache, count_threads(threads))}
    if cache is not None:
        cache.flush()
    return found, {} if cache is None else cache.statistics()


def _total(statistics: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Counts of several caches as of one."""
    if not any(statistics):
        return {}
    out = {name: sum(s[name] for s in statistics) for name in statistics[0]}
    out["hit_rate"] = out["hit_count"] / out["total_requests"] if out["total_requests"] else 0.0
    return out


def precompute(frames: Any, detector: RegimeDetector | None = None, *, store: Any, start: datetime | None = None,
               backend: str = "kernel", max_workers: int | None = None) -> ManyRegimes:  # fmt: skip
    """Train every window of a history in one call, and fill a cache that LEAN, the embedded engine or live trading then read.

    Parameters
    ----------
    frames : DataFrame or mapping of assets to DataFrame
        The bars that the strategy will see, with the same prices to the last bit, in any form that `run_many` takes.
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
    >>> from hidden_regime.many.run import precompute
    >>> frame, folder = load_dataset("sp500").iloc[:400], tempfile.mkdtemp()
    >>> precompute(frame, RegimeDetector(2), store=folder).statistics["trainings"]
    8
    >>> precompute(frame, RegimeDetector(2), store=folder).statistics["trainings"]
    0
    """
    prices = read_prices(frames, "frames")
    chosen = RegimeDetector() if detector is None else detector
    if start is not None:
        cut = {key: _from(frame, start, chosen.lookback + 1) for key, frame in prices.frames.items()}
        prices = Prices(ByAsset(cut), *prices[1:])
    return _run_prices(prices, chosen, store, backend, max_workers)


def _from(frame: pd.DataFrame, start: datetime, before: int) -> pd.DataFrame:
    """The bars from a start on, and so many before it."""
    import pandas as pd

    times: Any = frame.index
    if not isinstance(times, pd.DatetimeIndex) or not times.is_monotonic_increasing:
        return frame  # which is going to be refused, with the reason
    begin = pd.Timestamp(start)
    if (begin.tz is None) != (times.tz is None):
        begin = begin.tz_localize(times.tz)
    return frame.iloc[max(int(times.searchsorted(begin)) - before, 0) :]
