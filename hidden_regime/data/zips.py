"""Zips of lines, as LEAN's data folders have them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

STAMP = (2021, 1, 4, 0, 0, 0)
"""Time of a zip's entry: a fixed one, so that equal prices give equal files."""


def zip_lines(path: Path, name: str, lines: Iterable[str]) -> None:
    """A zip of one text file, byte for byte the same each time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo(name, STAMP)
        info.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(info, "\n".join(lines) + "\n")
