"""Files that are written whole or not at all, whatever kills the writer."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Mapping
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
        Contents by name.
    instead_of : iterable of str
        Names that belong to the old ones and go with them, whether there is a new one or not.
    """
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f"{WRITING}{uuid4().hex}"
    new, old = aside / "new", aside / "old"
    gone: list[str] = []
    come: list[str] = []
    try:
        new.mkdir(parents=True)
        old.mkdir()
        for name, content in files.items():
            (new / name).write_bytes(encoded(content))
        for name in dict.fromkeys([*files, *instead_of]):
            if (folder / name).is_file() or (folder / name).is_symlink():
                os.replace(folder / name, old / name)
                gone.append(name)
        for name in files:
            os.replace(new / name, folder / name)
            come.append(name)
    except BaseException:
        with contextlib.suppress(OSError):
            for name in come:
                (folder / name).unlink(missing_ok=True)
            for name in gone:
                os.replace(old / name, folder / name)
            shutil.rmtree(aside)
        raise
    _forget(folder, aside.stat().st_mtime)
    shutil.rmtree(aside, ignore_errors=True)


def _forget(folder: Path, now: float) -> None:
    """Remove what killed writers left."""
    for path in folder.glob(f"{WRITING}*"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < now - FORGOTTEN:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
