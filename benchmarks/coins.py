"""How long minutes of two coins take: as rows of numbers, of which a bar is made when somebody looks, and bar by bar."""

from __future__ import annotations

import os
import statistics
import tempfile
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from time import process_time
from unittest.mock import patch

import numpy as np

from hidden_regime.data import LeanFolder
from hidden_regime.simulator import run_file
from hidden_regime.simulator.loop.around import AroundTheClock

GOAL, YEAR, MINUTES = 12.0, 365, 1440
BEGIN, COINS = date(2017, 1, 1), {"btcusd": 1000.0, "ethusd": 10.0}
MONTHLY = """
from AlgorithmImports import *

class Monthly(QCAlgorithm):
    def initialize(self):
        self.set_start_date({begin:%Y, %-m, %-d})
        self.set_end_date({end:%Y, %-m, %-d})
        self.set_cash(100_000)
        self.coins = [self.add_crypto(ticker, Resolution.MINUTE).symbol for ticker in ("BTCUSD", "ETHUSD")]
        self.set_benchmark(lambda time: 1.0)
        self.month = None

    def on_data(self, data):
        if self.time.month != self.month:
            self.month = self.time.month
            for coin in self.coins:
                self.set_holdings(coin, 0.4)
        {looks}
"""
LOOKS = "for coin in self.coins:\n            bar, quote = data.bars.get(coin), data.quote_bars.get(coin)"


def main(quick: bool = False) -> None:
    """Print processor seconds of a strategy that looks at few minutes, and of one that looks at each; files are read anew."""
    days, repeats = (20, 3) if quick else (YEAR, 2)
    print(f"{os.cpu_count()} cores, one used; processor seconds, the least of {repeats} after a first run, by turns")
    with tempfile.TemporaryDirectory() as folder:
        market = _market(Path(folder), days)
        end = BEGIN + timedelta(days=days - 1)
        for name, looks in (("looks at few", ""), ("looks at each", LOOKS)):
            path = Path(folder) / "monthly.py"
            path.write_text(MONTHLY.format(begin=BEGIN, end=end, looks=looks), encoding="utf-8")
            _report(
                f"{days} days of two coins' minutes, trades and quotes; {name}",
                lambda path=path: run_file(path, market),
                days,
                repeats,
            )  # type: ignore[misc]


def _market(folder: Path, days: int) -> LeanFolder:
    """Random walks: quotes of each minute, and trades of nearly all."""
    rng = np.random.default_rng(1)
    for coin, price in COINS.items():
        home = folder / "crypto" / "coinbase" / "minute" / coin
        home.mkdir(parents=True)
        for day in (BEGIN + timedelta(days=n) for n in range(days)):
            closes = price * np.exp(np.cumsum(rng.normal(0.0, 0.0008, MINUTES)))
            opens = np.concatenate([[price], closes[:-1]])
            price = float(closes[-1])
            bars = np.column_stack([opens, np.maximum(opens, closes) * 1.0003, np.minimum(opens, closes) * 0.9997, closes])
            times, traded = np.arange(MINUTES) * 60_000, rng.random(MINUTES) > 0.03
            volumes = rng.gamma(2.0, 1.0, MINUTES)
            _write(home, coin, day, "trade", np.column_stack([times, bars, volumes])[traded])
            bids, asks = ((bars + half).round(2) for half in (-0.05, 0.05))
            _write(home, coin, day, "quote", np.column_stack([times, bids, np.full(MINUTES, 1.5), asks, np.full(MINUTES, 2.0)]))
    return LeanFolder(folder, synthetic=True)


def _write(home: Path, coin: str, day: date, kind: str, rows: np.ndarray) -> None:
    text = "".join(f"{row[0]:.0f},{','.join(f'{value:.2f}' for value in row[1:])}\n" for row in rows.tolist())
    with zipfile.ZipFile(home / f"{day:%Y%m%d}_{kind}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{day:%Y%m%d}_{coin}_minute_{kind}.csv", text)


def _report(name: str, run: Callable[[], object], days: int, repeats: int) -> None:
    rows, bars = [], []
    for _ in range(repeats + 1):
        rows.append(_seconds(run))
        with patch.object(AroundTheClock, "_in_rows", lambda self, end: None):
            bars.append(_seconds(run))
    least, alone = min(rows[1:]), min(bars[1:])
    ratio = statistics.median(a / b for a, b in zip(rows[1:], bars[1:], strict=True))
    goal = f" (goal {GOAL:g})" if days == YEAR else ""
    print(f"\n{name}")
    print(f"  as rows {least:.2f} s{goal}, bar by bar {alone:.2f} s: {ratio:.2f} of it, median of {repeats} pairs")
    print(f"  {4 * MINUTES * days / least:,.0f} bars and quotes a second")


def _seconds(run: Callable[[], object]) -> float:
    begin = process_time()
    run()
    return process_time() - begin
