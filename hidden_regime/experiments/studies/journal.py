"""What a study has done so far, a line a trial: what a study that was killed goes on from, and what keeps two from one folder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from hidden_regime.exceptions import StudyError

NAME = "journal.log"
KEPT_HERE = "kept"
"""Folder of trials that are kept with their study."""
WRITTEN = ("study.json", "windows.json")
"""What a folder holds in which a study was finished."""
SCHEMA = "hidden-regime/journal/1"


class Journal:
    """Lines of JSON: what the study is, then a trial each. It is open by one process at a time.

    Parameters
    ----------
    path : Path
    spec : mapping
        What the study is. A journal of another one is refused.
    """

    def __init__(self, file: IO[bytes], path: Path, spec: Mapping[str, Any]) -> None:
        self._file, self.path = file, path
        head, self.known = self._read()
        if head is None:
            self._append({"schema": SCHEMA, "study": spec})
        elif head != {"schema": SCHEMA, "study": json.loads(json.dumps(spec))}:
            raise StudyError(
                f"{path.parent} holds another study: {_differing(head, spec)}. Give another folder (--out), or remove this one."
            )

    def _read(self) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
        """Head and trials. A last line that a kill has torn is cut off: the next one would be glued to it."""
        self._file.seek(0)
        content = self._file.read()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            self._file.truncate(whole)
        lines = content[:whole].splitlines()
        out = []
        for number, line in enumerate(lines, 1):
            try:
                found = json.loads(line)
                if not isinstance(found, dict):
                    raise ValueError("no object")
            except (ValueError, RecursionError) as error:
                raise StudyError(
                    f"{self.path} line {number} is damaged ({error}): expected a line of JSON. What the study has run is kept "
                    "elsewhere: remove the file, and the same command goes on from there."
                ) from None
            out.append(found)
        return (out[0], out[1:]) if out else (None, [])

    def _append(self, line: Mapping[str, Any]) -> None:
        self._file.seek(0, os.SEEK_END)
        self._file.write(json.dumps(line).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def add(self, trial: Mapping[str, Any]) -> None:
        """Write down a trial; of one that is there already, check that it is the same.

        Raises
        ------
        StudyError
            The journal knows another trial of this number.
        """
        number = int(trial["number"])
        if number >= len(self.known):
            self._append(trial)
            self.known.append(dict(trial))
        elif self.known[number] != json.loads(json.dumps(trial)):
            was, now = (f"{one.get('parameters')} with {one.get('values')}" for one in (self.known[number], trial))
            raise StudyError(
                f"{self.path}: trial {number} was {was} and is {now} now: expected the same. The journal was changed, or the "
                "strategy doesn't give the same result twice. Give another folder."
            )


def _differing(head: Mapping[str, Any], spec: Mapping[str, Any]) -> str:
    kept = head.get("study")
    if head.get("schema") != SCHEMA or not isinstance(kept, Mapping):
        return f"its schema is {head.get('schema')!r}, expected {SCHEMA!r}"
    kept, spec = _flat(kept), _flat(json.loads(json.dumps(spec)))
    names = [name for name in {**kept, **spec} if kept.get(name) != spec.get(name)]
    both = {name: f"{name} was {kept.get(name)!r} and is {spec.get(name)!r}" for name in names}
    return "; ".join(told if len(told) < 150 else f"{name} differs" for name, told in both.items())


def _flat(told: Mapping[str, Any]) -> dict[str, Any]:
    """With what a digest is of in its place: it is that which differs."""
    digests = told.get("digests")
    own = {f"the content of the {name}": one for name, one in digests.items()} if isinstance(digests, Mapping) else {}
    return {name: one for name, one in told.items() if name != "digests"} | own


@contextmanager
def opened(folder: Path, spec: Mapping[str, Any]) -> Iterator[Journal]:
    """The journal of a folder, which is held until the block ends; the system lets go of it when the process dies.

    Raises
    ------
    StudyError
        Another study is in the folder, another process works there, or a line is damaged.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    others = [one.name for one in folder.iterdir() if one.name != KEPT_HERE] if not path.exists() else []
    if others and not any(name in others for name in WRITTEN):
        raise StudyError(
            f"{folder} holds {', '.join(sorted(others)[:3])} and no study: expected an empty folder, a new one, or that of this "
            "study, for its files would replace those of the same names."
        )
    with open(path, "a+b") as file:
        _lock(file, path)
        yield Journal(file, path, spec)


def _lock(file: IO[bytes], path: Path) -> None:
    try:
        import fcntl
    except ImportError:  # no such system; its users are told in the documentation
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise StudyError(f"{path.parent}: another process works on this study. Wait for it, or give another folder.") from None
