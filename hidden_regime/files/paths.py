"""Paths as users give them: an empty one would be the working folder, and some no system can have."""

from __future__ import annotations

import os
from pathlib import Path

from hidden_regime.exceptions import ParameterError

LONGEST = 255
"""Bytes of a name, on all usual file systems."""


def given_path(parameter: str, given: str | Path) -> Path:
    """A path that can be.

    Raises
    ------
    ParameterError
        It is empty, holds a NUL, or has a name that is too long.
    """
    if not isinstance(given, (str, os.PathLike)):
        raise ParameterError(parameter, given, "a path, as text or Path")
    if not str(given).strip():
        raise ParameterError(parameter, given, "the name of a file or folder", "Write '.' for the working folder.")
    if "\0" in str(given):
        raise ParameterError(parameter, given, "a path without NUL")
    path = Path(given)
    if any(len(os.fsencode(part)) > LONGEST for part in path.parts):
        raise ParameterError(parameter, given, f"a path of names with at most {LONGEST} bytes")
    return path
