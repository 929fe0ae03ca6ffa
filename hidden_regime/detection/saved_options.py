"""The options of a detector as plain data, by name; of functions, which no file can hold, their names."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.bars.feature import Column
from hidden_regime.bars.observer import shown
from hidden_regime.exceptions import SavedModelError

if TYPE_CHECKING:
    from hidden_regime.detection.detector import RegimeDetector


def option_defaults(cls: type) -> dict[str, Any]:
    """A detector's options and their defaults, those of its bases too."""
    found: dict[str, Any] = {}
    for owner in cls.__mro__:
        if "__init__" in vars(owner) and owner is not object:
            parameters = inspect.signature(vars(owner)["__init__"]).parameters.values()
            own = {p.name: p.default for p in parameters if p.name != "self" and p.kind != p.VAR_KEYWORD}
            found |= {name: default for name, default in own.items() if name not in found}
    return found


def option_names(cls: type) -> list[str]:
    """Names of a detector's options, those of its bases too."""
    return list(option_defaults(cls))


def _option_out(value: Any) -> Any:
    if isinstance(value, tuple):
        return shown(value)
    if callable(value):
        return {"function": getattr(value, "__qualname__", type(value).__qualname__)}
    return value.item() if isinstance(value, np.generic) else value


def options_out(detector: RegimeDetector) -> dict[str, Any]:
    """The options of a detector as what JSON can hold; of functions, which it can't, their names."""
    return {name: _option_out(getattr(detector, name)) for name in option_names(type(detector))}


def options_in(kept: Mapping[str, Any], like: RegimeDetector | None) -> dict[str, Any]:
    """Options of what `options_out` gave; functions are those of a detector that was made with them."""
    found = {}
    for name, value in kept.items():
        if not _needs_function(value):
            parts = (
                [Column(p["column"], p["is_volatility"]) if isinstance(p, dict) else p for p in value]
                if isinstance(value, list)
                else ()
            )
            found[name] = tuple(parts) if isinstance(value, list) else value
        elif like is None:
            raise SavedModelError(
                f"a saved detector whose {name} is a function of your own, which no file can hold: expected like=, a detector "
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
