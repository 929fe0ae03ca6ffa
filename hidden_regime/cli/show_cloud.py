"""What the cloud holds and costs, on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from hidden_regime.cli import show
from hidden_regime.cli.show import said

if TYPE_CHECKING:
    from hidden_regime.cloud.budget.budget import Budget
    from hidden_regime.cloud.endpoints.optimizations import Quote
    from hidden_regime.cloud.optimization_spec import OptimizationSpec
    from hidden_regime.cloud.records.account import Organization
    from hidden_regime.cloud.records.backtests import Backtest
    from hidden_regime.cloud.records.optimizations import Optimization
    from hidden_regime.cloud.records.projects import Project
    from hidden_regime.research.tables import Backtest as Tables

LATEST = 20


def _table(*columns: str, title: str = "") -> Table:
    table = Table(title=said(title) if title else None, title_justify="left", box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column)
    return table


def _pairs(console: Console, rows: Mapping[str, object]) -> None:
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="dim")
    table.add_column()
    for name, value in rows.items():
        table.add_row(said(name), said(str(value)))
    console.print(table)


def credits(value: float | None) -> str:
    """QCC with what they are in dollars."""
    return "-" if value is None else f"{value:,.0f} QCC (${value / 100:,.2f})"


def whoami(console: Console, told: Mapping[str, Any], organizations: Sequence[Organization]) -> None:
    """A user."""
    rows = {"server": told["server"], "user": told["user_id"], "credit": credits(told["credits"])}
    names = ", ".join(f"{one.name} ({one.type})" + (", preferred" if one.preferred else "") for one in organizations)
    _pairs(console, rows | {"organizations": names or told["organization"]})


def backtest(console: Console, done: Tables) -> None:
    """A finished backtest."""
    console.print()
    console.print(said(done.name, "bold") + said(f" in {done.origin}"), highlight=False)
    if len(done.equity):
        console.print(f"{done.equity.index[0]:%Y-%m-%d} to {done.equity.index[-1]:%Y-%m-%d}\n", highlight=False)
    show.statistics(console, done.statistics, None)


def quote(console: Console, found: Quote, spec: OptimizationSpec, budget: Budget) -> None:
    """What an optimisation would cost, beside what may be spent."""
    limits = budget.limits()
    rows: dict[str, object] = {
        "backtests": spec.n_backtests,
        "time of each": f"{found.estimate.time:,.0f} s, by the server's estimate",
        "may cost": credits(found.credits),
        "balance": credits(found.estimate.balance),
    }
    for period, used in (("job", 0), ("day", budget.spent("day")), ("month", budget.spent("month"))):
        limit = limits.get(period)
        left = "no limit is set, so nothing is begun" if limit is None else f"{limit.value - used:,} of {limit.value:,} QCC left"
        rows[f"limit a {period}"] = left
    console.print()
    _pairs(console, rows)
    console.print("\nNo optimisation was begun. --pay begins it.", highlight=False)


def listing(console: Console, project: Project, backtests: Sequence[Backtest], optimizations: Sequence[Optimization]) -> None:
    """What a project ran."""
    console.print(said(f"Project {project.project_id}, {project.name}"), highlight=False)
    if not (backtests or optimizations):
        console.print("Nothing was run yet.")
    table = _table("backtest", "name", "status", "Sharpe")
    newest = sorted(backtests, key=lambda one: str(one.created), reverse=True)
    for one in newest[:LATEST]:
        sharpe = one.sharpe_ratio if one.sharpe_ratio is not None else one.fractions.get("Sharpe Ratio")
        cells = (one.backtest_id, one.name, one.status, "-" if sharpe is None else f"{sharpe:.3f}")
        table.add_row(*map(said, cells))
    if backtests:
        console.print(table)
    if len(backtests) > LATEST:
        console.print(said(f"and {len(backtests) - LATEST} earlier ones", "dim"))
    if optimizations:
        other = _table("optimization", "name", "status")
        for item in optimizations:
            other.add_row(said(item.optimization_id), said(item.name), said(str(item.status)))
        console.print()
        console.print(other)


def cost(console: Console, account: str, budget: Budget) -> None:
    """Limits and books of an account."""
    from hidden_regime.cloud.budget.limits import KINDS

    limits = budget.limits()
    used = {"day": budget.spent("day"), "month": budget.spent("month"), "backtests": budget.counted("backtests")}
    table = _table("limit", "of", "value", "used", "source", title=f"{account}, {budget.today} UTC")
    for name, kind in KINDS.items():
        limit = limits.get(name)
        value = "not set" if limit is None else f"{limit.value:,} {kind.unit}".rstrip()
        source = "" if limit is None else f"{limit.source}, {limit.day}"
        table.add_row(name, kind.what, said(value), f"{used[name]:,}" if name in used else "", said(source))
    console.print(table)
    entries = budget.entries()
    if entries:
        console.print()
        books = _table("day", "job", "state", "set aside", "did cost")
        for one in entries[-LATEST:]:
            actual = "-" if one.actual is None else f"{one.actual:,}"
            books.add_row(*map(said, (one.day, one.name, one.state, f"{one.reserved:,}", actual)))
        console.print(books)
