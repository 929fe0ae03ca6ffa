"""Clean series, and a deployment whose bars, equity and regimes are invented."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from hidden_regime.operation.journal import Journal, journal_of
from hidden_regime.operation.journal.records import BarRow, OrderRow, Spec, stamp

DAYS = [one.date() for one in pd.bdate_range("2009-01-01", "2013-12-31")]
START = 504
"""The place of the deployment's first day among the days."""
CHAIN = np.array([[0.96, 0.03, 0.01], [0.03, 0.94, 0.03], [0.01, 0.03, 0.96]])
NAMES = ("Bear", "Sideways", "Bull")


def independent(rng, n):
    return rng.normal(0.0005, 0.01, n)


def clustered(rng, n):
    """GARCH(1, 1) with Student's shocks of 6 degrees: moves that cluster as a stock market's do."""
    variance, out = 1.0, []
    for _ in range(n + 200):
        shock = np.sqrt(variance) * rng.standard_t(6) / np.sqrt(1.5)
        out.append(shock)
        variance = 0.05 + 0.07 * shock**2 + 0.88 * variance
    return 0.0005 + 0.01 * np.array(out[200:])


def chain(rng, n):
    state, out = 0, []
    for uniform in rng.random(n):
        state = int(np.searchsorted(CHAIN[state].cumsum(), uniform, side="right"))
        out.append(NAMES[state])
    return out


def invented(folder: Path, *, seed: int = 3, n_live: int = 90, wild: float = 1.0, fall: float = 0.0, flips: bool = False,
             order_days: tuple[int, ...] = (2, 40, 85)) -> Journal:  # fmt: skip
    """A deployment called "one" of one asset, two years of bars before it."""
    rng = np.random.default_rng(seed)
    journal = journal_of(folder)
    spec = Spec("s.py", "0" * 64, "s.py", "us_stocks", "playback", DAYS[START].isoformat())
    journal.deploy("one", spec, "2026-01-01T17:00:00.000Z")
    days = DAYS[: START + n_live]
    moves = independent(rng, len(days)) * np.where(np.arange(len(days)) < START, 1.0, wild)
    close, bars = 100.0, []
    for day, move in zip(days, moves, strict=True):
        opened, close = close, close * float(np.exp(move))
        wick = 1.0 + 0.5 * abs(move) + 0.002 * rng.random()
        high, low = max(opened, close) * wick, min(opened, close) / wick
        bars.append(BarRow("SYN", 1440, day.isoformat(), 0, opened, high, low, close, 1000.0, None))
    returns = independent(rng, n_live) - fall * 0.01
    states = chain(rng, n_live)
    if flips:
        states = [NAMES[i % 3] for i in range(n_live)]
    with journal.file.transaction() as db:
        journal.add_bars(db, "one", bars, "")
        values, day = 100_000.0, DAYS[START]
        db.execute("INSERT INTO equity VALUES ('one', 0, ?, ?)", (f"{day}T05:00:00.000000", values))
        by_day = dict(zip(days[START:], returns, strict=True))
        number = 0
        while day <= days[-1]:
            values *= 1.0 + float(by_day.get(day, 0.0))
            day, number = day + timedelta(days=1), number + 1
            db.execute("INSERT INTO equity VALUES ('one', ?, ?, ?)", (number, f"{day}T05:00:00.000000", values))
        for i, (day, name) in enumerate(zip(days[START:], states, strict=True)):
            time = stamp(datetime.combine(day, datetime.min.time()) + timedelta(hours=16))
            db.execute("INSERT INTO regimes VALUES ('one', 'SYN', ?, ?, ?, 0.9)", (i, time, name))
        for i, place in enumerate(order_days):
            time = f"{days[START + place]}T16:00:00.000000"
            row = OrderRow(i, time, i + 1, 1, "SYN", "MARKET", "FILLED", 1.0, 1.0, 100.0, 1.0, "")
            db.execute("INSERT INTO order_events VALUES ('one', ?, ?, ?)", (i, time, row.told))
    return journal


def results(folder: Path, *, seed: int = 1, n: int = 1000, gaps: tuple[int, ...] = (5, 20, 30)) -> Path:
    """The folder of a backtest of invented days."""
    rng = np.random.default_rng(seed)
    days = [date(2004, 1, 5) + timedelta(days=7 * (i // 5) + i % 5) for i in range(n)]
    equity = 100_000.0 * np.cumprod(np.concatenate([[1.0], 1.0 + independent(rng, n - 1)]))
    folder.mkdir(parents=True, exist_ok=True)
    index = pd.Index(days, name="date")
    pd.DataFrame({"equity": equity, "benchmark": np.nan}, index=index).to_csv(folder / "equity.csv")
    places = np.cumsum([0, *gaps])
    orders = [(i, f"{days[p]} 16:00:00", "SYN", "MARKET", 1.0, "FILLED", 1.0, 1.0, "") for i, p in enumerate(places)]
    heads = ["id", "time", "symbol", "type", "quantity", "status", "price", "fee", "tag"]
    pd.DataFrame(orders, columns=heads).to_csv(folder / "orders.csv", index=False)
    pd.DataFrame({"time": days, "ticker": "SYN", "regime": chain(rng, n)}).to_csv(folder / "regimes.csv", index=False)
    told = {"strategy": "invented", "statistics": {}, "trainings": 0, "error": "", "data": {"name": "", "origin": ""}}
    (folder / "statistics.json").write_text(json.dumps(told))
    return folder
