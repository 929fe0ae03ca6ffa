"""The line of figures that LEAN shows while it runs, at the end of a run."""

from __future__ import annotations

from collections.abc import Mapping

from hidden_regime.data.decimals import HUNDRED, ZERO, SystemDecimal, total
from hidden_regime.simulator.account.portfolio import Portfolio


def money(value: SystemDecimal, sign: str = "$") -> str:
    """An amount with two decimals, such as dollars and cents: half a cent goes away from zero."""
    return f"{sign}{value.fixed(2, thousands=True)}"


def runtime_statistics(account: Portfolio, statistics: Mapping[str, str], capital: float | SystemDecimal) -> dict[str, str]:
    """LEAN's figures by name.

    Parameters
    ----------
    statistics : mapping
        The table of statistics, of which one is shown here too.
    capital : float or SystemDecimal
        Account value at the start.
    """
    sign = account.cash_book.own.currency_symbol
    worth = [
        SystemDecimal.of(s.holdings.quantity) * SystemDecimal.of(s.price) * s.quote_cash.exact_rate for s in account.held.values()
    ]
    value, start = account.exact_value, capital if isinstance(capital, SystemDecimal) else SystemDecimal.of(capital)
    gained = (value - start) / start * HUNDRED if start.n > 0 else ZERO
    return {
        "Equity": money(value, sign),
        "Fees": f"-{money(account.exact_fees, sign)}",
        "Holdings": money(total([abs(amount) for amount in worth]), sign),
        "Net Profit": money(account.exact_net_profit, sign),
        "Probabilistic Sharpe Ratio": statistics.get("Probabilistic Sharpe Ratio", "0%"),
        "Return": f"{gained.fixed(2, thousands=True)} %",
        "Unrealized": money(account.exact_unrealized_profit, sign),
        "Volume": money(account.exact_sale_volume, sign),
    }
