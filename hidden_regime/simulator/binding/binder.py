"""Which of LEAN's overloads takes a call, and what LEAN says if none does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, NamedTuple, TypeVar

from hidden_regime.simulator.binding import declared, declared_indicators
from hidden_regime.simulator.binding.conversion import UNKNOWN, Refused, argument, by_type_alone, fits, type_name, type_text
from hidden_regime.simulator.binding.signatures import Overload, Parameter, read

T = TypeVar("T", bound=type)
Plan = tuple[tuple[str, Any], ...]
"""Names of the arguments in the order of the call, each with what reads it, if anything has to."""
NO_MATCH = "No method matches given arguments for {name}: ({given})"
MOST_SHOWN = 10
SHORTEST = 3
"""Names of so many letters are suggested for those that they are a part of."""


class Match(NamedTuple):
    """An overload that takes a call."""

    by_name: int
    conversions: int
    overload: Overload
    values: dict[str, Any]

    def rank(self, places: int, named: Mapping[str, Any]) -> tuple[int, int, int]:
        """The lowest is taken: most names, fewest conversions, then the preferred types."""
        used = (p.rank for i, p in enumerate(self.overload.parameters) if i < places or p.name in named)
        return -self.by_name, self.conversions, sum(used)


class Binder:
    """A method of LEAN's with its overloads.

    Parameters
    ----------
    name : str
        As messages have it.
    overloads : sequence of Overload
        In pythonnet's order.
    """

    def __init__(self, name: str, overloads: Sequence[Overload]) -> None:
        self.name, self.overloads = name, overloads
        self._several = len(overloads) > 1
        self._plans: dict[Any, Plan] = {}

    def bind(self, places: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
        """The call's values by LEAN's names, converted; what isn't given isn't there.

        Raises
        ------
        TypeError
            With LEAN's text, if no overload takes them.
        """
        key = (*map(type, places), *named, *map(type, named.values())) if named else tuple(map(type, places))
        plan = self._plans.get(key)
        if plan is not None:
            try:
                return {name: value if read is None else read(value)
                        for (name, read), value in zip(plan, (*places, *named.values()), strict=True)}  # fmt: skip
            except Refused:
                pass
        match = self._match(places, named)
        if plan is None:
            plan = self._plan(match.overload, places, named)
            if plan is not None:
                self._plans[key] = plan
        return match.values

    def _match(self, places: Sequence[Any], named: Mapping[str, Any]) -> Match:
        exact: list[Match] = []
        loose: list[Match] = []
        for overload in self.overloads:
            match = self._try(overload, places, named, bool(exact))
            if match is not None:
                (loose if match.conversions else exact).append(match)
        found = exact or loose
        if not found:
            raise TypeError(self.refusal(places, named))
        return found[0] if len(found) == 1 else min(found, key=lambda m: m.rank(len(places), named))

    def _plan(self, chosen: Overload, places: Sequence[Any], named: Mapping[str, Any]) -> Plan | None:
        """How calls of the same types are bound, if their values don't matter to the choice."""
        by_name = {parameter.name: parameter for parameter in chosen.parameters}
        if any(parameter.takes_the_rest for parameter in chosen.parameters):
            return None
        plan = []
        for place, (name, value) in enumerate((*((None, value) for value in places), *named.items())):
            parameter = chosen.parameters[place] if name is None else by_name[name]
            others = self._bases(place) if name is None else self._bases_of(name)
            reader = by_type_alone(value, parameter, others)
            if reader is UNKNOWN:
                return None
            plan.append((parameter.name, reader))
        return tuple(plan)

    def _bases(self, place: int) -> set[str]:
        return {overload.parameters[place].base for overload in self.overloads if place < len(overload.parameters)}

    def _bases_of(self, name: str) -> set[str]:
        return {parameter.base for overload in self.overloads for parameter in overload.parameters if parameter.name == name}

    def _try(self, overload: Overload, places: Sequence[Any], named: Mapping[str, Any], exact: bool) -> Match | None:
        parameters = overload.parameters
        if named and not named.keys() <= overload.names:
            return None
        open_ended = bool(parameters) and parameters[-1].takes_the_rest
        if len(places) > len(parameters) and not open_ended:
            return None
        values: dict[str, Any] = {}
        conversions = by_name = 0
        for place, parameter in enumerate(parameters):
            if parameter.takes_the_rest:
                value = _rest(places[place:])
            elif place < len(places):
                value = places[place]
            elif parameter.name in named:
                value = named[parameter.name]
                by_name += 1
            elif parameter.default is not None:
                continue
            else:
                return None
            try:
                values[parameter.name], turned = argument(parameter, value, several=self._several, exact=exact)
            except Refused:
                return None
            conversions += turned
        return Match(by_name, conversions, overload, values)

    # What LEAN says ------------------------------------------------------------------------------------------------------
    def refusal(self, places: Sequence[Any], named: Mapping[str, Any]) -> str:
        """LEAN's text of a call that no overload takes."""
        said = NO_MATCH.format(name=self.name, given=", ".join(map(type_text, places)))
        said += self._unexpected(named)
        listed = self._listed()
        if listed:
            said += f"{'' if said.endswith('?') else '.'} {listed}"
        mismatch = self._mismatch(places, named)
        return f"{said}\n{mismatch}" if mismatch else said

    def _unexpected(self, named: Mapping[str, Any]) -> str:
        known = sorted({name for overload in self.overloads for name in overload.names})
        wrong = next((name for name in named if name not in known), None)
        if wrong is None:
            return ""
        closest = _closest(wrong, known)
        hint = f". Did you mean '{closest}'?" if closest else ""
        return f". Got an unexpected keyword argument '{wrong}'{hint}"

    def _listed(self) -> str:
        typed = [overload for overload in self.overloads if not overload.takes_anything] or list(self.overloads)
        texts = list(dict.fromkeys(f"{self.name}({', '.join(map(str, overload.parameters))})" for overload in typed))
        lines = ["The expected signature is:" if len(texts) == 1 else "The following overloads are available:"]
        lines += [f"  {text}" for text in texts[:MOST_SHOWN]]
        if len(texts) > MOST_SHOWN:
            lines.append(f"  ... and {len(texts) - MOST_SHOWN} more")
        return "\n".join(lines)

    def _mismatch(self, places: Sequence[Any], named: Mapping[str, Any]) -> str:
        """Of the overload that takes the most arguments: the first that it doesn't take."""
        best, said = -1, ""
        for overload in self.overloads:
            score, text = _first_mismatch(overload.parameters, places, named)
            if text and score > best:
                best, said = score, text
        return said


def _first_mismatch(parameters: Sequence[Parameter], places: Sequence[Any], named: Mapping[str, Any]) -> tuple[int, str]:
    score = 0
    for i, (parameter, value) in enumerate(zip(parameters, places, strict=False), 1):
        if parameter.takes_the_rest:
            score = min(len(places), len(parameters))
            break
        if not fits(parameter, value):
            kind = str(parameter).partition(": ")[2].partition(" = ")[0]
            return score, f"Argument mismatch: argument {i} ('{parameter.name}') expected {kind}, got {type_name(value)}."
        score += 1
    by_name = {parameter.name: parameter for parameter in parameters}
    for name, value in named.items():
        if name not in by_name:
            continue
        if not fits(by_name[name], value):
            kind = str(by_name[name]).partition(": ")[2].partition(" = ")[0]
            return score, f"Argument mismatch: keyword argument '{name}' expected {kind}, got {type_name(value)}."
        score += 1
    return score, ""


def _rest(given: Sequence[Any]) -> Sequence[Any]:
    """What `params` takes: all that is left, or the one sequence that is."""
    alone = given[0] if len(given) == 1 else None
    return alone if isinstance(alone, (list, tuple)) else tuple(given)


def _distance(one: str, two: str) -> int:
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(two, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def _closest(name: str, known: Sequence[str]) -> str | None:
    most = max(2, len(name) // 3)
    near = [
        (distance, other)
        for other in known
        if (distance := _distance(name, other)) <= most
        or (min(len(name), len(other)) >= SHORTEST and (name in other or other in name))
    ]
    return min(near)[1] if near else None


def binding(name: str) -> Binder:
    """Binder of a method of the algorithm's.

    Raises
    ------
    KeyError
        LEAN has no method of that name, or the engine binds it by itself.
    """
    found = read(declared.METHODS).get(name) or read(declared_indicators.METHODS)[name]
    return Binder(name, found)


def taking(binder: Binder, function: Callable[..., Any]) -> Callable[..., Any]:
    """A method that takes what a binder takes; the function behind it gets it by LEAN's names."""

    @wraps(function)
    def call(self: Any, *places: Any, **named: Any) -> Any:
        return function(self, **binder.bind(places, named))

    return call


def bound(cls: T) -> T:
    """Class decorator: methods take what LEAN's overloads of the same name take, and get it by LEAN's names."""
    names = read(declared.METHODS).keys() | read(declared_indicators.METHODS).keys()
    for name, function in list(vars(cls).items()):
        if name in names and callable(function):
            setattr(cls, name, taking(binding(name), function))
    return cls
