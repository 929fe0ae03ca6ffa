"""A training's result as bytes: a checksum of all the rest, a line of JSON, then arrays.

No pickle, and nothing in it is believed: whoever can write the folder can write a checksum as well.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

import numpy as np

from hidden_regime import kernels
from hidden_regime.cache.key import FORMAT
from hidden_regime.cache.stores.base import DamagedError
from hidden_regime.kernels.results import Floats
from hidden_regime.models.parameters import Parameters
from hidden_regime.models.soundness import are_numbers, fault, is_count
from hidden_regime.models.task import Restart, Task, Trained

NUMBERS = np.dtype("<f8")


class BadEntryError(DamagedError):
    """Bytes that are no entry of this key and version."""


def is_sound(task: Task, result: Trained) -> bool:
    """Whether `unpack` would take a result of this task."""
    k, d = task.n_states, task.observations.shape[1]
    return not fault(result.parameters, k, d) and math.isfinite(result.objective) and math.isfinite(result.log_likelihood)


def pack(key: str, result: Trained) -> bytes:
    """Bytes of a result."""
    arrays = {name: value for name, value in result.parameters.arrays().items() if value is not None}
    arrays["history"] = result.history
    head = {
        "format": FORMAT,
        "kernels": kernels.VERSION,
        "key": key,
        "arrays": {name: list(value.shape) for name, value in arrays.items()},
        "log_likelihood": result.log_likelihood.hex(),
        "objective": result.objective.hex(),
        "n_iter": result.n_iter,
        "converged": result.converged,
        "restarts": [
            [r.start, r.log_likelihood.hex(), r.objective.hex(), r.n_iter, r.converged, r.chosen] for r in result.restarts
        ],
    }
    if result.parameters.emission:
        head["emission"] = result.parameters.emission
    content = json.dumps(head).encode() + b"\n" + b"".join(value.astype(NUMBERS).tobytes() for value in arrays.values())
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def unpack(key: str, content: bytes, task: Task | None = None) -> Trained:
    """Result of some bytes.

    Parameters
    ----------
    key : str
    content : bytes
    task : Task, optional
        What the result has to fit; without one it has to make sense in itself.

    Raises
    ------
    BadEntryError
        They are damaged, another key's, of another version, or can't be what a training gave.
    """
    if content[64:65] != b"\n" or hashlib.sha256(memoryview(content)[65:]).hexdigest() != content[:64].decode(errors="replace"):
        raise BadEntryError("its checksum is wrong")
    end = content.find(b"\n", 65)
    try:
        head = json.loads(content[65:end])
        if (head["format"], head["kernels"], head["key"]) != (FORMAT, kernels.VERSION, key):
            raise BadEntryError("it belongs to another key or version")
        arrays = _arrays(head["arrays"], np.frombuffer(content, NUMBERS, offset=end + 1).astype(np.float64, copy=False))
        history = arrays.pop("history")
        restarts = tuple(
            Restart(start, float.fromhex(a), float.fromhex(b), n, converged, chosen)
            for start, a, b, n, converged, chosen in head["restarts"]
        )
        result = Trained(
            Parameters(**arrays, emission=head.get("emission", "")), float.fromhex(head["log_likelihood"]),
            float.fromhex(head["objective"]), head["n_iter"], head["converged"], history, restarts)  # fmt: skip
        if wrong := _wrong(result, task):
            raise BadEntryError(f"it makes no sense ({wrong})")
        return result
    except BadEntryError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError, IndexError) as error:
        raise BadEntryError(f"it can't be read ({type(error).__name__})") from error


def _arrays(shapes: dict[str, list[int]], numbers: Floats) -> dict[str, Any]:
    found, place = {}, 0
    for name, shape in shapes.items():
        if not isinstance(shape, list) or not all(is_count(n) for n in shape):
            raise BadEntryError(f"it makes no sense (the shape of {name[:20]})")
        size = math.prod(shape)
        found[name] = numbers[place : place + size].reshape(shape)
        place += size
    if place != len(numbers):
        raise BadEntryError(f"it makes no sense ({len(numbers)} numbers: expected {place})")
    return found


def _wrong(result: Trained, task: Task | None) -> str:
    """What keeps a result from being one of a training; nothing if it may be."""
    if task is None:
        (k, d), emission = result.parameters.means.shape, None
    else:
        k, d, emission = task.n_states, task.observations.shape[1], task.emission
    if text := fault(result.parameters, k, d, emission=emission):
        return text
    most = 2**53 if task is None else task.n_iter
    if not is_count(result.n_iter, 0, most) or type(result.converged) is not bool:
        return f"n_iter, converged: expected a count of at most {most} and a truth"
    if not are_numbers(result.history, (result.n_iter + 1,)):
        return "history: expected a finite number for each iteration"
    if not (math.isfinite(result.log_likelihood) and math.isfinite(result.objective)):
        return "log_likelihood, objective: expected finite numbers"
    for start in result.restarts:
        if not isinstance(start.start, str) or not is_count(start.n_iter, 0, most):
            return "restarts: expected names and counts"
        if type(start.converged) is not bool or type(start.chosen) is not bool:
            return "restarts: expected truths"
    chosen = [start for start in result.restarts if start.chosen]
    if len(chosen) != 1 or chosen[0].objective != result.objective or chosen[0].n_iter != result.n_iter:
        return "restarts: expected the one that was chosen to be the result"
    return ""
