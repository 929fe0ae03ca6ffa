"""Exact caching of trained models: key, stores and policy are three objects."""

from hidden_regime.cache.key import task_key
from hidden_regime.cache.maintenance import Report, clear, inspect, prune
from hidden_regime.cache.policy import CachingTrainer, Trainer
from hidden_regime.cache.stores import FolderStore, FsspecStore, MemoryStore, ObjectPacks, Store, open_store

__all__ = [
    "CachingTrainer",
    "FolderStore",
    "FsspecStore",
    "MemoryStore",
    "ObjectPacks",
    "Report",
    "Store",
    "Trainer",
    "clear",
    "inspect",
    "open_store",
    "prune",
    "task_key",
]
