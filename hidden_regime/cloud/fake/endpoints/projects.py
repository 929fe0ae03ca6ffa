"""Projects."""

from __future__ import annotations

from typing import Any

from hidden_regime.cloud.fake import source_files
from hidden_regime.cloud.fake.dates import plain
from hidden_regime.cloud.fake.records import Project, SourceFile
from hidden_regime.cloud.fake.refusals import absent, invalid
from hidden_regime.cloud.fake.requests import Request
from hidden_regime.cloud.fake.state import Cloud, Endpoints, Reply, endpoint
from hidden_regime.cloud.fake.store import FIRST_PROJECT

MAIN = """from AlgorithmImports import *


class {name}(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2012, 1, 1)
        self.set_cash(100000)
"""


def create(cloud: Cloud, ask: Request) -> Reply:
    """Make a project with a main.py; a name that is taken gets a number."""
    cloud.check_organization(ask)
    language, name, now = ask.text("language"), ask.text("name").strip("/"), cloud.clock()
    if language not in ("Py", "C#") or not name:
        raise invalid("language must be Py or C#, and name must not be empty")
    taken = {one.name for one in cloud.store.projects.find()}
    chosen = name if name not in taken else next(new for n in range(1, len(taken) + 2) if (new := f"{name} {n}") not in taken)
    project = Project(cloud.store.number("project", FIRST_PROJECT), chosen, language, now, now)
    cloud.store.projects.put(project)
    if language == "Py":
        word = "".join(letter for letter in name.rpartition("/")[2].title() if letter.isalnum() and letter.isascii())
        cloud.store.files.put(SourceFile(project.id, "main.py", MAIN.format(name=f"A{word}"), now))
    return {"projects": [_told(cloud, project)]}


def read(cloud: Cloud, ask: Request) -> Reply:
    """One project, or all, or some of them."""
    cloud.check_organization(ask)
    if ask.given("projectId"):
        return {"projects": [_told(cloud, cloud.project(ask))], "versions": []}
    found = cloud.store.projects.find()
    start, end = ask.whole("start", 0), ask.whole("end", len(found))
    return {"projects": [_told(cloud, one) for one in found[start:end]], "versions": []}


def update(cloud: Cloud, ask: Request) -> Reply:
    """Change what is given of a project; with `files` it has those and no others."""
    project = cloud.project(ask)
    if ask.given("name"):
        project.name = ask.text("name").strip("/")
    if "description" in ask.fields:
        project.description = ask.text("description")
    if "parameters" in ask.fields:
        project.parameters = parameters_of(ask)
    if ask.given("versionId"):
        project.version = ask.whole("versionId")
    if ask.given("leanEnvironment"):
        project.environment = ask.whole("leanEnvironment")
    if "libraries" in ask.fields:
        project.libraries = [int(one) for one in ask.several("libraries")]
    if "files" in ask.fields:
        source_files.replace_all(cloud, project, {str(one["name"]): str(one["content"]) for one in ask.several("files")})
    source_files.touched(cloud, project)
    return {}


def delete(cloud: Cloud, ask: Request) -> Reply:
    """Delete a project and all that belongs to it; what runs of it ends."""
    project = cloud.project(ask)
    store = cloud.store
    jobs = [one.id for one in store.backtests.find(project=project.id)]
    for job in (*jobs, *(one.id for one in store.deployments.find(project=project.id))):
        cloud.jobs.cancel(job)
        store.forget(job)
    for table in (store.backtests, store.deployments, store.optimizations, store.compiles, store.files):
        table.remove(project=project.id)
    store.projects.remove(id=project.id)
    return {}


def add_library(cloud: Cloud, ask: Request) -> Reply:
    """Let a project use another one's files."""
    project, library = cloud.project(ask), ask.whole("libraryId")
    if cloud.store.projects.get(library) is None:
        raise absent("Library")
    project.libraries = [*(one for one in project.libraries if one != library), library]
    source_files.touched(cloud, project)
    return {"libraries": project.libraries}


def drop_library(cloud: Cloud, ask: Request) -> Reply:
    """Let a project not use another one's files any more."""
    project, library = cloud.project(ask), ask.whole("libraryId")
    project.libraries = [one for one in project.libraries if one != library]
    source_files.touched(cloud, project)
    return {"libraries": project.libraries}


def parameters_of(ask: Request) -> dict[str, str]:
    """Parameters as a dict, or as a list of objects with a key or name and a value."""
    given = ask.fields.get("parameters")
    if isinstance(given, dict):
        return {str(name): str(value) for name, value in given.items()}
    out = {}
    for one in ask.several("parameters"):
        name = isinstance(one, dict) and (one.get("key") or one.get("name"))
        if not name or one.get("value") is None:
            raise invalid("each of parameters needs a key and a value")
        out[str(name)] = str(one["value"])
    return out


def _told(cloud: Cloud, project: Project) -> dict[str, Any]:
    quirks, own = cloud.quirks, cloud.account
    libraries = [cloud.store.projects.get(number) for number in project.libraries]
    live = any(one.project == project.id for one in cloud.live())
    return {
        "projectId": project.id, "organizationId": own.organization, "name": project.name, "description": project.description,
        "modified": plain(project.modified), "created": plain(project.created), "ownerId": int(cloud.user_id),
        "language": project.language,
        "collaborators": [{
            "uid": int(cloud.user_id), "liveControl": True, "permission": "write", "profileImage": "", "name": own.name,
            "owner": True,
        }],
        "leanVersionId": project.version, "leanPinnedToMaster": project.version == -1, "leanEnvironment": project.environment,
        "parameters": [{"key": name, "value": value, "type": "string"} for name, value in project.parameters.items()],
        "libraries": [
            {"projectId": one.id, "libraryName": one.name, "ownerName": own.name, "access": True} for one in libraries if one
        ],
        "liveForm": {"aliases": quirks.mapping({}), "automaticRedeploy": quirks.truth(False), "deployed": quirks.truth(live)},
        "codeRunning": live, "paperEquity": "$100,000.00" if quirks.texts else 100_000.0, "grid": "", "encrypted": False,
        "encryptionKey": None,
    }  # fmt: skip


ENDPOINTS: Endpoints = {
    "projects/create": endpoint(create, "name! language! organizationId"),
    "projects/read": endpoint(read, "projectId organizationId start end"),
    "projects/update": endpoint(
        update,
        "projectId! name description parameters versionId leanEnvironment files libraries encryptionKey codeSourceId",
    ),
    "projects/delete": endpoint(delete, "projectId!"),
    "projects/library/create": endpoint(add_library, "projectId! libraryId!"),
    "projects/library/delete": endpoint(drop_library, "projectId! libraryId!"),
}
