"""What equal means, and how a difference is shown.

Orders and events in the same order with the same ids, types, times, quantities, statuses and messages; prices and fees
within 1e-6, equity within 1e-4 (LEAN computes in decimals); statistics as printed, capacity excepted; log lines with
their numbers within 1e-6.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from hidden_regime.simulator.comparison.facts import Facts

NUMBER = re.compile(r"-?\d+\.\d+(?:[eE][-+]?\d+)?")
OBJECT = re.compile(r"<[\w.]+ object at 0x[0-9a-f]+>")
IGNORED = {"statistics": {"Estimated Strategy Capacity", "Lowest Capacity Asset"}, "runtime_statistics": {"Volume"}}
LISTS = {"orders": 1e-6, "order_events": 1e-6, "equity": 1e-4, "benchmark": 1e-4, "closed_trades": 1e-6, "log": 1e-6}
TABLES = ("statistics", "portfolio_statistics", "trade_statistics", "runtime_statistics")
WIDEST = 400


def same(a: Any, b: Any, *, absolute: float = 1e-6, relative: float = 1e-9) -> bool:
    """Equal within tolerances; texts if their words are equal and their numbers are within 2e-6."""
    if isinstance(a, bool) or isinstance(b, bool) or a is None or b is None:
        return bool(a == b)
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return math.isclose(a, b, rel_tol=relative, abs_tol=absolute)
    if isinstance(a, str) and isinstance(b, str):
        return a == b or _same_text(OBJECT.sub("<object>", a), OBJECT.sub("<object>", b))
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y, absolute=absolute) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k], absolute=absolute) for k in a)
    return bool(a == b)


def _same_text(a: str, b: str) -> bool:
    if NUMBER.sub("#", a) != NUMBER.sub("#", b):
        return False
    pairs = zip(NUMBER.findall(a), NUMBER.findall(b), strict=True)
    return all(math.isclose(float(x), float(y), rel_tol=1e-6, abs_tol=2e-6) for x, y in pairs)


def _both(lean: Any, ours: Any) -> tuple[str, str]:
    """Two values as text; of long ones the part around their first difference."""
    texts = [value if isinstance(value, str) else json.dumps(value) for value in (lean, ours)]
    if max(map(len, texts)) <= WIDEST:
        return texts[0], texts[1]
    at = next((i for i, (a, b) in enumerate(zip(*texts, strict=False)) if a != b), min(map(len, texts)))
    begin, end = max(at - WIDEST // 4, 0), at + WIDEST // 2
    a, b = (f"{'... ' if begin else ''}{text[begin:end]}{' ...' if end < len(text) else ''}" for text in texts)
    return a, b


def _row(part: str, i: int, lean: Any, ours: Any, tolerance: float) -> str:
    if isinstance(lean, dict) and isinstance(ours, dict):
        fields = [k for k in {**lean, **ours} if not same(lean.get(k), ours.get(k), absolute=tolerance)]
        name = ", ".join(f"{k} {lean[k]}" for k in ("id", "orderId", "symbol", "symbolValue", "time", "entryTime") if k in lean)
        both = {k: _both(lean.get(k), ours.get(k)) for k in fields}
        shown = "\n".join(f"    {k}: LEAN {a}\n    {' ' * len(k)}  here {b}" for k, (a, b) in both.items())
        return f"{part}[{i}] ({name})\n{shown}"
    a, b = _both(lean, ours)
    return f"{part}[{i}]\n    LEAN {a}\n    here {b}"


def _charts(lean: Facts, ours: Facts) -> list[str]:
    """The first point of each of the strategy's own series that differs."""
    out = []
    for chart in sorted({*lean, *ours}):
        a, b = lean.get(chart) or {}, ours.get(chart) or {}
        for series in sorted({*a, *b}):
            x, y = a.get(series) or [], b.get(series) or []
            wrong = next((i for i, pair in enumerate(zip(x, y, strict=False)) if not same(*pair)), None)
            name = f"chart {chart!r}, series {series!r}"
            if wrong is not None:
                out.append(f"{name}, point {wrong}\n    LEAN {json.dumps(x[wrong])}\n    here {json.dumps(y[wrong])}")
            elif len(x) != len(y):
                out.append(f"{name}: LEAN has {len(x)} points, here are {len(y)}")
    return out


def differences(lean: Facts, ours: Facts) -> list[str]:
    """The first difference of each part, readable; empty if the runs are equal.

    Parameters
    ----------
    lean, ours : dict
        Facts of two runs, as `facts_of_folder` and `facts_of_run` give them.
    """
    out = [
        f"{key}\n    LEAN {lean[key]!r}\n    here {ours[key]!r}"
        for key in ("status", "runtime_error") if not same(lean[key], ours[key])
    ]  # fmt: skip
    for part, tolerance in LISTS.items():
        a, b = lean[part], ours[part]
        wrong = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if not same(x, y, absolute=tolerance)), None)
        if wrong is not None:
            out.append(_row(part, wrong, a[wrong], b[wrong], tolerance))
        if len(a) != len(b):
            extra = (a if len(a) > len(b) else b)[min(len(a), len(b))]
            side = "LEAN" if len(a) > len(b) else "here"
            out.append(f"{part}: LEAN has {len(a)}, here are {len(b)}; the first one more ({side}): {_both(extra, '')[0]}")
    out += _charts(lean["charts"], ours["charts"])
    for part in TABLES:
        a, b = lean[part] or {}, ours[part] or {}
        for key in a:
            if key not in IGNORED.get(part, ()) and not same(a[key], b.get(key)):
                out.append(f"{part}: {key}\n    LEAN {a[key]!r}\n    here {b.get(key)!r}")
    return out
