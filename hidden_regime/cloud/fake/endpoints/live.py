"""Live deployments, on paper and a market's clock of their own."""

from __future__ import annotations

from typing import Any

from hidden_regime.cloud.fake import charts, nodes
from hidden_regime.cloud.fake.dates import plain
from hidden_regime.cloud.fake.deployments import LOG_AGE, PORTFOLIO_AGE, Play, Position
from hidden_regime.cloud.fake.endpoints.backtests import built
from hidden_regime.cloud.fake.endpoints.projects import parameters_of
from hidden_regime.cloud.fake.records import DONE, LIQUIDATED, QUEUED, STOPPED, Deployment
from hidden_regime.cloud.fake.refusals import NO_DEPLOYMENT, NO_NODE, Refused, absent, invalid
from hidden_regime.cloud.fake.requests import Request, number
from hidden_regime.cloud.fake.state import Cloud, Endpoints, Reply, endpoint

MOST_LINES, MOST_ORDERS = 250, 1000


def create(cloud: Cloud, ask: Request) -> Reply:
    """Deploy a build on a node."""
    project, found = cloud.project(ask), built(cloud, ask)
    is_free = nodes.is_free(cloud, ask.text("nodeId"))
    if is_free is None:
        raise absent("Node")
    if not is_free:
        raise Refused(NO_NODE)
    if any(one.project == project.id for one in cloud.live()):
        raise Refused("The project is already deployed live.")
    brokerage = ask.mapping("brokerage")
    if not brokerage.get("id"):
        raise invalid("brokerage needs an id")
    if brokerage.get("holdings"):
        raise Refused("The practice cloud begins without holdings: expected an empty list of them.")
    made = Deployment(
        f"L-{cloud.store.identity('deployment')}", project.id, found.snapshot, ask.text("nodeId"), str(brokerage["id"]),
        cloud.clock(), _dollars(brokerage.get("cash")), project.parameters | parameters_of(ask),
        redeploy=ask.flag("automaticRedeploy"), providers=list(ask.mapping("dataProviders")),
    )  # fmt: skip
    cloud.store.deployments.put(made)
    cloud.jobs.wake()
    return _told(cloud, made) | {"source": "practice", "responseCode": "0"}


def read(cloud: Cloud, ask: Request) -> Reply:
    """The last deployment of a project, or the one that is named."""
    found = _named(cloud, ask)
    return _told(cloud, found) | {"charts": cloud.quirks.mapping({}), "notifications": [], "datasources": found.providers}


def listing(cloud: Cloud, ask: Request) -> Reply:
    """All deployments, or those with a status."""
    told = [_told(cloud, one) for one in cloud.store.deployments.find()]
    wanted = ask.text("status")
    return {"live": [one for one in told if not wanted or one["status"] == wanted]}


def stop(cloud: Cloud, ask: Request) -> Reply:
    """Stop a deployment; what it holds stays."""
    _end(cloud, _running(cloud, ask), STOPPED)
    return {}


def liquidate(cloud: Cloud, ask: Request) -> Reply:
    """Sell all that a deployment holds, and stop it."""
    found = _running(cloud, ask)
    if found.market_start is not None:
        found.sold_at = _play(cloud, found).market(cloud.clock())
    _end(cloud, found, LIQUIDATED)
    return {}


def command(cloud: Cloud, ask: Request) -> Reply:
    """Send a command, which reaches the strategy at the end of the next session."""
    _send(cloud, _running(cloud, ask), ask.mapping("command"))
    return {}


def broadcast(cloud: Cloud, ask: Request) -> Reply:
    """Send a command to all deployments, with the exception of a project."""
    cloud.check_organization(ask)
    spared = ask.whole("excludeProjectId", 0)
    for one in cloud.live():
        if one.project != spared:
            _send(cloud, one, ask.mapping("command"))
    return {}


def logs(cloud: Cloud, ask: Request) -> Reply:
    """Lines of the log, at most 250 at once, up to five minutes old."""
    found = _named(cloud, ask)
    play = _play(cloud, found)
    lines = play.log(play.snapshot(cloud.clock(), LOG_AGE)) if found.market_start is not None else []
    start, end = ask.whole("startLine", 0), ask.whole("endLine", MOST_LINES)
    if not 0 <= start <= end or end - start > MOST_LINES:
        raise invalid(f"endLine must not be before startLine, and at most {MOST_LINES} after it")
    return {"logs": lines[start:end], "length": len(lines), "deploymentOffset": 0}


def portfolio(cloud: Cloud, ask: Request) -> Reply:
    """Cash and holdings, up to ten minutes old."""
    found = _named(cloud, ask)
    play = _play(cloud, found)
    cash, held = play.portfolio(play.snapshot(cloud.clock(), PORTFOLIO_AGE))
    dollars = {
        "symbol": "USD", "amount": cash, "conversionRate": 1, "currencySymbol": "$", "valueInAccountCurrency": cash,
    }  # fmt: skip
    holdings = {ticker: _holding(ticker, one) for ticker, one in held.items()}
    return {"portfolio": {"holdings": cloud.quirks.mapping(holdings), "cash": {"USD": dollars}}}


def orders(cloud: Cloud, ask: Request) -> Reply:
    """Orders, up to ten minutes old, as soon as they are ready."""
    found = _named(cloud, ask)
    if cloud.is_loading("live orders", found.id):
        return {"status": "loading", "progress": 0.5}
    play = _play(cloud, found)
    listed = play.orders(play.snapshot(cloud.clock(), PORTFOLIO_AGE)) if found.market_start is not None else []
    start, end = ask.whole("start", 0), ask.whole("end", MOST_ORDERS)
    if not 0 <= start <= end or end - start > MOST_ORDERS:
        raise invalid(f"end must not be before start, and at most {MOST_ORDERS} after it")
    return {"orders": listed[start:end], "length": len(listed)}


def insights(cloud: Cloud, ask: Request) -> Reply:
    """Insights: the embedded engine keeps none in its results."""
    _named(cloud, ask)
    return {"insights": [], "length": 0}


def chart(cloud: Cloud, ask: Request) -> Reply:
    """One chart, as far as the market's clock has come."""
    found, name = _named(cloud, ask), ask.text("name")
    if cloud.is_loading("chart", found.id, name):
        return {"status": "loading", "progress": 0.5}
    play = _play(cloud, found)
    whole = play.run["charts"].get(name)
    if whole is None:
        raise absent("Chart")
    end = min(ask.number("end"), play.snapshot(cloud.clock(), PORTFOLIO_AGE))
    part = charts.cut(whole, ask.number("start"), end, ask.whole("count"))
    return {"chart": charts.pascal(part) if cloud.quirks.pascal else part}


def _play(cloud: Cloud, found: Deployment) -> Play:
    return Play.of(cloud.store, found, cloud.settings.speed)


def _named(cloud: Cloud, ask: Request) -> Deployment:
    identity = ask.text("deployId") or ask.text("algorithmId")
    found = cloud.store.deployments.find(project=cloud.project(ask).id, newest_first=True)
    chosen = [one for one in found if identity in ("", one.id)]
    if not chosen:
        raise Refused(NO_DEPLOYMENT)
    return chosen[0]


def _running(cloud: Cloud, ask: Request) -> Deployment:
    found = _named(cloud, ask)
    if found.id not in [one.id for one in cloud.live()]:
        raise Refused(NO_DEPLOYMENT)
    return found


def _end(cloud: Cloud, found: Deployment, ending: str) -> None:
    found.ending, found.stopped, found.state = ending, cloud.clock(), DONE
    cloud.store.deployments.put(found)
    cloud.jobs.cancel(found.id)


def _send(cloud: Cloud, found: Deployment, told: dict[str, Any]) -> None:
    """Let the strategy run again, with one command more; until that is done, the run before is shown."""
    if not told:
        raise invalid("command must be an object that says something")
    found.commands = [*found.commands, {"at": _play(cloud, found).market(cloud.clock()), "command": told}]
    found.state = QUEUED
    cloud.store.deployments.put(found)
    cloud.jobs.cancel(found.id)
    cloud.jobs.wake()


def _dollars(cash: Any) -> float | None:
    if not cash:
        return None
    if not isinstance(cash, list) or any(not isinstance(one, dict) or one.get("currency") != "USD" for one in cash):
        raise invalid("cash must be a list of objects with currency USD and an amount")
    return sum(number("amount", one.get("amount")) for one in cash)


def _holding(ticker: str, one: Position) -> dict[str, Any]:
    value, cost = one.quantity * one.price, one.quantity * one.average
    return {
        "symbol": {"value": ticker, "id": ticker, "permtick": ticker}, "type": 1, "currencySymbol": "$", "a": one.average,
        "q": one.quantity, "p": one.price, "v": value, "u": value - cost,
        "up": 100 * (value - cost) / abs(cost) if cost else 0.0,
    }  # fmt: skip


def _told(cloud: Cloud, found: Deployment) -> dict[str, Any]:
    return {
        "projectId": found.project, "deployId": found.id, "status": _play(cloud, found).status(cloud.clock()),
        "launched": plain(found.launched), "stopped": plain(found.stopped) if found.stopped is not None else None,
        "brokerage": found.brokerage, "subscription": "Strategy Equity", "error": found.error, "nodeId": found.node,
        "versionId": "-1" if cloud.quirks.texts else -1, "securityTypes": "Equity" if cloud.quirks.texts else None,
        "automaticRedeploy": cloud.quirks.truth(found.redeploy), "public": False,
    }  # fmt: skip


ENDPOINTS: Endpoints = {
    "live/create": endpoint(
        create,
        "projectId! compileId! nodeId! brokerage! dataProviders! versionId! automaticRedeploy parameters notification",
    ),
    "live/read": endpoint(read, "projectId! deployId"),
    "live/list": endpoint(listing, "status start end"),
    "live/update/stop": endpoint(stop, "projectId!"),
    "live/update/liquidate": endpoint(liquidate, "projectId!"),
    "live/commands/create": endpoint(command, "projectId! command!"),
    "live/commands/broadcast": endpoint(broadcast, "organizationId! command! excludeProjectId"),
    "live/logs/read": endpoint(logs, "format! projectId! algorithmId! startLine! endLine!"),
    "live/read/log": endpoint(logs, "projectId! algorithmId format start end startLine endLine"),
    "live/portfolio/read": endpoint(portfolio, "projectId!"),
    "live/read/portfolio": endpoint(portfolio, "projectId!"),
    "live/orders/read": endpoint(orders, "projectId! start! end!"),
    "live/read/orders": endpoint(orders, "projectId! start end"),
    "live/insights/read": endpoint(insights, "projectId! start end"),
    "live/chart/read": endpoint(chart, "projectId! name! count! start! end!"),
}
