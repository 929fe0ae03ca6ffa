"""The page of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hidden_regime.experiments.studies.study import Study


def study_page(study: Study) -> str:
    """HTML of a study's page."""
    return f"<!doctype html><title>{study.spec['strategy']}</title>"
