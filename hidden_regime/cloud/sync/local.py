"""The files of a project's folder, as lean-cli sees them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from hidden_regime.exceptions import ParameterError
from hidden_regime.research.projects import CONFIG

SUFFIXES = (".py", ".cs", ".ipynb", ".css", ".html")
SKIPPED = frozenset({"backtests", "live", "optimizations", "storage", "report", "bin", "obj", "__pycache__"})
"""Folders of results and of what is built."""


def project_files(folder: Path, also: Iterable[str] = ()) -> dict[str, str]:
    """Contents by name, as the cloud has names: with slashes, below the folder.

    Parameters
    ----------
    folder : Path
    also : iterable of str
        Names of files that belong to the project whatever they end with, where they are there: the cloud has them too.

    Raises
    ------
    ParameterError
        No such folder, or one of the files isn't text in UTF-8.
    """
    if not folder.is_dir():
        raise ParameterError("folder", str(folder), "the folder of a project, with its main.py")
    further = [path for name in also if is_below(name) and (path := folder / name).is_file()]
    found: dict[str, str] = {}
    for path in sorted({*_walk(folder), *further}):
        content = path.read_bytes()
        try:
            found[path.relative_to(folder).as_posix()] = content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ParameterError(str(path), f"a byte {content[error.start]:#x}", "text in UTF-8") from None
    return found


def is_below(name: str) -> bool:
    """Whether a file's name stays in the project's folder, and is none of what is kept there for itself: with a dot, config.json.

    Examples
    --------
    >>> [is_below(name) for name in ("main.py", "a/b.py", "../b.py", "/etc/b", "a//b", ".qc/b", "c:b", "config.json")]
    [True, True, False, False, False, False, False, False]
    """
    parts = name.replace("\\", "/").split("/")
    return (
        name.isprintable() and ":" not in name and not any(part in ("", ".", "..") for part in parts)
        and not parts[0].startswith(".") and name != CONFIG
    )  # fmt: skip


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            built = (path / "pyvenv.cfg").is_file() or (path / "conda-meta").is_dir()
            if not (path.name in SKIPPED or path.name.startswith(".") or built):
                yield from _walk(path)
        elif path.suffix in SUFFIXES and not path.name.startswith("."):
            yield path


def digest(content: str) -> str:
    """What tells contents apart; ends of lines don't, nor whether the last line has one, for the cloud may have its own."""
    lines = content.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    return hashlib.sha256(lines.encode("utf-8", "surrogatepass")).hexdigest()


def digests(contents: Mapping[str, str]) -> dict[str, str]:
    """Digests of contents, by name."""
    return {name: digest(content) for name, content in contents.items()}


def digest_of_all(files: Mapping[str, str]) -> str:
    """What tells projects apart, by names and digests of their files."""
    return hashlib.sha256("".join(f"{name}\0{files[name]}\n" for name in sorted(files)).encode()).hexdigest()
