"""Fields of a request that aren't JSON: bracketed keys, and the parts of a multipart body."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from hidden_regime.cloud.fake.refusals import invalid

_STEP = re.compile(r"\[([^\]]*)\]")


def nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Fields whose keys say where a value belongs, as lists and dicts.

    Examples
    --------
    >>> nested([("projectId", "7"), ("parameters[0][key]", "days"), ("parameters[0][min]", "5")])
    {'projectId': '7', 'parameters': [{'key': 'days', 'min': '5'}]}
    """
    out: dict[str, Any] = {}
    for key, value in pairs:
        name, steps = key.split("[", 1)[0], _STEP.findall(key)
        if not steps or not name:
            out[key] = value
            continue
        place, last = out, name
        for step in steps:
            inner = place.setdefault(last, {})
            if not isinstance(inner, dict):
                raise invalid(f"{name} comes both as a value and as several")
            place, last = inner, step or str(len(inner))
        place[last] = value
    return {key: _listed(value) for key, value in out.items()}


def _listed(value: Any) -> Any:
    """A dict with the keys 0, 1, 2 is a list."""
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(one) for key, one in value.items()}
    return list(inner.values()) if inner and list(inner) == [str(place) for place in range(len(inner))] else inner


def parts(body: bytes, boundary: str) -> list[tuple[str, bytes]]:
    """Names and contents of a multipart body.

    Examples
    --------
    >>> parts(b'--x\\r\\nContent-Disposition: form-data; name="key"\\r\\n\\r\\nmodel\\r\\n--x--\\r\\n', "x")
    [('key', b'model')]
    """
    out = []
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:]:
        if part.startswith(b"--"):
            break
        head, found, content = part.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]*)"', head)
        if not found or name is None:
            raise invalid("a part of the multipart body has no name")
        out.append((name[1].decode("utf-8"), content))
    return out
