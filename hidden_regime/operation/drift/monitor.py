"""All tests of a deployment against what it is compared with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from hidden_regime.experiments.honesty.holm import holm
from hidden_regime.operation.drift import windows
from hidden_regime.operation.drift.draws import N_DRAWS
from hidden_regime.operation.drift.inactivity import silence_of
from hidden_regime.operation.drift.reference import (
    WINDOW,
    Reference,
    daily_bars,
    feature_values,
    live_returns,
    read_reference,
    tickers_of,
)
from hidden_regime.operation.drift.returns import FEWEST, RATE, fall_of, growth_band
from hidden_regime.operation.journal import Journal

LOOK_RATE = 0.01
"""Share of looks without a change at which any of the distances calls for somebody."""
FINER = 300
"""Draws for each distance of a look: so many that the least p, times the number of distances, is below that rate."""


@dataclass(frozen=True)
class Finding:
    """What a test says.

    Attributes
    ----------
    test : str
        "returns", "orders", "ks", "psi" or "log-loss".
    subject : str
        What it is of.
    value, limit : float
        What was seen, and what it is compared with: a limit, or of a distance what is usual.
    p : float or None
        Adjusted by Holm's rule for all distances of the look; None of what has a limit instead.
    drifted : bool
    said : str
        In words.
    """

    test: str
    subject: str
    value: float
    limit: float
    p: float | None
    drifted: bool
    said: str


@dataclass(frozen=True)
class Monitored:
    """A deployment against what it is compared with.

    Attributes
    ----------
    name, against : str
        The deployment, and the backtest; the latter empty without one.
    days : int
        Its trading days.
    findings : tuple of Finding
    skipped : tuple of str
        What wasn't tested, and why.
    growth : float or None
        What a dollar became.
    band : tuple of two floats or None
        In what 90 of 100 backtests drawn again lie after so many days.
    """

    name: str
    against: str
    days: int
    findings: tuple[Finding, ...]
    skipped: tuple[str, ...]
    growth: float | None
    band: tuple[float, float] | None

    @property
    def drifted(self) -> bool:
        """Whether any test says so."""
        return any(one.drifted for one in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"schema": 1, **asdict(self), "drifted": self.drifted}


def monitor(journal: Journal, name: str, against: Path | None = None, *, seed: int = 0) -> Monitored:
    """Test a deployment's returns, orders, features and regimes.

    Parameters
    ----------
    journal : Journal
    name : str
        The deployment.
    against : Path, optional
        Folder of its backtest, study or walk-forward. Without one only features are tested, against the bars before its first
        day.
    seed : int
        The same journal and seed give the same findings.

    Raises
    ------
    ParameterError, StudyError
        The folder holds no results.

    Notes
    -----
    Of years without a change the test of returns calls 5% for one, and of looks the distances, all together, 1%, where days are
    independent. Where moves cluster it is more: a backtest has not seen how wild a year can be. docs/watching.md has what was
    measured. Of a backtest's gaps between orders 1% are longer than the limit of the test of orders.
    """
    journal.deployment(name)
    reference = None if against is None else read_reference(against)
    days, returns = live_returns(journal, name)
    findings: list[Finding] = []
    skipped: list[str] = []
    band = None
    if reference is None:
        skipped.append("returns, orders and regimes: nothing was given to compare with")
    elif len(reference.returns) < FEWEST or not float(np.ptp(reference.returns)) > 0.0:
        skipped.append(f"returns: the backtest has fewer than {FEWEST} days that vary")
    elif not len(returns):
        skipped.append("returns: no trading day is over")
    else:
        findings.append(_returns(reference, days, returns, seed))
        found = growth_band(reference.returns, len(returns), seed=seed)
        band = float(found.low[-1]), float(found.high[-1])
    if reference is not None:
        _orders(journal, name, reference, days, findings, skipped)
    findings += _distances(journal, name, reference, skipped, seed)
    growth = float(np.prod(1.0 + returns)) if len(returns) else None
    return Monitored(name, "" if reference is None else reference.name, len(days), tuple(findings), tuple(skipped), growth, band)


def _returns(reference: Reference, days: list[date], returns: Any, seed: int) -> Finding:
    fall = fall_of(reference.returns, returns, seed=seed)
    worst = float(fall.sums.max())
    said = f"Page's sum came to {worst:.1f} of {fall.limit:.1f}, which {RATE:.0%} of years drawn from the backtest pass"
    if fall.first is not None:
        said = f"below the backtest's: {said}; passed on {days[len(days) - len(fall.sums) + fall.first]}"
    return Finding("returns", "deployment", worst, fall.limit, None, fall.first is not None, said)


def _orders(journal: Journal, name: str, reference: Reference, days: list[date], findings: list[Finding],
            skipped: list[str]) -> None:  # fmt: skip
    orders = [date.fromisoformat(row.market_time[:10]) for row in journal.order_events(name)]
    found = silence_of(reference.gaps, days, orders)
    if found is None:
        skipped.append("orders: the backtest's folder has no two days of orders" if days else "orders: no trading day is over")
        return
    of = "99% of" if found.n_gaps >= 100 else "all"
    said = f"none for {found.days} trading days; {of} the backtest's {found.n_gaps} gaps are at most {found.limit:g}"
    findings.append(Finding("orders", "deployment", float(found.days), found.limit, None, found.is_long, said))


def _distances(journal: Journal, name: str, reference: Reference | None, skipped: list[str], seed: int) -> list[Finding]:
    """Features of each asset and regimes, all as one family."""
    asked: list[Callable[[int], list[windows.Distance]]] = []
    for ticker in tickers_of(journal, name):
        bars, before = daily_bars(journal, name, ticker)
        for feature, values in feature_values(bars).items():
            past, live = values[max(before - WINDOW, 0) : before], values[before:]
            past, live = past[np.isfinite(past)], live[np.isfinite(live)]
            if len(past) < FEWEST or len(live) < windows.LATEST:
                skipped.append(
                    f"{ticker} {feature}: {len(past)} bars before the first day and {len(live)} since; it takes 60 of both"
                )
                continue
            asked.append(
                lambda n, s=f"{ticker} {feature}", p=past, v=live: windows.distances(s, p, v, n_draws=n, seed=seed)  # type: ignore[misc]
            )
    regimes: dict[str, list[str]] = {}
    for time, ticker, regime, _ in journal.regimes(name):
        if time[:10] >= journal.deployment(name).spec.start:
            regimes.setdefault(ticker, []).append(regime)
    for ticker, states in regimes.items() if reference is not None else ():
        then = reference.regimes.get(ticker, []) if reference is not None else []
        if len(then) < FEWEST or len(states) < windows.LATEST:
            skipped.append(f"{ticker} regimes: {len(then)} bars in the backtest and {len(states)} since; it takes 60 of both")
            continue
        asked.append(
            lambda n, s=f"{ticker} regimes", p=then, v=states: windows.regime_distances(s, p, v, n_draws=n, seed=seed)  # type: ignore[misc]
        )
    n_draws = max(N_DRAWS, FINER * 2 * len(asked))
    found = [one for call in asked for one in call(n_draws)]
    adjusted = holm([one.p for one in found]).tolist() if found else []
    return [
        Finding(one.measure, one.subject, one.value, one.usual, p, p <= LOOK_RATE,
                f"{one.value:.2f}, usual is {one.usual:.2f}; p {p:.3f} of {len(found)} distances together")
        for one, p in zip(found, adjusted, strict=True)
    ]  # fmt: skip
