"""LEAN's signatures, read from lines of text.

A line is a method's name and its parameters, `name:Type` or `name:Type=default`. `Type` is .NET's: `decimal`, `double` and
`int` are told apart, for pythonnet prefers one to the other. `int|double` stands for an overload of each; `@word` for what
MACROS has. A method has a line for each of its overloads.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import NamedTuple

MACROS = {
    "@end": 'asynchronous:bool=False tag:string="" order_properties:IOrderProperties=None',
    "@none": "asynchronous:bool=False tag:string=None order_properties:IOrderProperties=None",
    "@value": "resolution:Resolution?=None selector:Func<IBaseData,decimal>=None",
    "@bar": "resolution:Resolution?=None selector:Func<IBaseData,IBaseDataBar>=None",
    "@trade": "resolution:Resolution?=None selector:Func<IBaseData,TradeBar>=None",
}
ENUMS = frozenset({
    "AccountType", "BrokerageName", "MovingAverageType", "OrderType", "Resolution", "SecurityType", "TickType",
})  # fmt: skip
NUMBERS = {"decimal": 2, "double": 3, "float": 4, "long": 21, "int": 22}
"""Rank of numbers: the lower is preferred."""
ENUM, OBJECT, REFERENCE, TEXT, TRUTH, DATE = 38, 39, 40, 50, 60, 2000
SHOWN = {
    "string": "str", "decimal": "float", "double": "float", "float": "float", "long": "int", "TimeSpan": "timedelta",
    "DateTime": "datetime", "PyObject": "Any", "object": "Any", "Type": "type",
}  # fmt: skip
LISTS = ("List<", "IEnumerable<")


class Parameter(NamedTuple):
    """A parameter of a method of LEAN's."""

    name: str
    type: str
    default: str | None
    takes_the_rest: bool

    @property
    def base(self) -> str:
        """Its type without the mark of a nullable one."""
        return self.type.removesuffix("?")

    @property
    def rank(self) -> int:
        """How willingly pythonnet takes an overload with it: the lower the better."""
        if self.takes_the_rest:
            return 100 + REFERENCE
        known = {"PyObject": OBJECT, "string": TEXT, "bool": TRUTH, "DateTime": DATE, **NUMBERS}
        return known.get(self.base, ENUM if self.base in ENUMS else REFERENCE)

    def __str__(self) -> str:
        star = "*" if self.takes_the_rest else ""
        return f"{star}{self.name}: {shown(self.type)}" + (f" = {self.default}" if self.default is not None else "")


class Overload(NamedTuple):
    """One of a method's signatures."""

    parameters: tuple[Parameter, ...]
    names: frozenset[str]

    @property
    def rank(self) -> int:
        """Sum of its parameters'."""
        return sum(parameter.rank for parameter in self.parameters)

    @property
    def takes_anything(self) -> bool:
        """Whether some parameter is any Python object: such overloads aren't shown."""
        return any(parameter.type == "PyObject" for parameter in self.parameters)


def shown(kind: str) -> str:
    """A type as Python's callers know it."""
    if kind.endswith("?"):
        return f"Optional[{shown(kind[:-1])}]"
    if kind.endswith("[]"):
        return f"List[{shown(kind[:-2])}]"
    if kind.startswith(LISTS):
        return f"List[{shown(kind.partition('<')[2][:-1])}]"
    if kind.startswith(("Func<", "Action<")):
        given = kind.partition("<")[2][:-1].split(",")
        result = shown(given.pop()) if kind.startswith("Func<") else "None"
        return f"Callable[[{', '.join(map(shown, given))}], {result}]"
    if "<" in kind:
        name, _, inner = kind.partition("<")
        return f"{name}[{shown(inner[:-1])}]"
    return SHOWN.get(kind, kind)


@cache
def read(text: str) -> dict[str, tuple[Overload, ...]]:
    """Methods and their overloads, those that pythonnet prefers first."""
    found: dict[str, list[Overload]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, *words = line.split()
        whole = " ".join(MACROS.get(word, word) for word in words).split()
        for chosen in product(*(_alternatives(word) for word in whole)):
            found.setdefault(name, []).append(Overload(chosen, frozenset(p.name for p in chosen)))
    return {name: tuple(sorted(overloads, key=lambda o: o.rank)) for name, overloads in found.items()}


def _alternatives(word: str) -> list[Parameter]:
    name, _, rest = word.partition(":")
    kinds, _, default = rest.partition("=")
    star = name.startswith("*")
    return [Parameter(name.removeprefix("*"), kind, default or None, star) for kind in kinds.split("|")]
