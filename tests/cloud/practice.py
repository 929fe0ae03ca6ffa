"""What tests of the practice cloud share: a strategy of a few months, its project, and a client that doesn't wait long."""

from __future__ import annotations

import json
import time

from hidden_regime.cloud import Credentials, QuantConnect

CROSSING = '''from AlgorithmImports import *


class Crossing(QCAlgorithm):
    """Two moving averages over a third of a year, from a Tuesday on; `word` makes a run that fails."""

    def initialize(self):
        self.set_start_date(2004, 1, 6)
        self.set_end_date(2004, 4, 30)
        self.set_cash(100000)
        self.set_benchmark("SP500")
        word = self.get_parameter("word", "")
        self.asset = self.add_equity("NOWHERE" if word == "never" else "MSFT", Resolution.DAILY).symbol
        self.fast = self.sma(self.asset, int(self.get_parameter("fast", 3)))
        self.slow = self.sma(self.asset, int(self.get_parameter("slow", 10)))

    def on_data(self, data):
        if self.get_parameter("word", "") == "fail" and self.time.month == 3:
            raise ValueError("told to fail")
        if not self.slow.is_ready:
            return
        wish = 0.9 if self.fast.current.value > self.slow.current.value else 0.0
        if bool(wish) != self.portfolio[self.asset].invested:
            self.set_holdings(self.asset, wish)
            self.log(f"to {wish}")
'''


def write_project(folder, source=CROSSING, parameters=None, **files):
    """A project's folder; `files` are modules beside main.py."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.py").write_text(source, encoding="utf-8")
    for name, content in files.items():
        (folder / f"{name}.py").write_text(content, encoding="utf-8")
    if parameters is not None:
        (folder / "config.json").write_text(json.dumps({"parameters": parameters, "local-id": 1}), encoding="utf-8")
    return folder


def client(cloud, token="practice"):
    """A client whose pauses are short."""
    return QuantConnect(
        Credentials("1", token), base_url=cloud.url, requests_per_minute=1e9, sleep=lambda seconds: time.sleep(min(seconds, 0.02))
    )
