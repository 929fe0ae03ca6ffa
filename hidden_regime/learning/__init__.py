"""From bars to a validated model that runs inside a strategy: features, labels, splits, models, evaluation, registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.lazily import lazily

if TYPE_CHECKING:
    from hidden_regime.learning.features import Features, FeatureSpec, make_features
    from hidden_regime.learning.labels import Labels, label
    from hidden_regime.learning.splits import CalendarWalkForward, CombinatorialPurgedCV, PurgedKFold

_HERE = "hidden_regime.learning"
_HOMES = {
    "CalendarWalkForward": f"{_HERE}.splits",
    "CombinatorialPurgedCV": f"{_HERE}.splits",
    "FeatureSpec": f"{_HERE}.features",
    "Features": f"{_HERE}.features",
    "Labels": f"{_HERE}.labels",
    "PurgedKFold": f"{_HERE}.splits",
    "label": f"{_HERE}.labels",
    "make_features": f"{_HERE}.features",
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = [
    "CalendarWalkForward",
    "CombinatorialPurgedCV",
    "FeatureSpec",
    "Features",
    "Labels",
    "PurgedKFold",
    "label",
    "make_features",
]
