"""A column of a table as JSON, with its type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hidden_regime.exceptions import ParameterError

Encode = Callable[[Any, str], Any]
Decode = Callable[[Any], Any]
PLAIN = frozenset({
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
    "complex64", "complex128", "object",
})  # fmt: skip
MASKED = frozenset({
    "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64", "boolean",
})  # fmt: skip
EXPECTED = "a column of numbers, truths, texts, times, categories or objects that can be reported"


def encode_column(array: Any, name: str, of: Encode) -> dict[str, Any]:
    """The array behind a Series or an index as JSON.

    Raises
    ------
    ParameterError
        Its type couldn't be read back.
    """
    import numpy as np
    import pandas as pd

    kind = array.dtype
    if isinstance(kind, pd.CategoricalDtype):
        categories = encode_column(kind.categories.array, name, of)
        return {"type": "category", "categories": categories, "ordered": bool(kind.ordered), "values": array.codes.tolist()}
    if isinstance(kind, pd.StringDtype):
        values = [None if pd.isna(one) else of(one, name) for one in array]
        return {"type": "string", "storage": kind.storage, "nan": kind.na_value is not pd.NA, "values": values}
    if isinstance(kind, pd.DatetimeTZDtype):
        return {"type": "zoned", "unit": kind.unit, "zone": str(kind.tz), "values": array.asi8.tolist()}
    if kind.name in MASKED:
        return {"type": kind.name, "values": [None if one is pd.NA else of(one, name) for one in array]}
    plain = getattr(kind, "numpy_dtype", kind)
    if isinstance(plain, np.dtype) and plain.kind in "mM":
        return {"type": plain.str.lstrip("<>="), "values": np.asarray(array).astype(np.int64).tolist()}
    if isinstance(plain, np.dtype) and plain.name in PLAIN:
        return {"type": plain.name, "values": [of(one, name) for one in np.asarray(array).tolist()]}
    raise ParameterError(name, f"a column of type {kind}", EXPECTED, "Change it first: frame.astype(...).")


def read_column(told: dict[str, Any], of: Decode) -> Any:
    """The array that `encode_column` told."""
    import numpy as np
    import pandas as pd

    kind, values = told["type"], told["values"]
    if kind == "category":
        categories = pd.Index(read_column(told["categories"], of))
        return pd.Categorical.from_codes(values, categories=categories, ordered=told["ordered"])
    if kind == "string":
        nothing = np.nan if told["nan"] else pd.NA
        return pd.array(values, dtype=pd.StringDtype(told["storage"], na_value=nothing))
    if kind == "zoned":
        moments = pd.DatetimeIndex(np.array(values, np.int64).view(f"M8[{told['unit']}]"))
        return moments.tz_localize("UTC").tz_convert(told["zone"]).array
    if kind in MASKED:
        return pd.array([pd.NA if one is None else of(one) for one in values], dtype=kind)
    if kind[:2] in ("M8", "m8"):
        return np.array(values, np.int64).view(kind)
    found = np.empty(len(values), object)
    found[:] = [of(one) for one in values]
    return pd.Series(found, dtype=object).array if kind == "object" else found.astype(kind)
