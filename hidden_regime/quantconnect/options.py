"""The names that LEAN's users give to a detector's options."""

from __future__ import annotations

from typing import Any

from hidden_regime.detection.detector import RegimeDetector
from hidden_regime.exceptions import ParameterError

TYPED = {"lookback_days": "lookback", "window_size": "lookback", "retrain_frequency": "retrain"}
"""What a user types, and what the detector calls it."""


def usual_names_only(options: dict[str, Any]) -> dict[str, Any]:
    """Refuse a naming rule where regimes are asked for by their usual names."""
    if options.get("naming") is not None:
        raise ParameterError("naming", options["naming"], "none: regimes go by their usual names here", "Use an algorithm class.")
    return options


def detector_options(further: dict[str, Any], **typed: Any) -> dict[str, Any]:
    """Options of `RegimeDetector`, checked; a wrong one is named as it was typed.

    Parameters
    ----------
    further : dict
        What came as **options.
    **typed
        n_states, lookback_days or window_size, retrain_frequency.

    Raises
    ------
    ParameterError
        A value that can't be, an option that doesn't exist, or one that has another name here.
    """
    names = {TYPED.get(name, name): name for name in typed}
    for name, value in further.items():
        if name in names:
            raise ParameterError(name, value, f"{names[name]} instead", "Here it is called so.")
    known = RegimeDetector().options
    for name, value in further.items():
        if name not in known:
            raise ParameterError(
                name, value, f"one of {sorted([*typed, *(set(known) - set(names))])}", "There is no such option."
            )
    made = {TYPED.get(name, name): value for name, value in typed.items()} | further
    try:
        RegimeDetector(**made | ({"stagger": None} if isinstance(made.get("stagger"), bool) else {}))
    except ParameterError as error:
        if error.parameter not in names or names[error.parameter] == error.parameter:
            raise
        raise ParameterError(names[error.parameter], error.received, error.expected, error.remedy) from error
    return made
