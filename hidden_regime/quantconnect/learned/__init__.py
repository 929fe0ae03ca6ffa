"""Learned models inside a strategy: columns from LEAN's bars, predictions from plain arrays, allocations from predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.lazily import lazily

if TYPE_CHECKING:
    from hidden_regime.quantconnect.learned.loading import load_model
    from hidden_regime.quantconnect.learned.model import LearnedModel
    from hidden_regime.quantconnect.learned.posterior import sample_posterior

_HERE = "hidden_regime.quantconnect.learned"
_HOMES = {
    "LearnedModel": f"{_HERE}.model",
    "load_model": f"{_HERE}.loading",
    "sample_posterior": f"{_HERE}.posterior",
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = ["LearnedModel", "load_model", "sample_posterior"]
