"""The `lean-check` command: a strategy against LEAN, read or run."""

from __future__ import annotations

from pathlib import Path

import typer

from hidden_regime.cli import strategies
from hidden_regime.data import packaged
from hidden_regime.simulator.comparison import check
from hidden_regime.simulator.static import check_file

COLORS = {"error": "red", "warning": "yellow", "lean-only": "cyan"}


def static(path: Path) -> bool:
    """Print what a reading of a strategy finds. Whether LEAN would run it as it says."""
    found = check_file(path)
    for finding in found:
        typer.secho(f"{path}:{finding.line}: {finding.kind}: {finding.message}", fg=COLORS[finding.kind])
    counts = {kind: sum(1 for finding in found if finding.kind == kind) for kind in COLORS}
    said = ", ".join(f"{n} {kind}{'s' if n != 1 and kind != 'lean-only' else ''}" for kind, n in counts.items() if n)
    typer.echo(f"{path}: {said or 'nothing found'}.")
    return not counts["error"]


def compare(target: Path, strategy: Path | None, data: str | None, parameters: list[str]) -> bool:
    """Print where a run of the embedded engine differs from LEAN's. Whether it doesn't."""
    beside = target.parent.parent / "data"
    market = packaged.open_market(data or (beside if beside.is_dir() else packaged.DEFAULT))
    found = check(target, market, strategy=strategy, parameters=strategies.parse_parameters(parameters))
    for text in found.differences:
        typer.echo(text)
    orders, lines = len(found.lean["orders"]), len(found.lean["log"])
    if found.equal:
        typer.secho(f"equal: {orders} orders, {len(found.lean['equity'])} equity samples, {lines} log lines.", fg="green")
    else:
        n = len(found.differences)
        said = "1 part differs" if n == 1 else f"{n} parts differ; above is the first difference of each"
        typer.secho(f"{said}. LEAN's run has {orders} orders and {lines} log lines.", fg="red")
    return found.equal
