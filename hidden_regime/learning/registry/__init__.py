"""The registry: a folder a model, with digests, stages, and a way back."""

from hidden_regime.learning.registry.registry import Entry, Registry

__all__ = ["Entry", "Registry"]
