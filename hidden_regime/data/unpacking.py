"""Bytes of files that may be packed, with bounds on what comes out of them: a small file can hold more than any memory."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np

from hidden_regime.exceptions import DataError

ALWAYS = 16_000_000
"""Bytes that any packed file may hold: some hundred thousand bars."""
RATIO = 50
"""Times its own size that a larger one may hold. Bars of real markets come to 3 to 10, those that never change to some 20."""
LONGEST_LINE = 1_000
"""Characters of a line of LEAN's, which has eleven numbers at most."""
UNMARKED = bytes(byte for byte in range(256) if byte not in b",\n")
"""All but what parts cells and lines."""
JSON_BYTES = 1_000_000_000
"""Bytes of the largest file of JSON: a year of LEAN's results by the minute is a fifth of it."""

ODD = zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, RuntimeError, LookupError, OverflowError
"""What Python's readers of packed files raise for odd ones: encrypted, of an unknown method, cut, without the member."""


def _all_of(file: IO[bytes], size: int, path: Path) -> bytes:
    """Everything that is in a packed file of `size` bytes, if it is no more than such a file may hold."""
    most = max(ALWAYS, RATIO * size)
    content = file.read(most + 1)
    if len(content) > most:
        raise DataError(f"{path} has {size:,} bytes and holds more than {most:,}: expected a file of prices. Unpack it by hand.")
    return content


def _chosen(archive: zipfile.ZipFile, wanted: str) -> zipfile.ZipInfo:
    """The member with the lines: that of the name, or the first table; readmes, folders and what systems add are none."""
    files = [info for info in archive.infolist() if not info.is_dir()]
    tables = [info for info in files if info.filename.lower().endswith((".csv", ".txt")) and "__MACOSX" not in info.filename]
    named = [info for info in files if info.filename == wanted]
    tables = [info for info in tables if info.filename.lower().endswith(".csv")] or tables
    if not files:
        raise ValueError("it holds no file")
    return (named or tables or files)[0]


def read_member(path: Path, wanted: str = "", *, exactly: bool = False) -> bytes:
    """Bytes of one member of a zip.

    Parameters
    ----------
    path : Path
    wanted : str
        The member's name.
    exactly : bool
        Take no other where there is none of this name.

    Raises
    ------
    DataError
        It holds more than a file of its size may.
    OSError, ValueError, ...
        One of `ODD`: it can't be read as a zip.
    """
    with zipfile.ZipFile(path) as archive:
        return _member(archive, archive.getinfo(wanted) if exactly else _chosen(archive, wanted), path.stat().st_size, path)


def unpack_member(content: bytes, name: str) -> bytes:
    """Bytes of the table in a zip that is in memory; raises as `read_member` does."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return _member(archive, _chosen(archive, ""), len(content), Path(name))


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, size: int, path: Path) -> bytes:
    if info.flag_bits & 0x1:
        raise ValueError(f"{info.filename} is encrypted")
    with archive.open(info) as member:
        return _all_of(member, size, path)


def members(path: Path) -> list[str]:
    """Names of what is in a zip."""
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def read_packed(path: Path) -> bytes:
    """Bytes of a file, unpacked where its name ends in .gz, .xz or .bz2.

    Raises
    ------
    DataError
        It holds more than a file of its size may.
    """
    openers: dict[str, Callable[[Path], Any]] = {".gz": gzip.open, ".xz": lzma.open, ".bz2": bz2.open}
    opener = openers.get(path.suffix)
    if opener is None:
        return path.read_bytes()
    with opener(path) as file:
        return _all_of(file, path.stat().st_size, path)


def read_json(path: Path) -> Any:
    """What a file of JSON holds, packed or not; whatever keeps it from being read is a ValueError or an OSError."""
    if path.stat().st_size > JSON_BYTES:
        raise ValueError(f"{path.stat().st_size:,} bytes: expected at most {JSON_BYTES:,}")
    try:
        return json.loads(read_packed(path).decode("utf-8-sig"))
    except RecursionError:
        raise ValueError("lists in lists without end") from None
    except (EOFError, zlib.error, lzma.LZMAError) as error:
        raise ValueError(str(error)) from error


def check_parquet(path: Path) -> None:
    """Raise a ValueError for a file of Parquet that says that it holds more than any table of prices."""
    import pyarrow.parquet as parquet

    size = path.stat().st_size
    with parquet.ParquetFile(path) as file:
        facts = file.metadata
        unpacked = sum(facts.row_group(n).total_byte_size for n in range(facts.num_row_groups))
        cells = facts.num_rows * facts.num_columns
    most = max(16 * ALWAYS, RATIO * size)
    if max(unpacked, cells * 8) > most:
        raise ValueError(f"{size:,} bytes that hold {max(unpacked, cells * 8):,}: expected at most {most:,}")


def check_lines(content: bytes, columns: int) -> None:
    """Raise a ValueError for a text with a line that is too long, or has other than so many columns.

    pandas would make names of surplus columns and take minutes and gigabytes for a million of them.
    """
    marks = content.translate(None, UNMARKED) + (b"" if content.endswith(b"\n") else b"\n")
    regular = marks == (b"," * (columns - 1) + b"\n") * (len(marks) // columns)
    if regular and content.count(b"\r") == content.count(b"\r\n"):
        return  # as nearly all files are
    text = np.frombuffer(content + b"\n", np.uint8)
    ends = np.flatnonzero((text == ord("\n")) | (text == ord("\r")))
    begins = np.concatenate([[0], ends[:-1] + 1])
    commas = np.diff(np.searchsorted(np.flatnonzero(text == ord(",")), ends), prepend=0)
    for at in np.flatnonzero((ends > begins) & ((commas != columns - 1) | (ends - begins > LONGEST_LINE))).tolist():
        line = content[begins[at] : ends[at]]
        number = content.count(b"\n", 0, int(begins[at])) + 1
        if len(line) > LONGEST_LINE:
            raise ValueError(f"line {number} has {len(line):,} characters")
        if line.strip():
            raise ValueError(f"line {number} has {commas[at] + 1} columns: expected {columns}")
