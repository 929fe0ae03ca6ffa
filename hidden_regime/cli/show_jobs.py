"""Campaigns on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from hidden_regime.cli.show import said

if TYPE_CHECKING:
    from hidden_regime.jobs.record import Event, StepRecord
    from hidden_regime.jobs.report import CampaignResult

STYLES = {"accepted": "green", "rejected": "dim", "failed": "red", "unclear": "red", "waiting": "yellow"}


def campaign(console: Console, found: CampaignResult) -> None:
    """Each hypothesis with its answer and why."""
    console.print()
    console.print(said(f"{found.name}: {found.headline}", "bold"), highlight=False)
    table = _table("hypothesis", "answer", "reason")
    for one in found.hypotheses:
        table.add_row(said(one.name), said(one.answer, STYLES.get(one.answer, "")), said(one.reason))
    console.print(table)


def steps(console: Console, rows: Sequence[StepRecord]) -> None:
    """Each step with its state."""
    table = _table("step", "where", "state", "answer", "reason")
    for one in rows:
        answer = "" if one.outcome is None else one.outcome.answer
        table.add_row(
            said(one.title), said(one.place), said(one.state, STYLES.get(one.state, "")), said(answer), said(one.reason)
        )
    console.print(table)


def log(console: Console, events: Sequence[Event]) -> None:
    """What happened, oldest first."""
    table = _table("when, UTC", "step", "what", "")
    for one in events:
        title = "/".join(part for part in (one.hypothesis, one.step) if part)
        when = f"{datetime.fromtimestamp(one.at, UTC):%Y-%m-%d %H:%M:%S}"
        table.add_row(said(when), said(title), said(one.kind), said(one.said))
    console.print(table)


def campaigns(console: Console, rows: Sequence[tuple[str, str, str]]) -> None:
    """Campaigns of a workspace: name, how far, and file."""
    table = _table("campaign", "steps", "file")
    for row in rows:
        table.add_row(*(said(text) for text in row))
    console.print(table)


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in names:
        table.add_column(name, overflow="fold")
    return table
