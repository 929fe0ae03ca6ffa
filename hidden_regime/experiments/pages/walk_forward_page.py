"""The page of a walk-forward."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hidden_regime.experiments.walking_forward import WalkForward


def walk_forward_page(found: WalkForward) -> str:
    """HTML of a walk-forward's page."""
    return f"<!doctype html><title>{found.spec['strategy']}</title>"
