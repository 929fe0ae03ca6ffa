"""Cores of any kind from what was kept of them: those of strategies, and those of research alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hidden_regime.exceptions import SavedModelError
from hidden_regime.learning.models.boosted import XGBoost
from hidden_regime.learning.models.gaussian_process import Process
from hidden_regime.quantconnect.learned.cores import Core, core_of


def any_core(content: Any) -> Core:
    """A core of its content.

    Raises
    ------
    SavedModelError, MissingDependencyError
    """
    kind = content.get("kind") if isinstance(content, Mapping) else None
    if kind == "process":
        return Process(content)
    if kind == "xgboost":
        if not isinstance(content.get("text"), str):
            raise SavedModelError("the model's trees aren't XGBoost's JSON: it is damaged.")
        return XGBoost(content["text"])
    return core_of(content)
