"""Statistics of an optimisation's backtests, which come as a bare list or as an object, as equal named fractions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from hidden_regime.cloud.reading import number

NAMES = (
    "Alpha", "Annual Standard Deviation", "Annual Variance", "Average Loss", "Average Win", "Beta", "Compounding Annual Return",
    "Drawdown", "Estimated Strategy Capacity", "Expectancy", "Information Ratio", "Loss Rate", "Net Profit",
    "Probabilistic Sharpe Ratio", "Profit-Loss Ratio", "Sharpe Ratio", "Total Fees", "Total Orders", "Tracking Error",
    "Treynor Ratio", "Win Rate", "Sortino Ratio", "Start Equity", "End Equity", "Drawdown Recovery",
)  # fmt: skip
"""By place; the list has the first 21, the object may have all."""
PERCENT = frozenset({"Average Loss", "Average Win", "Compounding Annual Return", "Drawdown", "Loss Rate", "Net Profit",
                     "Probabilistic Sharpe Ratio", "Win Rate"})  # fmt: skip
"""Those that come as per cent without the sign: 17.8 for a drawdown of 0.178. Targets and constraints are fractions."""
OTHER_NAMES = {"Total Trades": "Total Orders"}
"""As it was called before 2024."""


def statistics(value: Any) -> dict[str, float]:
    """Statistics by LEAN's names, all of them fractions.

    Parameters
    ----------
    value : list, dict or None
        A list by place, in which values may be missing; an object by place ("0", "1", ...) or by name; `[]` and None are none.

    Returns
    -------
    dict of str to float
        What came as no number is left out. A name that nobody knows here keeps its value as it came.

    Examples
    --------
    >>> statistics([None] * 7 + [17.8])
    {'Drawdown': 0.178}
    >>> statistics({"7": "17.8", "21": 1.5})
    {'Drawdown': 0.178, 'Sortino Ratio': 1.5}
    """
    if isinstance(value, Mapping):
        pairs = [(_name(str(key)), one) for key, one in value.items()]
    elif isinstance(value, (list, tuple)):
        pairs = [(_name(str(place)), one) for place, one in enumerate(value)]
    else:
        pairs = []
    found: dict[str, float] = {}
    for name, one in pairs:
        try:
            read = number(one)
        except (TypeError, ValueError):
            continue
        if math.isfinite(read):
            found[name] = _decimal_shift(read) if name in PERCENT else read
    return found


def _name(key: str) -> str:
    if key.isascii() and key.isdigit() and int(key) < len(NAMES):
        return NAMES[int(key)]
    known = {_folded(name): name for name in (*NAMES, *OTHER_NAMES)}
    found = known.get(_folded(key), key)
    return OTHER_NAMES.get(found, found)


def _folded(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())


def _decimal_shift(value: float) -> float:
    """A hundredth, as decimals have it: 17.8 is 0.178, where a division of floats would say 0.17800000000000002."""
    from decimal import Decimal

    return float(Decimal(repr(value)) / 100)
