"""One-step-ahead densities of real daily returns: ours against GARCH-t, GJR-t, an average of ranges and hmmlearn.

`python -m benchmarks forecast [--quick] [--lean=FOLDER]`; FOLDER is LEAN's data folder, for SPY and others.
"""

from __future__ import annotations

import importlib.util
import logging
import sys
import warnings

import numpy as np

from benchmarks.densities.ours import our_densities
from benchmarks.densities.rivals import garch, hmmlearn, range_ewma
from benchmarks.densities.scores import LAGS, christoffersen, hac_t, kupiec
from benchmarks.densities.series import LOOKBACK, Density, Series, all_series

GARCH, GJR, RANGES = "GARCH(1,1)-t", "GJR-GARCH-t", "range-EWMA-t"
LEVELS = (0.01, 0.05)
OPTION = "--lean="


def densities(series: Series) -> dict[str, Density]:
    """Of all models that can be had here."""
    found = our_densities(series)
    if importlib.util.find_spec("arch"):
        found |= {GARCH: garch(series, leverage=False), GJR: garch(series, leverage=True)}
    found[RANGES] = range_ewma(series)
    if importlib.util.find_spec("hmmlearn"):
        found["hmmlearn on returns"] = hmmlearn(series)
    return found


def rows(found: dict[str, Density]) -> tuple[int, dict[str, list[float]]]:
    """Bars that all densities speak of, and the figures of each over them, in the order of a line."""
    both = np.all([np.isfinite(one.below) for one in found.values()], axis=0)
    table = {}
    for title, one in found.items():
        log, figures = one.log[both], [float(one.log[both].mean())]
        for rival in (GARCH if GARCH in found else RANGES, GJR if GJR in found else RANGES):
            lead = log - found[rival].log[both]
            figures += [float(lead.mean()), hac_t(lead) if title != rival and np.isfinite(lead).all() else np.nan]
        figures.append(float(log.min()))
        for q in LEVELS:
            hits = one.below[both] < q
            figures += [100.0 * float(hits.mean()), kupiec(hits, q), *christoffersen(hits, q)]
        table[title] = figures
    return int(both.sum()), table


HEAD = f"{'':29}{'log':>8}{'GARCH':>9} {'':8}{'GJR':>9} {'':8}{'worst':>7}" + "".join(
    f"{f'{q:.0%} VaR':>9}  Kupiec indep. both " for q in LEVELS
)


def line(title: str, figures: list[float]) -> str:
    """A row of the table."""
    mean, lead, t, lead_gjr, t_gjr, worst, *risk = figures
    said = f"{title:29}{mean:8.4f}  {lead:+.4f} {_t(t)}  {lead_gjr:+.4f} {_t(t_gjr)} {worst:7.1f}"
    for i in range(len(LEVELS)):
        share, *p = risk[4 * i : 4 * i + 4]
        said += f"   {share:5.2f}%" + "".join(f" {value:.3f}{' ' if value >= 0.05 else '*'}" for value in p)
    return said


def _t(t: float) -> str:
    return "        " if np.isnan(t) else f"(t{t:5.1f})"


def main(quick: bool = False) -> None:
    """Print each series' table, the mean lead, and how many tests of value at risk were passed."""
    logging.getLogger("hmmlearn").setLevel(logging.CRITICAL)
    folder = next((a.removeprefix(OPTION) for a in sys.argv if a.startswith(OPTION)), None)
    print(f"Log returns of real days, each from what was known the day before; rivals fitted monthly on {LOOKBACK} bars.")
    print(
        f"Mean log density in nats; leads over GARCH-t and GJR-t with t ({LAGS} lags, Newey-West); worst day; share of days below"
    )
    print("the 1% and 5% quantiles with p of Kupiec, of independence and of both together (Christoffersen); * is below .05.")
    if not importlib.util.find_spec("arch"):
        print(f"arch isn't installed, so GARCH and GJR are left out and leads are over {RANGES}.")
    if folder is None and not quick:
        print(f"SPY and others are left out: {OPTION}FOLDER names LEAN's data folder.")
    leads: dict[str, list[list[float]]] = {}
    for series in all_series(folder, quick=quick):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            n, table = rows(densities(series))
        print(f"\n{series.name}, {n} days\n{HEAD}")
        for title, figures in table.items():
            print(line(title, figures), flush=True)
            leads.setdefault(title, []).append(figures)
    print("\nmean leads over GARCH-t and GJR-t; tests passed at .05: Kupiec, independence, both together, at 1% and at 5%")
    for title, many in leads.items():
        figures = np.array(many)
        passed = " ".join(f"{int((figures[:, i] >= 0.05).sum())}" for i in (7, 8, 9, 11, 12, 13))
        print(f"{title:29}{figures[:, 1].mean():+.4f}  {figures[:, 3].mean():+.4f}   {passed} of {len(many)}")
