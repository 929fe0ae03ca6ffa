"""The reader of archives."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

from hidden_regime.operation.reporting.archive import archive_bytes, check_archive
from tests.fuzz.mutating import of_zip


def archives() -> Mapping[str, bytes]:
    """One of few files."""
    parts = {
        "code/main.py": b"x = 1\n",
        "journal/equity.csv": b"time_utc,equity\n2012-01-03,100.0\n" * 20,
        "reports/a.md": b"# a\n",
    }
    return {"one.zip": archive_bytes(parts)}


def changed(name: str) -> Callable[[bytes, random.Random], bytes]:
    """As every ZIP file is changed; of several files some may get one name, at which zipfile warns."""

    def change(content: bytes, rng: random.Random) -> bytes:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Duplicate name")
            return of_zip(content, rng)

    return change


def read_archives(folder: Path, name: str) -> None:
    """Compare it with its manifest."""
    check_archive(folder / name)
