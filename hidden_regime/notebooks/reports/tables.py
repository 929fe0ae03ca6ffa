"""Arrays, Series and DataFrames as JSON, with their types, indexes and names."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.notebooks.reports.columns import encode_column, read_column

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Encode = Callable[[Any, str], Any]
Decode = Callable[[Any], Any]
AS_BYTES = "biufcmMUS"
"""Kinds of numpy's types whose elements are bytes and nothing else."""


def encode(value: Any, name: str, of: Encode) -> Any:
    """A moment, a number of numpy's, an array, an index, a Series or a DataFrame as JSON; None for anything else.

    Raises
    ------
    ParameterError
        A type that couldn't be read back.
    """
    import numpy as np
    import pandas as pd

    if value is pd.NA:
        return {"$na": True}
    if value is pd.NaT or (isinstance(value, (np.datetime64, np.timedelta64)) and np.isnat(value)):
        return {"$nat": True}
    if isinstance(value, (pd.Timestamp, np.datetime64)):
        return _moment(pd.Timestamp(value))
    if isinstance(value, (pd.Timedelta, np.timedelta64)):
        length = pd.Timedelta(value)
        return {"$duration": [int(length.to_timedelta64().astype(np.int64)), length.unit]}
    if isinstance(value, np.generic):
        return of(value.item(), name)
    if isinstance(value, np.ndarray):
        return {"$array": _array(value, name, of)}
    if isinstance(value, pd.DataFrame):
        columns = [encode_column(value.iloc[:, n].array, f"{name}, column {n}", of) for n in range(value.shape[1])]
        return {"$frame": {"index": _index(value.index, name, of), "columns": _index(value.columns, name, of), "data": columns}}
    if isinstance(value, pd.Series):
        data = encode_column(value.array, name, of)
        return {"$series": {"index": _index(value.index, name, of), "name": of(value.name, f"{name}.name"), "data": data}}
    if isinstance(value, pd.Index):
        return {"$index": _index(value, name, of)}
    return None


def decode(told: dict[str, Any], of: Decode) -> tuple[Any] | None:
    """What `encode` told, in a tuple; None if it is something else."""
    import numpy as np
    import pandas as pd

    tag = next(iter(told))
    held: Any = told[tag]
    if tag == "$na":
        return (pd.NA,)
    if tag == "$nat":
        return (pd.NaT,)
    if tag == "$timestamp":
        moment = pd.Timestamp(np.datetime64(held[0], held[1]))
        return (moment if held[2] is None else moment.tz_localize("UTC").tz_convert(held[2]),)
    if tag == "$duration":
        return (pd.Timedelta(np.timedelta64(held[0], held[1])),)
    if tag == "$array":
        return (_read_array(held, of),)
    if tag == "$index":
        return (_read_index(held, of),)
    if tag == "$series":
        return (pd.Series(read_column(held["data"], of), index=_read_index(held["index"], of), name=of(held["name"])),)
    if tag == "$frame":
        index = _read_index(held["index"], of)
        frame = pd.DataFrame(dict(enumerate(read_column(one, of) for one in held["data"])), index=index)
        frame.columns = _read_index(held["columns"], of)
        return (frame,)
    return None


def _moment(value: pd.Timestamp) -> dict[str, Any]:
    import numpy as np

    zone = None if value.tz is None else str(value.tz)
    plain = value if zone is None else value.tz_convert("UTC").tz_localize(None)
    return {"$timestamp": [int(plain.to_datetime64().astype(np.int64)), value.unit, zone]}


def _array(value: np.ndarray[Any, Any], name: str, of: Encode) -> dict[str, Any]:
    shape = list(value.shape)
    if value.dtype.kind == "O":
        return {"dtype": "O", "shape": shape, "values": [of(one, name) for one in value.ravel().tolist()]}
    if value.dtype.kind not in AS_BYTES or (value.dtype.itemsize > 16 and value.dtype.kind in "fc"):
        raise ParameterError(name, f"an array of {value.dtype}", "an array of numbers, texts or times", "Report its columns.")
    little = value.astype(value.dtype.newbyteorder("<"))
    return {"dtype": little.dtype.str, "shape": shape, "bytes": base64.b64encode(little.tobytes()).decode("ascii")}


def _read_array(told: dict[str, Any], of: Decode) -> Any:
    import numpy as np

    if told["dtype"] == "O":
        flat = np.empty(len(told["values"]), object)
        flat[:] = [of(one) for one in told["values"]]
        return flat.reshape(told["shape"])
    kind = np.dtype(told["dtype"])
    return np.frombuffer(base64.b64decode(told["bytes"]), kind).astype(kind.newbyteorder("=")).reshape(told["shape"])


def _index(index: pd.Index[Any], name: str, of: Encode) -> dict[str, Any]:
    import pandas as pd

    label = f"index of {name}"
    names = [of(one, label) for one in index.names]
    if isinstance(index, pd.RangeIndex):
        return {"range": [index.start, index.stop, index.step], "names": names}
    if isinstance(index, pd.MultiIndex):
        levels = [encode_column(index.get_level_values(n).array, label, of) for n in range(index.nlevels)]
        return {"levels": levels, "names": names}
    told = {"levels": [encode_column(index.array, label, of)], "names": names}
    steps = getattr(index, "freqstr", None)
    return told if steps is None else told | {"freq": steps}


def _read_index(told: dict[str, Any], of: Decode) -> Any:
    import pandas as pd

    names = [of(one) for one in told["names"]]
    if "range" in told:
        start, stop, step = told["range"]
        return pd.RangeIndex(start, stop, step, name=names[0])
    levels = [pd.Index(read_column(one, of)) for one in told["levels"]]
    if len(names) > 1:
        return pd.MultiIndex.from_arrays(levels, names=names)
    index = levels[0].rename(names[0])
    if "freq" in told:
        index.freq = told["freq"]
    return index
