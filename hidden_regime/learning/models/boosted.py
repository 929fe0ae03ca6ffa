"""Boosted trees: LightGBM, whose text LEAN can read, and XGBoost by the same door."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from hidden_regime.exceptions import DataError, MissingDependencyError
from hidden_regime.kernels.results import Floats
from hidden_regime.learning.models.scaling import split_soft
from hidden_regime.quantconnect.learned.cores import Core, Scores, Trees

USUAL: dict[str, Any] = {
    "trees": 60, "leaves": 5, "learning_rate": 0.05, "least_rows": 60, "ridge": 5.0, "share_of_columns": 0.7,
}  # fmt: skip
RANGES: dict[str, tuple[float, float, str]] = {
    "trees": (10, 200, "whole"), "leaves": (2, 16, "whole"), "learning_rate": (0.01, 0.2, "log"), "ridge": (0.1, 100.0, "log"),
}  # fmt: skip
USUAL_XGBOOST: dict[str, Any] = {"trees": 60, "depth": 2, "learning_rate": 0.05, "ridge": 5.0}
RANGES_XGBOOST: dict[str, tuple[float, float, str]] = {
    "trees": (10, 200, "whole"), "depth": (1, 5, "whole"), "learning_rate": (0.01, 0.2, "log"), "ridge": (0.1, 100.0, "log"),
}  # fmt: skip
LIMITS: dict[str, tuple[float, float]] = {
    "trees": (1, 10_000), "leaves": (2, 1024), "depth": (1, 30), "learning_rate": (1e-6, 1.0), "least_rows": (1, 1_000_000),
    "ridge": (0.0, 1e9), "share_of_columns": (0.01, 1.0),
}  # fmt: skip
"""What either library takes."""


def fit_lightgbm(X: Floats, y: Floats, weight: Floats, parameters: Mapping[str, Any], seed: int) -> Core:
    """Few small trees, in one thread, the same for the same seed."""
    lightgbm = _library("lightgbm", "hidden-regime[ml]")
    rows, labels, share = _both(X, y, weight)
    asked = {
        "objective": "binary", "num_leaves": parameters["leaves"], "learning_rate": parameters["learning_rate"],
        "min_data_in_leaf": parameters["least_rows"], "lambda_l2": parameters["ridge"], "verbosity": -1, "seed": seed,
        "feature_fraction": parameters["share_of_columns"], "deterministic": True, "force_row_wise": True, "num_threads": 1,
    }  # fmt: skip
    data = lightgbm.Dataset(rows, label=labels, weight=share, free_raw_data=True)
    booster = lightgbm.train(asked, data, num_boost_round=parameters["trees"])
    return Trees({"kind": "trees", "text": booster.model_to_string()})


class XGBoost:
    """XGBoost's own JSON, for research: LEAN's strategies take LightGBM."""

    link = "logit"

    def __init__(self, text: str) -> None:
        self._library = _library("xgboost", "xgboost")
        self.content: dict[str, Any] = {"kind": "xgboost", "text": text}
        self._booster = self._library.Booster()
        self._booster.load_model(bytearray(text, "utf-8"))

    def scores(self, X: Floats) -> Scores:
        """Margins in logits."""
        score = np.asarray(self._booster.predict(self._library.DMatrix(X), output_margin=True), dtype=np.float64)
        nothing = np.full(len(X), np.nan)
        return Scores(score, nothing, nothing)


def fit_xgboost(X: Floats, y: Floats, weight: Floats, parameters: Mapping[str, Any], seed: int) -> Core:
    """XGBoost's trees."""
    xgboost = _library("xgboost", "xgboost")
    rows, labels, share = _both(X, y, weight)
    asked = {
        "objective": "binary:logistic", "max_depth": parameters["depth"], "eta": parameters["learning_rate"],
        "lambda": parameters["ridge"], "nthread": 1, "seed": seed, "verbosity": 0, "tree_method": "hist",
    }  # fmt: skip
    booster = xgboost.train(asked, xgboost.DMatrix(rows, label=labels, weight=share), num_boost_round=parameters["trees"])
    return XGBoost(bytes(booster.save_raw("json")).decode("utf-8"))


def _both(X: Floats, y: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    rows, labels, share = split_soft(X, y, weight)
    if len(np.unique(labels)) < 2:
        raise DataError(f"all {len(labels)} labels are {labels[0]:g}: expected both 0 and 1 to tell apart. Take more "
                        "bars, fewer folds, or another kind of label.")  # fmt: skip
    return rows, labels, share * (len(share) / share.sum())


def _library(name: str, extra: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingDependencyError(f"models of {name} need it: pip install '{extra}'.") from error
