"""What one parameter of a strategy may be: a range of numbers, or one of a few texts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeAlias

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.space.numbers import MOST_VALUES, count_between, decimal_of, enumerated, exact, rounded, text_of

LARGEST_WHOLE = 2**31 - 1
"""The largest number that LEAN's `get_parameter` reads as a whole one."""

SILENTLY = "get_parameter can't read such a text as a whole number and would silently answer its default."


def check_name(name: object) -> str:
    """The name of a parameter, which must be a text that isn't empty."""
    if not isinstance(name, str) or not name.strip():
        raise ParameterError("name", name, "the name of a parameter, as get_parameter asks for it")
    return name


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, as LEAN's optimizer has them.

    Parameters
    ----------
    name : str
    low, high : Decimal, or a number or text that makes one
        Both belong to the range. A range of one number is one.
    step : Decimal, optional
        The values are low + k * step, as far as they aren't above `high`. Without it a search takes any number in between.
    min_step : Decimal, optional
        The finest step of a search that refines; `step` where it is left out.
    whole : bool
        Whether the strategy reads a whole number: values are written without a point.

    Raises
    ------
    ParameterError
        `low` above `high`, a step that isn't positive or is below `min_step`, or a fraction in a whole range.

    Examples
    --------
    >>> Range("share", "0.3", "0.9", "0.15").values()
    ('0.30', '0.45', '0.60', '0.75', '0.90')
    >>> Range("fast", 10, 25, 10).values()
    ('10', '20')
    """

    name: str
    low: Decimal
    high: Decimal
    step: Decimal | None = None
    min_step: Decimal | None = None
    whole: bool = False

    def __post_init__(self) -> None:
        check_name(self.name)
        for field in ("low", "high", "step", "min_step"):
            given = getattr(self, field)
            if given is not None or field in ("low", "high"):
                object.__setattr__(self, field, decimal_of(f"{self.name}: {field}", given))
        if self.low > self.high:
            raise ParameterError(f"{self.name}: low", f"{self.low:f}", f"at most high = {self.high:f}", "The range is empty.")
        for field in ("step", "min_step"):
            given = getattr(self, field)
            if given is not None and given <= 0:
                raise ParameterError(f"{self.name}: {field}", f"{given:f}", "a number above 0")
        if self.step is not None and self.min_step is not None and self.step < self.min_step:
            raise ParameterError(f"{self.name}: min_step", f"{self.min_step:f}", f"at most step = {self.step:f}")
        if self.whole:
            for field in ("low", "high", "step"):
                if getattr(self, field) is not None:
                    object.__setattr__(self, field, self._whole(field))

    def _whole(self, field: str) -> Decimal:
        given: Decimal = getattr(self, field)
        if given != given.to_integral_value():
            remedy = f"The strategy reads {self.name} as a whole number: {SILENTLY}"
            raise ParameterError(f"{self.name}: {field}", f"{given:f}", "a whole number", remedy)
        if abs(given) > LARGEST_WHOLE:
            raise ParameterError(f"{self.name}: {field}", f"{given:f}", f"a whole number of at most {LARGEST_WHOLE}", SILENTLY)
        return given.quantize(Decimal(1))

    @property
    def count(self) -> int | None:
        """How many values there are: None where a range has no step, though a whole one has each number in it."""
        if self.step is None:
            return int(self.high - self.low) + 1 if self.whole else None
        return count_between(exact(self.low), exact(self.high), exact(self.step))

    def values(self) -> tuple[str, ...]:
        """All values as LEAN writes them, in rising order.

        Raises
        ------
        ParameterError
            The range has no step, or too many values.
        """
        if self.step is None:
            raise ParameterError(
                f"{self.name}: step", None, "a step, as in 10:50:5", "A range without one has no list of values."
            )
        if (count := self.count or 0) > MOST_VALUES:
            raise ParameterError(
                f"{self.name}: step", f"{self.step:f}", f"at most {MOST_VALUES:,} values", f"These are {count:,}."
            )
        return tuple(str(value) for value in enumerated(exact(self.low), exact(self.high), exact(self.step)))

    def snapped(self, value: Decimal) -> str:
        """The number of the range next to a value, as a text: a whole one (half to even) where the range is whole."""
        if self.whole:
            value = rounded(value, Decimal(1))
        return text_of(min(max(value, self.low), self.high))

    def as_whole(self) -> Range:
        """The same range for a parameter that is read as a whole number."""
        return self if self.whole else replace(self, whole=True)

    def to_dict(self) -> dict[str, Any]:
        """Texts that `Space.from_dict` reads again; JSON can hold them."""
        numbers = {"low": self.low, "high": self.high, "step": self.step, "min_step": self.min_step}
        told: dict[str, Any] = {name: f"{value:f}" for name, value in numbers.items() if value is not None}
        return {"name": self.name, **told, **({"whole": True} if self.whole else {})}


@dataclass(frozen=True)
class Choice:
    """One of a few texts; a single one is what LEAN's optimizer calls a static parameter.

    Parameters
    ----------
    name : str
    texts : tuple of str
        Other values are written as LEAN passes them.

    Examples
    --------
    >>> Choice("asset", ("SPY", "TLT")).values()
    ('SPY', 'TLT')
    >>> Choice("share", (0.5, 1)).values()
    ('0.5', '1')
    """

    name: str
    texts: tuple[str, ...]

    def __post_init__(self) -> None:
        check_name(self.name)
        if isinstance(self.texts, str) or not hasattr(self.texts, "__iter__"):
            raise ParameterError(self.name, self.texts, "a list of values")
        for value in self.texts:
            if value is None or (hasattr(value, "__iter__") and not isinstance(value, str)):
                raise ParameterError(self.name, value, "a text or a number as each of its values")
        texts = tuple(text_of(value) for value in self.texts)
        if not texts:
            raise ParameterError(self.name, self.texts, "at least one value", "The space would be empty.")
        if len(set(texts)) < len(texts):
            raise ParameterError(self.name, list(texts), "each value once")
        object.__setattr__(self, "texts", texts)

    @property
    def count(self) -> int:
        """How many values there are."""
        return len(self.texts)

    def values(self) -> tuple[str, ...]:
        """All values in the order given."""
        return self.texts

    def to_dict(self) -> dict[str, Any]:
        """Texts that `Space.from_dict` reads again; JSON can hold them."""
        return {"name": self.name, "values": list(self.texts)}


Parameter: TypeAlias = Range | Choice
