"""Former address of `hidden_regime.quantconnect.by_hand.batch_updates`, for code that names it."""

from hidden_regime.quantconnect.by_hand.batch_updates import BatchRegimeUpdater, OptimizedMultiAssetUpdater, create_batch_updater

__all__ = ["BatchRegimeUpdater", "OptimizedMultiAssetUpdater", "create_batch_updater"]
