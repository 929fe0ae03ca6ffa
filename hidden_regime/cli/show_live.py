"""Deployments on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from hidden_regime.cli.show import said

if TYPE_CHECKING:
    from hidden_regime.operation.alerts.trial import Outcome as TestOutcome
    from hidden_regime.operation.checking import Agreement
    from hidden_regime.operation.journal import Journal
    from hidden_regime.operation.panic import Outcome
    from hidden_regime.operation.status import Status
    from hidden_regime.operation.together import Breach

STYLES = {"running": "green", "failed": "red", "halted": "red", "error": "red", "warning": "yellow", "ended": "dim"}


def _table(*heads: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in heads:
        table.add_column(head, overflow="fold")
    return table


@contextmanager
def progress(console: Console, journal: Journal, name: str) -> Iterator[Callable[[], None]]:
    """A line that says how far a run is; what is yielded brings it up to date."""
    with console.status(f"{name} begins") as line:

        def tick() -> None:
            beat = journal.heartbeat(name)
            if beat is None:
                return
            rows = journal.file.rows("SELECT equity FROM equity WHERE deployment = ? ORDER BY number DESC LIMIT 1", name)
            equity = f", equity {rows[0][0]:,.2f}" if rows else ""
            line.update(said(f"{name}: {beat[1][:16].replace('T', ' ')} New York{equity}").plain)

        yield tick


def _lines(reason: str) -> list[str]:
    """Of a strategy that failed the reason has the lines of its code."""
    return [line for line in reason.splitlines() if line.strip()]


def ended(console: Console, journal: Journal, name: str) -> None:
    """How a run ended."""
    found = journal.deployment(name)
    equity = journal.equity(name)
    for line in _lines(f"{name} {found.state}: {found.reason}"):
        console.print(said(line, STYLES.get(found.state, "")), highlight=False, soft_wrap=True)
    if equity:
        console.print(
            said(f"equity {equity[-1][1]:,.2f}, {len(journal.order_events(name))} order events"), highlight=False, soft_wrap=True
        )


def panicked(console: Console, name: str, outcome: Outcome) -> None:
    """What the kill switch came to."""
    if outcome.is_flat:
        console.print(said(f"{name}: flat, nothing is ordered", "green"), highlight=False, soft_wrap=True)
    else:
        console.print(said(f"{name}: NOT FLAT. Close it by hand at once.", "bold red"), highlight=False, soft_wrap=True)
        if outcome.left is not None:
            for ticker, quantity in outcome.left.positions.items():
                console.print(said(f"  {ticker} {quantity:g}"), highlight=False, soft_wrap=True)
    for one in outcome.said:
        console.print(said(f"  {one}", "yellow"), highlight=False, soft_wrap=True)


def tested(console: Console, outcomes: Sequence[TestOutcome]) -> None:
    """What a test alert came to."""
    for one in outcomes:
        what = f"arrived after {one.seconds:.1f} s" if one.arrived else f"did not arrive: {one.said}"
        console.print(said(f"{one.sink}: {what}", "green" if one.arrived else "red"), highlight=False, soft_wrap=True)


def breached(console: Console, breach: Breach) -> int:
    """A limit that several strategies passed together; the exit status."""
    console.print(said(f"{breach.rule.name}: {breach.said}: {breach.rule.action}", "red"), highlight=False, soft_wrap=True)
    for name, outcome in breach.ended.items():
        if outcome is not None:
            panicked(console, name, outcome)
    return 5 if any(outcome is not None and not outcome.is_flat for outcome in breach.ended.values()) else 0


def checked(console: Console, name: str, found: Agreement) -> None:
    """Whether a journal is what a backtest gives."""
    if found.difference:
        console.print(said(f"{name}: {found.difference}", "red"), highlight=False, soft_wrap=True)
        return
    if not (found.orders or found.days):
        console.print(said(f"{name}: its journal has no day that is over: there is nothing to compare"), highlight=False)
        return
    equity = "" if found.equity is None else f", the last {found.equity:,.2f}"
    console.print(
        said(f"{name}: equal to a backtest of the same bars: {found.orders} order events, equity of {found.days} days{equity}"),
        highlight=False,
        soft_wrap=True,
    )


def deployments(console: Console, journal: Journal) -> None:
    """All deployments of a workspace."""
    table = _table("deployment", "state", "since", "target", "strategy", "reason")
    for one in journal.deployments():
        style = STYLES.get(one.state, "")
        table.add_row(
            said(one.name),
            said(one.state, style),
            said(one.made[:10]),
            said(one.spec.target),
            said(one.spec.strategy),
            said(one.reason.strip().partition("\n")[0]),
        )
    console.print(table)


def status(console: Console, found: Status) -> None:
    """How one stands."""
    runs = f"process {found.process}" if found.process is not None else "no process"
    console.print(said(f"{found.name}: {found.state}, {runs}", STYLES.get(found.state, "bold")), highlight=False, soft_wrap=True)
    for text in _lines(found.reason):
        console.print(said(f"  {text}"), highlight=False, soft_wrap=True)
    if found.age is not None:
        heard = f"last heard of {found.age:,.0f} s ago, at {found.market_time[:16].replace('T', ' ')} New York"
        console.print(said(heard, "red" if found.is_stale else ""), highlight=False, soft_wrap=True)
    if found.equity is not None:
        console.print(said(f"equity {found.equity:,.2f}, {found.orders} order events"), highlight=False, soft_wrap=True)
    if found.latency is not None:
        took = f"orders were taken {found.latency * 1000:,.0f} ms after their bar had come (median)"
        console.print(said(took), highlight=False, soft_wrap=True)
    if found.regimes:
        table = _table("asset", "regime", "confidence")
        for ticker, (regime, confidence) in found.regimes.items():
            table.add_row(said(ticker), said(regime), f"{confidence:.1%}")
        console.print(table)
    if found.told:
        table = _table("market time", "", "what", "")
        for line in found.told:
            when = line.market_time[:16].replace("T", " ")
            table.add_row(said(when), said(line.level, STYLES.get(line.level, "")), said(line.kind), said(line.said))
        console.print(table)
