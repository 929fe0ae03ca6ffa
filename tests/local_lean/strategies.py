"""Strategies to run: small, over a few months of daily bars."""

from __future__ import annotations

import json

CROSS = '''from AlgorithmImports import *
import time


class Cross(QCAlgorithm):
    """Two moving averages; `fail`, `idle` and `wait` make a run that is none."""

    def initialize(self):
        self.set_start_date(2010, 1, 4)
        self.set_end_date(2010, 6, 30)
        self.set_cash(100000)
        self.spy = self.add_equity("SPY", Resolution.DAILY).symbol
        self.fast = self.sma(self.spy, self.get_parameter("fast", 5), Resolution.DAILY)
        self.slow = self.sma(self.spy, self.get_parameter("slow", 20), Resolution.DAILY)
        self.share = self.get_parameter("share", 0.9)
        self.word = self.get_parameter("word", "")

    def on_data(self, data):
        if self.word == "wait":
            time.sleep(0.1)
        if self.word == "fail" and self.time.month == 4:
            raise ValueError("told to fail")
        if not self.slow.is_ready or self.spy not in data.bars or self.word == "idle":
            return
        wish = self.share if self.fast.current.value > self.slow.current.value else 0.0
        if bool(wish) != self.portfolio[self.spy].invested:
            self.set_holdings(self.spy, wish)
            self.log(f"{self.share} {wish}")
'''


def write_project(folder, parameters=None, source=CROSS):
    """A project of lean-cli's."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.py").write_text(source, encoding="utf-8")
    config = {"algorithm-language": "Python", "parameters": parameters or {}, "local-id": 1}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder
