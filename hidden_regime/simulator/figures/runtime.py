"""The line of figures that LEAN shows while it runs, at the end of a run."""

from __future__ import annotations

from collections.abc import Mapping

from hidden_regime.data.decimals import HUNDRED, ZERO, SystemDecimal, total
from hidden_regime.simulator.account.portfolio import Portfolio


def money(value: SystemDecimal) -> str:
    """Dollars and cents: half a cent goes away from zero."""
    return f"${value.fixed(2, thousands=True)}"


def runtime_statistics(account: Portfolio, statistics: Mapping[str, str], capital: float) -> dict[str, str]:
    """LEAN's figures by name.

    Parameters
    ----------
    statistics : mapping
        The table of statistics, of which one is shown here too.
    capital : float
        Account value at the start.
    """
    worth = [SystemDecimal.of(s.holdings.quantity) * SystemDecimal.of(s.price) for s in account.held.values()]
    value = account.exact_cash + account.exact_unsettled + total(worth)
    start = SystemDecimal.of(capital)
    gained = (value - start) / start * HUNDRED if start.n > 0 else ZERO
    return {
        "Equity": money(value),
        "Fees": f"-{money(account.exact_fees)}",
        "Holdings": money(total([abs(amount) for amount in worth])),
        "Net Profit": money(account.exact_net_profit),
        "Probabilistic Sharpe Ratio": statistics.get("Probabilistic Sharpe Ratio", "0%"),
        "Return": f"{gained.fixed(2, thousands=True)} %",
        "Unrealized": money(account.exact_unrealized_profit),
        "Volume": money(account.exact_sale_volume),
    }
