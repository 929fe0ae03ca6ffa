"""Both spellings of every member: LEAN answers to snake_case and to PascalCase."""

from __future__ import annotations

import re
from functools import cache, wraps
from types import MethodType
from typing import Any, ClassVar
from zlib import crc32

from hidden_regime.exceptions import ParameterError, UnsupportedError
from hidden_regime.simulator.lean_names.class_members import lacks
from hidden_regime.simulator.lean_names.namespaces import ENGINE, full_name

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@cache
def snake(name: str) -> str:
    """snake_case spelling of a PascalCase name."""
    return _BOUNDARY.sub("_", name).lower()


@cache
def pascal(name: str) -> str:
    """PascalCase spelling of a snake_case name."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def camel(name: str) -> str:
    """camelCase spelling of a snake_case name."""
    return name[:1] + pascal(name)[1:]


def missing(kind: type, name: str, said: str) -> AttributeError:
    """The error for a member that a class doesn't have: one of the engine's own, if LEAN's class has it."""
    if name.startswith("__"):  # Python's own questions: of copy and the like, at each order
        return AttributeError(said)
    plain = snake(name) if name[:1].isupper() and not name.isupper() else name.lower()
    for base in kind.__mro__:
        if base.__module__.startswith(ENGINE) and lacks(known := full_name(base).rpartition(".")[2], plain):
            return UnsupportedError(
                f"{known}.{name} exists in LEAN only: the embedded engine doesn't have it. Run the strategy in LEAN, or do "
                "without."
            )
    return AttributeError(said)


def by_keyword(found: Any) -> Any:
    """A method that takes its keywords in camelCase too, as LEAN's PascalCase methods do; anything else as it is."""
    if not isinstance(found, MethodType):
        return found

    @wraps(found)
    def call(*arguments: Any, **keywords: Any) -> Any:
        return found(*arguments, **{snake(name): value for name, value in keywords.items()})

    return call


def either(owner: Any, name: str) -> Any:
    """A member of a user's object in either spelling.

    Raises
    ------
    AttributeError
        It has neither: as in LEAN the text names the PascalCase one.
    """
    found = getattr(owner, name, None) or getattr(owner, pascal(name), None)
    if found is None:
        raise AttributeError(f"'{type(owner).__name__}' object has no attribute '{pascal(name)}'")
    return found


def having(name: str, model: Any, method: str) -> None:
    """Raise for a model of the user's that lacks a method, in either spelling."""
    if not callable(getattr(model, method, None) or getattr(model, pascal(method), None)):
        raise ParameterError(name, type(model).__name__, f"an object with a method {method}")


def _twin(name: str) -> property:
    def read(self: Any) -> Any:
        return getattr(self, name)

    def write(self: Any, value: Any) -> None:
        setattr(self, name, value)

    return property(read, write)


class BothSpellings(type):
    """Metaclass: members of the class itself in both spellings, and assignments to members that `settable` names."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **keywords: Any) -> Any:
        """Give each settable member its PascalCase twin."""
        for item in namespace.get("settable", ()):
            namespace.setdefault(pascal(item), _twin(item))
        return super().__new__(mcs, name, bases, namespace, **keywords)

    def __getattr__(cls, name: str) -> Any:
        if name[:1].isupper():
            plain = snake(name)
            for spelled in (plain, plain.upper()):
                for base in cls.__mro__:
                    if spelled != name and spelled in vars(base):
                        return getattr(cls, spelled)
        raise missing(cls, name, f"type object '{cls.__name__}' has no attribute '{name}'")


class TwoSpellings(metaclass=BothSpellings):
    """Answers a PascalCase member with its snake_case one. Members named in `settable` can be assigned in both."""

    __slots__ = ()
    settable: ClassVar[tuple[str, ...]] = ()

    def __getattr__(self, name: str) -> Any:
        if name[:1].isupper():
            return by_keyword(getattr(self, snake(name)))
        raise missing(type(self), name, f"'{type(self).__name__}' object has no attribute '{name}'")

    def __repr__(self) -> str:
        # LEAN's objects print like any of .NET's. The address is made from the name, so that runs repeat to the letter.
        if not type(self).__module__.startswith(ENGINE):
            return object.__repr__(self)
        name = full_name(type(self))
        return f"<{name} object at 0x{crc32(name.encode()):012x}>"

    def __str__(self) -> str:
        return full_name(type(self))

    def to_string(self) -> str:
        """The object's text, which `log` writes."""
        return str(self)


class SettableTwoSpellings(TwoSpellings):
    """Takes assignments to any member in both spellings."""

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, snake(name) if name[:1].isupper() else name, value)
