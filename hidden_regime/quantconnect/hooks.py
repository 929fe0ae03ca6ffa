"""LEAN's hooks: finding the user's own, doing something of ours before them, and hiding classes from LEAN's loader."""

from __future__ import annotations

import itertools
import types
from collections.abc import Callable
from typing import Any

from hidden_regime.quantconnect._lean import PRIVATE, QCAlgorithm


def users_hook(algorithm: QCAlgorithm, *names: str) -> Callable[..., Any] | None:
    """The user's own hook, by LEAN's rule: the first spelling wins wherever it stands in the chain of classes."""
    chain = list(itertools.takewhile(lambda cls: cls is not QCAlgorithm, type(algorithm).__mro__))
    for name in names:
        for cls in chain:
            if name in vars(cls):
                return vars(cls)[name]  # type: ignore[no-any-return]
    return None


def bind_before(algorithm: QCAlgorithm, names: tuple[str, str], first: Callable[..., None]) -> None:
    """Do something of ours before the user's hook. Bound on the instance: a hook in a base would shadow the user's.

    What was bound before is done after it, and calls the user's.
    """
    bound = vars(algorithm).get(names[0])
    own = users_hook(algorithm, *names)

    def call(self: QCAlgorithm, *facts: Any) -> None:
        first(*facts)
        if bound is not None:
            bound(*facts)
        elif own is not None:
            own(self, *facts)

    def takes_one(self: QCAlgorithm, data: Any) -> None:  # LEAN looks at how many arguments a hook takes
        call(self, data)

    def takes_none(self: QCAlgorithm) -> None:
        call(self)

    chosen = takes_none if names[0] == "on_end_of_algorithm" else takes_one
    setattr(algorithm, names[0], types.MethodType(chosen, algorithm))


def hide_bases(cls: type) -> None:
    """Hide Python bases that stand in the user's own file: LEAN would run one of them instead."""
    for ancestor in cls.__mro__[1:]:
        if ancestor is QCAlgorithm:
            break
        # LEAN compares the beginning: for an entry main.py it also runs bases of main_base.py.
        if ancestor.__module__.startswith(cls.__module__) and not ancestor.__module__.startswith((PRIVATE, "_hidden.")):
            ancestor.__module__ = f"_hidden.{ancestor.__module__}"
