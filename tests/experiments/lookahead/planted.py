"""Strategies that know the future, each in a way of its own, and others that don't."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from hidden_regime.data.tables import TableMarket
from tests.experiments.small import write_strategy

BASE = """from AlgorithmImports import *
from pathlib import Path
import numpy as np
import pandas as pd


class Planted(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2010, 6, 1)
        self.set_end_date(2010, 12, 31)
        self.asset = self.add_equity("UP", Resolution.DAILY).symbol
        close = {read}
        self.signal = {signal}

    def on_data(self, data):
        day = pd.Timestamp(self.time.date())
        if day in self.signal.index:
            wanted = 1.0 if self.signal[day] > 0 else 0.0
            if bool(wanted) != self.portfolio.invested:
                self.set_holdings(self.asset, wanted)
"""
CSV = 'pd.read_csv(Path(__file__).with_name("up.csv"), parse_dates=["date"], index_col="date")["close"]'
LINE = "self.set_holdings(self.asset, wanted)"
TOMORROW = "close.shift(-1) / close - 1"
SHIFTED = "(close.rolling(3).mean() - close.rolling(8).mean()).shift(-2)"
SCALED = "(close.pct_change() - close.pct_change().mean()) / close.pct_change().std()"
SMOOTHED = "smoothed(close)"
HONEST = "close.rolling(3).mean() - close.rolling(8).mean()"
SMOOTHING = '''

def smoothed(close):
    """Probability of the rising state, of a model and a smoother that have seen all of the days."""
    from hidden_regime import GaussianHMM

    returns = np.log(close).diff().dropna()
    model = GaussianHMM(n_states=2).fit(returns.to_numpy()[:, None])
    weights = model.predict_proba(returns.to_numpy()[:, None])
    rising = int(np.argmax(weights.T @ returns.to_numpy()))
    return pd.Series(weights[:, rising] - 0.5, returns.index)
'''
OFFENDERS = {"tomorrow": TOMORROW, "shifted": SHIFTED, "scaled": SCALED, "smoothed": SMOOTHED}

WITHIN_THE_DAY = '''from AlgorithmImports import *
from pathlib import Path
import pandas as pd


class Planted(QCAlgorithm):
    """Decides ten minutes before the close by what the close will be."""

    def initialize(self):
        self.set_start_date(2010, 6, 1)
        self.set_end_date(2010, 12, 31)
        self.asset = self.add_equity("UP", Resolution.DAILY).symbol
        self.bars = pd.read_csv(Path(__file__).with_name("up.csv"), parse_dates=["date"], index_col="date")
        self.schedule.on(self.date_rules.every_day("UP"), self.time_rules.before_market_close("UP", 10), self.decide)

    def decide(self):
        day = pd.Timestamp(self.time.date())
        before = self.bars["close"][self.bars.index < day]
        if len(before) and day in self.bars.index:
            rises = self.bars["close"][day] > before.iloc[-1]
            if rises != self.portfolio.invested:
                self.market_on_close_order(self.asset, 100 if rises else -100)
'''
DRAWN = """from AlgorithmImports import *
import random


class Planted(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2010, 6, 1)
        self.set_end_date(2010, 12, 31)
        self.asset = self.add_equity("UP", Resolution.DAILY).symbol

    def on_data(self, data):
        self.market_order(self.asset, random.SystemRandom().randint(1, 9))
"""
IDLE = """from AlgorithmImports import *


class Planted(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2010, 6, 1)
        self.set_end_date(2010, 12, 31)
        self.add_equity("UP", Resolution.DAILY)
"""
SLOW_INDICATOR = '''from AlgorithmImports import *


class Planted(QCAlgorithm):
    """An average that never quite forgets, warmed up over all there is."""

    def initialize(self):
        self.set_start_date(2010, 9, 1)
        self.set_end_date(2010, 12, 31)
        self.asset = self.add_equity("UP", Resolution.DAILY).symbol
        self.average = self.ema("UP", 40, Resolution.DAILY)
        self.set_warm_up(170, Resolution.DAILY)

    def on_data(self, data):
        if self.is_warming_up or not self.average.is_ready:
            return
        wanted = round(min(1.0, max(0.0, 20 * (self.securities["UP"].price / self.average.current.value - 1))), 6)
        self.set_holdings(self.asset, wanted)
'''
N_DAYS = 260
"""Days of the market: from January 2010 to the end of the year."""


def bars() -> pd.DataFrame:
    """Bars of an asset that rises for some weeks and falls for some."""
    days = pd.bdate_range("2010-01-04", periods=N_DAYS, name="date")
    drift = np.where(np.arange(N_DAYS) // 22 % 2 == 0, 0.008, -0.007)
    close = (100 * np.exp(np.cumsum(drift + np.random.default_rng(3).normal(0.0, 0.01, N_DAYS)))).round(2)
    return pd.DataFrame({"open": close, "high": close + 1, "low": close - 1, "close": close, "volume": 1e6}, index=days)


def market() -> TableMarket:
    """The asset alone."""
    return TableMarket({"UP": bars()}, name="small", origin="invented", benchmark="UP", assets=("UP",))


def write_planted(folder: Path, signal: str = HONEST, read: str = CSV, name: str = "planted.py") -> Path:
    """A strategy that reads prices by itself, and these prices beside it."""
    path = write_strategy(folder, BASE.replace("{read}", read).replace("{signal}", signal) + SMOOTHING, name)
    bars().to_csv(folder / "up.csv")
    return path
