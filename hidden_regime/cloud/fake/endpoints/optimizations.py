"""Optimisations: estimated, run on nodes of their own, and charged for."""

from __future__ import annotations

import math

from hidden_regime.cloud.fake import ledger, optimizing
from hidden_regime.cloud.fake.endpoints.backtests import built
from hidden_regime.cloud.fake.optimization_view import summary, told
from hidden_regime.cloud.fake.records import ACTIVE, NEW, Backtest, Optimization
from hidden_regime.cloud.fake.refusals import Refused, absent, invalid
from hidden_regime.cloud.fake.requests import Request
from hidden_regime.cloud.fake.settings import MOST_PARALLEL
from hidden_regime.cloud.fake.state import Cloud, Endpoints, Reply, endpoint

ASKED = "projectId! name! target! targetTo! targetValue strategy! compileId! parameters! constraints"


def estimate(cloud: Cloud, ask: Request) -> Reply:
    """Seconds of a backtest, and what there is of credits."""
    asked = _asked(cloud, ask)
    optimizing.grid(asked.parameters)
    time = math.ceil(asked.seconds)
    return {"estimate": {"estimateId": cloud.store.identity("estimate"), "time": time, "balance": int(_left(cloud))}}


def create(cloud: Cloud, ask: Request) -> Reply:
    """Queue the backtests of a grid."""
    made = _asked(cloud, ask)
    sets = optimizing.grid(made.parameters)
    made.cost = optimizing.credits_of(made.seconds, len(sets), made.node)
    if made.cost > _left(cloud):
        raise Refused(f"Insufficient balance: the optimization is estimated at {made.cost:g} QCC, {_left(cloud):g} QCC are left.")
    made.id = cloud.store.identity("optimization")
    cloud.store.optimizations.put(made)
    project = cloud.project(ask)
    for place, chosen in enumerate(sets, 1):
        name = f"{made.name} {place}"
        job = cloud.store.identity("backtest")
        one = Backtest(job, project.id, made.snapshot, name, made.created, project.parameters | chosen, made.id)
        cloud.store.backtests.put(one)
    cloud.jobs.wake()
    return {"optimizations": [summary(cloud, made)]}


def read(cloud: Cloud, ask: Request) -> Reply:
    """An optimisation with its backtests."""
    return {"optimization": told(cloud, _named(cloud, ask))}


def update(cloud: Cloud, ask: Request) -> Reply:
    """Change the name."""
    found = _named(cloud, ask)
    found.name = ask.text("name")
    cloud.store.optimizations.put(found)
    return {}


def abort(cloud: Cloud, ask: Request) -> Reply:
    """Stop an optimisation; what its backtests consumed is charged for."""
    found = _named(cloud, ask)
    if found.status not in (NEW, ACTIVE):
        raise Refused(f"The optimization is {found.status}.")
    _stop(cloud, found)
    return {}


def delete(cloud: Cloud, ask: Request) -> Reply:
    """Delete an optimisation and its backtests; one that goes on is stopped."""
    found = _named(cloud, ask)
    if found.status in (NEW, ACTIVE):
        _stop(cloud, found)
    for one in cloud.store.backtests.find(optimization=found.id):
        cloud.store.forget(one.id)
    cloud.store.backtests.remove(optimization=found.id)
    cloud.store.optimizations.remove(id=found.id)
    return {}


def listing(cloud: Cloud, ask: Request) -> Reply:
    """Optimisations of a project, the newest first."""
    found = cloud.store.optimizations.find(project=cloud.project(ask).id, newest_first=True)
    return {"optimizations": [summary(cloud, one) for one in found], "count": len(found)}


def _stop(cloud: Cloud, found: Optimization) -> None:
    for job in optimizing.abort(cloud.store, found, cloud.clock()):
        cloud.jobs.cancel(job)


def _left(cloud: Cloud) -> float:
    return max(0.0, ledger.balance(cloud.store) - optimizing.reserved(cloud.store))


def _named(cloud: Cloud, ask: Request) -> Optimization:
    found = cloud.store.optimizations.get(ask.text("optimizationId"))
    if found is None:
        raise absent("Optimization")
    return found


def _asked(cloud: Cloud, ask: Request) -> Optimization:
    """What is asked for, as an optimisation that isn't kept yet."""
    project, compiled = cloud.project(ask), built(cloud, ask)
    strategy, direction = ask.text("strategy"), ask.text("targetTo").lower()
    if strategy != optimizing.STRATEGY:
        raise invalid(f"strategy must be {optimizing.STRATEGY}")
    if direction not in ("min", "max"):
        raise invalid("targetTo must be min or max")
    node, parallel = ask.text("nodeType") or "O2-8", ask.whole("parallelNodes", 1)
    if node not in MOST_PARALLEL:
        raise invalid(f"nodeType must be one of {', '.join(MOST_PARALLEL)}")
    if not 1 <= parallel <= MOST_PARALLEL[node]:
        raise invalid(f"parallelNodes of {node} must be from 1 to {MOST_PARALLEL[node]}")
    parameters = [optimizing.parameter_of(one, place) for place, one in enumerate(ask.several("parameters"))]
    varied, most = sum("value" not in one for one in parameters), cloud.settings.most_parameters
    if not 1 <= varied <= most:
        raise invalid(f"from 1 to {most} parameters can be optimized, these are {varied}")
    constraints = [optimizing.constraint_of(one, place) for place, one in enumerate(ask.several("constraints"))]
    return Optimization(
        "", project.id, compiled.snapshot, ask.text("name"), cloud.clock(), optimizing.target_of(ask.fields["target"]), direction,
        ask.number("targetValue") if ask.given("targetValue") else None, strategy, node, parallel, parameters, constraints,
        optimizing.seconds_of(cloud.store, project.id), 0.0,
    )  # fmt: skip


ENDPOINTS: Endpoints = {
    "optimizations/estimate": endpoint(estimate, f"{ASKED} nodeType parallelNodes estimatedCost"),
    "optimizations/create": endpoint(create, f"{ASKED} nodeType! parallelNodes! estimatedCost!"),
    "optimizations/read": endpoint(read, "optimizationId!"),
    "optimizations/update": endpoint(update, "optimizationId! name!"),
    "optimizations/abort": endpoint(abort, "optimizationId!"),
    "optimizations/delete": endpoint(delete, "optimizationId!"),
    "optimizations/list": endpoint(listing, "projectId!"),
}
