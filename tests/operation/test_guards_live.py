"""Guards in paper trading do what they do in a backtest, and the journal tells of them once, also after a kill."""

from __future__ import annotations

from tests.operation.strategies import TURNING
from tests.operation.test_determinism_and_targets import cut_at
from tests.operation.worlds import backtest, deployed, journaled, runner, strategy_at

RULES = """
[guards]
daily_loss = { limit = 0.01, action = "reduce" }
position = { limit = 0.55, action = "reduce" }
drawdown = { limit = 0.012, action = "stop" }
"""


def test_guards_are_equal_and_told_once(tmp_path, monkeypatch):
    journal = deployed(tmp_path, TURNING, rules=RULES)
    tested = backtest(strategy_at(tmp_path / "mine", TURNING), rules=RULES)
    cut_at(monkeypatch, journal, 25)
    assert runner(journal).run() == "ended"
    assert journaled(journal).orders == tested.orders
    told = [line for line in journal.told("one") if line.kind == "guard"]
    assert told and len({(line.market_time, line.said) for line in told}) == len(told)
    assert any("stop" in line.said and line.level == "error" for line in told)
    assert {line.split("regime guard: ", 1)[1] for line in tested.lines if "regime guard: " in line} == {
        line.said for line in told
    }
