"""The machines of the practice cloud."""

from __future__ import annotations

from typing import Any

from hidden_regime.cloud.fake.state import Cloud

SKUS = {"backtest": "B4-12", "research": "R2-8", "live": "L-MICRO"}
SIZES = {"backtest": (4, 12.0), "research": (2, 8.0), "live": (1, 0.5)}
PRICES = {"backtest": 24, "research": 14, "live": 24}


def name_of(kind: str, number: int) -> str:
    """Name of a node, numbered from 1."""
    return f"{SKUS[kind]} node {number}"


def id_of(kind: str, number: int) -> str:
    """Id of a node, numbered from 1."""
    return f"{SKUS[kind]}-{number:08x}"


def told(cloud: Cloud) -> dict[str, list[dict[str, Any]]]:
    """All nodes, and who uses them."""
    running = {one.node: one.project for one in cloud.live()}
    busy = {"backtest": cloud.jobs.busy()}
    out: dict[str, list[dict[str, Any]]] = {}
    for kind in SKUS:
        out[kind] = []
        for number in range(1, cloud.settings.nodes.get(kind, 0) + 1):
            project = cloud.store.projects.get(running.get(id_of(kind, number), 0))
            is_busy = project is not None or number <= busy.get(kind, 0)
            cores, memory = SIZES[kind]
            out[kind].append({
                "speed": 3.1, "price": {"monthly": PRICES[kind], "yearly": 10 * PRICES[kind]}, "cpu": cores, "ram": memory,
                "id": id_of(kind, number), "name": name_of(kind, number), "sku": SKUS[kind], "busy": is_busy,
                "projectName": project.name if project is not None else "", "usedBy": cloud.account.name if is_busy else "",
                "description": f"{cores} cores, {memory:g} GB", "hasGpu": 0, "assets": 10, "host": None, "active": True,
            })  # fmt: skip
    return out


def is_free(cloud: Cloud, node: str) -> bool | None:
    """Whether a live node is free; None if there is no such one."""
    found = [one for one in told(cloud)["live"] if node in (one["id"], one["name"])]
    return None if not found else not found[0]["busy"]
