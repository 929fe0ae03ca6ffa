"""The secret that opens the status page: made once, kept where only its owner reads it."""

from __future__ import annotations

import os
import secrets
from hmac import compare_digest
from pathlib import Path

from hidden_regime.operation.errors import OperationError

FILE = "page.token"
BYTES = 32


def token_of(folder: Path) -> str:
    """The token of a workspace, made where there is none.

    Parameters
    ----------
    folder : Path
        The folder of the journal.

    Raises
    ------
    OperationError
        Others can read its file, or it holds no token.
    """
    path = folder / FILE
    try:
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    with os.fdopen(made, "w", encoding="ascii") as file:
        token = secrets.token_urlsafe(BYTES)
        file.write(token + "\n")
        file.flush()
        os.fsync(file.fileno())
    return token


def _read(path: Path) -> str:
    again = "Remove it: the next start makes another."
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise OperationError(f"{path} can be read by others: expected a file of its owner alone. {again}")
    token = path.read_text(encoding="ascii", errors="replace").strip()
    if len(token) < BYTES:
        raise OperationError(f"{path} holds no token: expected at least {BYTES} letters. {again}")
    return token


def is_right(given: str, token: str) -> bool:
    """Whether a token is the right one; how long that takes says nothing of how much of it is."""
    return compare_digest(given.encode("utf-8", "backslashreplace"), token.encode("ascii"))
