"""Folders that commands write: never over somebody else's files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hidden_regime.exceptions import StudyError
from hidden_regime.files.whole import WRITING, write_folder


def write_outputs(folder: Path, files: Mapping[str, str | bytes], known_by: str) -> None:
    """Write files that belong together into a folder that is new, empty, or of an earlier run of the same kind.

    Parameters
    ----------
    folder : Path
    files : mapping of str to str or bytes
    known_by : str
        The file that such a folder has.

    Raises
    ------
    StudyError
    """
    if folder.exists():
        if not folder.is_dir():
            raise StudyError(f"{folder} is a file: expected a folder.")
        others = sorted(one.name for one in folder.iterdir() if not one.name.startswith(WRITING))
        if others and known_by not in others:
            raise StudyError(
                f"{folder} holds {', '.join(others[:3])} and no {known_by}: expected an empty folder, a new one, or one of the "
                "same command. Give another folder with --out."
            )
    write_folder(folder, files)
