"""HiddenRegimeAlgorithmOptimized: caching, batching and profiling, none of which changes an order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from hidden_regime.cache import CachingTrainer, MemoryStore, Trainer, open_store
from hidden_regime.detection.schedule import Frequency
from hidden_regime.exceptions import TrainingError
from hidden_regime.many.parallel import BatchTrainer, check_backend
from hidden_regime.models.training import Task, Trained, train
from hidden_regime.quantconnect._lean import PRIVATE, PortfolioTarget, Resolution
from hidden_regime.quantconnect.algorithm import HiddenRegimeAlgorithm


class HiddenRegimeAlgorithmOptimized(HiddenRegimeAlgorithm):
    """HiddenRegimeAlgorithm whose trainings can be cached, batched and measured.

    Turn each on in `initialize`, before or after `initialize_regime_detection`. Regimes and orders stay the same.
    """

    __module__ = PRIVATE
    _hr_cache: CachingTrainer | None = None
    _hr_batch: Trainer = staticmethod(train)

    def enable_caching(
        self, max_cache_size: int = 100, retrain_frequency: Frequency | None = None, store: Any = None,
        arithmetic: str | None = None,
    ) -> None:  # fmt: skip
        """Look a training up before doing it.

        Parameters
        ----------
        max_cache_size : int
            Models kept in memory.
        retrain_frequency : str, int or callable, optional
            Retrain all assets by this schedule instead of their own.
        store : optional
            Keep models beyond the run as well: a folder's path, a URL that fsspec knows, `self.object_store`, or a store of
            `hidden_regime.cache`.
        arithmetic : str, optional
            "native": read what the C++ kernels have trained elsewhere, where this machine has numba alone (QC Cloud).
        """
        stores = () if store is None else (open_store(store),)
        self._hr_cache = CachingTrainer(
            self._hr_train, MemoryStore(max_cache_size), *stores, arithmetic=arithmetic,
            eager=bool(self.live_mode), report=self._hr_report)  # fmt: skip
        self._hr.trainer, self._hr.elsewhere = self._hr_cache, True
        if retrain_frequency is not None:
            self._hr.use_frequency(retrain_frequency)

    def _hr_report(self, text: str) -> None:
        """Say what went wrong with the cache where LEAN's users look."""
        self.log(f"hidden_regime: {text}")

    def enable_batch_updates(self, max_workers: int | None = None, use_parallel: bool = True, backend: str = "kernel") -> None:
        """Train all assets that are due at a bar in one call, shared by threads.

        Parameters
        ----------
        max_workers : int, optional
            Threads or workers; default: one for each processor, at most four threads.
        use_parallel : bool
            False: one call, one thread.
        backend : str
            "kernel": threads inside the kernel. "threading", "loky", "dask" or "ray": joblib's, for models that the kernel does
            not train (Student-t). Where processes can't start the log says so once, and threads do the work.
        """
        check_backend(backend, max_workers)
        workers, chosen = (max_workers, backend) if use_parallel else (1, "kernel")
        self._hr_batch = BatchTrainer(chosen, workers, report=self._hr_report)
        if self._hr_cache is None:
            self._hr.trainer, self._hr.elsewhere = self._hr_train, chosen != "kernel"

    def _hr_train(self, tasks: Sequence[Task]) -> Sequence[Trained | TrainingError]:
        return self._hr_batch(tasks)

    def enable_profiling(self) -> None:
        """Measure where the layer's time goes; `hidden-regime backtest --profile` draws it."""
        self._hr.profiler.enable()

    def batch_update_regimes(self, tickers: Iterable[Any]) -> dict[str, bool]:
        """Bring the regimes of some assets up to date; True for each that is known."""
        return {str(getattr(t, "value", t)): self.update_regime(t) for t in tickers}

    def get_cache_stats(self) -> dict[str, Any] | None:
        """Counts of the cache, or None if it is off."""
        return None if self._hr_cache is None else self._hr_cache.statistics()

    def get_profiling_stats(self) -> str | None:
        """Table of the profiler, or None if it is off."""
        return self._hr.profiler.get_summary() if self._hr.profiler.enabled else None

    def log_performance_summary(self) -> None:
        """Write what was measured into the log."""
        cache = self.get_cache_stats()
        if cache is not None:
            said = f"{cache['hit_count']} hits of {cache['total_requests']} requests, {cache['trainings']} trainings"
            if cache["trainings"]:  # a run that trains nothing doesn't know what a training costs
                said += f", {cache['seconds_saved']:.3f} s saved"
            self.log(f"regime cache: {said}")
        profile = self.get_profiling_stats()
        for line in (profile or "").splitlines():
            self.log(line)


class OptimizedMultiAssetExample(HiddenRegimeAlgorithmOptimized):
    """Regimes on each risky asset; what they don't want goes to defensive assets in equal parts.

    Parameters (LEAN's): assets and defensive (tickers separated by commas), start and end (yyyy-mm-dd), lookback,
    n_states, retrain, invested (largest share of the account in use). Rebalances when a regime changes and each month.
    """

    __module__ = PRIVATE
    _month: object
    _changed: bool

    def initialize(self) -> None:
        """Subscribe the assets and watch the regime of each risky one."""
        start, end = (self.get_parameter(name, day) for name, day in (("start", "2006-01-03"), ("end", "2020-12-31")))
        self.set_start_date(*map(int, str(start).split("-")))
        self.set_end_date(*map(int, str(end).split("-")))
        self.set_cash(self.get_parameter("cash", 100_000))
        self._risky = self._subscribe(self.get_parameter("assets", "SPY,QQQ,IWM"))
        self._defensive = self._subscribe(self.get_parameter("defensive", "TLT,GLD,SHY"))
        self._invested = float(self.get_parameter("invested", 0.98))
        self._month, self._changed = None, False
        self.enable_caching()
        self.enable_batch_updates()
        self.enable_profiling()
        for symbol in self._risky:
            self.initialize_regime_detection(
                symbol,
                n_states=self.get_parameter("n_states", 3),
                lookback_days=self.get_parameter("lookback", 252),
                retrain_frequency=self.get_parameter("retrain", "monthly"),
            )

    def _subscribe(self, tickers: str) -> list[Any]:
        return [self.add_equity(t.strip(), Resolution.DAILY).symbol for t in tickers.split(",") if t.strip()]

    def on_regime_change(self, old_regime: str, new_regime: str, confidence: float, ticker: str) -> None:
        """Ask for a rebalance."""
        self._changed = True

    def on_data(self, data: Any) -> None:
        """Rebalance when a regime has changed and at the first bar of a month."""
        if self.is_warming_up or not data.bars.count:
            return
        month = (self.time.year, self.time.month)
        if not self._changed and month == self._month:
            return
        self._changed, self._month = False, month
        share = self._invested / len(self._risky)
        wishes = {s: share * self.get_regime_allocation(s) if self.regime_is_ready(s) else 0.0 for s in self._risky}
        left = max(0.0, round(self._invested - sum(wishes.values()), 9))
        wishes |= {s: left / len(self._defensive) for s in self._defensive}
        self.set_holdings([PortfolioTarget(s, w) for s, w in wishes.items() if self.securities[s].price > 0])

    def on_end_of_algorithm(self) -> None:
        """Say what the layer did."""
        self.log_performance_summary()
