"""The options of a detector as plain data, by name; of functions, which no file can hold, their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.bars.feature import Column
from hidden_regime.bars.observer import shown
from hidden_regime.exceptions import SavedModelError
from hidden_regime.guards import option_defaults

if TYPE_CHECKING:
    from hidden_regime.detection.detector import RegimeDetector


def _option_out(value: Any) -> Any:
    if isinstance(value, tuple):
        return shown(value)
    if callable(value):
        return {"function": getattr(value, "__qualname__", type(value).__qualname__)}
    return value.item() if isinstance(value, np.generic) else value


def options_out(detector: RegimeDetector) -> dict[str, Any]:
    """The options of a detector as what JSON can hold; of functions, which it can't, their names."""
    return {name: _option_out(getattr(detector, name)) for name in option_defaults(type(detector))}


def options_in(kept: Mapping[str, Any], like: RegimeDetector | None) -> dict[str, Any]:
    """Options of what `options_out` gave; functions are those of a detector that was made with them."""
    found = {}
    for name, value in kept.items():
        if not _needs_function(value):
            found[name] = tuple(map(_part_in, value)) if isinstance(value, list) else value
        elif like is None:
            raise SavedModelError(
                f"a saved detector whose {name} needs a function of your own, which no file can hold: expected like=, a detector "
                f"that was made with it. Load it with like=RegimeDetector({name}=...)."
            )
        elif (own := _option_out(getattr(like, name))) != value:
            raise SavedModelError(
                f"a saved detector whose {name} was {value}: the detector given as like= has {own}. Give the same."
            )
        else:
            found[name] = getattr(like, name)
    return found


def _needs_function(value: Any) -> bool:
    if isinstance(value, list):
        return any(isinstance(part, dict) and "feature" in part for part in value)
    return isinstance(value, dict)


def _part_in(part: Any) -> Any:
    return Column(part["column"], part["is_volatility"]) if isinstance(part, dict) else part
