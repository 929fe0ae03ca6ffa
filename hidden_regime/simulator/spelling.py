"""Both spellings of every member: LEAN answers to snake_case and to PascalCase."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@cache
def snake(name: str) -> str:
    """snake_case spelling of a PascalCase name."""
    return _BOUNDARY.sub("_", name).lower()


class TwoSpellings:
    """Answers a PascalCase member with its snake_case one."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        if name[:1].isupper():
            return getattr(self, snake(name))
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")


class SettableTwoSpellings(TwoSpellings):
    """Takes assignments in both spellings too, and only to members that it has."""

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, snake(name) if name[:1].isupper() else name, value)
