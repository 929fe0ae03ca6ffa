"""What a training's result is filed under: a digest of everything that it depends on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields

import numpy as np

from hidden_regime import kernels
from hidden_regime.models.training import Task

FORMAT = 1
"""Version of the entries' layout; part of every key."""


def task_key(task: Task) -> str:
    """Digest of a task: every byte of the observations and of the start, every option, the kernels' version.

    Two tasks with equal keys give equal results; whatever may change the result changes the key.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()

    def feed(name: str, value: object) -> None:
        if isinstance(value, np.ndarray):
            array = np.ascontiguousarray(value)
            head: object = [name, str(array.dtype), list(array.shape)]
            digest.update(json.dumps(head).encode())
            digest.update(array.tobytes())
        elif isinstance(value, tuple) and hasattr(value, "_fields"):
            for part, inner in zip(value._fields, value, strict=True):
                feed(f"{name}.{part}", inner)
        else:
            digest.update(json.dumps([name, value]).encode())

    feed("version", [FORMAT, kernels.VERSION])
    for field in fields(task):
        feed(field.name, getattr(task, field.name))
    return digest.hexdigest()
