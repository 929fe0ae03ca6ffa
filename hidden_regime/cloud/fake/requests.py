"""One request as a value, whichever way its fields came."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

from hidden_regime.cloud.fake.forms import nested, parts
from hidden_regime.cloud.fake.refusals import invalid

BASE = ("api", "v2")
BINARY = "objectData"


@dataclass(frozen=True)
class Request:
    """An endpoint and its fields.

    Parameters
    ----------
    endpoint : str
        Such as "projects/read"; double and trailing slashes are gone.
    fields : mapping of str to any
        From JSON, the query, a form or a multipart body.
    """

    endpoint: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    def given(self, name: str) -> bool:
        """Whether the field came and says something."""
        return self.fields.get(name) not in (None, "")

    def text(self, name: str, default: str = "") -> str:
        """A field as a text."""
        value = self.fields.get(name, default)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise invalid(f"{name} must be a text")
        return str(value)

    def number(self, name: str, default: float | None = None) -> float:
        """A field as a number, which may come as a text."""
        value = self.fields.get(name)
        if value in (None, "") and default is not None:
            return default
        return number(name, value)

    def whole(self, name: str, default: int | None = None) -> int:
        """A field as a whole number, which may come as a text."""
        found = self.number(name, default)
        if found != int(found):
            raise invalid(f"{name} must be a whole number")
        return int(found)

    def flag(self, name: str, default: bool = False) -> bool:
        """A field as true or false, which may come as a text."""
        value = self.fields.get(name)
        if value in (None, ""):
            return default
        word = str(value).lower()
        if word not in ("true", "false", "1", "0"):
            raise invalid(f"{name} must be true or false")
        return word in ("true", "1")

    def several(self, name: str) -> list[Any]:
        """A field as a list; an empty text or dict is an empty list."""
        value = self.fields.get(name)
        if not value:
            return []
        if isinstance(value, dict):
            return list(value.values())
        if not isinstance(value, list):
            raise invalid(f"{name} must be a list")
        return value

    def mapping(self, name: str) -> dict[str, Any]:
        """A field as a dict; an empty text or list is an empty dict."""
        value = self.fields.get(name)
        if not value:
            return {}
        if not isinstance(value, dict):
            raise invalid(f"{name} must be an object")
        return value


def number(name: str, value: Any) -> float:
    """A number, which may come as a text."""
    try:
        found = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        found = math.nan
    if not math.isfinite(found):
        raise invalid(f"{name} must be a number")
    return found


def endpoint_of(path: str) -> str:
    """The endpoint that a path names, without the base and superfluous slashes.

    Examples
    --------
    >>> endpoint_of("/api/v2//optimizations/read/?x=1")
    'optimizations/read'
    """
    steps = [step for step in path.partition("?")[0].split("/") if step]
    return "/".join(steps[2:] if tuple(steps[:2]) == BASE else steps)


def request_of(path: str, content_type: str, body: bytes) -> Request:
    """A request as it came over the wire.

    Raises
    ------
    Refused
        The body is none that can be read.
    """
    pairs: list[tuple[str, Any]] = list(parse_qsl(path.partition("?")[2], keep_blank_values=True))
    kind = _kind(content_type)
    try:
        if kind.get_content_type() == "multipart/form-data":
            boundary = kind.get_param("boundary")
            if not isinstance(boundary, str):
                raise invalid("the multipart body has no boundary")
            found = parts(body, boundary)
            pairs += [(name, content if name == BINARY else content.decode("utf-8")) for name, content in found]
        elif kind.get_content_type() == "application/x-www-form-urlencoded":
            pairs += parse_qsl(body.decode("utf-8"), keep_blank_values=True)
        elif body.strip():
            told = json.loads(body)
            if not isinstance(told, dict) and told != []:
                raise invalid("the body must be an object")
            pairs += list(dict(told).items())
    except ValueError:
        raise invalid("the body can't be read") from None
    return Request(endpoint_of(path), nested(pairs))


def _kind(content_type: str) -> Message:
    message = Message()
    message["Content-Type"] = content_type or "application/json"
    return message
