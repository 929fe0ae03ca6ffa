"""Projects, their files, and compilations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from hidden_regime.cloud.reading import flag, integer, listing, moment, number, open_enum, text
from hidden_regime.cloud.records.record import Record, told


@dataclass(frozen=True, kw_only=True)
class ProjectParameter(Record):
    """A parameter of a project, with the range that the cloud's page proposes."""

    name: str = told(text, "key", default="")
    value: str | None = told(text)
    min: float | None = told(number)
    max: float | None = told(number)
    step: float | None = told(number)


def parameters_of(value: Any) -> tuple[ProjectParameter, ...]:
    """Parameters of a list, of a mapping of name to value, or of one of anything to parameter."""
    if isinstance(value, Mapping):
        value = [one if isinstance(one, Mapping) else {"name": name, "value": one} for name, one in value.items()]
    return listing(ProjectParameter.read)(value)


@dataclass(frozen=True, kw_only=True)
class Collaborator(Record):
    """Somebody who may see or change a project."""

    name: str = told(text, default="")
    owner: bool = told(flag, default=False)
    permission: str = told(text, default="")
    live_control: bool = told(flag, default=False)


@dataclass(frozen=True, kw_only=True)
class Project(Record):
    """A project: files under a name, and what they are run with."""

    project_id: int | None = told(integer, "id")
    name: str = told(text, default="")
    organization_id: str = told(text, default="")
    description: str = told(text, default="")
    language: str = told(text, default="")
    created: datetime | None = told(moment)
    modified: datetime | None = told(moment)
    parameters: tuple[ProjectParameter, ...] = told(parameters_of, default=())
    collaborators: tuple[Collaborator, ...] = told(listing(Collaborator.read), default=())
    lean_version_id: int | None = told(integer)
    lean_pinned_to_master: bool | None = told(flag)
    lean_environment: int | None = told(integer)
    encrypted: bool = told(flag, default=False)

    @property
    def url(self) -> str:
        """Where the project is in a browser."""
        return f"https://www.quantconnect.com/project/{self.project_id}"


@dataclass(frozen=True, kw_only=True)
class ProjectFile(Record):
    """A file of a project. `content` is None where a list was asked for that has none."""

    name: str = told(text, default="")
    content: str | None = told(text)
    modified: datetime | None = told(moment)
    is_library: bool = told(flag, default=False)


class CompileState(StrEnum):
    """How far a compilation is."""

    IN_QUEUE = "InQueue"
    BUILD_SUCCESS = "BuildSuccess"
    BUILD_ERROR = "BuildError"


@dataclass(frozen=True, kw_only=True)
class Compile(Record):
    """A compilation of the files as they were at its moment."""

    compile_id: str = told(text, default="")
    state: CompileState | str = told(open_enum(CompileState), default="")
    project_id: int | None = told(integer)
    logs: tuple[str, ...] = told(listing(text), default=())
    signature: str = told(text, default="")
