"""The ways to write what a parameter may be: 10:50:5, SPY,TLT, a list, a table."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hidden_regime.data.offers import offered
from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.space.parameter import Choice, Parameter, Range

FORMS = "low:high:step, low:high, a,b,c, or a list of values"
KEYS = ("low", "high", "step", "min_step", "whole", "values")


def parameter_of(name: str, given: Any) -> Parameter:
    """What a parameter may be, from any of the ways to write it.

    Parameters
    ----------
    name : str
    given : Range, Choice, str, list, tuple, range, mapping, or a single value
        A text is "10:50:5" (low, high, step), "10:50", or values between commas; a mapping has `low`, `high` and perhaps
        `step`, `min_step`, `whole`, or it has `values`.

    Examples
    --------
    >>> parameter_of("fast", "10:50:20").values(), parameter_of("asset", "SPY,TLT").values()
    (('10', '30', '50'), ('SPY', 'TLT'))
    >>> parameter_of("fast", range(10, 20, 3)).values(), parameter_of("share", {"low": 0, "high": 1, "step": 0.5}).values()
    (('10', '13', '16', '19'), ('0.0', '0.5', '1.0'))
    """
    if isinstance(given, (Range, Choice)):
        if given.name != name:
            raise ParameterError(name, given, f"a {type(given).__name__} of this name")
        return given
    if isinstance(given, str):
        return _from_text(name, given)
    if isinstance(given, range):
        return _from_range(name, given)
    if isinstance(given, Mapping):
        return from_table(name, given)
    if isinstance(given, (list, tuple)):
        return Choice(name, tuple(given))
    if given is None or hasattr(given, "__iter__"):
        raise ParameterError(name, given, FORMS)
    return Choice(name, (given,))


def _from_text(name: str, text: str) -> Parameter:
    parts: list[Any] = [part.strip() for part in text.split(":")]
    if len(parts) == 1:
        texts = tuple(part.strip() for part in text.split(","))
        if not all(texts):
            raise ParameterError(name, text, FORMS, "A value between the commas is empty.")
        return Choice(name, texts)
    if len(parts) > 3 or not all(_is_number(part) for part in parts):
        raise ParameterError(name, text, FORMS, "A text with a colon goes into a list, as in ['9:30'].")
    return Range(name, *parts)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _from_range(name: str, given: range) -> Range:
    if not given:
        raise ParameterError(name, given, "a range with numbers in it", "This one is empty.")
    if given.step < 0:
        given = given[::-1]
    low, high, step = Decimal(given[0]), Decimal(given[-1]), Decimal(given.step)
    return Range(name, low, high, step, whole=True)


def from_table(name: str, given: Mapping[str, Any]) -> Parameter:
    """A parameter from a table such as {low = 10, high = 50, step = 5} or {values = ["SPY", "TLT"]}."""
    for key in given:
        if key not in KEYS:
            raise ParameterError(name, key, "a key that a parameter has", offered(str(key), KEYS).capitalize())
    if "values" in given:
        if len(given) > 1:
            raise ParameterError(name, dict(given), "either values, or low and high")
        if not isinstance(given["values"], (list, tuple)):
            raise ParameterError(name, given["values"], "a list of values")
        return Choice(name, tuple(given["values"]))
    if "low" not in given or "high" not in given:
        raise ParameterError(name, dict(given), "low and high, or values")
    whole = given.get("whole", False)
    if not isinstance(whole, bool):
        raise ParameterError(f"{name}: whole", whole, "true or false")
    return Range(name, given["low"], given["high"], given.get("step"), given.get("min_step"), whole)
