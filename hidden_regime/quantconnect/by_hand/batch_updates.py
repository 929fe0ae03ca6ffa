"""Updates of many assets that a strategy makes by itself. The algorithm classes have their own: `enable_batch_updates`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hidden_regime.exceptions import ParameterError

SCHEDULES = ("staggered", "synchronized", "on_demand")


def _count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ParameterError(name, value, "an integer of at least 1")
    return value


class BatchRegimeUpdater:
    """Calls a function for each of some assets, in threads.

    Parameters
    ----------
    max_workers : int
    use_parallel : bool
        False: one after another.
    updater : OptimizedMultiAssetUpdater, optional
        Which decides whose turn it is in `update_due`.
    """

    def __init__(self, max_workers: int = 4, use_parallel: bool = True,
                 updater: OptimizedMultiAssetUpdater | None = None) -> None:  # fmt: skip
        self.max_workers, self.use_parallel, self.updater = _count("max_workers", max_workers), use_parallel, updater

    def batch_update(self, assets: Sequence[str], data_dict: Mapping[str, Any], pipeline_dict: Mapping[str, Any],
                     update_func: Callable[..., Any] | None = None) -> dict[str, Any]:  # fmt: skip
        """Result of `update_func(ticker=..., data=..., pipeline=...)` for each asset, in their order.

        Without a function `pipeline.update(data)` is called. An asset that fails, or has no data or pipeline, has
        `{"error": message, "exception": the exception}` for a result; the others are not affected.
        The function runs in other threads: it must not touch the algorithm.
        """

        if isinstance(assets, str):
            raise ParameterError("assets", assets, "a sequence of tickers such as ['SPY', 'TLT']")

        def one(ticker: str) -> Any:
            try:
                for name, given in (("data_dict", data_dict), ("pipeline_dict", pipeline_dict)):
                    if ticker not in given:
                        raise ParameterError(name, list(given), f"an entry for {ticker!r}")
                if update_func is None:
                    return pipeline_dict[ticker].update(data_dict[ticker])
                return update_func(ticker=ticker, data=data_dict[ticker], pipeline=pipeline_dict[ticker])
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this asset's result
                return {"error": str(error), "exception": error}

        if not self.use_parallel or len(assets) < 2:
            return {ticker: one(ticker) for ticker in assets}
        with ThreadPoolExecutor(self.max_workers) as pool:
            return dict(zip(assets, pool.map(one, assets), strict=True))

    def update_due(self, data_dict: Mapping[str, Any], pipeline_dict: Mapping[str, Any],
                   update_func: Callable[..., Any] | None = None) -> dict[str, Any]:  # fmt: skip
        """As `batch_update`, for the assets whose turn it is."""
        if self.updater is None:
            raise ParameterError("updater", None, "an OptimizedMultiAssetUpdater", "create_batch_updater makes one.")
        out: dict[str, Any] = {}
        for batch in self.updater.create_batches(self.updater.get_assets_to_update()):
            out |= self.batch_update(batch, data_dict, pipeline_dict, update_func)
        return out

    def batch_collect_data(self, assets: Iterable[str], data_adapters: Mapping[str, Any]) -> dict[str, Any]:
        """Frame of each asset whose adapter is ready; who isn't is left out."""
        return {t: data_adapters[t].to_dataframe() for t in assets if t in data_adapters and data_adapters[t].is_ready()}


class OptimizedMultiAssetUpdater:
    """Whose turn it is.

    Parameters
    ----------
    assets : sequence of str
    update_schedule : str
        "staggered": at each call another batch, so that all have had their turn after len(assets) / batch_size calls.
        "synchronized": all at each call. "on_demand": those that `request` named since the last call.
    batch_size : int
        Assets in a batch.
    """

    def __init__(self, assets: Sequence[str], update_schedule: str = "staggered", batch_size: int = 4) -> None:
        if not assets or isinstance(assets, str):
            raise ParameterError("assets", assets, "a sequence of tickers such as ['SPY', 'TLT']")
        if update_schedule not in SCHEDULES:
            raise ParameterError("update_schedule", update_schedule, f"one of {list(SCHEDULES)}")
        self.assets, self.update_schedule, self.batch_size = list(assets), update_schedule, _count("batch_size", batch_size)
        self._turn = 0
        self._requested: dict[str, None] = {}

    def request(self, *tickers: str) -> None:
        """Ask for assets at the next call."""
        for ticker in tickers:
            if ticker not in self.assets:
                raise ParameterError("ticker", ticker, f"one of {self.assets}")
            self._requested[ticker] = None

    def get_assets_to_update(self) -> list[str]:
        """Assets whose turn it is now."""
        if self.update_schedule == "synchronized":
            return list(self.assets)
        if self.update_schedule == "on_demand":
            wanted, self._requested = list(self._requested), {}
            return wanted
        batches = self.create_batches(self.assets)
        self._turn += 1
        return batches[(self._turn - 1) % len(batches)]

    def create_batches(self, assets: Sequence[str]) -> list[list[str]]:
        """The assets in batches."""
        return [list(assets[i : i + self.batch_size]) for i in range(0, len(assets), self.batch_size)]


def create_batch_updater(assets: Sequence[str], max_workers: int = 4, use_parallel: bool = True,
                         update_schedule: str = "staggered", batch_size: int = 4) -> BatchRegimeUpdater:  # fmt: skip
    """A `BatchRegimeUpdater` whose `update_due` takes these assets in turn."""
    return BatchRegimeUpdater(max_workers, use_parallel, OptimizedMultiAssetUpdater(assets, update_schedule, batch_size))
