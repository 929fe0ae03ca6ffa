"""Builds."""

from __future__ import annotations

from hidden_regime.cloud.fake import source_files
from hidden_regime.cloud.fake.records import Compile
from hidden_regime.cloud.fake.refusals import absent
from hidden_regime.cloud.fake.requests import Request
from hidden_regime.cloud.fake.state import Cloud, Endpoints, Reply, endpoint


def create(cloud: Cloud, ask: Request) -> Reply:
    """Build the files of a project as they are now."""
    project = cloud.project(ask)
    snapshot = cloud.store.snapshot(source_files.of_build(cloud, project))
    made = Compile(f"{cloud.store.identity('compile')}-{snapshot}", project.id, snapshot, cloud.clock())
    cloud.store.compiles.put(made)
    cloud.jobs.build(made.id)
    return _told(cloud, made, made.state) | {"parameters": []}


def read(cloud: Cloud, ask: Request) -> Reply:
    """How a build goes; where it is a quirk, the first look finds it in the queue."""
    project, found = cloud.project(ask), cloud.store.compiles.get(ask.text("compileId"))
    if found is None or found.project != project.id:
        raise absent("Compile")
    key = ("compile", found.id)
    waits = cloud.quirks.building and key not in cloud.asked
    cloud.asked.add(key)
    state = "InQueue" if waits else found.state
    return _told(cloud, found, state) | {"logs": [] if waits else found.logs}


def _told(cloud: Cloud, found: Compile, state: str) -> Reply:
    return {
        "compileId": found.id, "state": state, "projectId": found.project, "signature": found.snapshot, "signatureOrder": [],
    }  # fmt: skip


ENDPOINTS: Endpoints = {
    "compile/create": endpoint(create, "projectId!"),
    "compile/read": endpoint(read, "projectId! compileId!"),
}
