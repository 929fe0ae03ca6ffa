"""Models made of models."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def parts_of(models: Iterable[Any], composite: Any) -> list[Any]:
    """The models, with those that one of the composite's class is made of in its place."""
    return [part for model in models for part in (model._models if type(model) is composite else (model,))]
