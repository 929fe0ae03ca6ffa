"""Runs a strategy's text, and reads what it did."""

from __future__ import annotations

from hidden_regime.simulator import run_file

HEAD = """from AlgorithmImports import *
from hidden_regime.quantconnect import HiddenRegimeAlgorithm, HiddenRegimeAlgorithmOptimized, with_regimes

"""


def run(tmp_path, market, text, name="strategy.py", **options):
    """The run of a strategy; its failure is raised."""
    path = tmp_path / name
    path.write_text(text)
    done = run_file(path, market, **options)
    if done.error is not None:
        raise done.error
    done.algorithm._sim.logs.flush()
    return done


def orders(done):
    """Orders of a run."""
    return [(o.time, o.symbol.value, o.quantity, o.price) for o in done.algorithm._sim.book.orders.values()]
