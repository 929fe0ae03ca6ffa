"""What the page shows of a deployment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from hidden_regime.exceptions import RegimeError
from hidden_regime.operation.drift.reference import live_returns, read_reference
from hidden_regime.operation.drift.returns import Band, growth_band
from hidden_regime.operation.heartbeat import missed
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import RUNNING, Deployment
from hidden_regime.operation.reporting import pictures
from hidden_regime.operation.reporting.days import days_of, on_trading_days
from hidden_regime.operation.status import Status, status_of
from hidden_regime.operation.watching.holdings import Held

BARS = 250
"""The latest bars that a strip shows."""
BAND_DRAWS = 499


@dataclass(frozen=True)
class Seen:
    """A deployment on the page. What is a picture is HTML already, everything else a text or a number.

    Attributes
    ----------
    status : Status
    is_missed : bool
        Whether it should run and isn't heard of.
    should_run : bool
        Whether its age counts on.
    age : float or None
        Seconds since it was heard of; where it never was, since it was begun.
    held : Held
    curve, band_note : str
    strips : list of (str, str, str, float)
        Asset, picture, regime and confidence.
    """

    status: Status
    is_missed: bool
    should_run: bool
    age: float | None
    held: Held
    curve: str
    band_note: str
    strips: list[tuple[str, str, str, float]]

    def to_dict(self) -> dict[str, Any]:
        """For JSON: the status, whether a heartbeat is missed, and what is held."""
        held = None if self.held.positions is None else dict(self.held.positions)
        return {**self.status.to_dict(), "missed": self.is_missed, "positions": held, "positions_unknown": self.held.said}


class Bands:
    """Bands of backtests, made once for each backtest and number of days."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._folders = folders
        self._known: dict[tuple[str, int], tuple[Band | None, str]] = {}

    def of(self, name: str, n_days: int) -> tuple[Band | None, str]:
        """The band of a deployment, and what is to be said of it."""
        if name not in self._folders or n_days < 1:
            return None, ""
        if (name, n_days) not in self._known:
            self._known = {key: value for key, value in self._known.items() if key[0] != name}
            self._known[name, n_days] = self._made(name, n_days)
        return self._known[name, n_days]

    def _made(self, name: str, n_days: int) -> tuple[Band | None, str]:
        try:
            found = read_reference(self._folders[name])
            return growth_band(
                found.returns, n_days, n_draws=BAND_DRAWS
            ), f"The band holds 90 of 100 of {found.name} drawn again."
        except RegimeError as error:
            return None, f"No band: {error.text}"


def seen(journal: Journal, deployment: Deployment, now: datetime, held: Callable[[Deployment], Held], bands: Bands, *,
         lines: int = 12) -> Seen:  # fmt: skip
    """What the page shows of a deployment.

    Parameters
    ----------
    journal : Journal
    deployment : Deployment
    now : datetime
        UTC.
    held : callable
        What its target says.
    bands : Bands
    lines : int
        How many of the journal's latest lines.
    """
    status = status_of(journal, deployment.name, now=now, lines=lines)
    late = missed(journal, deployment, now)
    never = missed(journal, deployment, now, limit=float("-inf")) if status.age is None else None
    curve, note = _curve(journal, deployment.name, bands)
    return Seen(status, late is not None, deployment.state == RUNNING, never.age if never is not None else status.age,
                held(deployment), curve, note, _strips(journal, deployment.name))  # fmt: skip


def _curve(journal: Journal, name: str, bands: Bands) -> tuple[str, str]:
    days = on_trading_days(journal, name)
    if not days:  # of what runs elsewhere there are no bars here
        every = days_of(journal, name)
        return pictures.curve([str(one.day) for one in every], [float(one.value) for one in every]), ""
    begin = float(days[0].before)
    labels = ["begin", *(str(one.day) for one in days)]
    values = [begin, *(float(one.value) for one in days)]
    band, note = bands.of(name, len(live_returns(journal, name)[1]))
    ends = None if band is None else ([begin, *(begin * band.low)], [begin, *(begin * band.high)])
    return pictures.curve(labels, values, ends), note


def _strips(journal: Journal, name: str) -> list[tuple[str, str, str, float]]:
    states: dict[str, list[tuple[str, str, float]]] = {}
    for time, ticker, regime, confidence in journal.regimes(name):
        states.setdefault(ticker, []).append((time[:10], regime, confidence))
    return [
        (ticker, pictures.strip([t for t, _, _ in own[-BARS:]], [r for _, r, _ in own[-BARS:]]), own[-1][1], own[-1][2])
        for ticker, own in states.items()
    ]
