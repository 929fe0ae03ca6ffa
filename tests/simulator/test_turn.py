"""Strategies take turns in a process."""

from __future__ import annotations

import threading

import pytest

from hidden_regime.data import make_market
from hidden_regime.exceptions import StrategyError
from hidden_regime.simulator import run_file
from hidden_regime.simulator.turn import alone

STRATEGY = """
from AlgorithmImports import *
import helper

class Named(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2012, 1, 3)
        self.set_end_date(2012, 1, 10)
        self.add_equity("SYN_MARKET", Resolution.DAILY)
        self.log(helper.NAME)
"""


def strategy_in(folder, name):
    folder.mkdir()
    (folder / "helper.py").write_text(f"NAME = {name!r}\n", encoding="utf-8")
    (folder / f"{name}.py").write_text(STRATEGY, encoding="utf-8")
    return folder / f"{name}.py"


def test_a_second_thread_is_refused_and_each_strategy_has_its_own_helper(tmp_path):
    market = make_market(n_days=900).market
    files = {name: strategy_in(tmp_path / name, name) for name in ("first", "second")}
    told = {}

    def run(name):
        try:
            told[name] = run_file(files[name], market)
        except StrategyError as error:
            told[name] = error

    with alone():  # a run of this thread goes on
        thread = threading.Thread(target=run, args=("second",))
        thread.start()
        thread.join()
        run("first")
    assert isinstance(told["second"], StrategyError)
    assert "another thread runs a strategy" in str(told["second"])
    assert any("first" in line for line in told["first"].algorithm._sim.logs.lines)
    thread = threading.Thread(target=run, args=("second",))
    thread.start()
    thread.join()
    assert any("second" in line for line in told["second"].algorithm._sim.logs.lines)


def test_a_run_that_fails_lets_the_next_one_in(tmp_path):
    with pytest.raises(ZeroDivisionError), alone():
        raise ZeroDivisionError
    with alone():
        pass
