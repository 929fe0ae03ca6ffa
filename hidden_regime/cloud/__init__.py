"""QuantConnect from outside: a typed client, what a call costs before it is made, and a server to practise on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.lazily import lazily

if TYPE_CHECKING:
    from hidden_regime.cloud.budget.budget import Budget
    from hidden_regime.cloud.client import QuantConnect
    from hidden_regime.cloud.credentials import Credentials, find_credentials
    from hidden_regime.cloud.errors import (
        AuthenticationFailed,
        BudgetExceeded,
        CapacityBusy,
        NotFound,
        QCError,
        RateLimited,
        RequestRefused,
        RunFailed,
        ServerError,
        Unclear,
        Waiting,
    )
    from hidden_regime.cloud.optimization_spec import OptimizationSpec
    from hidden_regime.cloud.optimization_statistics import statistics
    from hidden_regime.cloud.pricing import optimization_cost

ERRORS = "hidden_regime.cloud.errors"
HOMES = {
    "AuthenticationFailed": ERRORS, "Budget": "hidden_regime.cloud.budget.budget", "BudgetExceeded": ERRORS,
    "CapacityBusy": ERRORS,
    "Credentials": "hidden_regime.cloud.credentials", "NotFound": ERRORS,
    "OptimizationSpec": "hidden_regime.cloud.optimization_spec", "QCError": ERRORS, "QuantConnect": "hidden_regime.cloud.client",
    "RateLimited": ERRORS, "RequestRefused": ERRORS, "RunFailed": ERRORS, "ServerError": ERRORS, "Unclear": ERRORS,
    "Waiting": ERRORS, "find_credentials": "hidden_regime.cloud.credentials",
    "optimization_cost": "hidden_regime.cloud.pricing", "statistics": "hidden_regime.cloud.optimization_statistics",
}  # fmt: skip

__all__ = [
    "AuthenticationFailed", "Budget", "BudgetExceeded", "CapacityBusy", "Credentials", "NotFound", "OptimizationSpec", "QCError",
    "QuantConnect", "RateLimited", "RequestRefused", "RunFailed", "ServerError", "Unclear", "Waiting", "find_credentials",
    "optimization_cost", "statistics",
]  # fmt: skip

__getattr__ = lazily(__name__, HOMES)
