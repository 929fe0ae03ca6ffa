"""Push and pull: three-way by content, with what the other side changed refused and deletion asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from hidden_regime.cloud.errors import RequestRefused
from hidden_regime.cloud.records.projects import Project
from hidden_regime.cloud.sync.local import digests, project_files
from hidden_regime.cloud.sync.merging import Changes, Conflict, merge
from hidden_regime.cloud.sync.parameters import as_file, parameters_here, parameters_there, write_here
from hidden_regime.cloud.sync.pushed import Pushed, read_pushed, write_pushed
from hidden_regime.cloud.sync.there import contents_of, digest_of_build, find_project, number_of, project_of, pushed_project
from hidden_regime.cloud.transport import PATIENCE
from hidden_regime.exceptions import ParameterError
from hidden_regime.files.whole import write_folder
from hidden_regime.research.projects import CONFIG, MAIN

if TYPE_CHECKING:
    from hidden_regime.cloud.budget.budget import Budget
    from hidden_regime.cloud.client import QuantConnect

LANGUAGES = {MAIN: "Py", "Main.cs": "C#"}
"""By the file that a project must have."""


def push(qc: QuantConnect, folder: Path, *, name: str | None = None, delete: bool = False, force: bool = False,
         budget: Budget | None = None) -> tuple[Project, Changes]:  # fmt: skip
    """Make the cloud's project as a folder is: its files, and as "config.json" the parameters.

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
    state = read_pushed(folder, qc.account_name)
    files = project_files(folder, state.files)
    language = next((language for main, language in LANGUAGES.items() if main in files), None)
    if language is None:
        raise ParameterError("folder", str(folder), f"a project's folder, with {' or '.join(LANGUAGES)} in it")
    if budget is not None:
        budget.check("files", len(files), f"files of {folder.name}")
        for one, content in files.items():
            budget.check("file_bytes", len(content.encode()), f"bytes of {one}")
    mine = digests(files | as_file(parameters_here(folder)))
    project = project_of(qc, folder, state, name or folder.resolve().name, language)
    own, libraries = contents_of(qc, project)
    theirs = digests(own | as_file(parameters_there(project)))
    if state.is_new and not state.files:
        state.files = dict(theirs)  # what a new project begins with is nobody's work
        write_pushed(folder, state, project.organization_id, tell_lean=qc.is_quantconnect)
    try:
        changes = merge(mine, theirs, state.files, delete=delete or state.is_new, force=force, there="in the cloud")
    except Conflict as error:
        remedy = "Pull (with --force it overwrites what is here), or push with --force to overwrite what is there."
        raise Conflict(f"{error.text} {remedy}", error.names) from None
    state.files = {one: told for one, told in state.files.items() if one in theirs} | {
        one: mine[one] for one in changes.unchanged
    }
    state.whole = ""
    try:
        _send(qc, folder, number_of(project), changes, files, mine, state)
        alone = {one: theirs[one] for one in (*changes.kept, *changes.foreign)}
        state.whole, state.is_new = digest_of_build(mine | alone, libraries), False
    finally:
        write_pushed(folder, state, project.organization_id, tell_lean=qc.is_quantconnect)
    return project, changes


def _send(qc: QuantConnect, folder: Path, number: int, changes: Changes, files: Mapping[str, str], mine: Mapping[str, str],
          state: Pushed) -> None:  # fmt: skip
    """Make the changes in the cloud and note each: where one fails, the next push knows which were this folder's own."""
    for one in sorted(changes.written, key=lambda one: one == CONFIG):
        if one == CONFIG:
            qc.projects.update(number, parameters=parameters_here(folder))
        elif one in changes.deleted:
            qc.files.delete(number, one)
        elif one in changes.created:
            qc.files.create(number, one, files[one])
        else:
            qc.files.update(number, one, files[one])
        state.files = {name: told for name, told in {**state.files, one: mine.get(one)}.items() if told is not None}


def pull(
    qc: QuantConnect, project: int | str, folder: Path, *, delete: bool = False, force: bool = False
) -> tuple[Project, Changes]:
    """Make a folder as the cloud's project is: its files, and the parameters in config.json.

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
    if folder.exists() and not folder.is_dir():
        raise ParameterError("folder", str(folder), "a folder, or a name that nothing has yet")
    state, known = read_pushed(folder, qc.account_name), pushed_project(qc, folder)
    if known not in (None, found.project_id):
        raise ParameterError(
            "folder", str(folder), f"a folder of project {found.project_id}", f"This one belongs to project {known}."
        )
    own, libraries = contents_of(qc, found)
    theirs = digests(own | as_file(parameters_there(found)))
    here = project_files(folder, {*own, *state.files}) if folder.is_dir() else {}
    mine = digests(here | as_file(parameters_here(folder)))
    try:
        changes = merge(theirs, mine, state.files, delete=delete, force=force, there="here")
    except Conflict as error:
        remedy = "Push, or pull with --force to overwrite what is here."
        raise Conflict(f"{error.text} {remedy}", error.names) from None
    new = {one: own[one] for one in (*changes.created, *changes.updated) if one != CONFIG}
    write_folder(folder, new, instead_of=[one for one in changes.deleted if one != CONFIG])
    if CONFIG in changes.written:
        write_here(folder, parameters_there(found))
    kept = {one: state.files[one] for one in changes.kept}
    state = Pushed(state.account, found.project_id, theirs | kept, state.compiles, digest_of_build(theirs, libraries))
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
    if (known := state.compiles.get(state.whole)) is not None:
        try:
            qc.compiles.read(state.project_id, known)
            return state.project_id, known
        except RequestRefused:  # the server has forgotten it
            del state.compiles[state.whole]
    found = qc.compiles.run(state.project_id, timeout=timeout).compile_id
    if state.whole:
        state.compiles[state.whole] = found
        write_pushed(folder, state, tell_lean=False)
    return state.project_id, found
