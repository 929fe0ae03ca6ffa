"""Former address of `hidden_regime.quantconnect.framework.alpha_model`, for code that names it."""

from hidden_regime.quantconnect.framework.alpha_model import HiddenRegimeAlphaModel

__all__ = ["HiddenRegimeAlphaModel"]
