"""Files of projects."""

from __future__ import annotations

from typing import Any

from hidden_regime.cloud.fake import source_files
from hidden_regime.cloud.fake.dates import plain
from hidden_regime.cloud.fake.records import SourceFile
from hidden_regime.cloud.fake.refusals import Refused, absent
from hidden_regime.cloud.fake.requests import Request
from hidden_regime.cloud.fake.state import Cloud, Endpoints, Reply, endpoint


def create(cloud: Cloud, ask: Request) -> Reply:
    """Add a file that isn't there."""
    project, name, content = cloud.project(ask), ask.text("name"), ask.text("content")
    source_files.check(cloud, name, content)
    if cloud.store.files.get(project.id, name) is not None:
        raise Refused(f"File {name} already exists.")
    source_files.check_number(cloud, cloud.store.files.count(project=project.id) + 1)
    made = SourceFile(project.id, name, content, cloud.clock())
    cloud.store.files.put(made)
    source_files.touched(cloud, project)
    return {"files": [_told(made, 0)]}


def read(cloud: Cloud, ask: Request) -> Reply:
    """One file or all."""
    project = cloud.project(ask)
    if ask.given("name"):
        return {"files": [_told(_named(cloud, ask), 0)]}
    return {"files": [_told(one, place) for place, one in enumerate(cloud.store.files.find(project=project.id))]}


def update(cloud: Cloud, ask: Request) -> Reply:
    """Change a file's content, its name, or both."""
    project, found = cloud.project(ask), _named(cloud, ask)
    if not ("content" in ask.fields or ask.given("newName")):
        raise Refused("Invalid argument: content or newName is needed.")
    content, name = ask.text("content", found.content), ask.text("newName") or found.name
    source_files.check(cloud, name, content)
    if name != found.name:
        if cloud.store.files.get(project.id, name) is not None:
            raise Refused(f"File {name} already exists.")
        cloud.store.files.remove(project=project.id, name=found.name)
    made = SourceFile(project.id, name, content, cloud.clock())
    cloud.store.files.put(made)
    source_files.touched(cloud, project)
    return {"files": [_told(made, 0)]}


def delete(cloud: Cloud, ask: Request) -> Reply:
    """Delete a file."""
    project, found = cloud.project(ask), _named(cloud, ask)
    cloud.store.files.remove(project=project.id, name=found.name)
    source_files.touched(cloud, project)
    return {}


def _named(cloud: Cloud, ask: Request) -> SourceFile:
    found = cloud.store.files.get(cloud.project(ask).id, ask.text("name"))
    if found is None:
        raise absent("File")
    return found


def _told(one: SourceFile, place: int) -> dict[str, Any]:
    return {
        "id": place, "projectId": one.project, "name": one.name, "content": one.content, "modified": plain(one.modified),
        "open": False, "isLibrary": False,
    }  # fmt: skip


ENDPOINTS: Endpoints = {
    "files/create": endpoint(create, "projectId! name! content codeSourceId"),
    "files/read": endpoint(read, "projectId! name codeSourceId"),
    "files/update": endpoint(update, "projectId! name! content newName codeSourceId"),
    "files/delete": endpoint(delete, "projectId! name! codeSourceId"),
}
