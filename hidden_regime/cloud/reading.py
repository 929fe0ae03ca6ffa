"""Values of replies, read leniently: numbers come as texts, texts as numbers, and an empty mapping as an empty list."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sized
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")
S = TypeVar("S", bound=Sized)
E = TypeVar("E", bound=StrEnum)
Reader = Callable[[Any], Any]
UNREADABLE = (TypeError, ValueError, OverflowError, LookupError, AttributeError, OSError)
"""What a reader raises of a value that it can't read."""

NUMBER = re.compile(r"(?:(-)\s*[^\d\s.+%:-]{0,5}\s*|[^\d\s.+%:-]{0,5}\s*([+-]?))(\d[\d,]*\.?\d*|\.\d+)((?:[eE][+-]?\d+)?)\s*(%?)")
LONGEST = 64
"""Characters of a text that may be a number: trying longer ones takes time that grows with the square."""
MILLISECONDS = 1e11
"""From here on a number of seconds since 1970 is one of milliseconds: seconds would be in the year 5138."""


class Partly(ValueError):
    """Some of a value could not be read; `value` is the rest of it."""

    def __init__(self, value: Any) -> None:
        self.value = value
        super().__init__("some of it can't be read")


def text(value: Any) -> str:
    """A text; numbers and truths are spelled as JSON does."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    raise TypeError(f"a {type(value).__name__} is no text")


def number(value: Any) -> float:
    """A finite number; of a text without its currency and per cent sign: "-$24.70" is -24.7, "18.12 %" is 18.12."""
    if isinstance(value, bool):
        raise TypeError("a truth is no number")
    if isinstance(value, (int, float)):
        return _finite(float(value))
    return _matched(value)[0]


def fraction(value: Any) -> float:
    """A number whose text may be per cent: "18.12 %" is 0.1812, and 0.1812 itself."""
    if not isinstance(value, str):
        return number(value)
    found, sign = _matched(value)
    return found / 100.0 if sign else found


def integer(value: Any) -> int:
    """A whole number."""
    found = number(value)
    if found != int(found):
        raise ValueError(f"{value!r} is no whole number")
    return int(value) if isinstance(value, int) else int(found)


def flag(value: Any) -> bool:
    """A truth, which may come as a text or as 0 and 1."""
    said = value.strip().lower() if isinstance(value, str) else value
    if said in (True, "true", "1", "yes"):
        return True
    if said in (False, "false", "0", "no", ""):
        return False
    raise ValueError(f"{value!r} is neither true nor false")


def moment(value: Any) -> datetime:
    """A time in UTC: `yyyy-MM-dd HH:mm:ss`, ISO with or without a zone, or seconds since 1970."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return datetime.fromtimestamp(value / 1000.0 if abs(value) >= MILLISECONDS else value, UTC)
    found = datetime.fromisoformat(text(value).strip())
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def duration(value: Any) -> float:
    """Seconds of `H:M:S`, of `D.H:M:S`, or of a number of seconds."""
    said = text(value).strip()
    if ":" not in said:
        return number(value)
    days, _, clock = said.rpartition(".") if said.count(".") and said.index(".") < said.index(":") else ("", "", said)
    parts = [float(part) for part in clock.split(":")]
    if len(parts) != 3:
        raise ValueError(f"{value!r} is no time of hours, minutes and seconds")
    return _finite(float(days or 0) * 86_400 + parts[0] * 3600 + parts[1] * 60 + parts[2])


def anything(value: Any) -> Any:
    """A value as it came."""
    return value


def open_enum(kind: type[E]) -> Callable[[Any], E | str]:
    """A reader of a word: a member of the enumeration, whatever its case, and any other word as it came."""
    members = {member.value.lower(): member for member in kind}

    def read(value: Any) -> E | str:
        said = text(value)
        return members.get(said.strip().lower(), said)

    return read


def listing(reader: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    """A reader of a list; a mapping is the list of its values. It raises `Partly` where one of them can't be read."""

    def read(value: Any) -> tuple[T, ...]:
        if isinstance(value, Mapping):
            value = list(value.values())
        if not isinstance(value, (list, tuple)):
            raise TypeError(f"a {type(value).__name__} is no list")
        found = _readable(reader, enumerate(value))
        return _whole(tuple(found.values()), len(value))

    return read


def mapping(reader: Callable[[Any], T]) -> Callable[[Any], dict[str, T]]:
    """A reader of a mapping; an empty list is an empty one. It raises `Partly` where a value can't be read."""

    def read(value: Any) -> dict[str, T]:
        if isinstance(value, (list, tuple)) and not value:
            return {}
        if not isinstance(value, Mapping):
            raise TypeError(f"a {type(value).__name__} is no mapping")
        found = _readable(reader, value.items())
        return _whole({str(name): one for name, one in found.items()}, len(value))

    return read


def _readable(reader: Callable[[Any], T], items: Iterable[tuple[Any, Any]]) -> dict[Any, T]:
    found = {}
    for name, one in items:
        with suppress(*UNREADABLE):
            found[name] = reader(one)
    return found


def _whole(found: S, n: int) -> S:
    if len(found) < n:
        raise Partly(found)
    return found


def camel_keys(value: Any) -> Any:
    """A value whose mappings' keys begin with a small letter: the server has some in Pascal case."""
    if isinstance(value, Mapping):
        return {str(key)[:1].lower() + str(key)[1:]: camel_keys(one) for key, one in value.items()}
    return [camel_keys(one) for one in value] if isinstance(value, (list, tuple)) else value


def _matched(value: Any) -> tuple[float, bool]:
    said = text(value).strip()
    found = NUMBER.fullmatch(said) if len(said) <= LONGEST else None
    if found is None:
        raise ValueError(f"{said[:LONGEST]!r} is no number")
    before, inside, digits, power, percent = found.groups()
    return (-1.0 if "-" in (before, inside) else 1.0) * _finite(float(digits.replace(",", "") + power)), bool(percent)


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("an infinite number and one that is none are no number")
    return value
