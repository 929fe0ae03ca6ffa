"""Exact caching of trained models: key, stores and policy are three objects."""

from hidden_regime.cache.key import task_key
from hidden_regime.cache.policy import CachingTrainer, Trainer
from hidden_regime.cache.stores import FolderStore, MemoryStore, Store

__all__ = ["CachingTrainer", "FolderStore", "MemoryStore", "Store", "Trainer", "task_key"]
