"""A training's result as bytes: a checksum of all the rest, a line of JSON, then arrays.

No pickle, so an entry can be read without trusting it.
"""

from __future__ import annotations

import hashlib
import json
import math

import numpy as np

from hidden_regime import kernels
from hidden_regime.cache.key import FORMAT
from hidden_regime.models.parameters import Parameters
from hidden_regime.models.task import Restart, Trained

NUMBERS = np.dtype("<f8")


class BadEntryError(ValueError):
    """Bytes that are no entry of this key and version. Never leaves the cache: it counts as a miss."""


def pack(key: str, result: Trained) -> bytes:
    """Bytes of a result."""
    arrays = {name: value for name, value in result.parameters._asdict().items() if value is not None}
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
    content = json.dumps(head).encode() + b"\n" + b"".join(value.astype(NUMBERS).tobytes() for value in arrays.values())
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def unpack(key: str, content: bytes) -> Trained:
    """Result of some bytes.

    Raises
    ------
    BadEntryError
        They are damaged, or another key's, or of another version.
    """
    if content[64:65] != b"\n" or hashlib.sha256(memoryview(content)[65:]).hexdigest() != content[:64].decode(errors="replace"):
        raise BadEntryError("its checksum is wrong")
    end = content.find(b"\n", 65)
    try:
        head = json.loads(content[65:end])
        if (head["format"], head["kernels"], head["key"]) != (FORMAT, kernels.VERSION, key):
            raise BadEntryError("it belongs to another key or version")
        numbers = np.frombuffer(content, NUMBERS, offset=end + 1).astype(np.float64, copy=False)
        arrays, place = {}, 0
        for name, shape in head["arrays"].items():
            size = math.prod(shape)
            arrays[name] = numbers[place : place + size].reshape(shape)
            place += size
        restarts = tuple(
            Restart(start, float.fromhex(a), float.fromhex(b), n, converged, chosen)
            for start, a, b, n, converged, chosen in head["restarts"]
        )
        history = arrays.pop("history")
        return Trained(
            Parameters(**arrays), float.fromhex(head["log_likelihood"]), float.fromhex(head["objective"]), int(head["n_iter"]),
            bool(head["converged"]), history, restarts)  # fmt: skip
    except BadEntryError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadEntryError(f"it can't be read ({type(error).__name__})") from error
