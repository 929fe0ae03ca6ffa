"""Trainings that are done, kept until what they are for is whole: who is killed goes on where he was."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from hidden_regime.files.paths import given_path
from hidden_regime.files.whole import write_file
from hidden_regime.quantconnect.learned.text import digest_of_content

SCHEMA = "hidden-regime/training/1"


class KeptTrainings:
    """A folder with a file for each training, by what it was made of.

    Parameters
    ----------
    folder : path
        Made when the first training is done.

    Attributes
    ----------
    wanted : list of str
        Keys that were asked for, and go when all is done.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> kept = KeptTrainings(Path(tempfile.mkdtemp()) / "folds")
    >>> kept.put("a1", {"recipe": {}})
    >>> kept.wanted = ["a1", "b2"]
    >>> kept.get("a1"), kept.get("b2")
    ({'recipe': {}}, None)
    >>> kept.forget()
    >>> kept.folder.exists()
    False
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = given_path("kept", folder)
        self.wanted: list[str] = []

    def get(self, key: str) -> dict[str, Any] | None:
        """What a training gave; None of one that isn't there, or isn't whole: it is done again, with the same answer."""
        try:
            found = json.loads((self.folder / f"{key}.json").read_text(encoding="utf-8"))
            content = found["content"]
            good = found["schema"] == SCHEMA and found["sha256"] == digest_of_content(content) and isinstance(content, dict)
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return None
        return content if good else None

    def put(self, key: str, content: dict[str, Any]) -> None:
        """Keep what a training gave."""
        self.folder.mkdir(parents=True, exist_ok=True)
        told = {"schema": SCHEMA, "sha256": digest_of_content(content), "content": content}
        write_file(self.folder / f"{key}.json", json.dumps(told) + "\n")

    def forget(self) -> None:
        """Let go of what was asked for; what others left stays."""
        for key in self.wanted:
            (self.folder / f"{key}.json").unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # it isn't empty, or was never made
            self.folder.rmdir()
