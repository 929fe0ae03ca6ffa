"""Comparisons, simulations, segments and checks on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from hidden_regime.cli.show import said

if TYPE_CHECKING:
    from hidden_regime.experiments.comparison.comparison import Comparison
    from hidden_regime.experiments.lookahead.finding import Lookahead
    from hidden_regime.experiments.segments import Segments


def comparison(console: Console, found: Comparison) -> None:
    """Strategies in order, and whether they differ."""
    title = f"{len(found.days):,} common days, {found.days[0]} to {found.days[-1]}"
    table = _table("strategy", ("Sharpe", "return a year", "drawdown", "volatility", "orders"), title)
    for one in found.figures:
        if one.error:
            table.add_row(said(one.name), *["-"] * 5)
            continue
        sharpe = f"{_number(one.sharpe)} \u00b1 {_number(one.sharpe_se)}"
        fractions = (_percent(value) for value in (one.annual_return, one.max_drawdown, one.volatility))
        table.add_row(said(one.name), sharpe, *fractions, "-" if one.n_orders is None else f"{one.n_orders:,}")
    console.print()
    console.print(table)
    for one in found.figures:
        if one.error:
            console.print(said(f"{one.name} isn't compared: {one.error}", "red"), highlight=False)
    console.print()
    console.print(said(found.verdict.headline, "bold"), highlight=False)
    for line in found.verdict.reasons:
        console.print(said(line), highlight=False)
    _notes(console, found.notes)


def segments(console: Console, found: Segments) -> None:
    """Parts of a run, and which can be told from the rest."""
    from hidden_regime.experiments.pages.segments_words import headline

    table = _table("part", ("days", "spells", "return a year", "Sharpe", "drawdown", "p (Holm)"))
    for part in found.parts:
        own, difference = part.own, part.mean_difference
        told = "too few" if part.too_few else "-" if difference is None else f"{difference.p_holm:.3f}"
        figures = (_percent(own.mean), _number(own.sharpe), _percent(own.drawdown), told)
        table.add_row(said(part.name), f"{part.days:,}", f"{part.spells:,}", *figures)
    console.print()
    console.print(said(headline(found), "bold"), highlight=False)
    console.print(table)
    _notes(console, found.notes)


def lookahead(console: Console, found: Lookahead) -> None:
    """A check for look-ahead: the verdict first."""
    console.print()
    console.print(said(f"{found.strategy}: {found.summary()}", "bold"), highlight=False)
    for one in found.findings:
        console.print(said(str(one)), highlight=False)
    for one in found.start_up:
        console.print(said(f"start-up, no look-ahead: {one}"), highlight=False)
    _notes(console, found.notes)


def _table(first: str, others: Sequence[str], title: str = "") -> Table:
    table = Table(title=said(title) if title else None, title_justify="left", box=None, pad_edge=False, header_style="dim")
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _notes(console: Console, notes: Sequence[str]) -> None:
    for note in notes:
        console.print(said(f"note: {note}", "yellow"), highlight=False)
