"""What has to be done so that one side becomes as the other, by three digests a file: mine, theirs, and what both last had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hidden_regime.cloud.errors import QCError


@dataclass(frozen=True)
class Changes:
    """Files by what happens to them on the receiving side; each is a tuple of names.

    Attributes
    ----------
    created, updated, deleted, unchanged : tuple of str
    kept : tuple of str
        There alone; this side deleted them, and nobody asked to delete them there.
    foreign : tuple of str
        There alone, and never here.
    """

    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many files are written or deleted."""
        return len(self.created) + len(self.updated) + len(self.deleted)


class Conflict(QCError):
    """Both sides changed, or the receiving one alone: nothing was written.

    Attributes
    ----------
    names : tuple of str
    """

    def __init__(self, message: str, names: tuple[str, ...]) -> None:
        self.names = names
        super().__init__(message)


def merge(mine: Mapping[str, str], theirs: Mapping[str, str], last: Mapping[str, str], *, delete: bool, force: bool) -> Changes:
    """What makes their side as mine.

    Parameters
    ----------
    mine, theirs, last : mapping of str to str
        Digests by name.
    delete : bool
        Delete there what was deleted here.
    force : bool
        Overwrite what was changed there.

    Raises
    ------
    Conflict
    """
    groups: dict[str, list[str]] = {name: [] for name in ("created", "updated", "deleted", "unchanged", "kept", "foreign")}
    conflicts = []
    for name in sorted({*mine, *theirs}):
        here, there, before = mine.get(name), theirs.get(name), last.get(name)
        if here == there:
            groups["unchanged"].append(name)
        elif here is None:
            if before is None:
                groups["foreign"].append(name)
            elif not delete:
                groups["kept"].append(name)
            elif there == before or force:
                groups["deleted"].append(name)
            else:
                conflicts.append(name)
        elif there == before or force:
            groups["created" if there is None else "updated"].append(name)
        else:
            conflicts.append(name)
    if conflicts:
        raise Conflict(
            f"{', '.join(conflicts)}: changed on the other side since both were last equal, or never were. Nothing was written.",
            tuple(conflicts))  # fmt: skip
    return Changes(**{name: tuple(names) for name, names in groups.items()})
