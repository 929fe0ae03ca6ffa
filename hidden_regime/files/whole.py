"""Files that are written whole or not at all, whatever kills the writer."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from uuid import uuid4

WRITING = ".writing-"
"""How the names begin of what is being written, and of what a killed writer left."""

FORGOTTEN = 3600.0
"""Seconds after which what was being written belongs to a writer that is no more."""


def encoded(content: str | bytes) -> bytes:
    """A text in UTF-8, whatever the locale; what no encoding can hold is spelled out."""
    return content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace")


def write_file(path: str | Path, content: str | bytes) -> None:
    """Write a file aside and rename it, so that at any moment it holds all of the old content or all of the new."""
    path = Path(os.path.realpath(path))  # a link goes on pointing where it does
    if path.exists() and not path.is_file():  # a folder raises, a pipe or a device takes it
        path.write_bytes(encoded(content))
        return
    aside = path.parent / f"{WRITING}{uuid4().hex}"
    try:
        aside.write_bytes(encoded(content))
        if path.exists():
            shutil.copymode(path, aside)
        os.replace(aside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
        raise


def write_folder(folder: Path, files: Mapping[str, str | bytes], *, instead_of: Iterable[str] = ()) -> None:
    """Write files that belong together: a folder never holds some of the old ones beside some of the new.

    All new ones are complete before the first old one leaves. Whatever else lies in the folder stays.

    Parameters
    ----------
    folder : Path
        Made if it isn't there.
    files : mapping of str to str or bytes
        Contents by name; names may have folders.
    instead_of : iterable of str
        Names that belong to the old ones and go with them, whether there is a new one or not.
    """
    with written_together(folder, instead_of=instead_of) as new:
        for name, content in files.items():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_bytes(encoded(content))


@contextlib.contextmanager
def written_together(folder: Path, *, instead_of: Iterable[str] = ()) -> Iterator[Path]:
    """As `write_folder`, of what the block writes into the folder that it gets; nothing of it is kept where the block raises.

    A folder among `instead_of` goes with all that is in it.
    """
    made = _missing_folders(folder)
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f"{WRITING}{uuid4().hex}"
    new, old = aside / "new", aside / "old"
    gone: list[str] = []
    come: list[str] = []
    try:
        new.mkdir(parents=True)
        old.mkdir()
        yield new
        names = sorted(path.relative_to(new).as_posix() for path in new.rglob("*") if path.is_file())
        for name in dict.fromkeys([*instead_of, *names]):
            if (folder / name).is_file() or (folder / name).is_symlink() or (name not in names and (folder / name).is_dir()):
                (old / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(folder / name, old / name)
                gone.append(name)
        for name in names:
            if (folder / name).parent != folder:
                made += _missing_folders((folder / name).parent)
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(new / name, folder / name)
            come.append(name)
    except BaseException:
        with contextlib.suppress(OSError):
            for name in come:
                (folder / name).unlink(missing_ok=True)
            for name in gone:
                os.replace(old / name, folder / name)
            shutil.rmtree(aside)
        for path in sorted(made, reverse=True):
            with contextlib.suppress(OSError):  # it isn't empty
                path.rmdir()
        raise
    _forget(folder, aside.stat().st_mtime)
    shutil.rmtree(aside, ignore_errors=True)


def _missing_folders(folder: Path) -> list[Path]:
    """Folders that making this one makes."""
    return [path for path in (folder, *folder.parents) if not path.exists()]


def _forget(folder: Path, now: float) -> None:
    """Remove what killed writers left."""
    for path in folder.glob(f"{WRITING}*"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < now - FORGOTTEN:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
