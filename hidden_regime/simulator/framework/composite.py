"""Models made of models."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def members_of(model: Any) -> list[Any]:
    """What a model is made of: itself, where it is no composite."""
    return list(getattr(model, "_models", (model,)))


def parts_of(models: Iterable[Any], composite: Any) -> list[Any]:
    """The models, with those that one of the composite's class is made of in its place."""
    return [part for model in models for part in (members_of(model) if type(model) is composite else (model,))]
