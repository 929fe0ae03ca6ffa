"""Models as plain data and as files: arrays and JSON, versioned, never a pickle."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import math
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from hidden_regime.exceptions import ParameterError, SavedModelError
from hidden_regime.files.paths import given_path
from hidden_regime.files.whole import write_file
from hidden_regime.models.ordering import check_order
from hidden_regime.models.parameters import Parameters
from hidden_regime.models.soundness import are_numbers, fault, is_count, is_number

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


def _dtype(name: Any) -> np.dtype[Any]:
    """A type of real numbers or of short texts, by name: others hold objects, or reserve what they like."""
    kind = np.dtype(name if isinstance(name, str) else "O")
    if kind.kind not in "fiubU" or kind.itemsize > 400:
        raise SavedModelError(f"a saved model with an array of {str(name)[:40]!r}: expected real numbers.")
    return kind


def _restored(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"array", "dtype"}:
        return np.array(value["array"], dtype=_dtype(value["dtype"]))
    if isinstance(value, dict) and set(value) == {"tuple"}:
        return tuple(_restored(v) for v in value["tuple"])
    if isinstance(value, list):
        return [_restored(v) for v in value]
    return value


def to_dict(model: HiddenMarkovModel, parameters: Parameters, extra: dict[str, Any]) -> dict[str, Any]:
    """Options and fitted state; see `HiddenMarkovModel.to_dict`."""
    options = model.get_params()
    for name, value in options.items():
        if callable(value):
            raise ParameterError(
                name, value, "a value that a file can hold",
                f"The states have their order: model.set_params({name}=None) keeps it, and can be saved.",
            )  # fmt: skip
    fitted = {
        "log_likelihood": float(model.log_likelihood_),
        "n_iter": int(model.n_iter_),
        "converged": bool(model.converged_),
        "history": _plain(np.asarray(model.history_)),
        "n_features": int(model.n_features_in_),
        "feature_names": list(model.feature_names_in_) if hasattr(model, "feature_names_in_") else None,
        "restarts": [list(row) for row in model.restarts_.itertuples(index=False)],  # type: ignore[attr-defined]
        "restart_columns": list(model.restarts_.columns),  # type: ignore[attr-defined]
        "parameters": {k: None if v is None else _plain(v) for k, v in parameters.content().items()},
        "extra": {k: _plain(v) for k, v in extra.items()},
    }
    return {
        "format": FORMAT,
        "class": type(model).__name__,
        "options": {k: _plain(v) for k, v in options.items()},
        "fitted": fitted,
    }


def from_dict(cls: type[Model], content: dict[str, Any]) -> Model:
    """Model of what `to_dict` gave; see `HiddenMarkovModel.from_dict`."""
    import pandas as pd

    try:
        version = content["format"]
        if type(version) is int and version > FORMAT:
            raise SavedModelError(
                f"a model saved in format {version}: this version of hidden-regime reads up to {FORMAT}. Upgrade hidden-regime."
            )
        if type(version) is not int or version != FORMAT:
            raise SavedModelError(f"a model saved in format {str(version)[:40]!r}: expected {FORMAT}.")
        if content["class"] != cls.__name__:
            raise SavedModelError(f"a saved {str(content['class'])[:40]}: expected a {cls.__name__}. Load it with its own class.")
        model = cls(**{k: _restored(v) for k, v in content["options"].items()})
        model._check(2**31)  # type: ignore[attr-defined]
        fitted = content["fitted"]
        check_order(getattr(model, "order_by", None), fitted["feature_names"] or ())
        parameters = Parameters(**{k: _restored(v) for k, v in fitted["parameters"].items()})
        extra = {key: _restored(v) for key, v in fitted["extra"].items()}
        history = _restored(fitted["history"])
        wrong = _wrong(model, fitted, parameters, extra, history)
        if wrong:
            raise SavedModelError(f"a saved model that is damaged: {wrong}. Save it again.")
        d = model.n_features_in_ = fitted["n_features"]
        names = fitted.get("feature_names")  # files of before have none
        if names is not None:
            if not isinstance(names, list) or len(names) != d or not all(isinstance(name, str) for name in names):
                raise SavedModelError(f"a saved model whose feature_names are damaged: expected {d} names.")
            model.feature_names_in_ = np.array(names, dtype=object)
        model._restore(extra, parameters)
        model.log_likelihood_, model.n_iter_ = float(fitted["log_likelihood"]), fitted["n_iter"]
        model.converged_, model.history_ = fitted["converged"], history
        model.restarts_ = pd.DataFrame(fitted["restarts"], columns=fitted["restart_columns"])  # type: ignore[attr-defined]
    except SavedModelError:
        raise
    except Exception as error:
        raise SavedModelError(f"a saved model that can't be read ({_shortly(error)}). Save it again.") from error
    return model


def _shortly(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:200]}"


def _wrong(model: HiddenMarkovModel, fitted: dict[str, Any], parameters: Parameters, extra: dict[str, Any], history: Any) -> str:
    """What keeps some content from being a fitted model; nothing if it is one."""
    k, d = int(model.n_states), fitted["n_features"]
    if not is_count(d, 1):
        return "n_features: expected a count of at least 1"
    if text := fault(parameters, k, d, emission=model.emission):
        return text
    likelihood = fitted["log_likelihood"]
    is_given = fitted["n_iter"] == 0 and type(likelihood) is float and math.isnan(likelihood)  # known, and fitted to nothing
    if not (is_number(likelihood) or is_given) or not is_count(fitted["n_iter"]) or type(fitted["converged"]) is not bool:
        return "log_likelihood, n_iter, converged: expected a finite number, a count and a truth"
    if not is_given and not are_numbers(history, (fitted["n_iter"] + 1,)):
        return "history: expected a finite number for each iteration"
    if text := model._extra_fault(extra, k, d):
        return text
    columns, rows = fitted["restart_columns"], fitted["restarts"]
    if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns) or not isinstance(rows, list):
        return "restarts: expected rows and names of columns"
    if not all(isinstance(row, list) and len(row) == len(columns) for row in rows):
        return "restarts: expected rows as long as there are columns"
    if not all(isinstance(cell, (str, bool, int, float)) for row in rows for cell in row):
        return "restarts: expected names, numbers and truths"
    return ""


def save(model: HiddenMarkovModel, path: str | Path) -> None:
    """Write a model: a magic line, a checksum, a line of JSON, then the arrays."""
    path = given_path("path", path)
    content = model.to_dict()
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
    write_file(path, MAGIC + hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest)


def load(cls: type[Model], path: str | Path) -> Model:
    """Read a model that `save` wrote."""
    content = given_path("path", path).read_bytes()
    if not content.startswith(MAGIC):
        raise SavedModelError(f"{path} is no model of hidden-regime: expected a file that save wrote.")
    checksum, _, rest = content[len(MAGIC) :].partition(b"\n")
    if hashlib.sha256(rest).hexdigest().encode() != checksum:
        raise SavedModelError(f"{path} is damaged: its checksum is wrong. Save the model again.")
    head, _, body = rest.partition(b"\n")
    try:
        arrays = _unpacked(body)

        def place(value: Any) -> Any:
            if isinstance(value, dict) and set(value) == {"place"}:
                return _plain(arrays.pop(value["place"]))  # each once, or a few bytes of JSON would name gigabytes
            if isinstance(value, dict):
                return {k: place(v) for k, v in value.items()}
            return [place(v) for v in value] if isinstance(value, list) else value

        content_of = place(json.loads(head))
    except SavedModelError:
        raise
    except Exception as error:
        raise SavedModelError(f"{path} holds no model that can be read ({_shortly(error)}). Save it again.") from error
    return from_dict(cls, content_of)


def _unpacked(body: bytes) -> dict[str, Any]:
    """Arrays of what `numpy.savez` wrote. It compresses nothing, so they are as large together as the file, or it isn't that."""
    arrays = {}
    with zipfile.ZipFile(io.BytesIO(body)) as members:
        listed = members.infolist()
        if sum(info.file_size for info in listed) > len(body) or any(info.compress_type != zipfile.ZIP_STORED for info in listed):
            raise SavedModelError(f"a saved model of {len(body)} bytes that says that it holds more. Save it again.")
        for info in listed:
            arrays[info.filename.removesuffix(".npy")] = _array(members.read(info))
    return arrays


def _array(content: bytes) -> np.ndarray[Any, Any]:
    """Array of numpy's format 1.0, whose size has to be that of its bytes before any memory is asked for."""
    begin = 10 + int.from_bytes(content[8:10], "little")
    if content[:8] != b"\x93NUMPY\x01\x00" or begin > 1000:
        raise SavedModelError("a saved model with an array of another format. Save it again.")
    head = ast.literal_eval(content[10:begin].decode("ascii"))
    kind, shape = _dtype(head["descr"]), head["shape"]
    if not isinstance(shape, tuple) or not all(is_count(n) for n in shape):
        raise SavedModelError("a saved model with an array of no shape. Save it again.")
    if math.prod(shape) * kind.itemsize != len(content) - begin:
        raise SavedModelError(f"a saved model with an array of {len(content) - begin} bytes that doesn't fill its shape {shape}.")
    flat = np.frombuffer(content, kind, offset=begin) if len(content) > begin else np.empty(0, kind)
    return flat.reshape(shape, order="F" if head["fortran_order"] is True else "C")
