"""What a parameter of LEAN's takes of a Python value, as pythonnet's fork converts it."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hidden_regime.simulator import enums
from hidden_regime.simulator.binding.signatures import ENUMS, LISTS, Parameter
from hidden_regime.simulator.lean_names.namespaces import ENGINE, full_name

INT_LOWEST, INT_HIGHEST = -(2**31), 2**31 - 1
ALIASES = {str: "string", int: "int", float: "double", bool: "bool", Decimal: "decimal"}
"""Python's types that pythonnet knows by name. With several overloads it compares names first."""
SAME = {"string": str, "int": int, "long": int, "double": float, "float": float, "bool": bool, "decimal": Decimal}
STANDS_FOR = {
    "IOrderProperties": "OrderProperties", "IDataConsolidator": "Consolidator", "IndicatorBase": "Valued",
    "ISecurityInitializer": "BrokerageModelSecurityInitializer", "IDateRule": "DateRule", "ITimeRule": "TimeRule",
    "IBrokerageModel": "BrokerageModel", "DateTimeZone": "ZoneName",
}  # fmt: skip
"""Classes of the engine's that stand for LEAN's of another name."""
IMPLICIT = {"Symbol": ("string",), "Security": ("Symbol",), "IndicatorDataPoint": ("decimal",), "OrderTicket": ("int",),
            "OrderFee": ("decimal",)}  # fmt: skip
"""What objects of LEAN's turn into where it is wanted."""
FIELDS = f"{ENGINE}fields"
FIELD_SELECTOR = "Func<IBaseData,decimal>"


class Refused(Exception):
    """A value doesn't fit."""


_OURS: dict[type, tuple[str, ...]] = {}


def ours(kind: type) -> tuple[str, ...]:
    """Names of the classes of the engine's that a type is or derives from: it stands for a class of LEAN's if there are any."""
    found = _OURS.get(kind)
    if found is None:
        found = _OURS[kind] = tuple(k.__name__ for k in kind.__mro__ if k.__module__.startswith(ENGINE))
    return found


def alias(value: Any) -> str | None:
    """.NET's name of a value of one of Python's plain types."""
    return ALIASES.get(type(value))


def argument(parameter: Parameter, value: Any, *, several: bool, exact: bool) -> tuple[Any, bool]:
    """A value for a parameter, and whether it had to be turned into something else.

    Parameters
    ----------
    several : bool
        Whether the method has overloads: then types are compared before values are converted.
    exact : bool
        Whether an overload has been found already that takes everything as it is.

    Raises
    ------
    Refused
    """
    known = alias(value) if several else None
    if known is None or parameter.type in ("object", known) or SAME.get(parameter.type) is type(value):
        return converted(parameter.type, value), False
    base = parameter.base
    if base == known or (known == "int" and base in ENUMS):
        return converted(base, value), False
    if exact:
        raise Refused
    if base in ("decimal", "double") or (type(value) is float and base in ("int", "long")):
        return converted(base, value), True
    if known == "string" and base == "Symbol":
        return value, True
    raise Refused


def fits(parameter: Parameter, value: Any) -> bool:
    """Whether a parameter takes a value: what the message about a refused call goes by."""
    try:
        argument(parameter, value, several=True, exact=False)
    except Refused:
        return False
    return True


def converted(kind: str, value: Any) -> Any:
    """A value as a type of LEAN's.

    Raises
    ------
    Refused
    """
    if kind in ("PyObject", "object"):
        return value
    if kind.startswith(LISTS) or kind.endswith("[]"):
        return _list(kind, value)
    names = ours(type(value))
    if names:
        return _own(kind, value, names)
    if isinstance(value, type) and ours(value):
        return _checked(value, kind == "Type")
    if value is None:
        return _checked(None, kind.endswith("?") or kind not in VALUES)
    base = kind.removesuffix("?")
    if base in ENUMS:
        return _member(base, value)
    if base.startswith(("Func<", "Action<")):
        return _function(base, value)
    reader = READERS.get(base)
    if reader is None:
        # Of the rest only a text turns into something: a Symbol.
        return _checked(value, base == "Symbol" and type(value) is str)
    return reader(value)


def _checked(value: Any, fine: bool) -> Any:
    if not fine:
        raise Refused
    return value


def _own(kind: str, value: Any, names: tuple[str, ...]) -> Any:
    base = kind.removesuffix("?").partition("<")[0]
    if base == "Func":
        return _checked(value, names[0] == "Calendar" and kind.startswith("Func<DateTime"))
    wanted = STANDS_FOR.get(base, base)
    return _checked(value, wanted in names or any(base in IMPLICIT.get(name, ()) for name in names))


def _list(kind: str, value: Any) -> Any:
    if value is None:
        return None
    inner = kind.partition("<")[2][:-1] if "<" in kind else kind[:-2]
    if type(value) is list or (kind.endswith("[]") and isinstance(value, tuple)):
        return [converted(inner, item) for item in value]
    return _checked(value, bool(ours(type(value))) and hasattr(value, "__iter__"))


def _member(kind: str, value: Any) -> Any:
    number = _integer(value)
    known: Any = getattr(enums, kind, None)
    try:
        return number if known is None else known(number)
    except ValueError:
        raise Refused from None


def _function(kind: str, value: Any) -> Any:
    made_by_lean = getattr(value, "__module__", None) == FIELDS
    return _checked(value, callable(value) and (not made_by_lean or kind == FIELD_SELECTOR))


def _text(value: Any) -> str:
    return _checked(value, type(value) is str)  # type: ignore[no-any-return]


def _truth(value: Any) -> bool:
    return _checked(value, value is True or value is False)  # type: ignore[no-any-return]


def _integer(value: Any) -> int:
    try:
        number = int(value)
        # A float that isn't whole is no integer; a text is read as one.
        whole = isinstance(value, (int, str)) or hasattr(value, "__index__") or float(value) == number
    except Exception:  # noqa: BLE001 - a user's class may raise anything, and pythonnet goes on
        raise Refused from None
    return _checked(number, whole and INT_LOWEST <= number <= INT_HIGHEST)  # type: ignore[no-any-return]


def _double(value: Any) -> Any:
    if isinstance(value, float) or type(value) is int:
        return value
    if isinstance(value, str):
        raise Refused
    try:
        return float(value)
    except Exception:  # noqa: BLE001 - as above
        raise Refused from None


def _decimal(value: Any) -> Any:
    """A decimal is read from the value's text: no True, no NaN, but "100000"."""
    if type(value) is int:
        return value
    if isinstance(value, float):
        return _checked(value, math.isfinite(value))
    try:
        number = float(str(value).replace(",", ""))
    except ValueError:
        raise Refused from None
    return _checked(number, math.isfinite(number))


def _moment(value: Any) -> Any:
    if isinstance(value, date) or hasattr(value, "year"):
        return value
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        raise Refused from None


def _length(value: Any) -> timedelta:
    return _checked(value, isinstance(value, timedelta))  # type: ignore[no-any-return]


READERS: dict[str, Callable[[Any], Any]] = {
    "string": _text, "bool": _truth, "int": _integer, "long": _integer, "double": _double, "float": _double,
    "decimal": _decimal, "DateTime": _moment, "TimeSpan": _length,
    "Type": lambda value: _checked(value, isinstance(value, type)),
}  # fmt: skip
VALUES = frozenset({"bool", "int", "long", "double", "float", "decimal", "DateTime", "TimeSpan"}) | ENUMS
"""Types that None isn't one of."""


UNKNOWN: Any = object()
NUMERIC = frozenset({"decimal", "double", "float", "int", "long"})


def by_type_alone(value: Any, parameter: Parameter, others: set[str]) -> Any:
    """What reads values of this type for a parameter, None if they are taken as they are. UNKNOWN: that hangs on the value.

    Parameters
    ----------
    others : set of str
        Types that the method's overloads have in that place.
    """
    kind: type = type(value)
    base, read = parameter.base, READERS.get(parameter.base)
    if value is None or kind in (timedelta, datetime) or (ours(kind) and not hasattr(value, "__iter__")):
        return None
    if kind is bool:
        return None if base == "bool" else UNKNOWN
    if kind is str:
        return UNKNOWN if others & (NUMERIC | {"DateTime"}) or base not in ("string", "Symbol") else None
    if kind is int:
        return UNKNOWN if others & ENUMS or base not in NUMERIC else read
    if kind is float and base in NUMERIC:
        # A double takes every float as it is; where there is none, whole ones may go to an integer.
        return None if base == "double" else UNKNOWN if others & {"int", "long"} else read
    return UNKNOWN


def type_name(value: Any) -> str:
    """Name of a value's type in messages."""
    kind: type = type(value)
    if getattr(value, "__module__", None) == FIELDS and callable(value):
        return "Func[IBaseData,Decimal]"
    if kind.__module__.startswith(ENGINE):
        return full_name(kind).rpartition(".")[2]
    made_in_c = not kind.__flags__ & 1 << 9
    return f"{kind.__module__}.{kind.__name__}" if made_in_c and kind.__module__ != "builtins" else kind.__name__


def type_text(value: Any) -> str:
    """A value's type as Python prints it in LEAN."""
    kind: type = type(value)
    return f"<class '{full_name(kind)}'>" if kind.__module__.startswith(ENGINE) else str(kind)
