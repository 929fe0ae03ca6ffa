"""A training's result as bytes: a checksum of all the rest, a line of JSON, then arrays.

No pickle, so an entry can be read without trusting it.
"""

from __future__ import annotations

import hashlib
import io
import json

import numpy as np

from hidden_regime import kernels
from hidden_regime.cache.key import FORMAT
from hidden_regime.models.parameters import Parameters
from hidden_regime.models.training import Restart, Trained


class BadEntryError(ValueError):
    """Bytes that are no entry of this key and version. Never leaves the cache: it counts as a miss."""


def pack(key: str, result: Trained) -> bytes:
    """Bytes of a result."""
    body = io.BytesIO()
    arrays = {name: value for name, value in result.parameters._asdict().items() if value is not None}
    arrays["history"] = result.history
    np.savez(body, allow_pickle=False, **arrays)
    head = {
        "format": FORMAT,
        "kernels": kernels.VERSION,
        "key": key,
        "log_likelihood": result.log_likelihood.hex(),
        "objective": result.objective.hex(),
        "n_iter": result.n_iter,
        "converged": result.converged,
        "restarts": [
            [r.start, r.log_likelihood.hex(), r.objective.hex(), r.n_iter, r.converged, r.chosen] for r in result.restarts
        ],
    }
    content = json.dumps(head).encode() + b"\n" + body.getvalue()
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def unpack(key: str, content: bytes) -> Trained:
    """Result of some bytes.

    Raises
    ------
    BadEntryError
        They are damaged, or another key's, or of another version.
    """
    checksum, _, content = content.partition(b"\n")
    if hashlib.sha256(content).hexdigest().encode() != checksum:
        raise BadEntryError("its checksum is wrong")
    line, _, body = content.partition(b"\n")
    try:
        head = json.loads(line)
        if (head["format"], head["kernels"], head["key"]) != (FORMAT, kernels.VERSION, key):
            raise BadEntryError("it belongs to another key or version")
        with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
            parameters = Parameters(**{name: arrays[name] for name in Parameters._fields if name in arrays})
            history = arrays["history"]
        restarts = tuple(
            Restart(start, float.fromhex(a), float.fromhex(b), n, converged, chosen)
            for start, a, b, n, converged, chosen in head["restarts"]
        )
        return Trained(
            parameters, float.fromhex(head["log_likelihood"]), float.fromhex(head["objective"]), int(head["n_iter"]),
            bool(head["converged"]), history, restarts)  # fmt: skip
    except BadEntryError:
        raise
    except (ValueError, KeyError, TypeError, OSError, EOFError) as error:
        raise BadEntryError(f"it can't be read ({type(error).__name__})") from error
