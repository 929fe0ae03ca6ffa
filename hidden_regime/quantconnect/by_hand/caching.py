"""A cache of whatever a strategy trains by itself. The regimes of the algorithm classes have their own: `enable_caching`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import numpy as np

from hidden_regime.cache.stores.memory import MemoryStore
from hidden_regime.detection.schedule import Frequency, Schedule
from hidden_regime.exceptions import ParameterError
from hidden_regime.guards import Turns


def _feed(digest: Any, name: str, values: Any) -> None:
    array = np.ascontiguousarray(values)
    if array.dtype == object:
        try:
            body = json.dumps(array.tolist(), default=str).encode()
        except (TypeError, ValueError) as error:
            raise ParameterError("data", type(values).__name__, f"numbers, times or text in {name} ({error})") from error
    else:
        body = array.tobytes()
    digest.update(f"{name}:{array.dtype.str}:{array.shape}:".encode() + body)


def _digest(ticker: str, n_states: int, data: Any, config: Mapping[str, Any]) -> str:
    """Digest of every value: data that differ in one number are others."""
    digest = hashlib.sha256()
    try:
        digest.update(json.dumps([ticker, int(n_states), dict(config)], sort_keys=True).encode())
    except (TypeError, ValueError) as error:
        raise ParameterError("config", config, f"what JSON can hold ({error})", "Leave functions and objects out.") from error
    if hasattr(data, "columns"):
        _feed(digest, "index", data.index.to_numpy())
        for column in data.columns:
            _feed(digest, str(column), data[column].to_numpy())
    elif hasattr(data, "to_numpy"):
        _feed(digest, "index", data.index.to_numpy())
        _feed(digest, str(data.name), data.to_numpy())
    else:
        _feed(digest, "array", np.asarray(data))
    return digest.hexdigest()


class RegimeModelCache:
    """The latest models, by everything that they were trained from.

    Parameters
    ----------
    max_cache_size : int
        Models kept; the one unused for longest goes first.

    Examples
    --------
    >>> import numpy as np
    >>> from hidden_regime.quantconnect.performance import RegimeModelCache
    >>> cache = RegimeModelCache(max_cache_size=100)
    >>> cache.put("SPY", 3, np.arange(5.0), {"tol": 0.01}, "a model")
    >>> cache.get("SPY", 3, np.arange(5.0), {"tol": 0.01}), cache.get("SPY", 3, np.arange(6.0), {"tol": 0.01})
    ('a model', None)
    """

    def __init__(self, max_cache_size: int = 100) -> None:
        self._models: MemoryStore[tuple[Any]] = MemoryStore(max_cache_size)  # in tuples: a model may be None
        self.hit_count = self.miss_count = 0
        self._turn = Turns()

    @property
    def max_cache_size(self) -> int:
        """Models kept."""
        return self._models.max_size

    @property
    def evictions(self) -> int:
        """Models that made room."""
        return self._models.evictions

    def get(self, ticker: str, n_states: int, data: Any, config: Mapping[str, Any]) -> Any:
        """The model trained from these, or None."""
        key = _digest(ticker, n_states, data, config)
        with self._turn:
            found = self._models.get(key)
            self.hit_count += found is not None
            self.miss_count += found is None
            return None if found is None else found[0]

    def put(self, ticker: str, n_states: int, data: Any, config: Mapping[str, Any], model: Any) -> None:
        """Keep a model."""
        self._models.put(_digest(ticker, n_states, data, config), (model,))

    def clear(self) -> None:
        """Forget models and counts."""
        self._models = MemoryStore(self.max_cache_size)
        self.hit_count = self.miss_count = 0

    def get_stats(self) -> dict[str, Any]:
        """Counts: cache_size, max_cache_size, hit_count, miss_count, hit_rate, total_requests, evictions."""
        total = self.hit_count + self.miss_count
        return {
            "cache_size": len(self._models), "max_cache_size": self.max_cache_size, "hit_count": self.hit_count,
            "miss_count": self.miss_count, "hit_rate": self.hit_count / total if total else 0.0, "total_requests": total,
            "evictions": self.evictions,
        }  # fmt: skip


class CachedRegimeDetector:
    """Trains a strategy's own models when their time has come, by market time, and not otherwise.

    Parameters
    ----------
    cache : RegimeModelCache, optional
    retrain_frequency : str, int or callable
        As `RegimeDetector`'s `retrain`; an int counts calls of `get_or_train` with later data.
    force_retrain_days : int
        Calendar days after which a model is trained in any case, but for "never".
    """

    def __init__(self, cache: RegimeModelCache | None = None, retrain_frequency: Frequency = "weekly",
                 force_retrain_days: int = 30) -> None:  # fmt: skip
        if isinstance(force_retrain_days, bool) or not isinstance(force_retrain_days, int) or force_retrain_days < 1:
            raise ParameterError("force_retrain_days", force_retrain_days, "a number of days of at least 1")
        self._schedule = Schedule(retrain_frequency)
        if self._schedule.is_adaptive:
            raise ParameterError("retrain_frequency", retrain_frequency, "a period, a number or a callable: "
                                 "'adaptive' needs the densities that only RegimeDetector knows")  # fmt: skip
        self.cache = RegimeModelCache() if cache is None else cache
        self.retrain_frequency, self.force_retrain_days = retrain_frequency, force_retrain_days
        self.last_train_dates: dict[str, datetime] = {}
        self.pipelines: dict[str, Any] = {}
        self._what: dict[str, str] = {}
        self._now: dict[str, datetime] = {}
        self._calls: dict[str, int] = {}

    def should_retrain(self, ticker: str, now: datetime | None = None) -> bool:
        """Whether an asset's model is due at a market time, by default that of the latest data given for it."""
        if ticker not in self.pipelines:
            return True
        if self.retrain_frequency == "never":
            return False
        moment, trained = self._now[ticker] if now is None else now, self.last_train_dates[ticker]
        if (moment.tzinfo is None) != (trained.tzinfo is None):
            kind = "with" if trained.tzinfo else "without"
            raise ParameterError("now", moment, f"a time {kind} a zone, as that of the last training")
        if moment < trained:
            return True  # another run: a model that has seen later bars isn't for this one
        old = (moment - trained).days >= self.force_retrain_days
        return old or (moment > trained and self._schedule.is_due(moment, trained, self._calls[ticker]))

    def get_or_train(self, ticker: str, n_states: int, data: Any, config: Mapping[str, Any], train_func: Callable[[], Any],
                     now: datetime | None = None) -> Any:  # fmt: skip
        """The model to use: the one in use until it is due, then the cached one for these data, else a trained one.

        Parameters
        ----------
        ticker : str
        n_states : int
        data : DataFrame, Series or array
        config : dict
            Whatever else decides the training.
        train_func : callable
            Without arguments; gives the model.
        now : datetime, optional
            Market time; by default the last of the data's index.
        """
        if now is None:
            index = getattr(data, "index", None)
            last = index[-1] if index is not None and len(index) else None
            # A history of LEAN's has symbol and time.
            now = next((part for part in (last if isinstance(last, tuple) else (last,)) if isinstance(part, datetime)), None)
            if now is None:
                raise ParameterError("now", now, "a market time, for the data have none", "Give now=bar.end_time.")
        if now != self._now.get(ticker):
            self._calls[ticker] = self._calls.get(ticker, 0) + 1
        self._now[ticker] = now
        what = _digest(ticker, n_states, np.empty(0), config)
        if self._what.get(ticker) == what and not self.should_retrain(ticker, now):
            return self.pipelines[ticker]
        model = self.cache.get(ticker, n_states, data, config)
        if model is None:
            model = train_func()
            self.cache.put(ticker, n_states, data, config, model)
        self.pipelines[ticker], self._what[ticker] = model, what
        self.last_train_dates[ticker], self._calls[ticker] = now, 0
        return model

    def get_cache_stats(self) -> dict[str, Any]:
        """Counts of the cache."""
        return self.cache.get_stats()


def create_cached_detector(retrain_frequency: Frequency = "weekly", max_cache_size: int = 100,
                           force_retrain_days: int = 30) -> CachedRegimeDetector:  # fmt: skip
    """A `CachedRegimeDetector` with a cache of its own."""
    return CachedRegimeDetector(RegimeModelCache(max_cache_size), retrain_frequency, force_retrain_days)
