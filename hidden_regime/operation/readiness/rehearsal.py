"""A rehearsal: some days of paper trading at an instant clock, with faults on purpose, compared with a backtest."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from hidden_regime.data.market import Asset
from hidden_regime.exceptions import ParameterError
from hidden_regime.operation.checking import check
from hidden_regime.operation.clocks import InstantClock
from hidden_regime.operation.deploying import deploy
from hidden_regime.operation.halting import halt
from hidden_regime.operation.journal import journal_of
from hidden_regime.operation.journal.records import ENDED
from hidden_regime.operation.readiness.proof import Proof, failed, not_done, passed
from hidden_regime.operation.running.runner import Outside, Runner
from hidden_regime.operation.sources.opening import open_source
from hidden_regime.operation.sources.playback import Playback
from hidden_regime.operation.targets.opening import open_target
from hidden_regime.simulator.clock import MIDNIGHT
from hidden_regime.simulator.loop.pace import Ended

SESSIONS = 5
WALL = "2000-01-01T00:00:00.000Z"
"""What the journal of a rehearsal, which nobody reads, has for the time."""


class _Cut(Ended):
    """The plug is pulled."""


class _Faulty(Playback):
    """Data played back whose first asset has no bar on one day."""

    def __init__(self, source: Playback, ticker: str, day: date) -> None:
        super().__init__(source.market)
        self._ticker, self.day = ticker.upper(), day

    def asset(self, ticker: str, until: datetime) -> Asset:
        """Daily bars, but for the one that is missing."""
        found = super().asset(ticker, until)
        if ticker.upper() != self._ticker or until.date() != self.day or not found.dates or found.dates[-1] != self.day:
            return found
        scale = None if found.adjusted_scale is None else found.adjusted_scale[:-1]
        return replace(
            found, dates=found.dates[:-1], open=found.open[:-1], high=found.high[:-1], low=found.low[:-1], close=found.close[:-1],
            volume=found.volume[:-1], adjusted_scale=scale,
        )  # fmt: skip


def rehearse(strategy: str, data: str, *, start: date, sessions: int = SESSIONS, cash: float | None = None,
             parameters: Mapping[str, str] | None = None, rules: str = "") -> list[Proof]:  # fmt: skip
    """Trade some sessions on paper, with a bar that doesn't come, a run that is killed, and the kill switch at the end.

    Parameters
    ----------
    strategy, data : str
        As `live start` takes them; data are played back.
    start : date
        First day.
    sessions : int
    cash : float, optional
        What to begin with: as much as the strategy is to have.
    parameters : mapping of str to str, optional
    rules : str
        Text of a rules.toml.

    Raises
    ------
    ParameterError
        The data have no such days.
    """
    source = open_source("playback", data)
    assert isinstance(source, Playback)
    days = [day for day in source.calendar.days if day >= start][: sessions + 1]
    if not days:
        raise ParameterError("start", start, f"a day of {data}, which ends on {source.calendar.days[-1]}")
    end = days[min(sessions, len(days)) - 1]
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        journal = journal_of(Path(folder))
        made = deploy(
            journal, "rehearsal", strategy, data=data, now=datetime.combine(start, MIDNIGHT), at=WALL, start=start, end=end,
            cash=cash, parameters=parameters, speed=1e12, rules=rules,
        )  # fmt: skip
        ticker = (source.assets or [source.benchmark])[0]
        faulty = _Faulty(source, ticker, days[min(2, len(days) - 1)])
        cut = datetime.combine(days[min(3, len(days) - 1)], MIDNIGHT)
        clock = InstantClock(datetime.combine(start, MIDNIGHT))
        pulled = [False]

        def seconds() -> float:
            if clock.now() >= cut and not pulled[0]:
                pulled[0] = True
                raise _Cut
            return clock.now().timestamp()

        outside = Outside(wall=lambda: WALL, pause=lambda _: None, seconds=seconds)
        try:
            Runner(journal, made.name, source=faulty, clock=clock, outside=outside).run()
        except _Cut:
            Runner(journal, made.name, source=faulty, clock=InstantClock(cut), outside=outside).run()
        found = check(journal, made.name, source=faulty)
        told = f"{found.orders} order events, equity of {found.days} days, {start} to {end}"
        silent = any(line.kind == "silent" for line in journal.told(made.name))
        ran = journal.deployment(made.name)
        if ran.state != ENDED:
            return [failed("rehearsal", f"the run {ran.state}: {ran.reason}")]
        held = not open_target(journal, ran).portfolio().is_flat
        outcome = halt(journal, made.name, deadline=5.0, pause=lambda _: None)
    return [
        _proof("rehearsal", not found.difference, f"equal to a backtest: {told}", found.difference),
        _proof("killed and gone on", pulled[0] and not found.difference, "a run that was cut off came to the same", "it did not"),
        _proof(
            "a missing bar", silent, f"{ticker} on {faulty.day}: told, and filled as in LEAN",
            f"{ticker} on {faulty.day}: nobody was told, or the strategy doesn't ask for it",
        ),
        _proof("kill switch", outcome.is_flat, f"flat, in rounds: {outcome.rounds}", "not flat") if held else not_done(
            "kill switch", f"nothing was held on {end}, so that there was nothing to sell: choose other days (--end)"
        ),
    ]  # fmt: skip


def _proof(name: str, holds: bool, evidence: str, otherwise: str) -> Proof:
    return passed(name, evidence) if holds else failed(name, otherwise)
