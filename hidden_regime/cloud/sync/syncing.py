"""Push and pull: three-way by content, with what the other side changed refused and deletion asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hidden_regime.cloud.errors import NotFound, RequestRefused
from hidden_regime.cloud.records.projects import Project
from hidden_regime.cloud.sync.local import digest, digest_of_all, project_files
from hidden_regime.cloud.sync.merging import Changes, Conflict, merge
from hidden_regime.cloud.sync.pushed import Pushed, leans_project, read_pushed, write_pushed
from hidden_regime.cloud.transport import PATIENCE
from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.space.project_config import project_config
from hidden_regime.files.whole import write_file
from hidden_regime.research.projects import CONFIG

if TYPE_CHECKING:
    from hidden_regime.cloud.budget.budget import Budget
    from hidden_regime.cloud.client import QuantConnect


def push(qc: QuantConnect, folder: Path, *, name: str | None = None, delete: bool = False, force: bool = False,
         budget: Budget | None = None) -> tuple[Project, Changes]:  # fmt: skip
    """Make the cloud's project as a folder is.

    Parameters
    ----------
    qc : QuantConnect
    folder : Path
        With a main.py.
    name : str, optional
        Of a project that doesn't exist yet. Default: the folder's.
    delete : bool
        Delete in the cloud what was deleted here since the last push.
    force : bool
        Overwrite what was changed in the cloud.
    budget : Budget, optional
        Whose limits of files and bytes are held.

    Raises
    ------
    Conflict
        The cloud has changes that aren't here; nothing was sent.
    BudgetExceeded
    """
    files = project_files(folder)
    if budget is not None:
        budget.check("files", len(files), f"files of {folder.name}")
        for one, content in files.items():
            budget.check("file_bytes", len(content.encode()), f"bytes of {one}")
    mine = {one: digest(content) for one, content in files.items()}
    state = read_pushed(folder, qc.account_name)
    project, is_new = _project(qc, folder, state, name or folder.resolve().name)
    number = project.project_id
    assert number is not None  # a project without a number was refused
    theirs = {file.name: digest(file.content or "") for file in qc.files.list(number)}
    try:
        # What a new project begins with is nobody's work.
        last = theirs if is_new else state.files
        changes = merge(mine, theirs, last, delete=delete or is_new, force=force)
    except Conflict as error:
        remedy = "Pull them (--force overwrites what is here), or push with --force to overwrite what is there."
        raise Conflict(f"{error.text} {remedy}", error.names) from None
    for one in changes.created:
        qc.files.create(number, one, files[one])
    for one in changes.updated:
        qc.files.update(number, one, files[one])
    for one in changes.deleted:
        qc.files.delete(number, one)
    told = {str(key): str(value) for key, value in (project_config(folder / CONFIG).get("parameters") or {}).items()}
    if told and told != {one.name: one.value for one in project.parameters}:
        qc.projects.update(number, parameters=told)
    state.project_id, state.files = number, mine | {one: theirs[one] for one in changes.kept}
    write_pushed(folder, state, project.organization_id, tell_lean=qc.is_quantconnect)
    return project, changes


def pull(
    qc: QuantConnect, project: int | str, folder: Path, *, delete: bool = False, force: bool = False
) -> tuple[Project, Changes]:
    """Make a folder as the cloud's project is.

    Parameters
    ----------
    qc : QuantConnect
    project : int or str
        Number or name.
    folder : Path
        Made where there is none.
    delete : bool
        Delete here what was deleted in the cloud.
    force : bool
        Overwrite what was changed here.

    Raises
    ------
    NotFound
    Conflict
        Here are changes that the cloud doesn't have; nothing was written.
    """
    found = find_project(qc, project)
    number = found.project_id
    assert number is not None
    state = read_pushed(folder, qc.account_name) if folder.is_dir() else Pushed(qc.account_name)
    if state.project_id not in (None, number):
        raise ParameterError(
            "folder", str(folder), f"a folder of project {number}", f"This one belongs to project {state.project_id}."
        )
    contents = {file.name: file.content or "" for file in qc.files.list(number)}
    for one in contents:
        _check_name(one)
    theirs = {one: digest(content) for one, content in contents.items()}
    local = project_files(folder) if folder.is_dir() and any(folder.iterdir()) else {}
    mine = {one: digest(content) for one, content in local.items()}
    try:
        changes = merge(theirs, mine, state.files, delete=delete, force=force)
    except Conflict as error:
        remedy = "Push them, or pull with --force to overwrite what is here."
        raise Conflict(f"{error.text} {remedy}", error.names) from None
    for one in (*changes.created, *changes.updated):
        (folder / one).parent.mkdir(parents=True, exist_ok=True)
        write_file(folder / one, contents[one])
    for one in changes.deleted:
        (folder / one).unlink()
    folder.mkdir(parents=True, exist_ok=True)
    state.project_id, state.files = number, theirs | {one: mine[one] for one in changes.kept}
    write_pushed(folder, state, found.organization_id, tell_lean=qc.is_quantconnect)
    return found, changes


def compiled(qc: QuantConnect, folder: Path, *, timeout: float = PATIENCE) -> tuple[int, str]:
    """Number of the project, and id of a compilation of its files as they were last pushed: an earlier one where there is one.

    Raises
    ------
    RunFailed
        The files don't compile.
    """
    state = read_pushed(folder, qc.account_name)
    if state.project_id is None:
        raise ParameterError("folder", str(folder), "a folder that was pushed", "hidden-regime qc push")
    key = digest_of_all(state.files)
    if (known := state.compiles.get(key)) is not None:
        try:
            qc.compiles.read(state.project_id, known)
            return state.project_id, known
        except RequestRefused:  # the server has forgotten it
            del state.compiles[key]
    found = qc.compiles.run(state.project_id, timeout=timeout).compile_id
    state.compiles[key] = found
    write_pushed(folder, state, tell_lean=False)
    return state.project_id, found


def find_project(qc: QuantConnect, project: int | str) -> Project:
    """A project by number or name.

    Raises
    ------
    NotFound
    """
    if isinstance(project, int) or project.isdecimal():
        return qc.projects.read(int(project))
    found = [one for one in qc.projects.list() if one.name == project]
    if len(found) != 1:
        why = "no project" if not found else f"{len(found)} projects ({', '.join(str(one.project_id) for one in found)})"
        raise NotFound(f"{why} called {project!r}. Name it by its number.", "projects/read")
    return found[0]


def _project(qc: QuantConnect, folder: Path, state: Pushed, name: str) -> tuple[Project, bool]:
    """The cloud's project of a folder, and whether it was made just now."""
    number = state.project_id if state.project_id is not None else leans_project(folder) if qc.is_quantconnect else None
    if number is not None:
        return qc.projects.read(number), False
    made = qc.projects.create(name)
    state.project_id = made.project_id
    # Kept at once: a push that is killed from here on must not make a second project.
    write_pushed(folder, state, made.organization_id, tell_lean=qc.is_quantconnect)
    return made, True


def _check_name(name: str) -> None:
    """Refuse a file's name that would lead out of the folder."""
    parts = name.replace("\\", "/").split("/")
    if name.startswith("/") or ":" in name or any(part in ("", ".", "..") for part in parts) or parts[0].startswith("."):
        raise RequestRefused(
            f"files/read: the cloud has a file {name!r}: expected a name below the project's folder.", "files/read"
        )
