"""Sets of parameters around one: each parameter a step up or down, alone and together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from itertools import product
from typing import NamedTuple

import numpy as np

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.reads import Read
from hidden_regime.experiments.space import Choice, Parameter, Space
from hidden_regime.experiments.space.numbers import text_of
from hidden_regime.experiments.space.parameter import LARGEST_WHOLE

TENTH = Decimal("0.1")
ENUMERATED = 20_000
"""Joint sets up to which all are listed; of more some are drawn."""


class Neighbours(NamedTuple):
    """Values beside a parameter's own, as texts.

    Attributes
    ----------
    name, value : str
    down, up : str or None
        None where the declared space ends.
    how : str
        "a step" of the declared space, or "10%".
    """

    name: str
    value: str
    down: str | None
    up: str | None
    how: str

    @property
    def texts(self) -> tuple[str, ...]:
        """Those that there are."""
        return tuple(text for text in (self.down, self.up) if text is not None)


def neighbours_of(
    reads: Mapping[str, Read], values: Mapping[str, str], space: Space | None
) -> tuple[list[Neighbours], list[str]]:
    """What each numeric parameter is moved to, and notes on those that aren't moved.

    Parameters
    ----------
    reads : mapping of str to Read
        What the strategy asks for.
    values : mapping of str to str
        What it is given; others have their defaults.
    space : Space, optional
        What is moved, by its steps; without it all numbers are moved, by 10%.

    Raises
    ------
    ParameterError
        No parameter can be moved.
    """
    found, notes = [], []
    declared = {} if space is None else {one.name: one for one in space.with_kinds({n: r.kind for n, r in reads.items()})}
    for name in declared or reads:
        read = reads[name]
        text = values[name] if name in values else text_of(read.default)
        value = _number(text) if read.kind in (int, float) or name in declared else None
        if value is None:
            if name in declared:
                notes.append(f"{name} = {text} is no number and stays as it is")
            continue
        one = _beside(name, text, value, declared.get(name), whole=read.kind is int)
        if one.texts:
            found.append(one)
        else:
            notes.append(f"{name} = {text} has no value beside it and stays as it is")
    if not found:
        what = "the declared space" if declared else "what the strategy reads"
        raise ParameterError("parameters", sorted(reads), f"at least one number in {what} that can be moved")
    return found, notes


def _beside(name: str, text: str, value: Decimal, declared: Parameter | None, *, whole: bool) -> Neighbours:
    if isinstance(declared, Choice):
        numbers = sorted((number, other) for other in declared.values() if (number := _number(other)) is not None)
        down = [other for number, other in numbers if number < value][-1:]
        up = [other for number, other in numbers if number > value][:1]
        return Neighbours(name, text, next(iter(down), None), next(iter(up), None), "a step")
    step = None if declared is None else declared.step
    how = "10%" if step is None else "a step"
    if step is None:
        step = abs(value) * TENTH
        if whole:
            step = max(step.quantize(Decimal(1), ROUND_HALF_EVEN, Context(prec=60)), Decimal(1))
    ends = []
    for moved in (value - step, value + step):
        inside = declared is None or declared.low <= moved <= declared.high
        good = step > 0 and inside and (not whole or abs(moved) <= LARGEST_WHOLE)
        ends.append(_written(moved, whole=whole) if good else None)
    return Neighbours(name, text, ends[0], ends[1], how)


def _written(value: Decimal, *, whole: bool) -> str:
    if whole:
        return f"{value.to_integral_value():f}"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def sets_around(neighbours: list[Neighbours], most: int, seed: int) -> list[dict[str, str]]:
    """Sets of what is moved: all single steps, and joint ones up to so many in all.

    The first sets are the same whatever the count. A joint one moves at least two parameters, each down, up or not at all with
    equal probability.
    """
    singles = [{one.name: text} for one in neighbours for text in one.texts]
    joint: list[dict[str, str]] = []
    for drawn in _joint(neighbours, seed):
        if len(singles) + len(joint) >= most:
            break
        joint.append(drawn)
    return singles + joint


def _joint(neighbours: list[Neighbours], seed: int) -> Iterator[dict[str, str]]:
    """Different sets in which two or more are moved, in an order by chance."""
    rng = np.random.default_rng(seed)
    choices: list[tuple[str | None, ...]] = [(None, *one.texts) for one in neighbours]
    count = 1
    for one in choices:
        count *= len(one)
    if count <= ENUMERATED:
        every = list(product(*choices))
        drawn: Iterator[tuple[str | None, ...]] = (every[place] for place in rng.permutation(count))
    else:
        drawn = (tuple(one[int(rng.integers(len(one)))] for one in choices) for _ in range(ENUMERATED))
    seen = set()
    for texts in drawn:
        if sum(text is not None for text in texts) < 2 or texts in seen:
            continue
        seen.add(texts)
        yield {one.name: text for one, text in zip(neighbours, texts, strict=True) if text is not None}
