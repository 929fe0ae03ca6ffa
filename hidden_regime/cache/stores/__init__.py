"""Where entries are kept. A store maps keys to bytes and knows nothing of models."""

from hidden_regime.cache.stores.base import Kept, Store
from hidden_regime.cache.stores.folder import FolderStore
from hidden_regime.cache.stores.memory import MemoryStore
from hidden_regime.cache.stores.object_packs import ObjectPacks
from hidden_regime.cache.stores.opening import open_store
from hidden_regime.cache.stores.remote import FsspecStore

__all__ = ["FolderStore", "FsspecStore", "Kept", "MemoryStore", "ObjectPacks", "Store", "open_store"]
