"""A tear sheet: LEAN's statistics of what the journal has of a deployment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from hidden_regime.data.decimals import ZERO, SystemDecimal
from hidden_regime.exceptions import ParameterError
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.reporting.days import fees, fills
from hidden_regime.simulator.account.ledger import Ledger
from hidden_regime.simulator.clock import from_utc, to_utc
from hidden_regime.simulator.figures.portfolio import Samples, portfolio_figures, summary
from hidden_regime.simulator.figures.sampling import smart

OF_BENCHMARK = ("Alpha", "Beta", "Information Ratio", "Tracking Error", "Treynor Ratio")
"""What a journal can't say: it has no benchmark."""
OF_CLOSINGS = ("Average Win", "Average Loss", "Expectancy", "Loss Rate", "Win Rate", "Profit-Loss Ratio")
RATE = "LEAN's usual interest rate of 1%"


@dataclass(frozen=True)
class TearSheet:
    """Statistics by LEAN's names, as LEAN writes them, and what has to be said of them."""

    statistics: dict[str, str]
    notes: tuple[str, ...]


def tear_sheet(journal: Journal, name: str, *, until: str = "9999") -> TearSheet:
    """LEAN's statistics of a deployment, by its midnights.

    Parameters
    ----------
    journal : Journal
    name : str
        The deployment.
    until : str
        Samples up to this UTC time, and events up to this time, as a journal writes them; by default all.

    Raises
    ------
    ParameterError
        Less than three nights have been sampled.

    Notes
    -----
    LEAN samples equity at each midnight, and between them for drawdowns; a journal has the midnights. So Drawdown and Drawdown
    Recovery are those of nights, and every other figure is LEAN's.
    """
    journal.deployment(name)
    kept = [(datetime.fromisoformat(time), value) for time, value in journal.equity(name) if time <= until]
    if len(kept) < 3:
        raise ParameterError("name", name, "a deployment of at least three nights", f"The journal has {len(kept)}.")
    values = [value for _, value in kept]
    events = [row for row in journal.order_events(name) if row.market_time <= until]
    samples = Samples([(time, _sampled(value)) for time, value in kept], _returns(kept), [(time, 0.0) for time, _ in kept],
                      _turnover(journal, name, kept))  # fmt: skip
    split = _splits(journal, name)
    closed = {} if split else _closed(journal, name, until)
    statistics = summary(
        portfolio_figures(samples, values[0], closed, []),
        len({row.order for row in events}),
        SystemDecimal.of(float(fees(events))),
    )
    notes = [f"the journal has no benchmark, so there are no {', '.join(OF_BENCHMARK)}; ratios are over {RATE}",
             "Drawdown and Drawdown Recovery are of nights"]  # fmt: skip
    left = OF_BENCHMARK + (OF_CLOSINGS if split else ())
    if split:
        notes.append(f"{', '.join(split)} was split: the journal's fills alone don't say what a position cost")
    return TearSheet({key: value for key, value in statistics.items() if key not in left}, tuple(notes))


def _sampled(value: float) -> float:
    rounded = round(value, 4)
    return rounded if rounded > 1000.0 else smart(rounded)


def _returns(kept: list[tuple[datetime, float]]) -> list[tuple[datetime, float]]:
    """Percent, as the sampler rounds them: of the first midnight nothing."""
    out, last = [], kept[0][1]
    for time, value in kept:
        out.append((time, smart(round((value - last) * 100.0 / last, 10)) if last and value != last else 0.0))
        last = value
    return out


def _turnover(journal: Journal, name: str, kept: list[tuple[datetime, float]]) -> list[float]:
    """Dollars traded between two midnights, as a share of the value at the second."""
    filled = [(to_utc(datetime.fromisoformat(one.time)), float(abs(one.amount))) for one in fills(journal.order_events(name))]
    out = []
    for (since, _), (time, value) in zip(kept, kept[1:], strict=False):
        volume = sum(amount for when, amount in filled if since < when <= time)
        out.append(smart(volume / value) if value and volume else 0.0)
    return out


def _closed(journal: Journal, name: str, until: str) -> dict[datetime, SystemDecimal]:
    """What each closing earned, as LEAN books it."""
    ledgers: dict[str, Ledger] = {}
    held: dict[str, SystemDecimal] = {}
    out: dict[datetime, SystemDecimal] = {}
    for one in fills(journal.order_events(name)):
        if one.time > until:
            break
        quantity, price = SystemDecimal.of(one.quantity), SystemDecimal.of(one.price)
        before = held.get(one.ticker, ZERO)
        net = ledgers.setdefault(one.ticker, Ledger()).fill(before, quantity, price, quantity * price, SystemDecimal.of(one.fee))
        held[one.ticker] = before + quantity
        if net is not None:
            free = to_utc(datetime.fromisoformat(one.time))
            while free in out:
                free += timedelta(milliseconds=1)
            out[free] = net
    return out


def _splits(journal: Journal, name: str) -> list[str]:
    """Tickers that were split while the deployment ran."""
    first = journal.deployment(name).spec.start
    kept = journal.equity(name)
    last = from_utc(datetime.fromisoformat(kept[-1][0])).date().isoformat() if kept else first
    found = []
    for (ticker,) in journal.file.rows("SELECT DISTINCT ticker FROM listings WHERE deployment = ? ORDER BY ticker", name):
        rows = json.loads(journal.listings(name, ticker)[-1][1])["factors"]
        # A row's factor counts up to its day: what it differs in from the next one came the day after.
        if any(a[2] != b[2] and first <= a[0] <= last for a, b in zip(rows, rows[1:], strict=False)):
            found.append(ticker)
    return found
