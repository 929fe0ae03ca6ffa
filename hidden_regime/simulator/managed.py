"""What LEAN's classes refuse of classes that derive from them, what they count as their own, and which hooks LEAN calls.

LEAN's base classes are .NET classes: pythonnet allows a single chain of plain classes and asks after .NET types alone, and
LEAN calls a hook only if it is an ordinary function. Here the same mistakes give the same errors, with a hint that LEAN
doesn't give.
"""

from __future__ import annotations

import inspect
import sys
import warnings
from functools import cached_property
from types import FunctionType, MethodType
from typing import Any

from hidden_regime.exceptions import RegimeWarning
from hidden_regime.simulator.spelling import BothSpellings, pascal, snake

OURS = "hidden_regime.simulator."
SEVERAL_BASES = (
    "cannot use multiple inheritance with managed classes. {name} has the bases {bases}: keep one of them, and hold the others "
    "as members."
)
SLOTS = "subclasses of managed classes do not support __slots__. Delete __slots__ from {name}."
READ_ONLY = (
    "attribute is read-only: {name}.{attribute} is LEAN's own. Define {attribute} in the class's body; @dataclass and "
    "decorators that set it afterwards can't be used on classes that derive from LEAN's."
)
NO_DICT = (
    "No '__dict__' attribute on '{cls}' instance to cache '{name}' property. LEAN's objects have none: use a property that "
    "keeps its value in a member made in __init__ or initialize."
)
FREE = ("__annotations__", "settable")
"""What a base of ours has and a class of the user's may still be given: LEAN's bases have neither."""


class Object:
    """Root of .NET's classes."""


class MarshalByRefObject(Object):
    """What LEAN's algorithm derives from."""


class _Uncachable(property):
    """Stands for a `functools.cached_property`, which fails in LEAN when it is read."""


def _refuse_caching(name: str) -> _Uncachable:
    def read(self: object) -> Any:
        raise TypeError(NO_DICT.format(cls=type(self).__name__, name=name))

    return _Uncachable(read)


class Managed(BothSpellings):
    """Metaclass of the classes that users derive from and that are .NET classes in LEAN.

    `issubclass` and `isinstance` compare .NET types, as pythonnet does: all classes of users below one of LEAN's count as
    each other's subclasses. Where Python's own order of classes is meant, ask `X in cls.__mro__`.

    A user's PascalCase function overrides a model's snake_case one, and `super().PascalCase()` reaches it. The algorithm's
    own hooks are looked up by `hook` instead, which says what LEAN would do.
    """

    _dotnet_type: type

    def __new__(
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], dotnet: type | None = None, **keywords: Any
    ) -> Any:  # fmt: skip
        """Refuse what pythonnet refuses. A class of LEAN's that names its .NET base stands on that alone in the chain of
        classes, and has the members of the others itself.
        """
        ours = namespace.get("__module__", "").startswith(OURS)
        if ours:
            for item, value in list(namespace.items()):
                if isinstance(value, FunctionType) and not item.startswith("_"):
                    namespace.setdefault(pascal(item), value)
            if dotnet is not None:
                for item, value in (pair for base in bases for pair in vars(base).items()):
                    if not item.startswith("__"):
                        namespace.setdefault(item, value)
                bases = (dotnet,)
        else:
            if len(bases) != 1:
                raise TypeError(SEVERAL_BASES.format(name=name, bases=", ".join(base.__name__ for base in bases)))
            if "__slots__" in namespace:
                raise TypeError(SLOTS.format(name=name))
            for attribute, value in list(namespace.items()):
                if isinstance(value, cached_property):
                    namespace[attribute] = _refuse_caching(attribute)
            _alias(bases[0], namespace)
            if "__init__" in namespace and "__new__" not in namespace and _makes_nothing(bases[0]):
                namespace["__new__"] = _begin_with(bases[0])
            # Of a class that is made by a call Python would think that it stands here.
            namespace.setdefault("__module__", sys._getframe(1).f_globals["__name__"])
        made: Any = super().__new__(mcs, name, bases, namespace, **keywords)
        if ours:
            type.__setattr__(made, "_dotnet_type", made)
        return made

    def __subclasscheck__(cls, subclass: Any) -> bool:
        return isinstance(subclass, type) and cls._dotnet_type in subclass.__mro__

    def __instancecheck__(cls, instance: Any) -> bool:
        return cls._dotnet_type in type(instance).__mro__

    def __setattr__(cls, attribute: str, value: Any) -> None:
        if attribute not in FREE:
            nearest = next((c for c in cls.__mro__ if attribute in vars(c)), None)
            if nearest is not None and (nearest is object or nearest.__module__.startswith(OURS)):
                raise AttributeError(READ_ONLY.format(name=cls.__name__, attribute=attribute))
        super().__setattr__(attribute, value)


def _makes_nothing(base: type) -> bool:
    return not any("__new__" in vars(cls) for cls in base.__mro__ if cls is not object)


def _begin_with(base: type) -> Any:
    """A `__new__` that constructs our part of an object with its defaults, as .NET does before a class's `__init__` runs.

    That may have arguments of its own, and forget `super()`.
    """
    chain = [vars(cls) for cls in base.__mro__ if cls.__module__.startswith(OURS)]
    construct: Any = next((own["__init__"] for own in chain if "__init__" in own), None)
    has_defaults = construct is not None and all(
        parameter.default is not parameter.empty or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        for parameter in [*inspect.signature(construct).parameters.values()][1:]
    )

    def build(cls: Any, *_: Any, **__: Any) -> Any:
        made: Any = object.__new__(cls)
        if has_defaults:
            construct(made)
        return made

    return build


def _alias(base: type, namespace: dict[str, Any]) -> None:
    """Let PascalCase overrides of a model's functions be found under their snake_case names."""
    if any(cls.__dict__.get("hooks_are_looked_up") for cls in base.__mro__):
        return
    for attribute, value in list(namespace.items()):
        plain = snake(attribute)
        if not attribute[:1].isupper() or plain in namespace or not isinstance(value, FunctionType):
            continue
        holder = next((cls for cls in base.__mro__ if plain in vars(cls)), None)
        if holder is not None and (holder.__module__.startswith(OURS) or attribute in vars(holder)):
            namespace[plain] = value


def _callable_by_lean(own: Any, found: Any) -> bool:
    return isinstance(found, MethodType) and (isinstance(own, (FunctionType, classmethod)) or own is None)


def _say(message: str) -> None:
    warnings.warn(RegimeWarning(f"hidden_regime: {message}"), stacklevel=4)


def hook(owner: Any, name: str, root: type) -> Any:
    """The user's hook of an object, or None.

    The snake_case name wins wherever it stands in the chain of classes, as in LEAN, and only functions count. LEAN says
    neither; here each comes with a warning.

    Parameters
    ----------
    owner : object
        The user's object.
    name : str
        snake_case name of the hook.
    root : type
        The class where the user's chain of classes ends.
    """
    on_instance = vars(owner).get(name)
    if isinstance(on_instance, MethodType):
        return on_instance
    if on_instance is not None:
        _say(f"{name} of {type(owner).__name__} is no method, so LEAN never calls it: define it with def in the class's body.")
        return None
    chain = [cls for cls in type(owner).__mro__ if cls is not object and not cls.__module__.startswith(OURS) and cls is not root]
    upper = pascal(name)
    for spelling in (name, upper):
        holder = next((cls for cls in chain if spelling in vars(cls)), None)
        if holder is None:
            continue
        if spelling == name:
            hidden = next((cls for cls in chain[: chain.index(holder)] if upper in vars(cls)), None)
            if hidden is not None:
                _say(
                    f"{upper} of {hidden.__name__} never runs: LEAN looks for {name} first and finds {holder.__name__}'s. "
                    f"Rename {upper} to {name}."
                )
        own, found = vars(holder)[spelling], getattr(owner, spelling)
        if not _callable_by_lean(own, found):
            _say(
                f"{spelling} of {holder.__name__} is a {type(own).__name__} and no method, so LEAN never calls it: define it "
                "with def in the class's body."
            )
            return None
        if inspect.iscoroutinefunction(found) or inspect.isgeneratorfunction(found) or inspect.isasyncgenfunction(found):
            _say(
                f"{spelling} of {holder.__name__} is a coroutine or a generator: LEAN calls it, but its body never runs. Make "
                "it a plain function."
            )
        return found
    return None


def is_own(model: Any, name: str) -> bool:
    """Whether a method of an object, in either spelling, is the strategy's and not one of ours."""
    for kind in type(model).__mro__:
        if name in vars(kind) or pascal(name) in vars(kind):
            return not kind.__module__.startswith(OURS)
    return False
