"""Builds a project as the cloud does: every file must be Python, and main.py must have one algorithm."""

from __future__ import annotations

import ast
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

ENTRY = "main.py"
SUCCESS, ERROR = "BuildSuccess", "BuildError"


def build(files: Mapping[str, str], language: str = "Py") -> tuple[str, list[str]]:
    """The state that a build ends in, and its log.

    What LEAN would refuse only as it runs are warnings, for the cloud's build doesn't run anything.

    Parameters
    ----------
    files : mapping of str to str
        Contents by name.
    language : str
        "Py"; nothing else is built here.

    Examples
    --------
    >>> build({"main.py": "x = ("})
    ('BuildError', ["Build Error: File: main.py Line:1 Column:5 - '(' was never closed"])
    """
    if language != "Py":
        return ERROR, [f"Build Error: the practice cloud builds Python, not {language}."]
    wrong = [line for name, text in sorted(files.items()) if name.endswith(".py") for line in _syntax(name, text)]
    if ENTRY not in files:
        wrong.append(f"Build Error: File: {ENTRY} Line:0 Column:0 - the project has no {ENTRY}")
    if wrong:
        return ERROR, wrong
    with tempfile.TemporaryDirectory(prefix="hidden-regime-build-") as folder:
        laid_out(files, Path(folder))
        return _checked(Path(folder) / ENTRY)


def laid_out(files: Mapping[str, str], folder: Path) -> None:
    """Write the files of a project into a folder."""
    for name, text in files.items():
        path = folder / PurePosixPath(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


def _syntax(name: str, text: str) -> list[str]:
    try:
        ast.parse(text, name)
        compile(text, name, "exec", dont_inherit=True)
    except SyntaxError as error:
        return [f"Build Error: File: {name} Line:{error.lineno or 1} Column:{error.offset or 0} - {error.msg}"]
    except (RecursionError, MemoryError, ValueError) as error:
        return [f"Build Error: File: {name} Line:1 Column:0 - {type(error).__name__}: {error}"]
    return []


def _checked(entry: Path) -> tuple[str, list[str]]:
    from hidden_regime.simulator.static import check_file
    from hidden_regime.simulator.static.classes import which_runs
    from hidden_regime.simulator.static.source import Source

    unclear = [finding for finding in which_runs(Source.read(entry)) if finding.kind == "error"]
    if unclear:
        return ERROR, [f"Build Error: File: {ENTRY} Line:{one.line} Column:0 - {one.message}" for one in unclear]
    found = check_file(entry)
    return SUCCESS, [f"Build Warning: File: {ENTRY} Line:{one.line} Column:0 - {one.message}" for one in found]
