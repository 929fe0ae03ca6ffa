"""The `portfolio` commands: weights of strategies, and plans of the money."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from hidden_regime.cli import show, telling
from hidden_regime.cli.messages import Debug, messages, path_argument, path_option, say
from hidden_regime.cli.options import Json, Quiet
from hidden_regime.exceptions import ParameterError

if TYPE_CHECKING:
    from hidden_regime.operation.portfolio.weights import Weights

portfolio_app = typer.Typer(
    no_args_is_help=True,
    help="Portfolios of strategies.\n\nExample: [bold]hidden-regime portfolio build results/a results/b[/]",
)
Results = Annotated[list[str], typer.Argument(help="Folders of walk-forwards, or of backtests; at least two.")]
Market = Annotated[str | None, typer.Option(help="Of covariance regime: a packaged set or a file of prices.")]


@portfolio_app.command()
def build(
    results: Results,
    method: Annotated[str, typer.Option(help="hrp, min-vol, max-sharpe or equal.")] = "hrp",
    rebalance: Annotated[str, typer.Option(help="monthly, quarterly, weekly or daily.")] = "monthly",
    covariance: Annotated[str, typer.Option(help="ledoit-wolf, or regime, by those of --market.")] = "ledoit-wolf",
    market: Market = None,
    asset: Annotated[str | None, typer.Option(help="Ticker, where --market holds several.")] = None,
    n_states: Annotated[int, typer.Option(help="Regimes of the market.")] = 3,
    lookback: Annotated[int, typer.Option(help="Days that weights are found of; 0: all before.")] = 504,
    min_days: Annotated[int, typer.Option(help="Common days before the first weights.")] = 126,
    cost: Annotated[float, typer.Option(help="Of each dollar that moves between strategies.")] = 0.001,
    out: Annotated[Path | None, path_option("Folder for the tables and the page. Default: results/portfolio-...")] = None,
    quiet: Quiet = False, as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Find the weights of several strategies, each month from the days before it, with equal weights beside.

    Example: [bold]hidden-regime portfolio build results/a results/b --method min-vol[/]
    """
    from hidden_regime.data.packaged import load_series
    from hidden_regime.operation.portfolio.building import build_portfolio
    from hidden_regime.operation.portfolio.folder import identity, weights_dict

    console = Console(quiet=quiet or as_json)
    with messages(debug):
        prices = None if market is None else load_series(market, asset)[1]
        found = build_portfolio(
            results, method, rebalance, covariance=covariance, market=prices, n_states=n_states, lookback=lookback or None,
            min_days=min_days, cost=cost)  # fmt: skip
        folder = out or Path("results") / f"portfolio-{method}-{identity(found)[:8]}"
        found.write(folder)
        _show(console, found)
        telling.end(console, folder, weights_dict(found) if as_json else None, "Portfolio")


@portfolio_app.command()
def plan(
    file: Annotated[Path, path_argument("An allocation plan, TOML: [[strategy]] with name and share.")],
    money: Annotated[float | None, typer.Option(help="Dollars in all.")] = None,
    debug: Debug = False,
) -> None:
    """Check an allocation plan and show it. Shares of more than all money are refused.

    Example: [bold]hidden-regime portfolio plan plan.toml --money 100000[/]
    """
    from hidden_regime.operation.portfolio.plan import read_plan

    with messages(debug):
        found = read_plan(file)
        if money is not None and not 0 < money <= 1e15:
            raise ParameterError("--money", money, "an amount of dollars above 0 and at most a million billions")
        amounts = {} if money is None else found.amounts(Decimal(str(money)))
        for name, share in found.shares.items():
            say(f"{name}: {share:.2%}" + (f", {amounts[name]:,} dollars" if amounts else ""))
        say(f"cash: {found.cash:.2%}")


def _show(console: Console, found: Weights) -> None:
    spec = found.spec
    table = Table(title=show.said(f"{spec['first']} to {spec['last']}"), title_justify="left", box=None, pad_edge=False,
                  header_style="dim")  # fmt: skip
    table.add_column("", overflow="fold")
    for name in ("return a year", "volatility", "Sharpe", "drawdown", "turnover", "cost"):
        table.add_column(name, justify="right", no_wrap=True)
    for line in found.lines:
        sharpe = "-" if line.sharpe is None else f"{line.sharpe:.2f}"
        moved = ("-", "-") if line.turnover is None or line.cost is None else (f"{line.turnover:.2f}", f"{line.cost:.2%}")
        table.add_row(show.said(line.name), f"{line.annual_return:.1%}", f"{line.volatility:.1%}", sharpe, f"{line.drawdown:.1%}",
                      *moved)  # fmt: skip
    console.print()
    console.print(table)
    console.print()
    console.print(show.said(found.headline, "bold"), highlight=False)
    held = ", ".join(f"{name} {value:.1%}" for name, value in found.latest.items())
    console.print(show.said(f"Next: {held}; equal weights {1.0 / len(found.latest):.1%} each."), highlight=False)
    for note in found.notes:
        console.print(show.said(f"note: {note}", "yellow"), highlight=False)
