"""A client that does nothing of its own: it signs by hashlib, sends, and shows what came back."""

from __future__ import annotations

import base64
import hashlib
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlencode

from hidden_regime.cloud.fake import FakeCloud

STRATEGY = """from AlgorithmImports import *


class Crossing(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2012, 1, 1)
        self.set_end_date(2012, 4, 30)
        self.set_cash(100000)
        self.days = self.get_parameter("days", 10)
        self.share = self.get_parameter("share", 0.9)
        self.symbol = self.add_equity("AAPL", Resolution.DAILY).symbol
        self.average = self.sma(self.symbol, self.days, Resolution.DAILY)

    def on_data(self, data):
        if not self.average.is_ready or not data.bars.contains_key(self.symbol):
            return
        above = data.bars[self.symbol].close > self.average.current.value
        if above and not self.portfolio.invested:
            self.set_holdings(self.symbol, self.share)
            self.log(f"bought at {data.bars[self.symbol].close}")
        elif not above and self.portfolio.invested:
            self.liquidate()
"""
FAILING = STRATEGY.replace("        above =", "        raise ValueError('no more')\n        above =")
FOREVER = STRATEGY.replace("        above =", "        import time\n        while True: time.sleep(0.01)\n        above =")
GRID = "QuantConnect.Optimizer.Strategies.GridSearchOptimizationStrategy"
SHARPE = "TotalPerformance.PortfolioStatistics.SharpeRatio"


class Heard(NamedTuple):
    """A reply as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        return json.loads(self.body)


def signed(cloud: FakeCloud, now: float, user: str | None = None, token: str | None = None) -> dict[str, str]:
    """Headers of a request, by hand."""
    stamp = str(int(now))
    digest = hashlib.sha256(f"{token or cloud.token}:{stamp}".encode()).hexdigest()
    coded = base64.b64encode(f"{user or cloud.user_id}:{digest}".encode()).decode()
    return {"Authorization": f"Basic {coded}", "Timestamp": stamp}


class Asker:
    """Asks a cloud."""

    def __init__(self, cloud: FakeCloud, clock: Callable[[], float] = time.time) -> None:
        self.cloud, self.clock = cloud, clock

    def send(self, endpoint: str, body: bytes | None = None, kind: str = "application/json", **headers: str) -> Heard:
        """Send bytes; whatever the status, it is given."""
        given = signed(self.cloud, self.clock()) | {"Content-Type": kind} | headers
        request = urllib.request.Request(self.cloud.url + endpoint, body, given)
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return Heard(reply.status, dict(reply.headers), reply.read())
        except urllib.error.HTTPError as error:
            with error:
                return Heard(error.code, dict(error.headers), error.read())

    def __call__(self, endpoint: str, **fields: Any) -> dict[str, Any]:
        """POST as JSON."""
        return self.send(endpoint, json.dumps(fields).encode()).told

    def form(self, endpoint: str, **fields: Any) -> dict[str, Any]:
        """POST as a form."""
        return self.send(endpoint, urlencode(fields).encode(), "application/x-www-form-urlencoded").told

    def good(self, endpoint: str, **fields: Any) -> dict[str, Any]:
        """POST as JSON what must succeed."""
        told = self(endpoint, **fields)
        assert told.get("success", True) in (True, "true"), told
        return told

    def project(self, name: str = "Crossing", text: str = STRATEGY, **more: str) -> int:
        """A project with a strategy."""
        number = self.good("projects/create", name=name, language="Py")["projects"][0]["projectId"]
        self.good("files/update", projectId=number, name="main.py", content=text)
        for file, content in more.items():
            self.good("files/create", projectId=number, name=f"{file}.py", content=content)
        return number

    def build(self, project: int) -> dict[str, Any]:
        """The end of a build."""
        made = self.good("compile/create", projectId=project)["compileId"]
        return self.until("compile/read", lambda told: told["state"] != "InQueue", projectId=project, compileId=made)

    def begin(self, project: int, name: str = "a", build: str | None = None, **more: Any) -> str:
        """Begin a backtest."""
        build = build or self.build(project)["compileId"]
        made = self.good("backtests/create", projectId=project, compileId=build, backtestName=name, **more)
        return made["backtest"]["backtestId"]

    def end(self, project: int, backtest: str) -> dict[str, Any]:
        """The end of a backtest."""

        def is_done(told: dict[str, Any]) -> bool:
            one = told["backtest"]
            return bool(one["error"] or one["stacktrace"] or (one["completed"] and one["totalPerformance"]))

        return self.until("backtests/read", is_done, projectId=project, backtestId=backtest)["backtest"]

    def until(self, endpoint: str, is_done: Callable[[dict[str, Any]], bool], **fields: Any) -> dict[str, Any]:
        """Ask until it is so."""
        for _ in range(3000):
            told = self.good(endpoint, **fields)
            if is_done(told):
                return told
            time.sleep(0.02)
        raise AssertionError(f"{endpoint} never came to its end: {told}")
