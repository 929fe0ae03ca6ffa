"""Projects, their files, and compilations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hidden_regime.cloud.creating import create_once
from hidden_regime.cloud.endpoints.group import Group, several, told_only
from hidden_regime.cloud.errors import NotFound, RequestRefused, RunFailed, ServerError
from hidden_regime.cloud.records.projects import Compile, CompileState, Project, ProjectFile
from hidden_regime.cloud.transport import PATIENCE
from hidden_regime.cloud.waiting import pauses, wait_until
from hidden_regime.exceptions import ParameterError

LANGUAGES = ("Py", "C#")
SHOWN, WIDEST = 30, 300
"""Lines of a compiler that a message quotes, and characters of each; the error's `errors` have all."""


class ProjectsGroup(Group):
    """Projects."""

    def create(self, name: str, *, language: str = "Py", organization_id: str | None = None) -> Project:
        """A new project. The server may give it another name where this one is taken.

        Parameters
        ----------
        name : str
        language : str
            "Py" or "C#".
        organization_id : str, optional
            Default: the user's preferred one.
        """
        if language not in LANGUAGES:
            raise ParameterError("language", language, "one of 'Py', 'C#'")
        before = self.list()
        known, is_taken = {one.project_id for one in before}, any(one.name == name for one in before)
        fields = told_only({"name": name, "language": language, "organizationId": organization_id})

        def find() -> Project | None:
            new = [one for one in self.list() if one.project_id is not None and one.project_id not in known]
            # Where the name is taken, the server puts something behind it.
            return next((one for one in new if one.name == name or (is_taken and one.name.startswith(name))), None)

        return create_once(
            "projects/create", name,
            lambda: _one("projects/create", self.transport.call("projects/create", fields, repeatable=False)), find,
            self.transport, identity=lambda one: one.project_id,
        )  # fmt: skip

    def read(self, project_id: int) -> Project:
        """One project."""
        found = _one("projects/read", self.call("projects/read", projectId=project_id))
        if found.project_id is None:
            raise NotFound(f"projects/read: the reply names no project {project_id}.", "projects/read")
        return found

    def list(self) -> tuple[Project, ...]:
        """All projects."""
        return several("projects/read", self.call("projects/read"), Project.read, "projects")

    def find(self, name: str) -> Project | None:
        """The project of a name, if there is one."""
        return next((one for one in self.list() if one.name == name), None)

    def update(self, project_id: int, *, name: str | None = None, description: str | None = None,
               parameters: Mapping[str, str] | None = None) -> None:  # fmt: skip
        """Change a project; what isn't given stays."""
        pairs = None if parameters is None else [{"key": key, "value": str(value)} for key, value in parameters.items()]
        self.call("projects/update", projectId=project_id, name=name, description=description, parameters=pairs)

    def delete(self, project_id: int) -> None:
        """Delete a project with all that is in it."""
        self.call_off("projects/delete", projectId=project_id)


class FilesGroup(Group):
    """Files of projects."""

    def list(self, project_id: int) -> tuple[ProjectFile, ...]:
        """All files of a project, with contents."""
        return several("files/read", self.call("files/read", projectId=project_id), ProjectFile.read, "files")

    def read(self, project_id: int, name: str) -> ProjectFile:
        """One file.

        Raises
        ------
        NotFound
        """
        reply = self.call("files/read", projectId=project_id, name=name)
        found = several("files/read", reply, ProjectFile.read, "files")
        one = next((file for file in found if file.name == name), None)
        if one is None:
            raise NotFound(f"files/read: project {project_id} has no file {name!r}.", "files/read")
        return one

    def create(self, project_id: int, name: str, content: str) -> None:
        """A new file. Where it exists already, as after a call whose reply was lost, it is overwritten."""
        # Not repeated blindly: the second call would be refused, though the first one did its work.
        fields = {"projectId": project_id, "name": name, "content": content}

        def send() -> str:
            self.transport.call("files/create", fields, repeatable=False)
            return "sent"

        def find() -> str | None:
            return "found" if name in {file.name for file in self.list(project_id)} else None

        if create_once("files/create", name, send, find, self.transport, identity=str) == "found":
            self.update(project_id, name, content)

    def update(self, project_id: int, name: str, content: str) -> None:
        """Another content."""
        self.call("files/update", projectId=project_id, name=name, content=content)

    def rename(self, project_id: int, name: str, new_name: str) -> None:
        """Another name."""
        try:
            self.call("files/update", projectId=project_id, name=name, newName=new_name)
        except RequestRefused as error:
            # An earlier try, whose reply was lost, may have renamed it.
            names = {file.name for file in self.list(project_id)} if error.resent else set()
            if new_name not in names or name in names:
                raise

    def delete(self, project_id: int, name: str) -> None:
        """Delete a file."""
        self.call_off("files/delete", projectId=project_id, name=name)


class CompilesGroup(Group):
    """Compilations: several backtests may share one."""

    def create(self, project_id: int) -> Compile:
        """Begin a compilation of the files as they are now."""
        return Compile.read(self.call("compile/create", projectId=project_id))

    def read(self, project_id: int, compile_id: str) -> Compile:
        """How far it is."""
        return Compile.read(self.call("compile/read", projectId=project_id, compileId=compile_id))

    def run(self, project_id: int, *, timeout: float = PATIENCE) -> Compile:
        """Compile, and wait for it.

        Raises
        ------
        RunFailed
            The files don't compile; the message has the compiler's own lines.
        Waiting
            Past the timeout.
        """
        begun = self.create(project_id)
        if not begun.compile_id:
            raise ServerError("compile/create: the reply doesn't name the compilation. Try again later.", "compile/create")
        done = wait_until(
            lambda: self.read(project_id, begun.compile_id), lambda one: one.state != CompileState.IN_QUEUE and one.state != "",
            transport=self.transport, timeout=timeout, what=f"compile {begun.compile_id}", pauses=pauses(),
        )  # fmt: skip
        if done.state != CompileState.BUILD_SUCCESS:
            lines = tuple(map(self.transport.credentials.hidden_in, done.logs))  # the compiler quotes the source
            said = [one[:WIDEST] for one in lines[:SHOWN]] or ["without a line of log"]
            more = [f"and {len(lines) - SHOWN:,} lines more"] if len(lines) > SHOWN else []
            raise RunFailed(
                f"compile/read: project {project_id} ended as {done.state[:WIDEST]}. Mend its files and push them again.\n"
                + "\n".join(said + more), "compile/read", lines,
            )  # fmt: skip
        return done if done.compile_id else replace(done, compile_id=begun.compile_id)


def _one(endpoint: str, reply: Mapping[str, Any]) -> Project:
    """The project of a reply; one without a number where it names none."""
    came = reply.get("project")
    found = several(endpoint, reply if came is None else {"projects": [came]}, Project.read, "projects")
    return found[0] if found else Project()
