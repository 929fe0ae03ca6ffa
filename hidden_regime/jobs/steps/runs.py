"""Single runs: the baseline, and whether another engine sends the same orders with what was found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from hidden_regime.jobs import words
from hidden_regime.jobs.errors import StepFailed
from hidden_regime.jobs.outcome import Outcome
from hidden_regime.jobs.places import cloud, embedded, lean
from hidden_regime.jobs.work import Work

if TYPE_CHECKING:
    from hidden_regime.research.tables import Backtest

BACKTESTS = {words.EMBEDDED: embedded.backtest, words.LEAN: lean.backtest, words.CLOUD: cloud.backtest}
PAGE = "report.html"


def pull(work: Work) -> Outcome:
    """Fetch the project from the cloud."""
    return Outcome("done", cloud.pull_project(work))


def baseline(work: Work) -> Outcome:
    """Run the strategy as the hypothesis has it."""
    from hidden_regime.experiments.objective import fractions

    found = _written(work, work.step.place, work.folder)
    figures = fractions(found.statistics)
    return Outcome("done", f"{found.engine}: {said(figures)}", figures=figures, page=PAGE)


def validate(work: Work) -> Outcome:
    """Run what was found there and here, and compare the orders one by one."""
    from hidden_regime.experiments.comparison.agreement import agreement
    from hidden_regime.experiments.objective import fractions
    from hidden_regime.experiments.sources import read_result

    place = work.step.place
    there = _written(work, place, work.folder / place)
    _written(work, words.EMBEDDED, work.folder / "here")
    found = agreement(read_result(work.folder / place), read_result(work.folder / "here"))
    reason = f"{place} and the embedded engine: {found.n_orders[0]} orders, all equal" if found.is_equal else str(found)
    figures = {**fractions(there.statistics), "Equal Orders": float(found.n_orders[0] if found.is_equal else found.place or 0)}
    return Outcome("equal" if found.is_equal else "differs", reason, found.is_equal, figures, page=f"{place}/{PAGE}")


def _written(work: Work, place: str, folder: Path) -> Backtest:
    """A run with its tables and page in a folder.

    Raises
    ------
    StepFailed
        The strategy failed; what it came to until then is in the folder.
    """
    from hidden_regime.research import tables
    from hidden_regime.research.report import render

    found = BACKTESTS[place](work)
    tables.write(found, folder, {PAGE: render(found)})
    if found.message.strip():
        raise StepFailed(f"the strategy failed ({place}): {found.message.strip().splitlines()[0]}")
    return found


def said(figures: Mapping[str, float | None]) -> str:
    """The figures that everybody asks for, in one line."""
    sharpe, fall, orders = (figures.get(name) for name in ("Sharpe Ratio", "Drawdown", "Total Orders"))
    parts = [
        "" if sharpe is None else f"Sharpe Ratio {sharpe:g}", "" if fall is None else f"Drawdown {fall:.1%}",
        "" if orders is None else f"{orders:g} orders",
    ]  # fmt: skip
    return ", ".join(part for part in parts if part) or "no figures"
