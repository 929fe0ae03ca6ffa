"""Values as JSON from which they come back exactly: floats to the last bit, NaN among them, and tables with their types."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hidden_regime.exceptions import ParameterError
from hidden_regime.notebooks.reports import tables
from hidden_regime.simulator.objects import Symbol

TAG = "$"
"""Keys that begin so say what a JSON object stands for."""
EXPECTED = "a number, text, date, list, tuple, dict, array, Series or DataFrame of such"
DEEPEST = 100


def encode(value: Any, name: str = "value", depth: int = 0) -> Any:
    """A value as JSON.

    A Symbol becomes its ticker, which it equals; numbers of numpy's become Python's, which they equal.

    Parameters
    ----------
    value : object
    name : str
        Of the value, for the error.
    depth : int
        How many others it lies in.

    Raises
    ------
    ParameterError
        It couldn't be read back as it is.
    """
    if depth > DEEPEST:
        raise ParameterError(name, f"something nested more than {DEEPEST} deep", EXPECTED, "Does it hold itself?")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Symbol):
        return value.value
    if isinstance(value, str):
        return _text(value, name)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return _float(float(value))
    kind = type(value)
    if kind in _ENCODERS:
        return _ENCODERS[kind](value)
    if kind in (list, tuple):
        held = [encode(one, f"{name}[{place}]", depth + 1) for place, one in enumerate(value)]
        return held if kind is list else {"$tuple": held}
    if isinstance(value, Mapping):
        return _mapping(value, name, depth)
    found = tables.encode(value, name, lambda one, of: encode(one, of, depth + 1))
    if found is None:
        raise ParameterError(name, f"a {kind.__name__}", EXPECTED, "Report its figures one by one, or str(...) of it.")
    return found


def decode(told: Any) -> Any:
    """The value that `encode` told.

    Raises
    ------
    ParameterError
        It is nothing that `encode` tells.
    """
    if isinstance(told, list):
        return [decode(one) for one in told]
    if not isinstance(told, dict):
        return told
    tags = [key for key in told if key.startswith(TAG)]
    if not tags:
        return {key: decode(one) for key, one in told.items()}
    tag = tags[0]
    if tag in _DECODERS:
        return _DECODERS[tag](told[tag])
    found = tables.decode(told, decode)
    if found is None:
        raise ParameterError("reported value", tag, f"one of {', '.join(sorted(_DECODERS))} or a table")
    return found[0]


def _text(value: str, name: str) -> str:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise ParameterError(name, value, "text that can be written in UTF-8") from None
    return str(value)


def _float(value: float) -> Any:
    return value if math.isfinite(value) else {"$float": repr(value)}


def _moment(written: str, zone: str | None) -> datetime:
    moment = datetime.fromisoformat(written)
    return moment if zone is None else moment.astimezone(ZoneInfo(zone))


def _mapping(value: Mapping[Any, Any], name: str, depth: int) -> dict[str, Any]:
    if all(type(key) is str and not key.startswith(TAG) for key in value):
        return {_text(key, name): encode(one, f"{name}[{key!r}]", depth + 1) for key, one in value.items()}
    pairs = [
        [encode(key, f"a key of {name}", depth + 1), encode(one, f"{name}[{key!r}]", depth + 1)] for key, one in value.items()
    ]
    return {"$dict": pairs}


_ENCODERS: dict[type, Callable[[Any], Any]] = {
    complex: lambda value: {"$complex": [_float(value.real), _float(value.imag)]},
    bytes: lambda value: {"$bytes": base64.b64encode(value).decode("ascii")},
    datetime: lambda value: {"$datetime": [value.isoformat(), getattr(value.tzinfo, "key", None)]},
    date: lambda value: {"$date": value.isoformat()},
    time: lambda value: {"$time": value.isoformat()},
    timedelta: lambda value: {"$timedelta": [value.days, value.seconds, value.microseconds]},
    Decimal: lambda value: {"$decimal": str(value)},
}
_DECODERS: dict[str, Callable[[Any], Any]] = {
    "$float": float,
    "$tuple": lambda held: tuple(decode(one) for one in held),
    "$dict": lambda pairs: {decode(key): decode(one) for key, one in pairs},
    "$complex": lambda parts: complex(*(decode(one) for one in parts)),
    "$bytes": base64.b64decode,
    "$datetime": lambda parts: _moment(*parts),
    "$date": date.fromisoformat,
    "$time": time.fromisoformat,
    "$timedelta": lambda parts: timedelta(*parts),
    "$decimal": Decimal,
}
