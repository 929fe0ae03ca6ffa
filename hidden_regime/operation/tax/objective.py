"""Figures after tax, for a search to go by."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hidden_regime.exceptions import DataError
from hidden_regime.experiments.trials.digests import digest_of
from hidden_regime.operation.tax.after_tax import curve_figures
from hidden_regime.operation.tax.choosing import FIFO, HIFO, METHODS
from hidden_regime.operation.tax.rates import Rates, read_rates
from hidden_regime.operation.tax.reckoning import report_of
from hidden_regime.operation.tax.sources import events_of_run
from hidden_regime.research.backtest import equity_of
from hidden_regime.simulator.loop.engine import Run
from hidden_regime.simulator.run_state import run_state_of

NAME = "after-tax"
SHOWS = ("__init__.py", "figures.py", "folder.py", "page.py", "template.py")
"""Sources on which no figure depends."""


@dataclass(frozen=True)
class AfterTax:
    """Objectives of a run's equity less the tax that was due by each day, with all that is held sold at the end.

    They are "After-Tax.Net Profit", "After-Tax.Compounding Annual Return", "After-Tax.Sharpe Ratio", "After-Tax.Drawdown" and
    "After-Tax.Tax".

    Parameters
    ----------
    rates : Rates
    method : str
        "fifo" or "hifo".

    Examples
    --------
    >>> from decimal import Decimal
    >>> from datetime import date
    >>> from hidden_regime.experiments import optimize
    >>> from hidden_regime.operation.tax.rates import Rate
    >>> rates = Rates(date(2024, 1, 2), "an example", (Rate(2000, 2012, Decimal("0.35"), Decimal("0.15")),))
    >>> study = optimize("basic_regime_switching", {"retrain": ["quarterly"]}, method="grid", workers=1, store=None,
    ...                  end=date(2003, 12, 31), objective="After-Tax.Net Profit", figures=[AfterTax(rates)])
    >>> study.best.values[0] < float(study.best.statistics["Net Profit"].rstrip("%")) / 100
    True
    """

    rates: Rates
    method: str = FIFO

    def __post_init__(self) -> None:
        if self.method not in (FIFO, HIFO):
            raise DataError(f"method {self.method!r}: expected {FIFO} or {HIFO}, of {', '.join(METHODS)}, for lots of trials.")

    @classmethod
    def read(cls, path: str | Path, method: str = FIFO) -> AfterTax:
        """With the rates of a file: see `read_rates`."""
        return cls(read_rates(path), method)

    @property
    def name(self) -> str:
        """The first part of the paths."""
        return NAME

    @property
    def key(self) -> str:
        """Digest of the rates, the method and the sources that reckon."""
        rows = [(one.first, one.last, str(one.short), str(one.long)) for one in self.rates.rates]
        return digest_of(NAME, rows, self.method, _sources())

    def of(self, run: Run) -> dict[str, float]:
        """Figures of a run.

        Raises
        ------
        DataError
            The rates say nothing of a year with gains, or lots aren't what the account holds.
        """
        equity = equity_of(run)["equity"]
        if not len(equity):
            return {}
        securities = run_state_of(run.algorithm).securities.values()
        held = {one.symbol.value: one.holdings.quantity for one in securities if one.holdings.quantity}
        prices = {one.symbol.value: one.price for one in securities}
        report = report_of("trial", events_of_run(run), self.method, self.rates, at=equity.index[-1].date(), prices=prices)
        found = {symbol: float(shares) for symbol, shares in report.positions.items()}
        if found != held:
            raise DataError(f"the lots hold {found}, and the account {held}: expected the same, of the run's fills and splits.")
        return curve_figures(report.sold_out().after_tax(equity))


@cache
def _sources() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.name not in SHOWS:
            digest.update(path.read_bytes())
    return digest.hexdigest()
