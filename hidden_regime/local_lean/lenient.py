"""LEAN's files as they come: of any age, with names in either case, numbers as texts, and `[]` where a mapping is empty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hidden_regime.data.unpacking import read_json
from hidden_regime.local_lean.errors import LeanResultsError


def mapping(value: object) -> dict[str, Any]:
    """A mapping of what stands where one belongs: an empty one is written `[]`, or null, or left out."""
    return {str(key): one for key, one in value.items()} if isinstance(value, Mapping) else {}


def texts(value: object) -> dict[str, str]:
    """A mapping of texts, whatever they were written as; nulls are left out.

    Examples
    --------
    >>> texts({"Total Orders": 27, "Drawdown": "19.300%", "none": None}), texts([])
    ({'Total Orders': '27', 'Drawdown': '19.300%'}, {})
    """
    return {name: str(one) for name, one in mapping(value).items() if one is not None}


def camelled(name: str) -> str:
    """A name with a small letter in front, as LEAN writes them since 2023.

    Examples
    --------
    >>> camelled("TotalPerformance"), camelled("ID"), camelled("orders")
    ('totalPerformance', 'id', 'orders')
    """
    return name.lower() if name.isupper() else name[:1].lower() + name[1:]


def record(value: Any) -> Any:
    """What is written with names of LEAN's own, at any depth; a strategy's parameters keep theirs."""
    if isinstance(value, Mapping):
        return {camelled(str(name)): one if camelled(str(name)) == "parameters" else record(one) for name, one in value.items()}
    return [record(one) for one in value] if isinstance(value, list) else value


def _each(inner: Callable[[Any], Any]) -> Callable[[Any], dict[str, Any]]:
    return lambda value: {name: inner(one) for name, one in mapping(value).items()}


def _chart(value: Any) -> dict[str, Any]:
    shallow = {camelled(name): one for name, one in mapping(value).items()}
    return {**shallow, "series": _each(record)(shallow.get("series"))}


LAYOUT: dict[str, Callable[[Any], Any]] = {
    "charts": _each(_chart), "orders": _each(record), "rollingWindow": _each(record), "profitLoss": mapping,
    "statistics": texts, "runtimeStatistics": texts, "serverStatistics": texts, "state": texts,
    "totalPerformance": record, "algorithmConfiguration": record,
}  # fmt: skip
"""What each part of a result is: names of the user's and of statistics stay as they are."""


def result_of(content: Any) -> dict[str, Any]:
    """The content of a result file, as LEAN writes it today.

    Examples
    --------
    >>> result_of({"Statistics": {"Sharpe Ratio": 0.5}, "TotalPerformance": {"TradeStatistics": {"TotalFees": "1"}}})
    {'statistics': {'Sharpe Ratio': '0.5'}, 'totalPerformance': {'tradeStatistics': {'totalFees': '1'}}}
    """
    known = {camelled(name): one for name, one in mapping(content).items()}
    return {name: LAYOUT[name](one) if name in LAYOUT else one for name, one in known.items()}


def read_object(path: Path) -> dict[str, Any]:
    """A file that holds a mapping.

    Raises
    ------
    LeanResultsError
        It can't be read; it is named.
    """
    content = read_any(path)
    if not isinstance(content, Mapping):
        raise LeanResultsError(f"{path} holds a {type(content).__name__}: expected an object of JSON, as LEAN writes it.")
    return mapping(content)


def read_any(path: Path) -> Any:
    """What a file of JSON holds.

    Raises
    ------
    LeanResultsError
        It can't be read; it is named.
    """
    try:
        return read_json(path)
    except (OSError, ValueError) as error:
        raise LeanResultsError(
            f"{path} can't be read ({type(error).__name__}: {str(error)[:200]}): expected JSON, as LEAN writes it. The run "
            "may be going on, or was killed as it wrote: run it again."
        ) from error
