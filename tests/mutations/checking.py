"""Make a mistake in a copy of the package, and run the tests that must see it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.mutations.edits import Edit

ROOT = Path(__file__).parents[2]
PACKAGE = "hidden_regime"
NEEDED = (PACKAGE, "tests", "pyproject.toml")
FAILED = re.compile(r"^FAILED (\S+)", re.MULTILINE)
SECONDS = 600.0


class LostTextError(LookupError):
    """What an edit changes isn't there any more, or is there more than once."""


class BrokenRunError(RuntimeError):
    """Tests ended in something other than a pass or a failure."""


class Verdict(NamedTuple):
    """The test that saw a mistake; None where it survived."""

    edit: Edit
    seen_by: str | None


def copy_of(folder: Path, root: Path = ROOT) -> Path:
    """A copy of the package and its tests, compiled kernels included."""
    for name in NEEDED:
        source = root / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy(source, folder / name)
    return folder


def changed(edit: Edit, content: str) -> str:
    """A file's content with the mistake.

    Raises
    ------
    LostTextError
        The text isn't there exactly once, or the mistake changes nothing: the list of edits must follow the code.
    """
    count = content.count(edit.text)
    if count != 1 or edit.text == edit.instead:
        raise LostTextError(
            f"{edit.name}: {edit.path} holds {edit.text!r} {count} times, expected once: correct the edit in edits.py."
        )
    return content.replace(edit.text, edit.instead)


def check_texts(edits: Sequence[Edit], root: Path = ROOT) -> None:
    """Whether every edit finds its text; all that don't are in the error."""
    lost = []
    for edit in edits:
        path = root / PACKAGE / edit.path
        try:
            changed(edit, path.read_text() if path.exists() else "")
        except LostTextError as error:
            lost.append(str(error))
    if lost:
        raise LostTextError("\n".join(lost))


def _run(folder: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    # Not compiled: two edits of one size within a second would be one to the interpreter. Plugins only cost a second each.
    own = {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    env = os.environ | own
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=env, capture_output=True, text=True, timeout=SECONDS)


def check_origin(folder: Path) -> None:
    """Whether Python takes the package from the copy: an edit elsewhere would survive everything."""
    found = _run(folder, ["-c", f"import {PACKAGE}, sys; sys.stdout.write({PACKAGE}.__file__)"])
    if found.returncode or not Path(found.stdout).is_relative_to(folder):
        raise BrokenRunError(f"{PACKAGE} comes from {found.stdout or found.stderr}: expected {folder}")


def run_tests(folder: Path, tests: Sequence[str]) -> str | None:
    """The first test that fails in a copy; None where all pass.

    Raises
    ------
    BrokenRunError
        The tests could not be run to an end.
    """
    done = _run(folder, ["-m", "pytest", "-x", "-q", "--tb=line", "-rf", "-p", "no:cacheprovider", *tests])
    failed = FAILED.search(done.stdout)
    if done.returncode == 1 and failed:
        return failed[1]
    if done.returncode:
        raise BrokenRunError(
            f"{' '.join(tests)}: pytest ended with {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    return None


def check(edit: Edit, folder: Path) -> Verdict:
    """Make a mistake in a copy, run its tests, and take it back."""
    path = folder / PACKAGE / edit.path
    before = path.read_text()
    path.write_text(changed(edit, before))
    try:
        return Verdict(edit, run_tests(folder, edit.tests))
    finally:
        path.write_text(before)
