"""Live deployments: begun once and only where a budget allows it, stopped whenever."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import repeat
from typing import TYPE_CHECKING, Any

from hidden_regime.cloud.creating import PAID_LOOKS, create_once
from hidden_regime.cloud.endpoints.group import Group, several, told_only, under
from hidden_regime.cloud.endpoints.pages import Collection, is_loaded, log_lines
from hidden_regime.cloud.errors import NotFound, RequestRefused, Unclear, Waiting
from hidden_regime.cloud.records.charts import Chart
from hidden_regime.cloud.records.live import Deployment, LiveStatus, Portfolio
from hidden_regime.cloud.records.orders import Insight, Order
from hidden_regime.cloud.transport import PATIENCE, Lost
from hidden_regime.cloud.waiting import wait_until

if TYPE_CHECKING:
    from hidden_regime.cloud.budget.budget import Budget

MASTER = "-1"
LINES, SPAN = 250, 99
SLOW = 10.0
NEVER = ("", LiveStatus.UNDEFINED)
"""Status of what was never deployed."""
PAPER: dict[str, Any] = {"id": "QuantConnectBrokerage"}
ORDERS_TIMEOUT = 900.0


class LiveGroup(Group):
    """Live deployments."""

    def create(self, project_id: int, compile_id: str, node_id: str, budget: Budget, *,
               brokerage: Mapping[str, Any] | None = None, data_providers: Mapping[str, Any] | None = None,
               version_id: str = MASTER, automatic_redeploy: bool = True, parameters: Mapping[str, str] | None = None,
               notification: Mapping[str, Any] | None = None, patience: float = PATIENCE) -> Deployment:  # fmt: skip
        """Deploy a compiled project, exactly once.

        Parameters
        ----------
        project_id : int
        compile_id, node_id : str
        budget : Budget
            Whose limit `live` must allow one more; it is 0 until it is set.
        brokerage : mapping, optional
            With `id` and what it needs; sent as it is. Default: QuantConnect's paper trading.
        data_providers : mapping, optional
            Of id to {"id": id}. Default: QuantConnect's.
        version_id : str
            Of LEAN; "-1" is the newest.
        automatic_redeploy : bool
        parameters : mapping of str to str, optional
        notification : mapping, optional
        patience : float
            Seconds to wait for a node.

        Raises
        ------
        BudgetExceeded
        RequestRefused
            The project trades already.
        """
        budget.check("live", 1, "live deployments with this one")  # before anything at all is asked
        trading = [one for one in self.list() if not one.ended and one.status not in NEVER]
        budget.check("live", len(trading) + 1, "live deployments with this one")
        before = self.latest(project_id)
        if before is not None and not before.ended and before.status not in NEVER:
            raise RequestRefused(
                f"live/create: project {project_id} is live already ({before.deploy_id}, {before.status}). Stop it first.",
                "live/create")  # fmt: skip
        known = "" if before is None else before.deploy_id
        fields = told_only({
            "versionId": version_id, "projectId": project_id, "compileId": compile_id, "nodeId": node_id,
            "brokerage": dict(brokerage or PAPER), "dataProviders": dict(data_providers or {PAPER["id"]: PAPER}),
            "automaticRedeploy": automatic_redeploy, "parameters": dict(parameters) if parameters else None,
            "notification": dict(notification) if notification else None,
        })  # fmt: skip

        def find() -> Deployment | None:
            # Whatever became of it: one that failed at once was deployed, too.
            found = self.latest(project_id)
            return found if found is not None and found.deploy_id != known else None

        return create_once(
            "live/create", f"deployment of project {project_id}",
            lambda: self._begun(self.transport.call("live/create", fields, repeatable=False, patience=patience)), find,
            self.transport, identity=lambda one: one.deploy_id, looks=PAID_LOOKS,
        )  # fmt: skip

    def _begun(self, reply: Mapping[str, Any]) -> Deployment:
        return Deployment.read(under(reply, "live", "LiveAlgorithm"))

    def read(self, project_id: int, deploy_id: str | None = None) -> Deployment:
        """A deployment; without an id the project's latest.

        Raises
        ------
        NotFound
            The project was never deployed.
        """
        return self._begun(self.call("live/read", projectId=project_id, deployId=deploy_id))

    def latest(self, project_id: int) -> Deployment | None:
        """The project's latest deployment, if it has one."""
        try:
            found = self.read(project_id)
        except NotFound:
            return None
        return found if found.deploy_id else None

    def list(self, status: str | None = None) -> tuple[Deployment, ...]:
        """Deployments, of one status or all."""
        reply = self.call("live/list", status=None if status is None else str(status))
        return several("live/list", reply, Deployment.read, "live")

    def stop(self, project_id: int) -> None:
        """Stop trading and keep what is held. It may be repeated."""
        self._end("live/update/stop", project_id)

    def liquidate(self, project_id: int, *, timeout: float = PATIENCE) -> Portfolio:
        """Sell all that is held, then stop.

        Returns
        -------
        Portfolio
            Flat, as the server's own snapshot says.

        Raises
        ------
        Waiting
            Something is still held, or nobody can tell: look at the broker.
        """
        self._end("live/update/liquidate", project_id)
        last = Portfolio()

        def look() -> Portfolio:
            nonlocal last
            last = self.portfolio(project_id)
            return last

        try:
            return wait_until(look, lambda one: one.flat, transport=self.transport, timeout=timeout, what="", pauses=repeat(SLOW))
        except Waiting as error:
            raise Waiting(
                f"live/update/liquidate: project {project_id} isn't flat after {timeout:,.0f} s: {_held(last)}. What the server "
                "shows is minutes old: look at the broker itself.", "live/update/liquidate",
            ) from error  # fmt: skip

    def _end(self, endpoint: str, project_id: int) -> None:
        try:
            self.call(endpoint, projectId=project_id)
        except RequestRefused as error:
            # An earlier try, whose reply was lost, may have ended it.
            found = self.latest(project_id) if error.resent else None
            if found is None or not found.ended:
                raise

    def command(self, project_id: int, command: Mapping[str, Any]) -> None:
        """Send a command to `on_command`. It is never sent twice.

        Raises
        ------
        Unclear
            No reply came: nobody knows whether it arrived.
        """
        fields = {"projectId": project_id, "command": dict(command)}
        try:
            self.transport.call("live/commands/create", fields, repeatable=False)
        except Lost as error:
            remedy = "Whether the command arrived can't be told: look at the strategy's log before you send it again."
            raise Unclear(f"{error.text} {remedy}", error.endpoint, error.errors) from error

    def portfolio(self, project_id: int) -> Portfolio:
        """What is held, by a snapshot that may be ten minutes old."""
        return Portfolio.read(under(self.call("live/portfolio/read", projectId=project_id), "portfolio"))

    def orders(self, project_id: int, *, timeout: float = ORDERS_TIMEOUT) -> tuple[Order, ...]:
        """Orders, which the server takes minutes to load."""
        found: list[Order] = []
        start, came = 0, Collection("live/orders/read", SPAN)
        while True:
            fields = {"projectId": project_id, "start": start, "end": start + SPAN}
            reply = wait_until(
                lambda fields=fields: self.transport.call("live/orders/read", fields, timeout=100.0),  # type: ignore[misc]
                is_loaded, transport=self.transport, timeout=timeout, what=f"the loading of orders of project {project_id}",
                pauses=repeat(SLOW),
            )  # fmt: skip
            page = several("live/orders/read", reply, Order.read, "orders")
            new = came.take(page)
            found += new
            if came.is_whole(reply, new):
                return tuple(found)
            start += min(len(page), SPAN)

    def insights(self, project_id: int) -> tuple[Insight, ...]:
        """The latest insights."""
        reply = self.call("live/insights/read", projectId=project_id, start=0, end=99)
        return several("live/insights/read", reply, Insight.read, "insights")

    def chart(self, project_id: int, name: str, *, count: int = 10_000, start: float = 0.0, end: float = 4_102_444_800.0,
              timeout: float = 60.0) -> Chart:  # fmt: skip
        """One chart, between two times in seconds since 1970."""
        fields = {"projectId": project_id, "name": name, "count": count, "start": int(start), "end": int(end)}
        return wait_until(
            lambda: Chart.read(under(self.transport.call("live/chart/read", fields), "chart")),
            lambda one: one.status.lower() != "loading", transport=self.transport, timeout=timeout, what=f"chart {name!r}",
            pauses=repeat(5.0),
        )  # fmt: skip

    def log(self, project_id: int, deploy_id: str) -> Iterator[str]:
        """Lines of a log, up to its latest snapshot."""
        yield from log_lines(
            lambda start: self.call(
                "live/logs/read", format="json", projectId=project_id, algorithmId=deploy_id, startLine=start,
                endLine=start + LINES,
            ), LINES,
        )  # fmt: skip


def _held(portfolio: Portfolio) -> str:
    """What a portfolio holds, in words."""
    if portfolio.holdings is None:
        return "what it holds can't be read"
    held = {name: one.quantity for name, one in portfolio.holdings.items() if one.quantity != 0}
    return "it holds " + ", ".join(
        f"{name} (nobody knows how many)" if n is None else f"{n:g} {name}" for name, n in held.items()
    )
