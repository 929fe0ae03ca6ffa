"""Files of projects: what may be in one, and what a build takes."""

from __future__ import annotations

from pathlib import PurePosixPath

from hidden_regime.cloud.fake.records import Project, SourceFile
from hidden_regime.cloud.fake.refusals import Refused, invalid
from hidden_regime.cloud.fake.state import Cloud


def check(cloud: Cloud, name: str, content: str) -> None:
    """Refuse a name that leaves the project, and a file that is too large."""
    path = PurePosixPath(name)
    if not name or path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        raise invalid(f"name {name!r} is no name of a file")
    size, most = len(content.encode()), cloud.settings.largest_file
    if size > most:
        raise Refused(f"File {name} is too large: {size:,} bytes, the maximum is {most:,} bytes.")


def check_number(cloud: Cloud, count: int) -> None:
    """Refuse more files than a project may have."""
    if count > cloud.settings.most_files:
        raise Refused(f"The project has too many files: the maximum is {cloud.settings.most_files}.")


def touched(cloud: Cloud, project: Project) -> None:
    """The project has changed."""
    project.modified = cloud.clock()
    cloud.store.projects.put(project)


def replace_all(cloud: Cloud, project: Project, files: dict[str, str]) -> None:
    """Let a project have these files and no others; those that stay as they are keep their time."""
    check_number(cloud, len(files))
    for name, content in files.items():
        check(cloud, name, content)
    known = {one.name: one for one in cloud.store.files.find(project=project.id)}
    for name in known.keys() - files.keys():
        cloud.store.files.remove(project=project.id, name=name)
    for name, content in files.items():
        if name not in known or known[name].content != content:
            cloud.store.files.put(SourceFile(project.id, name, content, cloud.clock()))


def of_build(cloud: Cloud, project: Project) -> dict[str, str]:
    """Files that a build takes: the project's, and in a folder each those of its libraries."""
    found = {one.name: one.content for one in cloud.store.files.find(project=project.id)}
    for number in project.libraries:
        library = cloud.store.projects.get(number)
        if library is not None:
            folder = PurePosixPath(library.name).name
            found |= {f"{folder}/{one.name}": one.content for one in cloud.store.files.find(project=number)}
    return found
