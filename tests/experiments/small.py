"""A small market, and strategies whose best parameters are known."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hidden_regime.data.synthetic import make_market
from hidden_regime.data.tables import TableMarket
from hidden_regime.experiments import Objective

START, END = date(2010, 6, 1), date(2010, 6, 30)
SCORE = Objective("Statistics.Score", literal=True)
"""A figure of the strategy's own, of which the best is known exactly."""
GRID = {"fast": "10:50:5", "share": "0.01:0.09:0.01"}
BEST = {"fast": "35", "share": "0.04"}

PLANTED = '''from AlgorithmImports import *
from pathlib import Path


class Planted(QCAlgorithm):
    """Buys a share, and ends with a score whose top is at fast 35 and share 0.04."""

    def initialize(self):
        self.set_start_date(2010, 6, 1)
        self.set_end_date(2010, 6, 30)
        self.fast, self.share = self.get_parameter("fast", 20), self.get_parameter("share", 0.05)
        self.word = self.get_parameter("word", "none")
        self.asset = self.add_equity("UP", Resolution.DAILY).symbol
        if self.word == "crash":
            raise ValueError("told to crash")

    def on_data(self, data):
        if not self.portfolio.invested and self.word != "idle":
            self.set_holdings(self.asset, self.share)

    def on_end_of_algorithm(self):
        self.set_summary_statistic("Score", score(self.fast, self.share))
        with open(Path(__file__).with_name("ran.txt"), "a") as file:
            file.write(f"{self.fast} {self.share} {self.word}\\n")


def score(fast, share):
    return 100 - (fast - 35) ** 2 - (100 * share - 4) ** 2
'''

HOLD = '''from AlgorithmImports import *


class Hold(QCAlgorithm):
    """Holds a share of the market in every second month of so many."""

    def initialize(self):
        self.share, self.every = self.get_parameter("share", 0.5), self.get_parameter("every", 2)
        self.asset = self.add_equity("SYN_MARKET", Resolution.DAILY).symbol

    def on_data(self, data):
        wanted = self.share if self.time.month % self.every == 0 else 0
        if bool(wanted) != self.portfolio.invested:
            self.set_holdings(self.asset, wanted)
'''


def score(fast: float, share: float) -> float:
    """What `PLANTED` scores, worked out here."""
    return 100 - (fast - 35) ** 2 - (100 * share - 4) ** 2


def frame(n_days: int = 140, seed: int = 0) -> pd.DataFrame:
    """Bars of an asset that rises more than it falls."""
    rng = np.random.default_rng(seed)
    close = (100 * np.exp(np.cumsum(rng.normal(0.002, 0.01, n_days)))).round(2)
    days = pd.bdate_range("2010-01-04", periods=n_days, name="date")
    return pd.DataFrame({"open": close, "high": close + 1, "low": close - 1, "close": close, "volume": 1e6}, index=days)


@cache
def market(seed: int = 0, **changed: object) -> TableMarket:
    """A market of one asset; nobody changes it."""
    said: dict = {"name": "small", "origin": "invented", "benchmark": "UP", "assets": ("UP",)}
    return TableMarket({"UP": frame(seed=seed)}, **said | changed)


@cache
def three_years() -> TableMarket:
    """Three years of sessions from 2010-01-04."""
    return make_market(n_days=757).market


def write_prices(folder: Path, seed: int = 0) -> Path:
    """The small market as a file."""
    path = folder / "prices.csv"
    frame(seed=seed).assign(ticker="UP").to_csv(path)
    return path


def write_strategy(folder: Path, text: str = PLANTED, name: str = "planted.py") -> Path:
    """A strategy in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def ran(strategy: Path) -> list[str]:
    """Parameters of the runs that came to their end, in their order."""
    path = strategy.with_name("ran.txt")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def without_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write a word where the page of a study would be: tests of its other files are spared the time."""
    from hidden_regime.experiments.pages import study_page, walk_forward_page

    monkeypatch.setattr(study_page, "study_page", lambda study: "a page")
    monkeypatch.setattr(walk_forward_page, "walk_forward_page", lambda found: "a page")
