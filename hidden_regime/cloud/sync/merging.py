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
    def written(self) -> tuple[str, ...]:
        """Files that are written or deleted."""
        return (*self.created, *self.updated, *self.deleted)

    @property
    def count(self) -> int:
        """How many those are."""
        return len(self.written)


class Conflict(QCError):
    """The receiving side has what the other one doesn't know of: nothing was written.

    Attributes
    ----------
    names : tuple of str
    """

    def __init__(self, message: str, names: tuple[str, ...]) -> None:
        self.names = names
        super().__init__(message)


def merge(mine: Mapping[str, str], theirs: Mapping[str, str], last: Mapping[str, str], *, delete: bool, force: bool,
          there: str = "there") -> Changes:  # fmt: skip
    """What makes their side as mine.

    Parameters
    ----------
    mine, theirs, last : mapping of str to str
        Digests by name.
    delete : bool
        Delete there what was deleted here.
    force : bool
        Overwrite what was changed there.
    there : str
        Where their side is, for the message.

    Raises
    ------
    Conflict
    """
    groups: dict[str, list[str]] = {name: [] for name in ("created", "updated", "deleted", "unchanged", "kept", "foreign")}
    conflicts: dict[str, str] = {}
    for name in sorted({*mine, *theirs}):
        my, their, before = mine.get(name), theirs.get(name), last.get(name)
        if my == their:
            groups["unchanged"].append(name)
        elif my is None and before is None:
            groups["foreign"].append(name)
        elif my is None and not delete:
            groups["kept"].append(name)
        elif their == before or force:
            groups["deleted" if my is None else "created" if their is None else "updated"].append(name)
        else:
            conflicts[name] = (
                f"was deleted {there} since both were equal" if their is None
                else f"is {there} too, with another content" if before is None
                else f"was changed {there} since both were equal"
            )  # fmt: skip
    if conflicts:
        said = "; ".join(f"{name} {why}" for name, why in conflicts.items())
        raise Conflict(f"{said}. Nothing was written.", tuple(conflicts))
    return Changes(**{name: tuple(names) for name, names in groups.items()})
