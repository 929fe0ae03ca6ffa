"""Models as plain data and as files: arrays and JSON, versioned, never a pickle."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from hidden_regime.exceptions import NotFittedError, SavedModelError
from hidden_regime.models.parameters import Parameters

if TYPE_CHECKING:
    from hidden_regime.models.base import HiddenMarkovModel

FORMAT = 1
"""Version of the layout: what is newer can't be read."""

MAGIC = b"hidden-regime model\n"

Model = TypeVar("Model", bound="HiddenMarkovModel")


def _plain(value: Any) -> Any:
    """Value as JSON can hold it; an array is marked, so that it comes back as one."""
    if isinstance(value, np.ndarray):
        return {"array": value.tolist(), "dtype": str(value.dtype)}
    if not isinstance(value, np.generic) and hasattr(value, "__array__"):
        return _plain(np.asarray(value))
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, tuple):
        return {"tuple": [_plain(v) for v in value]}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value


def _restored(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"array", "dtype"}:
        return np.array(value["array"], dtype=value["dtype"])
    if isinstance(value, dict) and set(value) == {"tuple"}:
        return tuple(_restored(v) for v in value["tuple"])
    if isinstance(value, list):
        return [_restored(v) for v in value]
    return value


def to_dict(model: HiddenMarkovModel) -> dict[str, Any]:
    """Options and fitted state; see `HiddenMarkovModel.to_dict`."""
    if not hasattr(model, "_parameters"):
        raise NotFittedError(f"this {type(model).__name__} is not fitted: call fit(X) before saving it.")
    fitted = {
        "log_likelihood": float(model.log_likelihood_),
        "n_iter": int(model.n_iter_),
        "converged": bool(model.converged_),
        "history": _plain(np.asarray(model.history_)),
        "n_features": int(model.n_features_in_),
        "feature_names": list(model.feature_names_in_) if hasattr(model, "feature_names_in_") else None,
        "restarts": [list(row) for row in model.restarts_.itertuples(index=False)],  # type: ignore[attr-defined]
        "restart_columns": list(model.restarts_.columns),  # type: ignore[attr-defined]
        "parameters": {k: None if v is None else _plain(v) for k, v in model._parameters._asdict().items()},
        "extra": {k: _plain(v) for k, v in model._extra().items()},
    }
    return {
        "format": FORMAT,
        "class": type(model).__name__,
        "options": {k: _plain(v) for k, v in model.get_params().items()},
        "fitted": fitted,
    }


def from_dict(cls: type[Model], content: dict[str, Any]) -> Model:
    """Model of what `to_dict` gave; see `HiddenMarkovModel.from_dict`."""
    import pandas as pd

    try:
        version = content["format"]
        if isinstance(version, int) and version > FORMAT:
            raise SavedModelError(
                f"a model saved in format {version}: this version of hidden-regime reads up to {FORMAT}. Upgrade hidden-regime."
            )
        if version != FORMAT:
            raise SavedModelError(f"a model saved in format {version!r}: expected {FORMAT}.")
        if content["class"] != cls.__name__:
            raise SavedModelError(f"a saved {content['class']}: expected a {cls.__name__}. Load it with its own class.")
        model = cls(**{k: _restored(v) for k, v in content["options"].items()})
        fitted = content["fitted"]
        parameters = Parameters(**{k: _restored(v) for k, v in fitted["parameters"].items()})
        k, d = int(model.n_states), int(fitted["n_features"])
        shapes = ((k,), (k, k), (k, d), (k, d, d), (k,))
        for name, value, shape in zip(Parameters._fields, parameters, shapes, strict=True):
            if value is not None and (np.shape(value) != shape or not np.isfinite(value).all()):
                raise SavedModelError(f"a saved model whose {name} is damaged: expected finite numbers of shape {shape}.")
        model.n_features_in_ = d
        names = fitted.get("feature_names")  # files of before have none
        if names is not None:
            if not isinstance(names, list) or len(names) != d or not all(isinstance(name, str) for name in names):
                raise SavedModelError(f"a saved model whose feature_names are damaged: expected {d} names.")
            model.feature_names_in_ = np.array(names, dtype=object)
        model._restore({key: _restored(v) for key, v in fitted["extra"].items()}, parameters)
        model.log_likelihood_, model.n_iter_ = float(fitted["log_likelihood"]), int(fitted["n_iter"])
        model.converged_, model.history_ = bool(fitted["converged"]), _restored(fitted["history"])
        model.restarts_ = pd.DataFrame(fitted["restarts"], columns=fitted["restart_columns"])  # type: ignore[attr-defined]
    except SavedModelError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SavedModelError(f"a saved model that can't be read ({type(error).__name__}: {error}). Save it again.") from error
    return model


def save(model: HiddenMarkovModel, path: str | Path) -> None:
    """Write a model: a magic line, a checksum, a line of JSON, then the arrays."""
    content = to_dict(model)
    arrays: dict[str, Any] = {}

    def lift(value: Any) -> Any:
        if isinstance(value, dict) and set(value) == {"array", "dtype"}:
            arrays[f"a{len(arrays)}"] = _restored(value)
            return {"place": f"a{len(arrays) - 1}"}
        if isinstance(value, dict):
            return {k: lift(v) for k, v in value.items()}
        return [lift(v) for v in value] if isinstance(value, list) else value

    head = json.dumps(lift(content)).encode() + b"\n"
    body = io.BytesIO()
    np.savez(body, allow_pickle=False, **arrays)
    rest = head + body.getvalue()
    Path(path).write_bytes(MAGIC + hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest)


def load(cls: type[Model], path: str | Path) -> Model:
    """Read a model that `save` wrote."""
    content = Path(path).read_bytes()
    if not content.startswith(MAGIC):
        raise SavedModelError(f"{path} is no model of hidden-regime: expected a file that save wrote.")
    checksum, _, rest = content[len(MAGIC) :].partition(b"\n")
    if hashlib.sha256(rest).hexdigest().encode() != checksum:
        raise SavedModelError(f"{path} is damaged: its checksum is wrong. Save the model again.")
    head, _, body = rest.partition(b"\n")
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:

        def place(value: Any) -> Any:
            if isinstance(value, dict) and set(value) == {"place"}:
                return _plain(arrays[value["place"]])
            if isinstance(value, dict):
                return {k: place(v) for k, v in value.items()}
            return [place(v) for v in value] if isinstance(value, list) else value

        return from_dict(cls, place(json.loads(head)))
