"""A command as a strategy's `on_command` gets it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Command:
    """What was sent, by attribute and by key; None for what wasn't.

    Examples
    --------
    >>> command = Command({"target": "SPY", "quantity": 5})
    >>> command.target, command["quantity"], command.price
    ('SPY', 5, None)
    """

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.__dict__.update(told)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return None

    def __getitem__(self, name: str) -> Any:
        return self.__dict__.get(name)

    def __contains__(self, name: str) -> bool:
        return name in self.__dict__
