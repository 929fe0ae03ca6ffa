"""The page of a portfolio: equal findings have equal pages, and texts from outside are escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.experiments.pages.rendering import drawn, render_of
from hidden_regime.experiments.pages.written import NOTHING, day, number, percent
from hidden_regime.operation.portfolio.figures import curves, through_time
from hidden_regime.operation.portfolio.folder import identity
from hidden_regime.operation.portfolio.template import TEMPLATES

if TYPE_CHECKING:
    from hidden_regime.operation.portfolio.weights import Line, Weights

NAMES = {
    "hrp": "hierarchical risk parity",
    "min-vol": "least variance",
    "max-sharpe": "most Sharpe ratio",
    "equal": "equal weights",
}
COLUMNS = ("", "Return a year", "Volatility", "Sharpe ratio", "Largest drawdown", "Turnover a year", "Cost a year")
RULE = (
    "Each row of weights is found of the days before it alone, and held until the next, drifting as the strategies earn. The "
    "difference from equal weights is tested by blocks of days drawn again."
)


def portfolio_page(found: Weights) -> str:
    """HTML of the page, which opens without a network."""
    spec, n = found.spec, len(found.names)
    return render_of(
        TEMPLATES, "portfolio", title=f"Portfolio of {n} strategies", id=f"Portfolio {identity(found)}", asked=_asked(found),
        headline=found.headline, rule=RULE, columns=COLUMNS, lines=[_row(line) for line in found.lines],
        lines_note=f"Trading days from {day(spec['first'])} to {day(spec['last'])}. Moving a dollar between strategies costs "
        f"{percent(spec['cost'], 2)} of it; the first buying is counted.",
        curves=drawn(curves(found), "curves"), weights=drawn(through_time(found), "weights"),
        weights_note=f"{len(found.weights):,} rebalancings, {spec['rebalance']}.",
        latest_note=f"From the days until {day(spec['last'])}; equal weights beside. The file plan.toml has them as a plan.",
        latest=[[name, percent(value), percent(1.0 / n)] for name, value in found.latest.items()], notes=found.notes,
    )  # fmt: skip


def _asked(found: Weights) -> str:
    spec = found.spec
    of = "" if spec["covariance"] is None else f" \u00b7 covariance {_kind(found)}"
    days = "all days before" if spec["lookback"] is None else f"at most {spec['lookback']} days before"
    return f"{NAMES[spec['method']]}{of} \u00b7 {spec['rebalance']}, of {days}"


def _kind(found: Weights) -> str:
    regimes = found.spec["regimes"]
    if regimes is None:
        return "by Ledoit and Wolf"
    return f"by the market's regimes ({', '.join(regimes)}) as they were known"


def _row(line: Line) -> list[str]:
    sharpe = NOTHING if line.sharpe is None else number(line.sharpe)
    turnover = NOTHING if line.turnover is None else number(line.turnover)
    figures = (percent(line.annual_return), percent(line.volatility), sharpe, percent(line.drawdown), turnover)
    return [line.name, *figures, percent(line.cost, 2)]
