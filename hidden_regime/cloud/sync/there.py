"""Which project in the cloud a folder is, and what that project holds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from hidden_regime.cloud.errors import NotFound, RequestRefused
from hidden_regime.cloud.records.projects import Project
from hidden_regime.cloud.sync.local import digest_of_all, digests, is_below
from hidden_regime.cloud.sync.pushed import FILE, Pushed, leans_project, read_pushed, write_pushed
from hidden_regime.research.projects import CONFIG

if TYPE_CHECKING:
    from hidden_regime.cloud.client import QuantConnect

NAMED = 10
"""So many projects are named where one isn't found."""


def find_project(qc: QuantConnect, project: int | str) -> Project:
    """A project by number or name.

    Raises
    ------
    NotFound
    """
    if isinstance(project, int) or project.isdecimal():
        return qc.projects.read(int(project))
    there = qc.projects.list()
    found = [one for one in there if one.name == project]
    if len(found) == 1:
        return found[0]
    if found:
        numbers = ", ".join(str(one.project_id) for one in found)
        raise NotFound(f"{len(found)} projects are called {project!r}: name one by its number, {numbers}.", "projects/read")
    names = ", ".join(one.name for one in there[:NAMED]) + (f" and {len(there) - NAMED} more" if len(there) > NAMED else "")
    raise NotFound(f"no project is called {project!r}. There are: {names or 'none'}.", "projects/read")


def number_of(project: Project) -> int:
    """A project's number: one without was refused."""
    assert project.project_id is not None
    return project.project_id


def pushed_project(qc: QuantConnect, folder: Path) -> int | None:
    """Number of the project that a folder was pushed to or pulled from, by this package or by lean-cli; None if it wasn't."""
    number = read_pushed(folder, qc.account_name).project_id
    return leans_project(folder) if number is None and qc.is_quantconnect else number


def project_of(qc: QuantConnect, folder: Path, state: Pushed, name: str, language: str) -> Project:
    """The cloud's project of a folder; a new one where there is none, which the folder's state tells at once.

    Raises
    ------
    NotFound
        It had one, which is gone.
    """
    number = pushed_project(qc, folder)
    if number is not None:
        state.project_id = number
        try:
            return qc.projects.read(number)
        except NotFound as error:
            where = folder / (FILE if (folder / FILE).is_file() else CONFIG)
            raise NotFound(
                f"{error.text} {folder} belongs to project {number} of {qc.account_name}. Where that is gone for good, take it "
                f"out of {where}: the next push makes a new one.", error.endpoint, error.errors,
            ) from None  # fmt: skip
    made = qc.projects.create(name, language=language)
    state.project_id, state.is_new = made.project_id, True
    # Kept at once: a push that is killed from here on must not make a second project.
    write_pushed(folder, state, made.organization_id, tell_lean=qc.is_quantconnect)
    return made


def contents_of(qc: QuantConnect, project: Project) -> tuple[dict[str, str], dict[str, str]]:
    """Contents of a project's own files by name, and of those that come from libraries, which are projects themselves.

    Raises
    ------
    RequestRefused
        A name leads out of the folder, or to what is kept in it for itself.
    """
    own: dict[str, str] = {}
    libraries: dict[str, str] = {}
    for file in qc.files.list(number_of(project)):
        if not file.is_library and not is_below(file.name):
            raise RequestRefused(
                f"files/read: the cloud has a file {file.name!r}: expected a name below the project's folder, and none that is "
                f"kept there for itself, as {CONFIG}. Rename it in the cloud.", "files/read",
            )  # fmt: skip
        content = file.content
        if content is None:  # a list without contents
            content = qc.files.read(number_of(project), file.name).content
        if content is None:
            raise RequestRefused(f"files/read: the reply has no content of {file.name!r}.", "files/read")
        (libraries if file.is_library else own)[file.name] = content
    return own, libraries


def digest_of_build(own: Mapping[str, str], libraries: Mapping[str, str]) -> str:
    """What tells everything that a compilation takes: parameters it doesn't take."""
    taken = {name: told for name, told in own.items() if name != CONFIG}
    return digest_of_all(taken | {f"library {name}": told for name, told in digests(libraries).items()})
