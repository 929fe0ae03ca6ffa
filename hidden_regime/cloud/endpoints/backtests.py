"""Backtests: begun once, read until they are whole, and what belongs to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import repeat
from typing import TYPE_CHECKING, Any

from hidden_regime.cloud.creating import create_once, is_absent, unique_name
from hidden_regime.cloud.endpoints.group import Group, several, told_only, under
from hidden_regime.cloud.endpoints.pages import Collection, is_loaded, log_lines
from hidden_regime.cloud.endpoints.projects import CompilesGroup
from hidden_regime.cloud.errors import QCError, RunFailed, Waiting
from hidden_regime.cloud.records.backtests import Backtest
from hidden_regime.cloud.records.charts import Chart
from hidden_regime.cloud.records.orders import Insight, Order, Trade
from hidden_regime.cloud.transport import PATIENCE
from hidden_regime.cloud.waiting import begun, pauses, wait_until

if TYPE_CHECKING:
    from hidden_regime.cloud.budget.budget import Budget

SPAN = 99
"""Orders asked for at once: the server wants fewer than 100."""
LATE_PAUSES = (1.0, 2.0, 5.0, 10.0, 10.0, 10.0, 10.0, 10.0)
"""Seconds between reads of a backtest that the server calls completed before it has the figures."""
LINES = 200
LOADING = 60.0
"""Seconds to wait for what the server still loads."""


class BacktestsGroup(Group):
    """Backtests."""

    def create(self, project_id: int, compile_id: str, name: str, parameters: Mapping[str, str] | None = None, *,
               key: str | None = None, budget: Budget | None = None, patience: float = PATIENCE) -> Backtest:  # fmt: skip
        """Begin a backtest, exactly once.

        Parameters
        ----------
        project_id : int
        compile_id : str
        name : str
            It gets eight digits of its own behind it, by which it is looked up where the reply is lost.
        parameters : mapping of str to str, optional
        key : str, optional
            These digits. Given again, after a crash say, they find the backtest that was begun instead of beginning another.
        budget : Budget, optional
            Which counts backtests, and refuses those past its limit a day.
        patience : float
            Seconds to wait for a node.

        Raises
        ------
        BudgetExceeded
        Unclear
            Nobody can say whether it was begun.
        """
        unique = unique_name(name, key)
        given = {str(one): str(value) for one, value in (parameters or {}).items()}
        fields = {"projectId": project_id, "compileId": compile_id, "backtestName": unique, "parameters": given or None}

        def send() -> Backtest:
            reply = self.transport.call("backtests/create", told_only(fields), repeatable=False, patience=patience)
            return Backtest.read(under(reply, "backtest"))

        def find() -> Backtest | None:
            return next((one for one in self.list(project_id) if one.name == unique), None)

        if key is not None and (found := find()) is not None:
            return found
        if budget is not None:
            budget.count("backtests", name=unique)
        try:
            return create_once("backtests/create", unique, send, find, self.transport, identity=lambda one: one.backtest_id)
        except QCError as error:
            if budget is not None and is_absent(error):
                budget.uncount("backtests", unique)
            raise

    def read(self, project_id: int, backtest_id: str) -> Backtest:
        """A backtest, as far as it is. Ask it whether it is `done` before you believe its figures."""
        reply = self.call("backtests/read", projectId=project_id, backtestId=backtest_id)
        return Backtest.read(under(reply, "backtest"))

    def list(self, project_id: int, *, statistics: bool = False) -> tuple[Backtest, ...]:
        """Backtests of a project, with few fields."""
        reply = self.call("backtests/list", projectId=project_id, includeStatistics=statistics)
        return several("backtests/list", reply, Backtest.read, "backtests")

    def wait(self, project_id: int, backtest_id: str, *, timeout: float,
             progress: Callable[[Backtest], None] | None = None) -> Backtest:  # fmt: skip
        """A backtest when it is over. One that its strategy's error ended is over too: `error` says so.

        Raises
        ------
        Waiting
            Past the timeout, or the server doesn't answer any more; the backtest goes on.
        RunFailed
            The server says completed, and never gives the figures.
        """
        until, late = self.transport.clock() + timeout, 0
        for pause in pauses():
            with begun(f"backtest {backtest_id}"):
                found = self.read(project_id, backtest_id)
            if progress is not None:
                progress(found)
            if found.done:
                return found
            if found.completed and late == len(LATE_PAUSES):
                raise RunFailed(
                    f"backtests/read: backtest {backtest_id} says completed, without figures in {late + 1} reads. Read it later.",
                    "backtests/read")  # fmt: skip
            if found.completed:
                pause, late = LATE_PAUSES[late], late + 1
            if self.transport.clock() + pause > until:
                raise Waiting(
                    f"backtest {backtest_id} isn't over after {timeout:,.0f} s and goes on in the cloud: {found.status}"
                )
            self.transport.sleep(pause)
        raise AssertionError("unreachable")

    def run(self, project_id: int, name: str, parameters: Mapping[str, str] | None = None, *, timeout: float,
            compile_id: str | None = None, key: str | None = None, budget: Budget | None = None,
            progress: Callable[[Backtest], None] | None = None) -> Backtest:  # fmt: skip
        """Compile the project's files unless `compile_id` is given, begin a backtest of them and wait for its end."""
        compiled = compile_id or CompilesGroup(self.transport).run(project_id, timeout=timeout).compile_id
        made = self.create(project_id, compiled, name, parameters, key=key, budget=budget, patience=timeout)
        return self.wait(project_id, made.backtest_id, timeout=timeout, progress=progress)

    def update(self, project_id: int, backtest_id: str, *, name: str | None = None, note: str | None = None) -> None:
        """Another name or note."""
        self.call("backtests/update", projectId=project_id, backtestId=backtest_id, name=name, note=note)

    def delete(self, project_id: int, backtest_id: str) -> None:
        """Delete a backtest; one that runs is cancelled."""
        self.call_off("backtests/delete", projectId=project_id, backtestId=backtest_id)

    def orders(self, project_id: int, backtest_id: str, *, timeout: float = LOADING) -> Iterator[Order]:
        """Orders of a backtest, in the order of their ids, each once.

        Raises
        ------
        Waiting
            The server still loads them.
        ServerError
            It has more than it gives.
        """
        fields = {"projectId": project_id, "backtestId": backtest_id}
        yield from self._pages("backtests/orders/read", fields, Order.read, "orders", timeout)

    def insights(self, project_id: int, backtest_id: str, *, timeout: float = LOADING) -> Iterator[Insight]:
        """Insights of a backtest, as `orders`."""
        fields = {"projectId": project_id, "backtestId": backtest_id}
        yield from self._pages("backtests/read/insights", fields, Insight.read, "insights", timeout)

    def trades(self, project_id: int, backtest_id: str) -> tuple[Trade, ...]:
        """Closed trades of a backtest."""
        reply = self.call("backtests/trades/read", projectId=project_id, backtestId=backtest_id)
        return several("backtests/trades/read", reply, Trade.read, "trades", "closedTrades")

    def chart(self, project_id: int, backtest_id: str, name: str, *, count: int = 10_000, start: float = 0.0,
              end: float = 4_102_444_800.0, timeout: float = LOADING) -> Chart:  # fmt: skip
        """One chart, made of at most `count` points between two times in seconds since 1970.

        Raises
        ------
        Waiting
            The server still makes it.
        """
        fields = {
            "projectId": project_id,
            "backtestId": backtest_id,
            "name": name,
            "count": count,
            "start": int(start),
            "end": int(end),
        }
        return Chart.read(under(self._loaded("backtests/chart/read", fields, timeout), "chart"))

    def log(self, project_id: int, backtest_id: str, query: str = "", *, timeout: float = LOADING) -> Iterator[str]:
        """Lines of a log.

        Raises
        ------
        Waiting
            The server still loads it.
        """
        fields = {"projectId": project_id, "backtestId": backtest_id, "query": query}
        yield from log_lines(
            lambda start: self._loaded("backtests/read/log", fields | {"start": start, "end": start + LINES}, timeout), LINES
        )

    def report(self, project_id: int, backtest_id: str, *, timeout: float = PATIENCE) -> str:
        """The server's own report, as HTML."""
        reply = wait_until(
            lambda: self.call("backtests/read/report", projectId=project_id, backtestId=backtest_id),
            lambda one: isinstance(one.get("report"), str) and bool(one["report"]), transport=self.transport, timeout=timeout,
            what="the report", pauses=repeat(10.0),
        )  # fmt: skip
        return str(reply["report"])

    def _pages(self, endpoint: str, fields: dict[str, Any], read: Callable[[Any], Any], name: str,
               timeout: float) -> Iterator[Any]:  # fmt: skip
        start, came = 0, Collection(endpoint, SPAN)
        while True:
            reply = self._loaded(endpoint, fields | {"start": start, "end": start + SPAN}, timeout)
            page = several(endpoint, reply, read, name, name.capitalize())
            new = came.take(page)
            yield from new
            if came.is_whole(reply, new):
                return
            start += min(len(page), SPAN)

    def _loaded(self, endpoint: str, fields: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        """A reply, as soon as the server has loaded what it tells of."""
        id = fields["backtestId"]
        return wait_until(
            lambda: self.transport.call(endpoint, fields), is_loaded, transport=self.transport, timeout=timeout,
            what=f"{endpoint}: loading it for backtest {id}", pauses=repeat(5.0),
        )  # fmt: skip
