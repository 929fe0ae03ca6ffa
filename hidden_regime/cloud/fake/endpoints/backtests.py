"""Backtests: they are queued, run on a node, and read."""

from __future__ import annotations

from typing import Any

from hidden_regime.cloud.fake import backtest_view, charts, reports
from hidden_regime.cloud.fake.endpoints.projects import parameters_of
from hidden_regime.cloud.fake.records import QUEUED, Backtest, Compile, Counter
from hidden_regime.cloud.fake.refusals import NO_NODE, SLOW_DOWN, Refused, absent, invalid
from hidden_regime.cloud.fake.requests import Request
from hidden_regime.cloud.fake.state import Cloud, Endpoints, Reply, endpoint

DAY = 86_400
MOST_ORDERS, MOST_LINES = 100, 200


def built(cloud: Cloud, ask: Request) -> Compile:
    """The build that a request names, which must be good."""
    project, found = cloud.project(ask), cloud.store.compiles.get(ask.text("compileId"))
    if found is None or found.project != project.id:
        raise absent("Compile")
    if found.state != "BuildSuccess":
        raise invalid(f"compile {found.id} is {found.state}")
    return found


def create(cloud: Cloud, ask: Request) -> Reply:
    """Queue a backtest, or refuse it where there is no room or the day's number is reached."""
    project, found = cloud.project(ask), built(cloud, ask)
    waiting = cloud.store.backtests.count(state=QUEUED, optimization="")
    free = cloud.settings.nodes.get("backtest", 0) - cloud.jobs.busy() - waiting
    if cloud.settings.when_full == "refuse" and free <= 0:
        raise Refused(NO_NODE)
    if waiting >= cloud.settings.queue_length:
        raise Refused(SLOW_DOWN)
    _count_today(cloud)
    made = Backtest(
        cloud.store.identity("backtest"), project.id, found.snapshot, ask.text("backtestName"), cloud.clock(),
        project.parameters | parameters_of(ask),
    )  # fmt: skip
    cloud.store.backtests.put(made)
    cloud.jobs.wake()
    return {"backtest": backtest_view.told(cloud, made, figures=False), "debugging": False}


def read(cloud: Cloud, ask: Request) -> Reply:
    """A backtest; where it is a quirk, it is complete before its figures come."""
    found = _named(cloud, ask)
    is_own = not found.optimization  # those of a search are told by the search, and complete when it is
    late = is_own and found.is_over and not found.error and found.reads < cloud.quirks.late_figures
    if late:
        found.reads += 1
        cloud.store.backtests.put(found)
    return {"backtest": backtest_view.told(cloud, found, figures=found.is_over and not late), "debugging": False}


def listing(cloud: Cloud, ask: Request) -> Reply:
    """Backtests of a project, the newest first, without those of optimisations."""
    project, statistics = cloud.project(ask), ask.flag("includeStatistics", True)
    found = cloud.store.backtests.find(project=project.id, optimization="", newest_first=True)
    return {"backtests": [backtest_view.listed(cloud, one, statistics=statistics) for one in found], "count": len(found)}


def update(cloud: Cloud, ask: Request) -> Reply:
    """Change name and note."""
    found = _named(cloud, ask)
    found.name, found.note = ask.text("name", found.name), ask.text("note", found.note)
    cloud.store.backtests.put(found)
    return {}


def tag(cloud: Cloud, ask: Request) -> Reply:
    """Change the tags."""
    found = _named(cloud, ask)
    found.tags = [str(one) for one in ask.several("tags")]
    cloud.store.backtests.put(found)
    return {}


def delete(cloud: Cloud, ask: Request) -> Reply:
    """Delete a backtest; one that runs ends."""
    found = _named(cloud, ask)
    cloud.jobs.cancel(found.id)
    cloud.store.backtests.remove(id=found.id)
    cloud.store.forget(found.id)
    return {}


def orders(cloud: Cloud, ask: Request) -> Reply:
    """Orders with their events, fewer than 100 at once."""
    found = _named(cloud, ask)
    start, end = _span(ask, MOST_ORDERS)
    if cloud.is_loading("orders", found.id):
        return _loading(cloud, found)
    result = cloud.store.result(found.id) if found.is_over else {"orders": {}, "events": []}
    listed = list(result["orders"].values())
    page = [one | {"events": [e for e in result["events"] if e["orderId"] == one["id"]]} for one in listed[start:end]]
    return {"orders": page, "length": len(listed)}


def chart(cloud: Cloud, ask: Request) -> Reply:
    """One chart, as soon as it is ready."""
    found, name = _named(cloud, ask), ask.text("name")
    if cloud.is_loading("chart", found.id, name):
        return _loading(cloud, found)
    whole = cloud.store.result(found.id)["charts"].get(name) if found.is_over else None
    if whole is None:
        raise absent("Chart")
    part = charts.cut(whole, ask.number("start"), ask.number("end"), ask.whole("count"))
    return {"chart": charts.pascal(part) if cloud.quirks.pascal else part}


def insights(cloud: Cloud, ask: Request) -> Reply:
    """Insights: the embedded engine keeps none in its results."""
    _named(cloud, ask)
    return {"insights": [], "length": 0}


def trades(cloud: Cloud, ask: Request) -> Reply:
    """Closed trades."""
    found = _named(cloud, ask)
    listed = cloud.store.result(found.id)["totalPerformance"].get("closedTrades", []) if found.is_over else []
    return {"trades": listed[ask.whole("start", 0) : ask.whole("end", len(listed))], "length": len(listed)}


def log(cloud: Cloud, ask: Request) -> Reply:
    """Lines of the log, at most 200 at once."""
    found = _named(cloud, ask)
    start, end = _span(ask, MOST_LINES + 1)
    if cloud.is_loading("log", found.id):
        return _loading(cloud, found)
    query = ask.text("query").strip().lower()
    lines = [line for line in cloud.store.result(found.id)["log"] if query in line.lower()] if found.is_over else []
    return {"logs": lines[start:end], "length": len(lines)}


def report(cloud: Cloud, ask: Request) -> Reply:
    """A page, as soon as it is made."""
    found = _named(cloud, ask)
    if not found.is_over or cloud.is_loading("report", found.id):
        return {"status": "generating", "progress": 0.5, "report": ""}
    return {"report": reports.page(found), "status": "success"}


def _named(cloud: Cloud, ask: Request) -> Backtest:
    project, found = cloud.project(ask), cloud.store.backtests.get(ask.text("backtestId"))
    if found is None or found.project != project.id:
        raise absent("Backtest")
    return found


def _loading(cloud: Cloud, found: Backtest) -> Reply:
    return {"status": "loading", "progress": backtest_view.progress(cloud, found)}


def _span(ask: Request, most: int) -> tuple[int, int]:
    start, end = ask.whole("start"), ask.whole("end")
    if not 0 <= start <= end or end - start >= most:
        raise invalid(f"end must not be before start, and less than {most} after it")
    return start, end


def _count_today(cloud: Cloud) -> None:
    most, day = cloud.settings.backtests_a_day, f"backtests of day {int(cloud.clock() // DAY)}"
    counted: Any = cloud.store.counters.get(day) or Counter(day, 0)
    if most is not None and counted.value >= most:
        raise Refused(f"You have reached the daily limit of {most} backtests. Please upgrade your account or try again tomorrow.")
    counted.value += 1
    cloud.store.counters.put(counted)


ENDPOINTS: Endpoints = {
    "backtests/create": endpoint(create, "projectId! compileId! backtestName! parameters requestSource"),
    "backtests/read": endpoint(read, "projectId! backtestId! chart"),
    "backtests/list": endpoint(listing, "projectId! includeStatistics"),
    "backtests/update": endpoint(update, "projectId! backtestId! name note"),
    "backtests/tags/update": endpoint(tag, "projectId! backtestId! tags!"),
    "backtests/delete": endpoint(delete, "projectId! backtestId!"),
    "backtests/orders/read": endpoint(orders, "projectId! backtestId! start! end!"),
    "backtests/chart/read": endpoint(chart, "projectId! backtestId! name! count! start! end!"),
    "backtests/read/insights": endpoint(insights, "projectId! backtestId! start end"),
    "backtests/insights/read": endpoint(insights, "projectId! backtestId! start end"),
    "backtests/trades/read": endpoint(trades, "projectId! backtestId! start end"),
    "backtests/read/log": endpoint(log, "projectId! backtestId! start! end! query"),
    "backtests/read/report": endpoint(report, "projectId! backtestId!"),
}
