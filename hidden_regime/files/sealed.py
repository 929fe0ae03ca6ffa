"""JSON in a file, under a line that says what it is and a checksum: never a pickle."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from hidden_regime.exceptions import SavedModelError
from hidden_regime.files.whole import write_file


def write_sealed(path: str | Path, kind: str, content: Any) -> None:
    """Write what JSON can hold.

    Parameters
    ----------
    path : str or Path
    kind : str
        What it is, such as "detector".
    content : object
    """
    body = json.dumps(content).encode()
    write_file(path, f"hidden-regime {kind}\n{hashlib.sha256(body).hexdigest()}\n".encode() + body)


def read_sealed(path: str | Path, kind: str) -> Any:
    """Read what `write_sealed` wrote.

    Raises
    ------
    SavedModelError
        Of another kind, or damaged.
    """
    head, _, rest = Path(path).read_bytes().partition(b"\n")
    if head != f"hidden-regime {kind}".encode():
        raise SavedModelError(f"{path} is no {kind} of hidden-regime: expected a file that save of a {kind} wrote.")
    checksum, _, body = rest.partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != checksum:
        raise SavedModelError(f"{path} is damaged: its checksum is wrong. Save the {kind} again.")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SavedModelError(f"{path} holds no {kind} that can be read ({type(error).__name__}). Save it again.") from error
