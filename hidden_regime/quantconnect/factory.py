"""Regimes for somebody else's algorithm class: LEAN allows one chain of classes, so a factory instead of a mixin."""

from __future__ import annotations

import itertools
import types
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.quantconnect._lean import PRIVATE, QCAlgorithm
from hidden_regime.quantconnect.algorithm import HiddenRegimeAlgorithm
from hidden_regime.quantconnect.hooks import hide_bases
from hidden_regime.quantconnect.optimized_algorithm import HiddenRegimeAlgorithmOptimized

LAYERS = (HiddenRegimeAlgorithm, HiddenRegimeAlgorithmOptimized)


def _layers_of(base: type) -> set[type]:
    """Which of our classes a class has already: in its chain of classes, or copied into one of them."""
    chain = itertools.takewhile(lambda cls: cls is not QCAlgorithm, base.__mro__)
    return {layer for cls in chain for layer in (cls, *vars(cls).get("_hr_layers", ()))}


def with_regimes(base: type[QCAlgorithm] = QCAlgorithm) -> type[HiddenRegimeAlgorithmOptimized]:
    """A class below `base` that has everything of `HiddenRegimeAlgorithmOptimized`.

    What `base` has already isn't put on once more: `HiddenRegimeAlgorithmOptimized` and what derives from it come back as
    they are, and below another class that knows regimes what was overridden there goes on to count.

    Parameters
    ----------
    base : type
        A class that derives from QCAlgorithm.

    Returns
    -------
    type
        To derive a strategy from: `class Mine(with_regimes(TheirBase))`. It isn't a subclass of `HiddenRegimeAlgorithm`, for
        LEAN takes a single chain of classes only. What `base` defines by the same names as the regime methods is covered.
        `issubclass` and `isinstance` call it one nevertheless, as they do any class below QCAlgorithm in LEAN.

    Raises
    ------
    ParameterError
        `base` is no algorithm class.

    Examples
    --------
    >>> from hidden_regime.quantconnect import with_regimes
    >>> from hidden_regime.quantconnect._lean import QCAlgorithm
    >>> class TheirBase(QCAlgorithm):
    ...     def total(self):
    ...         return 1
    >>> class Mine(with_regimes(TheirBase)):
    ...     pass
    >>> hasattr(Mine, "initialize_regime_detection"), hasattr(Mine, "total")
    (True, True)
    """
    # Never issubclass: in LEAN it compares .NET types, and all classes below QCAlgorithm have the same.
    if not (isinstance(base, type) and QCAlgorithm in base.__mro__):
        raise ParameterError("base", base, "a class that derives from QCAlgorithm", "Give the class, not an instance.")
    if HiddenRegimeAlgorithmOptimized in base.__mro__:
        return base  # type: ignore[return-value]
    missing = [layer for layer in LAYERS if layer not in _layers_of(base)]
    members: dict[str, Any] = {"_hr_layers": LAYERS}
    for layer in missing:
        members |= {name: member for name, member in vars(layer).items() if not name.startswith("__")}

    def init_subclass(cls: Any, /, **keywords: Any) -> None:
        super(made, cls).__init_subclass__(**keywords)
        hide_bases(cls)

    def new(cls: type, *args: Any, **keywords: Any) -> Any:
        self: Any = super(made, cls).__new__(cls, *args, **keywords)
        self._hr_attach()
        return self

    members |= {
        "__module__": PRIVATE, "__doc__": f"{base.__name__} that knows the regimes of its assets.",
        "__qualname__": f"Regimes{base.__name__}",
    }  # fmt: skip
    if HiddenRegimeAlgorithm in missing:
        members |= {"__new__": new, "__init_subclass__": classmethod(init_subclass)}
    made: Any = types.new_class(f"Regimes{base.__name__}", (base,), {}, lambda namespace: namespace.update(members))
    hide_bases(made)
    return made  # type: ignore[no-any-return]
