"""All of a deployment in one file, with the digest of each part: equal journals give equal bytes."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hidden_regime.exceptions import DataError
from hidden_regime.files.whole import write_file
from hidden_regime.operation.deploying import CODE, code_of
from hidden_regime.operation.exporting import csv_text, write_tables
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.reporting.monthly import month_of, months_of
from hidden_regime.operation.reporting.pages import month_markdown, month_page, sheet_of

MANIFEST = "manifest.json"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file in an archive: the earliest that the format knows."""
LARGEST = 2_000_000_000
"""Bytes of an archive's files, together."""
UNREADABLE = (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError)
"""What a damaged ZIP file raises: the third one of what is said to be encrypted, or packed in a way that nobody knows."""
TABLES = {
    "runs": ("pid", "started", "began", "ended", "reason"),
    "series": ("ticker", "minutes", "days"),
    "bars": ("ticker", "minutes", "day", "minute", "opened", "high", "low", "close", "volume", "scale", "slot"),
    "listings": ("ticker", "slot", "told"),
    "slots": ("slot", "at", "silent"),
    "sent": ("number", "at"),
}
"""Tables of the journal beside those that `write_tables` writes, and their columns."""


def parts_of(journal: Journal, name: str) -> dict[str, bytes]:
    """The files of a deployment's archive, without the manifest.

    Raises
    ------
    ParameterError, StrategyError
        There is no such deployment, or somebody has changed its strategy.
    """
    deployment = journal.deployment(name)
    code_of(journal, deployment)
    told = {"schema": 1, **asdict(deployment)}
    out: dict[str, bytes] = {"deployment.json": (json.dumps(told, indent=2, sort_keys=True) + "\n").encode()}
    code = journal.folder(name) / CODE
    for path in sorted(code.rglob("*.py")):
        if "__pycache__" not in path.parts:
            out[f"code/{path.relative_to(code).as_posix()}"] = path.read_bytes()
    with TemporaryDirectory() as folder:
        for path in write_tables(journal, name, Path(folder)):
            out[f"journal/{path.name}"] = path.read_bytes()
    for table, columns in TABLES.items():
        # Names of columns and tables are those above; by all of them the rows are in one order.
        rows = journal.file.rows(
            f"SELECT {', '.join(columns)} FROM {table} WHERE deployment = ? ORDER BY {', '.join(columns)}", name
        )
        out[f"journal/{table}.csv"] = csv_text(columns, rows).encode()
    for month in months_of(journal, name):
        found = month_of(journal, name, month)
        sheet = sheet_of(journal, found)
        out[f"reports/{month}.html"] = month_page(found, sheet).encode()
        out[f"reports/{month}.md"] = month_markdown(found, sheet).encode()
    return out


def archive_bytes(parts: dict[str, bytes]) -> bytes:
    """A ZIP file with a manifest. Nothing is compressed: how that comes out depends on the library."""
    files = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)} for name, content in sorted(parts.items())
    }
    manifest = json.dumps({"schema": 1, "kind": "hidden-regime archive", "files": files}, indent=2) + "\n"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, content in [(MANIFEST, manifest.encode()), *sorted(parts.items())]:
            one = zipfile.ZipInfo(name, EPOCH)
            one.create_system, one.external_attr = 3, 0o644 << 16
            archive.writestr(one, content)
    return made.getvalue()


def write_archive(journal: Journal, name: str, path: Path) -> int:
    """Write the archive of a deployment; the number of its files.

    Raises
    ------
    ParameterError, StrategyError
        As of `parts_of`.
    """
    parts = parts_of(journal, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, archive_bytes(parts))
    return len(parts)


def check_archive(path: Path) -> tuple[int, Sequence[str]]:
    """Compare an archive with its manifest: how many files it has, and what is wrong with it.

    Raises
    ------
    DataError
        It is no archive of this package.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if sum(one.file_size for one in entries) > LARGEST:
                raise ValueError(f"more than {LARGEST:,} bytes")
            names = [one.filename for one in entries]
            known = _manifest(archive.read(MANIFEST))
            said = [f"{one} is in it twice" for one, n in sorted(Counter(names).items()) if n > 1]
            said += [f"{one} is missing" for one in sorted(set(known) - set(names))]
            said += [f"{one} is not in the manifest" for one in sorted(set(names) - set(known) - {MANIFEST})]
            for one in sorted(set(known) & set(names)):
                try:
                    right = hashlib.sha256(archive.read(one)).hexdigest() == known[one]
                except UNREADABLE:
                    right = False
                said += [] if right else [f"{one} was changed"]
    except (*UNREADABLE, OSError, KeyError, ValueError, TypeError, RecursionError) as error:
        raise _none(path, f"{type(error).__name__}: {str(error)[:200]}") from error
    return len(known), said


def _manifest(content: bytes) -> dict[str, str]:
    told: Any = json.loads(content)
    if told["schema"] != 1 or told["kind"] != "hidden-regime archive":
        raise ValueError("another kind of manifest")
    return {str(name): str(one["sha256"]) for name, one in told["files"].items()}


def _none(path: Path, why: str) -> DataError:
    return DataError(f"{path} is no archive that can be read ({why}): expected a file that `hidden-regime archive` wrote.")
