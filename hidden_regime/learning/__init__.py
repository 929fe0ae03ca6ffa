"""From bars to a validated model that runs inside a strategy: features, labels, splits, models, evaluation, registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.lazily import lazily

if TYPE_CHECKING:
    from hidden_regime.learning.evaluation import Evaluation, evaluate
    from hidden_regime.learning.features import Features, FeatureSpec, make_features
    from hidden_regime.learning.labels import Labels, label
    from hidden_regime.learning.model_file import ModelFile
    from hidden_regime.learning.registry import Registry
    from hidden_regime.learning.splits import CalendarWalkForward, CombinatorialPurgedCV, PurgedKFold
    from hidden_regime.learning.trained import TrainedModel
    from hidden_regime.learning.training import train
    from hidden_regime.quantconnect.learned.predictor import RegimeSwitchingModel

_HERE = "hidden_regime.learning"
_HOMES = {
    "CalendarWalkForward": f"{_HERE}.splits",
    "CombinatorialPurgedCV": f"{_HERE}.splits",
    "Evaluation": f"{_HERE}.evaluation",
    "FeatureSpec": f"{_HERE}.features",
    "Features": f"{_HERE}.features",
    "Labels": f"{_HERE}.labels",
    "ModelFile": f"{_HERE}.model_file",
    "PurgedKFold": f"{_HERE}.splits",
    "RegimeSwitchingModel": "hidden_regime.quantconnect.learned.predictor",
    "Registry": f"{_HERE}.registry",
    "TrainedModel": f"{_HERE}.trained",
    "evaluate": f"{_HERE}.evaluation",
    "label": f"{_HERE}.labels",
    "make_features": f"{_HERE}.features",
    "train": f"{_HERE}.training",
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = [
    "CalendarWalkForward",
    "CombinatorialPurgedCV",
    "Evaluation",
    "FeatureSpec",
    "Features",
    "Labels",
    "ModelFile",
    "PurgedKFold",
    "RegimeSwitchingModel",
    "Registry",
    "TrainedModel",
    "evaluate",
    "label",
    "make_features",
    "train",
]
