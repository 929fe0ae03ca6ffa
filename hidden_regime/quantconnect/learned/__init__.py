"""Learned models inside a strategy: columns from LEAN's bars, predictions from plain arrays, allocations from predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.lazily import lazily

if TYPE_CHECKING:
    from hidden_regime.quantconnect.learned.loading import load_model
    from hidden_regime.quantconnect.learned.model import LearnedModel

__getattr__ = lazily(
    __name__,
    {
        "LearnedModel": "hidden_regime.quantconnect.learned.model",
        "load_model": "hidden_regime.quantconnect.learned.loading",
    },
)

__all__ = ["LearnedModel", "load_model"]
