"""A backtest by the embedded engine, in the folder and with the files that LEAN would leave."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

from hidden_regime.data.lean_folder import LeanFolder
from hidden_regime.exceptions import RegimeError
from hidden_regime.files.whole import write_folder
from hidden_regime.local_lean.no_lean.logs import Log
from hidden_regime.research import projects
from hidden_regime.simulator import result as lean_result
from hidden_regime.simulator.loop.engine import Run
from hidden_regime.simulator.run import run_file
from hidden_regime.simulator.run_state import run_state_of

STOPPED = "Stopped"
STEPS = 10
"""How often a run says how far it is."""


@dataclass
class Interruption:
    """Whether the container was asked to stop: SIGINT, as `docker stop` sends it, ends a run with what it has so far."""

    asked: bool = False

    def listen(self) -> None:
        """Take SIGINT as such a request from now on."""

        def ask(number: int, frame: FrameType | None) -> None:
            self.asked = True

        signal.signal(signal.SIGINT, ask)


@dataclass
class Follower:
    """Follows a run: says how far it is, and ends it where that was asked for."""

    log: Log
    interruption: Interruption
    algorithm: Any = None
    said: int = field(default=0)

    def begin(self, algorithm: Any) -> None:
        """Be told which algorithm it is."""
        self.algorithm = algorithm

    def day(self, day: date) -> None:
        """Be told of a session that is over."""
        start, end = self.algorithm.start_date.date(), self.algorithm.end_date.date()
        if self.interruption.asked:
            self.algorithm.quit("interrupted")
        done = STEPS * ((day - start).days + 1) // ((end - start).days + 1)
        if done > self.said:
            self.said = done
            self.log.trace(f"AlgorithmManager.Run(): {day} ({100 * done // STEPS} %)")


def backtest(strategy: Path, market: LeanFolder, parameters: Mapping[str, str], *, identity: str, name: str, results: Path,
             storage: Path, log: Log, interruption: Interruption) -> dict[str, Any] | None:  # fmt: skip
    """Run a strategy and write ID.json and the files beside it.

    Returns
    -------
    dict or None
        Content of ID.json; None where nothing could be run, which the log tells.
    """
    follower = Follower(log, interruption)
    log.trace(f"AlgorithmManager.Run(): {strategy.name} with {dict(parameters)}")
    try:
        with projects.libraries(strategy):
            run = run_file(
                strategy, market, parameters=parameters, store=storage, prepare=follower.begin, on_day=follower.day)  # fmt: skip
        content = lean_result.build(run, identity)
    except RegimeError as error:
        log.error(f"Engine.Run(): {error.text}")
        return None
    state = content["state"]
    state["Name"] = name
    if interruption.asked:
        state["Status"] = STOPPED
    write_folder(results, lean_result.files(run, identity, content), instead_of=lean_result.names(identity))
    _tell(run, content, log)
    log.trace(f"Engine.Main(): Packet removed from queue: {identity}")
    return content


def _tell(run: Run, content: Mapping[str, Any], log: Log) -> None:
    for line in run_state_of(run.algorithm).logs.lines:
        log.trace(f"Log: {line}")
    if run.message:
        log.error(f"Engine.Run(): {run.message}")
    for statistic, value in content["statistics"].items():
        log.trace(f"STATISTICS:: {statistic} {value}")
    log.trace("Engine.Main(): Analysis Completed and Results Posted.")
