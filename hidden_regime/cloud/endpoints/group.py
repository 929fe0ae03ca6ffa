"""What groups of calls share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hidden_regime.cloud.transport import Transport


@dataclass(frozen=True)
class Group:
    """Calls about one kind of thing."""

    transport: Transport

    def call(self, endpoint: str, **fields: Any) -> dict[str, Any]:
        """A call that may be repeated; fields that are None are left out."""
        return self.transport.call(endpoint, told_only(fields))


def told_only(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}


def under(reply: Mapping[str, Any], *names: str) -> Any:
    """What stands in a reply under the first of the names that it has; the reply itself where it has none."""
    return next((reply[name] for name in names if reply.get(name) is not None), reply)


def listed(reply: Mapping[str, Any], *names: str) -> Any:
    """A list in a reply; an empty one where it has none of the names."""
    return next((reply[name] for name in names if reply.get(name) is not None), [])
