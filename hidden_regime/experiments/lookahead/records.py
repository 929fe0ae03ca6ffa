"""JSON whose records have dates, without those that are hidden."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

from hidden_regime.experiments.lookahead.dated import WHEN, Rows, moment_of, turned_columns
from hidden_regime.experiments.lookahead.future import CUT, CloseOf, Future


def hidden_json(text: str, source: str, future: Future, close_of: CloseOf) -> bytes | None:
    """A JSON text without what is hidden; None where nothing of it is."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    touched: list[bool] = []
    changed = _hidden_value(content, source, future, close_of, touched)
    return json.dumps(changed).encode() if touched else None


def _hidden_value(value: Any, source: str, future: Future, close_of: CloseOf, touched: list[bool]) -> Any:
    """Lists of objects with a date, and objects whose keys are dates, at any depth."""
    keys: list[Any] = []
    if isinstance(value, dict):
        moments = [moment_of(str(key)) for key in value]
        keys, items = list(value), list(value.values())
    elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        name = next((key for key in value[0] if str(key).lower() in WHEN), None)
        moments = [None if name is None else moment_of(str(one.get(name, ""))) for one in value]
        items = value
    else:
        if isinstance(value, list):
            return [_hidden_value(one, source, future, close_of, touched) for one in value]
        return value
    bars = any(isinstance(one, dict) and "close" in map(str.lower, map(str, one)) for one in items)
    rows = Rows(moments, bars=bars, future=future, close_of=close_of)
    if not rows.any:
        inner = [_hidden_value(one, source, future, close_of, touched) for one in items]
        return dict(zip(keys, inner, strict=True)) if keys else inner
    touched.append(True)
    kept = [i for i, gone in enumerate(rows.hidden) if not gone]
    if future.how == CUT:
        return {keys[i]: items[i] for i in kept} if keys else [items[i] for i in kept]
    records = [one if isinstance(one, dict) else {"value": one} for one in items]
    names = {str(name).lower() for one in records for name, value in one.items() if _is_number(value)}
    columns = {name: np.array([_field(one, name) for one in records]) for name in sorted(names)}
    turned = turned_columns(columns, np.array(rows.hidden), future, future.jitter(source, len(records)))
    new = [
        one if not gone else _record(one, {name: values[i] for name, values in turned.items()})
        for i, (one, gone) in enumerate(zip(items, rows.hidden, strict=True))
    ]
    return dict(zip(keys, new, strict=True)) if keys else new


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _field(record: dict[str, Any], name: str) -> float:
    return next((float(value) for key, value in record.items() if str(key).lower() == name and _is_number(value)), math.nan)


def _record(value: Any, turned: dict[str, float]) -> Any:
    """A record with other numbers; what is nested in it is left out."""
    if not isinstance(value, dict):
        return type(value)(turned["value"]) if _is_number(value) else None if isinstance(value, (dict, list)) else value
    return {
        name: type(one)(turned[str(name).lower()]) if _is_number(one) else one
        for name, one in value.items()
        if not isinstance(one, (dict, list))
    }
