"""Portfolios of strategies: what each is to have, from returns out of sample and the past alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.lazily import lazily

if TYPE_CHECKING:
    from hidden_regime.operation.portfolio.building import build_portfolio
    from hidden_regime.operation.portfolio.plan import Plan, read_plan
    from hidden_regime.operation.portfolio.weights import Line, Weights

HOMES = {
    "Line": "hidden_regime.operation.portfolio.weights", "Plan": "hidden_regime.operation.portfolio.plan",
    "Weights": "hidden_regime.operation.portfolio.weights", "build_portfolio": "hidden_regime.operation.portfolio.building",
    "read_plan": "hidden_regime.operation.portfolio.plan",
}  # fmt: skip

__all__ = ["Line", "Plan", "Weights", "build_portfolio", "read_plan"]

__getattr__ = lazily(__name__, HOMES)
