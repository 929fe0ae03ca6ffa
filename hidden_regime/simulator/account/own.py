"""Members of the strategy's own on a security: `security.add("ema", ema)`, `security["ema"] = ema`, or `security.ema = ema`."""

from __future__ import annotations

from typing import Any

from hidden_regime.simulator.failures import KeyNotFoundException
from hidden_regime.simulator.spelling import TwoSpellings

ABSENT = "Property with key '{}' does not exist."


class _Get:
    """`security.get("ema")` and `security.get[ExponentialMovingAverage]("ema")`."""

    __slots__ = ("_owner",)

    def __init__(self, owner: Any) -> None:
        self._owner = owner

    def __getitem__(self, kind: type) -> _Get:
        return self

    def __call__(self, key: str) -> Any:
        found = getattr(self._owner, key, self)
        if found is self:
            raise KeyNotFoundException(ABSENT.format(key))
        return found


class OwnMembers(TwoSpellings):
    """Holds them: they are attributes like any other."""

    @property
    def get(self) -> _Get:
        """A member by its name."""
        return _Get(self)

    def add(self, key: str, value: Any) -> None:
        """Set a member."""
        setattr(self, key, value)

    def try_get(self, key: str, _: object = None) -> tuple[bool, Any]:
        """Whether there is a member, and the member."""
        return hasattr(self, key), getattr(self, key, None)

    def remove(self, key: str) -> bool:
        """Take a member off. Whether it was there."""
        return vars(self).pop(key, self) is not self

    def __getitem__(self, key: str) -> Any:
        return _Get(self)(key)

    def __setitem__(self, key: str, value: Any) -> None:
        setattr(self, key, value)
