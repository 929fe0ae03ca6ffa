"""What keeps an object right that goes on from call to call: one thread at a time, options that are right and stay."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from hidden_regime.exceptions import ParameterError


class Turns(type(threading.RLock())):  # type: ignore[misc]
    """A lock of one object: a thread waits until another's call has ended. A copy of the object, or a pickle, has its own."""

    def __reduce__(self) -> tuple[type[Turns], tuple[()]]:
        return Turns, ()


class Fixed:
    """An option that can be set while its object is made, and never after.

    It has no `__get__`: what is stored under its name is read as any other attribute.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __set__(self, owner: Any, value: Any) -> None:
        if "_is_made" in vars(owner):
            raise ParameterError(
                self.name, value, f"what this {type(owner).__name__} was made with, {vars(owner)[self.name]!r}",
                f"Make another one: clone({self.name}=...).",
            )  # fmt: skip
        vars(owner)[self.name] = value


def option_defaults(cls: type) -> dict[str, Any]:
    """What a class is made with, by name, and the defaults: its own, and where it passes **options on those of its bases too."""
    found: dict[str, Any] = {}
    for owner in cls.__mro__:
        if "__init__" in vars(owner) and owner is not object:
            parameters = list(inspect.signature(vars(owner)["__init__"]).parameters.values())[1:]
            named = [p for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
            found |= {p.name: p.default for p in named if p.name not in found}
            if not any(p.kind == p.VAR_KEYWORD for p in parameters):
                break
    return found


def fix(owner: type, names: list[str]) -> None:
    """Make options of a class ones that can't be set once an object is made."""
    for name in names:
        setattr(owner, name, Fixed(name))


class Limit(NamedTuple):
    """What a number among the options may be; no bound above unless one is given."""

    low: float
    high: float = 1e15
    whole: bool = False
    optional: bool = False


def check_limits(owner: Any, limits: Mapping[str, Limit]) -> None:
    """Raise `ParameterError` for the first option of an object that is outside its limits."""
    for name, (low, high, whole, optional) in limits.items():
        value = getattr(owner, name)
        if optional and value is None:
            continue
        kinds = (int, np.integer) if whole else (int, float, np.integer, np.floating)
        if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
            bounds = f"of at least {low:g}" if high == 1e15 else f"from {low:g} to {high:g}"
            raise ParameterError(name, value, f"{'an integer' if whole else 'a number'} {bounds}")
