"""From bars to a validated model that runs inside a strategy: features, labels, splits, models, evaluation, registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.lazily import lazily

if TYPE_CHECKING:
    from hidden_regime.learning.drift import DecayAlarm
    from hidden_regime.learning.evaluation import Evaluation, evaluate
    from hidden_regime.learning.features import Features, FeatureSpec, make_features
    from hidden_regime.learning.labels import Labels, label
    from hidden_regime.learning.model_file import ModelFile
    from hidden_regime.learning.models import Recipe, RegimeSwitchingModel
    from hidden_regime.learning.registry import Registry
    from hidden_regime.learning.registry.exporting import export
    from hidden_regime.learning.reproducing import reproduce
    from hidden_regime.learning.robust import Robustness, robustness
    from hidden_regime.learning.splits import CalendarWalkForward, CombinatorialPurgedCV, PurgedKFold
    from hidden_regime.learning.trained import TrainedModel
    from hidden_regime.learning.training import train
    from hidden_regime.learning.watching import DriftReport, drift_of
    from hidden_regime.quantconnect.learned.posterior import sample_posterior

_HERE = "hidden_regime.learning"
_HOMES = {
    "CalendarWalkForward": f"{_HERE}.splits",
    "CombinatorialPurgedCV": f"{_HERE}.splits",
    "DecayAlarm": f"{_HERE}.drift",
    "DriftReport": f"{_HERE}.watching",
    "Evaluation": f"{_HERE}.evaluation",
    "FeatureSpec": f"{_HERE}.features",
    "Features": f"{_HERE}.features",
    "Labels": f"{_HERE}.labels",
    "ModelFile": f"{_HERE}.model_file",
    "PurgedKFold": f"{_HERE}.splits",
    "Recipe": f"{_HERE}.models",
    "RegimeSwitchingModel": f"{_HERE}.models",
    "Registry": f"{_HERE}.registry",
    "Robustness": f"{_HERE}.robust",
    "TrainedModel": f"{_HERE}.trained",
    "drift_of": f"{_HERE}.watching",
    "evaluate": f"{_HERE}.evaluation",
    "export": f"{_HERE}.registry.exporting",
    "label": f"{_HERE}.labels",
    "make_features": f"{_HERE}.features",
    "reproduce": f"{_HERE}.reproducing",
    "robustness": f"{_HERE}.robust",
    "sample_posterior": "hidden_regime.quantconnect.learned.posterior",
    "train": f"{_HERE}.training",
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = [
    "CalendarWalkForward",
    "CombinatorialPurgedCV",
    "DecayAlarm",
    "DriftReport",
    "Evaluation",
    "FeatureSpec",
    "Features",
    "Labels",
    "ModelFile",
    "PurgedKFold",
    "Recipe",
    "RegimeSwitchingModel",
    "Registry",
    "Robustness",
    "TrainedModel",
    "drift_of",
    "evaluate",
    "export",
    "label",
    "make_features",
    "reproduce",
    "robustness",
    "sample_posterior",
    "train",
]
