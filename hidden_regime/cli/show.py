"""Tables for the terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hidden_regime.cli.messages import plain
from hidden_regime.research.regime_rows import cells

if TYPE_CHECKING:
    import pandas as pd

    from hidden_regime.research.tables import Backtest


def said(value: object, style: str = "") -> Text:
    """A text from outside as it is: brackets are no markup, and what would steer the terminal is spelled out."""
    return Text(plain(str(value), keep=""), style)


def statistics(console: Console, figures: dict[str, str], trading_day_sharpe: float | None) -> None:
    """LEAN's statistics in two columns."""
    table = Table(title="Statistics (as LEAN computes them)", title_justify="left", show_header=False, box=None, pad_edge=False)
    for _ in range(2):
        table.add_column(style="dim")
        table.add_column(justify="right")
    rows = list(figures.items())
    if trading_day_sharpe is not None:
        rows.append(("Sharpe by trading days", "-" if math.isnan(trading_day_sharpe) else f"{trading_day_sharpe:.3f}"))
    half = (len(rows) + 1) // 2
    for left, right in zip(rows[:half], [*rows[half:], ("", "")], strict=False):
        table.add_row(*(said(text) for text in (*left, *right)))
    console.print(table)


def regimes(console: Console, title: str, frame: pd.DataFrame) -> None:
    """What each regime was like; how long it lasts is told by the runs, and in bars."""
    by = f" (p.a. of {frame['bars_per_year'].iloc[0]:,.0f} bars)" if len(frame) else ""
    table = Table(title=said(title + by), title_justify="left", box=None, pad_edge=False, header_style="dim")
    table.add_column("regime")
    for name in ("share", "return p.a.", "volatility p.a.", "runs", "mean run", "longest", "lasts"):
        table.add_column(name, justify="right")
    for label, row in frame.iterrows():
        table.add_row(said(label), *cells(row.to_dict()))
    console.print(table)


def backtest(console: Console, done: Backtest, seconds: float) -> None:
    """A finished run."""
    label = Text("SYNTHETIC DATA ", "bold yellow") if done.synthetic else Text()
    console.print()
    console.print(label + said(done.name, "bold") + said(f" on {done.market}: {done.origin}"), highlight=False)
    if len(done.equity):
        console.print(f"{done.equity.index[0]:%Y-%m-%d} to {done.equity.index[-1]:%Y-%m-%d}\n", highlight=False)
    statistics(console, done.statistics, done.trading_day_sharpe)
    for asset in done.assets:
        console.print()
        regimes(console, f"{asset.ticker}: what followed each regime", asset.table)
    share = f", {done.regime_seconds:.2f} s of it in regimes" if done.assets else ""
    console.print(f"\n{done.trainings} trainings; the run took {seconds:.2f} s{share}.", highlight=False)


def latest(console: Console, title: str, row: dict[str, Any]) -> None:
    """The latest state of a series."""
    table = Table(title=said(title), title_justify="left", show_header=False, box=None, pad_edge=False)
    table.add_column(style="dim")
    table.add_column()
    for name, value in row.items():
        table.add_row(said(name), said(value))
    console.print(table)
