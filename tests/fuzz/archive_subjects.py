"""The reader of archives."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hidden_regime.operation.reporting.archive import archive_bytes, check_archive


def archives() -> Mapping[str, bytes]:
    """One of few files."""
    parts = {
        "code/main.py": b"x = 1\n",
        "journal/equity.csv": b"time_utc,equity\n2012-01-03,100.0\n" * 20,
        "reports/a.md": b"# a\n",
    }
    return {"one.zip": archive_bytes(parts)}


def read_archives(folder: Path, name: str) -> None:
    """Compare it with its manifest."""
    check_archive(folder / name)
