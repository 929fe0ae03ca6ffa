"""One run of a strategy in a worker: its result as LEAN's files, and what the cloud tells of it at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from hidden_regime.cloud.fake.commands import Command
from hidden_regime.data.market import MarketData
from hidden_regime.exceptions import RegimeError
from hidden_regime.files.whole import write_file
from hidden_regime.simulator import result
from hidden_regime.simulator.algorithm import QCAlgorithm
from hidden_regime.simulator.clock import seconds, to_utc
from hidden_regime.simulator.loop.hooks import Hooks
from hidden_regime.simulator.run import run_file
from hidden_regime.simulator.run_state import run_state_of

Task = dict[str, Any]
MOST_POINTS = 120
"""Points of an equity curve that are told in summaries."""
INITIALIZING = "During the algorithm initialization"
STAMP = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ")
"""The market's time before a line of the log, which errors in the cloud don't have."""


class Observer:
    """Looks on as a strategy runs: how far it is, and what it holds at each session's end."""

    def __init__(self, task: Task, tell: Callable[[float], None]) -> None:
        self._tell, self._live = tell, bool(task.get("live"))
        self._commands = sorted(task.get("commands", []), key=lambda one: float(one["at"]))
        self._told = -1
        self.days = 0
        self.trace: list[dict[str, Any]] = []
        self.algorithm: QCAlgorithm | None = None

    def meet(self, algorithm: QCAlgorithm) -> None:
        """The algorithm, before it is initialised."""
        self.algorithm = algorithm

    def day(self, day: date) -> None:
        """A session is over."""
        assert self.algorithm is not None
        core = run_state_of(self.algorithm)
        self.days += 1
        whole = max(1, (core.end.date() - core.start.date()).days)
        percent = min(99, max(0, int(100 * (day - core.start.date()).days / whole)))
        if percent > self._told:
            self._told = percent
            self._tell(percent / 100)
        if not self._live:
            return
        now = seconds(to_utc(core.now))
        held = {
            symbol.value: [float(one.holdings.quantity), float(one.holdings.average_price), float(one.price)]
            for symbol, one in core.portfolio.held.items()
        }
        self.trace.append({"t": now, "cash": float(core.portfolio.cash), "held": held})
        while self._commands and float(self._commands[0]["at"]) <= now:
            order = Command(self._commands.pop(0)["command"])
            listener = Hooks(self.algorithm).find("on_command")
            if listener is not None:
                listener(order)


def play(task: Task, market: MarketData, tell: Callable[[float], None]) -> dict[str, Any]:
    """Run a strategy and write its result.

    Parameters
    ----------
    task : dict
        `id`, `folder` of the files, `out`, `objects`, `parameters`; for live `live`, `start`, `cash`, `commands`.
    market : MarketData
    tell : callable
        Told how much is done, from 0 to 1.

    Returns
    -------
    dict
        `error` and `stacktrace`, empty if there was none, and figures.
    """
    live = bool(task.get("live"))
    observer = Observer(task, tell)
    try:
        run = run_file(
            Path(task["folder"]) / "main.py",
            market,
            parameters=task["parameters"],
            start=date.fromisoformat(task["start"]) if task.get("start") else None,
            end=_last_day(market) if live else None,
            cash=task.get("cash"),
            store=task["objects"],
            prepare=observer.meet,
            on_day=observer.day,
            live=live,
        )
    except RegimeError as error:
        return {"error": error.text, "stacktrace": f"{INITIALIZING}, the following exception has occurred: {error.text}"}
    told = result.write(run, Path(task["out"]), task["id"])
    if live:
        write_file(Path(task["out"]) / "trace.json", json.dumps(observer.trace))
    core = run_state_of(run.algorithm)
    message = STAMP.sub("", run.message) if run.error is not None else ""
    return {
        "error": message.split("\n")[0],
        "stacktrace": message,
        "statistics": told["statistics"],
        "runtime": told["runtimeStatistics"],
        "portfolio": told["totalPerformance"]["portfolioStatistics"],
        "trades": told["totalPerformance"]["tradeStatistics"],
        "charts": list(told["charts"]),
        "orders": len(told["orders"]),
        "equity": _few(told["charts"]["Strategy Equity"]["series"]["Equity"]["values"]),
        "start": _utc(core.start),
        "end": _utc(core.end),
        "ended": _utc(core.now),
        "days": observer.days,
        "capital": float(run.sampler.capital if run.sampler is not None else core.portfolio.cash),
    }


def _utc(moment: datetime) -> float:
    return float(seconds(to_utc(moment)))


def _few(points: list[list[float]]) -> list[list[float]]:
    """Time and close of so many points, the last among them."""
    step = -(-len(points) // MOST_POINTS) or 1
    return [[point[0], point[-1]] for point in points[::-1][::step][::-1]]


def _last_day(market: MarketData) -> date:
    """The last day that a live run could see: of the market's assets, or of its benchmark."""
    tickers = list(getattr(market, "assets", ()))[:20] or [market.benchmark]
    last: date = max(market.load(ticker).dates[-1] for ticker in tickers)
    return last
