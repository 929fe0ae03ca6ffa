"""Comparisons, simulations, segments and checks on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from hidden_regime.cli.show import said

if TYPE_CHECKING:
    from hidden_regime.experiments.lookahead.finding import Lookahead


def lookahead(console: Console, found: Lookahead) -> None:
    """A check for look-ahead: the verdict first."""
    console.print()
    console.print(said(f"{found.strategy}: {found.summary()}", "bold"), highlight=False)
    for one in found.findings:
        console.print(said(str(one)), highlight=False)
    for one in found.start_up:
        console.print(said(f"start-up, no look-ahead: {one}"), highlight=False)
    for note in found.notes:
        console.print(said(f"note: {note}", "yellow"), highlight=False)
