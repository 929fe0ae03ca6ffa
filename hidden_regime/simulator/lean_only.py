"""Classes that stand for what only LEAN has: they can be named and imported, and say so at the moment they are used."""

from __future__ import annotations

from typing import Any

from hidden_regime.exceptions import UnsupportedError


class LeanOnlyMeta(type):
    """Says of a class that it exists in LEAN only, at the moment it is used."""

    def refuse(cls) -> Any:
        """Raise the error that says so."""
        raise UnsupportedError(
            f"{cls.__name__} exists in LEAN only: the embedded engine doesn't have it. Run the strategy in LEAN, or do without."
        )

    def __call__(cls, *_: Any, **__: Any) -> Any:
        return cls.refuse()

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return cls.refuse()

    def __getitem__(cls, _: Any) -> Any:
        return cls.refuse()

    def __setattr__(cls, name: str, value: Any) -> None:
        cls.refuse()

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **_: Any) -> Any:
        if bases:
            bases[0].refuse()  # type: ignore[attr-defined]
        return super().__new__(mcs, name, bases, namespace)


def lean_only(name: str) -> type:
    """A class of that name that exists in LEAN only."""
    made: type = LeanOnlyMeta(name, (), {})
    return made
