"""Every endpoint of the practice cloud."""

from __future__ import annotations

from hidden_regime.cloud.fake.endpoints import account, backtests, compiles, files, live, objects, optimizations, projects
from hidden_regime.cloud.fake.refusals import Refused
from hidden_regime.cloud.fake.requests import Request
from hidden_regime.cloud.fake.state import Cloud, Endpoints, Reply

GROUPS = (account, projects, files, compiles, backtests, optimizations, live, objects)
ENDPOINTS: Endpoints = {name: one for group in GROUPS for name, one in group.ENDPOINTS.items()}


def answer(cloud: Cloud, ask: Request) -> Reply:
    """The reply to a request, whose changes are kept as a whole.

    Raises
    ------
    Refused
    """
    found = ENDPOINTS.get(ask.endpoint)
    if found is None:
        raise Refused(f"Unknown endpoint '{ask.endpoint}'.", unexpected=True)
    found.check(ask)
    with cloud.store.changing():
        return found.answer(cloud, ask)
