"""The files of a project's folder, as lean-cli sees them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from hidden_regime.exceptions import ParameterError

SUFFIXES = (".py", ".cs", ".ipynb", ".css", ".html")
SKIPPED = frozenset({"backtests", "live", "optimizations", "storage", "report", "bin", "obj", "__pycache__"})
"""Folders of results and of what is built."""
LARGEST = 32_000
"""Bytes of a file that QuantConnect Cloud takes on its free tier."""


def project_files(folder: Path) -> dict[str, str]:
    """Contents by name, as the cloud has names: with slashes, below the folder.

    Raises
    ------
    ParameterError
        No such folder, none of its files belongs to a project, or one isn't text in UTF-8.
    """
    if not folder.is_dir():
        raise ParameterError("folder", str(folder), "the folder of a project, with its main.py")
    found: dict[str, str] = {}
    for path in _walk(folder):
        try:
            found[path.relative_to(folder).as_posix()] = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise ParameterError(str(path), f"a byte {path.read_bytes()[error.start]:#x}", "text in UTF-8") from None
    if not found:
        raise ParameterError("folder", str(folder), f"a project's folder, with files of {', '.join(SUFFIXES)}")
    return found


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            built = (path / "pyvenv.cfg").is_file() or (path / "conda-meta").is_dir()
            if not (path.name in SKIPPED or path.name.startswith(".") or built):
                yield from _walk(path)
        elif path.suffix in SUFFIXES and not path.name.startswith("."):
            yield path


def digest(content: str) -> str:
    """What tells contents apart; ends of lines don't, for the cloud may have its own."""
    return hashlib.sha256("\n".join(content.splitlines()).encode("utf-8", "surrogatepass")).hexdigest()


def digest_of_all(files: Mapping[str, str]) -> str:
    """What tells projects apart, by names and digests of their files."""
    return hashlib.sha256("".join(f"{name}\0{files[name]}\n" for name in sorted(files)).encode()).hexdigest()
