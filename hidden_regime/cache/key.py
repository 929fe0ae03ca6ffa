"""What a training's result is filed under: a digest of everything that it depends on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from functools import lru_cache
from typing import Any

from hidden_regime import kernels
from hidden_regime.models.task import Task

FORMAT = 2
"""Version of the entries' layout; part of every key."""

TABLES = ("observations", "warm", "memory", "custom", "weights", "mask", "startprob_counts", "transmat_counts")
PLAIN = tuple(field.name for field in fields(Task) if field.name not in TABLES)


@lru_cache(maxsize=4096)
def _head(version: int, arithmetic: str, plain: tuple[Any, ...]) -> Any:
    # The seed changes at each training, all else here hardly ever does.
    head = {"format": FORMAT, "kernels": version, "arithmetic": arithmetic, **dict(zip(PLAIN, plain, strict=True))}
    return hashlib.sha256(json.dumps(head).encode())


def task_key(task: Task, arithmetic: str | None = None) -> str:
    """Digest of a task: every byte of the observations and of the start, every option, the kernels' version and arithmetic.

    Two tasks with equal keys give equal results; whatever may change the result changes the key.

    Parameters
    ----------
    task : Task
    arithmetic : str, optional
        Whose last bits: default `kernels.arithmetic()`, those of this process. Another name asks for what another kind of
        machine has trained; its results agree with this one's to the kernels' tolerance.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    given = task.__dict__
    digest = _head(kernels.VERSION, arithmetic or kernels.arithmetic(), tuple([given[name] for name in PLAIN])).copy()
    shapes: list[tuple[str, Any]] = []
    arrays = []
    for name in TABLES:
        value = given[name]
        if value is None:
            continue
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, str):  # the name of a density, where the numbers don't tell it
                shapes += [(name, part)] if part else []
                continue
            shapes.append((name, None if part is None else (part.dtype.str, part.shape)))
            if part is not None:
                arrays.append(part.tobytes())
    digest.update(repr(shapes).encode())
    digest.update(b"".join(arrays))
    return str(digest.hexdigest())
