"""What groups of calls share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from hidden_regime.cloud.errors import NotFound, ServerError
from hidden_regime.cloud.reading import listing
from hidden_regime.cloud.transport import Transport

T = TypeVar("T")


@dataclass(frozen=True)
class Group:
    """Calls about one kind of thing."""

    transport: Transport

    def call(self, endpoint: str, **fields: Any) -> dict[str, Any]:
        """A call that may be repeated; fields that are None are left out."""
        return self.transport.call(endpoint, told_only(fields))

    def call_off(self, endpoint: str, **fields: Any) -> None:
        """A call after which something is gone. Where an earlier try got no reply, that it is gone already is as good."""
        try:
            self.call(endpoint, **fields)
        except NotFound as error:
            if not error.resent:
                raise


def told_only(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}


def under(reply: Mapping[str, Any], *names: str) -> Any:
    """What stands in a reply under the first of the names that it has; the reply itself where it has none."""
    return next((reply[name] for name in names if reply.get(name) is not None), reply)


def several(endpoint: str, reply: Mapping[str, Any], read: Callable[[Any], T], *names: str) -> tuple[T, ...]:
    """Records of a list in a reply; none where it has none of the names.

    Raises
    ------
    ServerError
        Something else stands there: taken for an empty list, what was begun would be begun again.
    """
    came: Any = next((reply[name] for name in names if reply.get(name) is not None), [])
    try:
        return listing(read)(came)
    except TypeError:
        what = f"{names[0]!r} in the reply is a {type(came).__name__}: expected a list."
        raise ServerError(f"{endpoint}: {what} Ask again later.", endpoint) from None
