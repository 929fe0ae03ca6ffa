"""Rules on members: names that LEAN has taken, members that only LEAN has."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from hidden_regime.simulator.lean_names import QC_MEMBERS
from hidden_regime.simulator.spelling import snake
from hidden_regime.simulator.static.findings import Finding
from hidden_regime.simulator.static.source import Source, functions, uses_of_self

READ_ONLY = frozenset({
    "time", "utc_time", "start_date", "end_date", "time_zone", "live_mode", "account_currency", "statistics",
    "runtime_statistics", "current_slice", "active_securities", "subscription_manager", "algorithm_id",
    "is_market_open", "trade_builder", "risk_free_interest_rate_model",
})  # fmt: skip
TYPED = {
    "name": "a string", "tags": "a set of strings", "portfolio": "LEAN's portfolio", "settings": "LEAN's settings",
    "benchmark": "LEAN's benchmark", "securities": "LEAN's securities", "alpha": "an alpha model",
    "insights": "LEAN's insights", "universe": "LEAN's universe definitions", "execution": "an execution model",
    "transactions": "LEAN's orders", "object_store": "LEAN's store", "universe_settings": "UniverseSettings",
    "trading_calendar": "LEAN's calendar", "history_provider": "LEAN's provider", "status": "an AlgorithmStatus",
    "default_order_properties": "OrderProperties", "brokerage_model": "a brokerage model",
    "risk_management": "a risk model", "portfolio_construction": "a construction model", "universe_manager": "LEAN's universes",
}  # fmt: skip
DANGEROUS = {
    "schedule": "LEAN takes it, and the run dies of it",
    "is_warming_up": "LEAN takes it, and believes it", "project_id": "LEAN takes it",
}  # fmt: skip
ALLOWED = frozenset({"universe_settings", "default_order_properties", "name", "tags"})


def collisions(source: Source) -> Iterator[Finding]:
    """Assignments to `self` that hit a property of LEAN's or hide a method of it."""
    for node in source.algorithms:
        own = {name for cls in source.chain(node) for name in functions(cls)}
        called = {snake(c.func.attr) for c in ast.walk(node) if isinstance(c, ast.Call) and c.func in set(uses_of_self(node))}
        values = {t: a.value for a in ast.walk(node) if isinstance(a, ast.Assign) for t in a.targets}
        for use in uses_of_self(node):
            if not isinstance(use.ctx, ast.Store):
                continue
            name = snake(use.attr) if use.attr[:1].isupper() else use.attr
            value = values.get(use)
            if name == "name" and isinstance(value, ast.Constant) and not isinstance(value.value, str):
                yield Finding(use.lineno, "error", "self.name = ...: that is a string in LEAN (TypeError). Take another name.")
            if name in ALLOWED or name in own:
                continue
            if name in READ_ONLY:
                yield Finding(use.lineno, "error", f"self.{use.attr} = ...: property is read-only in LEAN. Take another name.")
            elif name in TYPED:
                yield Finding(
                    use.lineno, "error", f"self.{use.attr} = ...: that is {TYPED[name]} in LEAN (TypeError). Take another name."
                )
            elif name in DANGEROUS:
                yield Finding(use.lineno, "error", f"self.{use.attr} = ...: {DANGEROUS[name]}. Take another name.")
            elif name in QC_MEMBERS and name in called:
                yield Finding(
                    use.lineno, "warning",
                    f"self.{use.attr} = ... hides LEAN's method {name}, which this strategy calls. Take another name.",
                )  # fmt: skip


def lean_only(source: Source, available: frozenset[str]) -> Iterator[Finding]:
    """Members of LEAN's QCAlgorithm that the embedded engine lacks."""
    for node in source.algorithms:
        own = {name for cls in source.chain(node) for name in functions(cls)}
        own |= {use.attr for cls in source.chain(node) for use in uses_of_self(cls) if isinstance(use.ctx, ast.Store)}
        for use in uses_of_self(node):
            name = snake(use.attr) if use.attr[:1].isupper() else use.attr
            if use.attr in own or use in source.guarded:
                continue
            if isinstance(use.ctx, ast.Load) and name in QC_MEMBERS and name not in available:
                yield Finding(use.lineno, "lean-only", f"self.{use.attr} exists in LEAN only: the embedded engine lacks it.")
