"""Former address of `hidden_regime.quantconnect.framework.risk_model`, for code that names it."""

from hidden_regime.quantconnect.framework.risk_model import RegimeRiskManagementModel

__all__ = ["RegimeRiskManagementModel"]
