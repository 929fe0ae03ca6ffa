"""The parameters that a search varies, in the order in which it does."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hidden_regime.data.offers import offered
from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.space.parameter import SILENTLY, Choice, Parameter, Range
from hidden_regime.experiments.space.spelled import from_table, parameter_of


@dataclass(frozen=True)
class Space:
    """What a search may choose from: ordered, one entry a parameter.

    Parameters
    ----------
    parameters : tuple of Range or Choice

    Raises
    ------
    ParameterError
        There is none, or two have one name.

    Examples
    --------
    >>> space = Space.of({"fast": "10:50:5", "share": "0.01:0.09:0.01"})
    >>> space.names, space.count
    (('fast', 'share'), 81)
    >>> Space.from_dict(space.to_dict()) == space
    True
    """

    parameters: tuple[Parameter, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", tuple(self.parameters))
        if not self.parameters:
            raise ParameterError("space", [], "at least one parameter", "Write for example fast=10:50:5.")
        for one in self.parameters:
            if not isinstance(one, (Range, Choice)):
                raise ParameterError("space", one, "a Range or a Choice")
        for name in self.names:
            if self.names.count(name) > 1:
                raise ParameterError("space", name, "each parameter once")

    @classmethod
    def of(cls, given: Any) -> Space:
        """A space from any of the ways to write one.

        Parameters
        ----------
        given : Space, mapping, or sequence of Range and Choice
            A mapping has for each name what `parameter_of` takes: "10:50:5", "10:50", "a,b,c", a list, a range, a table.
        """
        if isinstance(given, Space):
            return given
        if isinstance(given, (Range, Choice)):
            return cls((given,))
        if isinstance(given, Mapping):
            return cls(tuple(parameter_of(name, value) for name, value in given.items()))
        if isinstance(given, Sequence) and not isinstance(given, (str, bytes)):
            return cls(tuple(given))
        raise ParameterError(
            "space", given, "a Space, a mapping of names to values such as '10:50:5', or a list of Range and Choice"
        )

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters)

    def __len__(self) -> int:
        return len(self.parameters)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters, in order."""
        return tuple(one.name for one in self.parameters)

    @property
    def count(self) -> int | None:
        """How many sets there are; None where a range has no step and takes any number."""
        counts = [one.count for one in self.parameters]
        return None if None in counts else math.prod(count for count in counts if count is not None)

    def to_dict(self) -> dict[str, Any]:
        """A list of tables, for JSON: the order stays whatever sorts the keys."""
        return {"parameters": [one.to_dict() for one in self.parameters]}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Space:
        """What `to_dict` told."""
        listed = told.get("parameters") if isinstance(told, Mapping) else None
        if not isinstance(listed, list) or not all(isinstance(one, Mapping) and "name" in one for one in listed):
            raise ParameterError("space", told, "what Space.to_dict gives: a list of parameters with their names")
        return cls(tuple(from_table(one["name"], {key: one[key] for key in one if key != "name"}) for one in listed))

    def with_kinds(self, kinds: Mapping[str, type]) -> Space:
        """The space as a strategy reads it.

        Parameters
        ----------
        kinds : mapping of str to type
            For each name that the strategy asks `get_parameter` for the type of its default: int, float, bool or str.

        Returns
        -------
        Space
            Ranges of whole numbers are whole.

        Raises
        ------
        ParameterError
            A name that the strategy doesn't read, or a value that it can't: `get_parameter` would silently answer its default.

        Examples
        --------
        >>> Space.of({"fast": "10.0:50.0:20"}).with_kinds({"fast": int}).parameters[0].values()
        ('10', '30', '50')
        """
        for name in self.names:
            if name not in kinds:
                known = sorted(kinds)
                remedy = f"Of parameters {offered(name, known)}"
                raise ParameterError("space", name, "a parameter that the strategy reads", remedy)
        return Space(tuple(_read_as(one, kinds[one.name]) for one in self.parameters))


def _read_as(one: Parameter, kind: type) -> Parameter:
    if isinstance(one, Range):
        if kind is int:
            return one.as_whole()
        return replace(one, whole=False) if kind in (float, bool) else one
    read = {int: _as_whole, float: _as_number, bool: _as_number}.get(kind)
    for text in one.values() if read else ():
        try:
            read(text)  # type: ignore[misc]
        except ValueError:
            wanted = "whole numbers without a point" if kind is int else "numbers" if kind is float else "1 or 0"
            why = SILENTLY if kind is int else SILENTLY.replace("a whole number", "a number")
            raise ParameterError(one.name, text, wanted, f"The strategy reads a {kind.__name__}: {why}") from None
    return one


def _as_whole(text: str) -> None:
    if "_" in text or not -(2**31) <= int(text) < 2**31:
        raise ValueError


def _as_number(text: str) -> None:
    if "_" in text:
        raise ValueError
    float(text.replace(",", ""))
