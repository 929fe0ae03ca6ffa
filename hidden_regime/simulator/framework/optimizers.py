"""Portfolio optimisers: from past returns to weights. Those with bounds are solved by scipy."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from hidden_regime.exceptions import ParameterError

FLOOR = 1e-5
"""Least weight of risk parity."""


def _equal(size: int) -> Any:
    return np.full(size, 1.0 / size)


class _Bounded:
    """Weights between bounds that add up to one."""

    def __init__(self, minimum_weight: float = -1, maximum_weight: float = 1) -> None:
        self.minimum_weight, self.maximum_weight = minimum_weight, maximum_weight

    def _variance(self, weights: Any, covariance: Any) -> float:
        variance = float(weights @ covariance @ weights)
        if variance == 0 and np.any(weights):
            raise ParameterError("covariance", covariance, "returns that vary (Volatility cannot be zero.)")
        return variance

    def _solve(self, objective: Any, size: int, *constraints: Any) -> Any:
        from scipy.optimize import minimize

        rules = [{"type": "eq", "fun": rule} for rule in (lambda weights: np.sum(weights) - 1, *constraints)]
        bounds = [(self.minimum_weight, self.maximum_weight)] * size
        return minimize(objective, _equal(size), bounds=bounds, constraints=rules, method="SLSQP")


class MinimumVariancePortfolioOptimizer(_Bounded):
    """Least variance for a target return; the weights are scaled so that their absolute values add up to one."""

    def __init__(self, minimum_weight: float = -1, maximum_weight: float = 1, target_return: float = 0.02) -> None:
        super().__init__(minimum_weight, maximum_weight)
        self.target_return = target_return

    def optimize(self, historical_returns: Any, expected_returns: Any = None, covariance: Any = None) -> Any:
        """Weights of the columns of returns; equal ones where there is no solution."""
        matrix = np.asarray(historical_returns.cov() if covariance is None else covariance)
        means = np.asarray(historical_returns.mean() if expected_returns is None else expected_returns)
        size = len(matrix)
        found = self._solve(
            lambda weights: self._variance(weights, matrix), size, lambda weights: means @ weights - self.target_return
        )
        return found["x"] / np.sum(np.abs(found["x"])) if found["success"] else _equal(size)


class MaximumSharpeRatioPortfolioOptimizer(_Bounded):
    """Most return over a risk-free rate for its deviation."""

    def __init__(self, minimum_weight: float = -1, maximum_weight: float = 1, risk_free_rate: float = 0) -> None:
        super().__init__(minimum_weight, maximum_weight)
        self.risk_free_rate = risk_free_rate

    def optimize(self, historical_returns: Any, expected_returns: Any = None, covariance: Any = None) -> Any:
        """Weights of the columns of returns; equal ones where there is no solution."""
        matrix = np.asarray(historical_returns.cov() if covariance is None else covariance)
        means = np.asarray(historical_returns.mean() if expected_returns is None else expected_returns) - self.risk_free_rate
        size = len(matrix)
        found = self._solve(lambda weights: -(means @ weights) / np.sqrt(self._variance(weights, matrix)), size)
        return found["x"] if found["success"] else _equal(size)


class UnconstrainedMeanVariancePortfolioOptimizer:
    """Expected returns times the inverse covariance."""

    def optimize(self, historical_returns: Any, expected_returns: Any = None, covariance: Any = None) -> Any:
        """Weights of the columns of returns."""
        means = historical_returns.mean() if expected_returns is None else expected_returns
        return np.asarray(means) @ np.linalg.inv(np.asarray(historical_returns.cov() if covariance is None else covariance))


class RiskParityPortfolioOptimizer:
    """Each asset carries the same risk, or a budget of it (Spinu 2013)."""

    def __init__(self, minimum_weight: float = FLOOR, maximum_weight: float = sys.float_info.max) -> None:
        self.minimum_weight = max(minimum_weight, FLOOR)
        self.maximum_weight = max(maximum_weight, minimum_weight)

    def optimize(self, historical_returns: Any, budget: Any = None, covariance: Any = None) -> Any:
        """Weights of the columns of returns; equal ones where there is no solution."""
        from scipy.optimize import minimize

        matrix = np.cov(np.asarray(historical_returns).T) if covariance is None else np.asarray(covariance)
        start = _equal(historical_returns.columns.size)
        risk = start if budget is None else np.asarray(budget)
        found = minimize(
            lambda weights: 0.5 * weights @ matrix @ weights - risk @ np.log(weights), start,
            jac=lambda weights: matrix @ weights - risk / weights, hess=lambda weights: matrix + np.diag(risk / weights**2),
            method="Newton-CG",
        )  # fmt: skip
        if not found["success"]:
            return start
        return np.clip(found["x"] / np.sum(found["x"]), self.minimum_weight, self.maximum_weight)
