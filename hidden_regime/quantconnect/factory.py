"""Regimes for somebody else's algorithm class: LEAN allows one chain of classes, so a factory instead of a mixin."""

from __future__ import annotations

import types
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.quantconnect._lean import PRIVATE, QCAlgorithm
from hidden_regime.quantconnect.algorithm import HiddenRegimeAlgorithm
from hidden_regime.quantconnect.hooks import hide_bases
from hidden_regime.quantconnect.optimized_algorithm import HiddenRegimeAlgorithmOptimized


def with_regimes(base: type[QCAlgorithm] = QCAlgorithm) -> type[HiddenRegimeAlgorithmOptimized]:
    """A class below `base` that has everything of `HiddenRegimeAlgorithmOptimized`.

    Parameters
    ----------
    base : type
        A class that derives from QCAlgorithm.

    Returns
    -------
    type
        To derive a strategy from: `class Mine(with_regimes(TheirBase))`. It isn't a subclass of `HiddenRegimeAlgorithm`, for
        LEAN takes a single chain of classes only. What `base` defines by the same names as the regime methods is covered.

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
    if not (isinstance(base, type) and issubclass(base, QCAlgorithm)):
        raise ParameterError("base", base, "a class that derives from QCAlgorithm", "Give the class, not an instance.")
    if issubclass(base, HiddenRegimeAlgorithmOptimized):
        return base
    members: dict[str, Any] = {}
    for source in (HiddenRegimeAlgorithm, HiddenRegimeAlgorithmOptimized):
        members |= {name: member for name, member in vars(source).items() if not name.startswith("__")}

    def init_subclass(cls: Any, /, **keywords: Any) -> None:
        super(made, cls).__init_subclass__(**keywords)
        hide_bases(cls)

    def new(cls: type, *args: Any, **keywords: Any) -> Any:
        self: Any = super(made, cls).__new__(cls, *args, **keywords)
        self._hr_attach()
        return self

    members |= {
        "__module__": PRIVATE, "__doc__": f"{base.__name__} that knows the regimes of its assets.", "__new__": new,
        "__init_subclass__": classmethod(init_subclass), "__qualname__": f"Regimes{base.__name__}",
    }  # fmt: skip
    made: Any = types.new_class(f"Regimes{base.__name__}", (base,), {}, lambda namespace: namespace.update(members))
    hide_bases(made)
    return made  # type: ignore[no-any-return]
