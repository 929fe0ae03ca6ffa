"""LEAN by its command line as a target: what is run, and what its file says. No LEAN runs here: the file is written by hand, as
LiveTradingResultHandler of LEAN 24863901d writes it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from hidden_regime.local_lean.errors import LeanFailed
from hidden_regime.operation.errors import TargetError
from hidden_regime.operation.panic import panic
from hidden_regime.operation.targets.base import RUNS, STOPPED, UNKNOWN
from hidden_regime.operation.targets.lean import LeanTarget

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)


class Lean:
    """Takes lean-cli's live commands, and does to a file what LEAN does."""

    def __init__(self, folder):
        self.folder, self.ran, self.fails = folder, [], 0
        self.file = folder / "lean" / "L-3875119070.json"

    def write(self, state="Running", holdings=None, orders=None, cash=1000.0):
        told = {
            "charts": {}, "orders": orders or {}, "holdings": holdings or {},
            "cash": {"USD": {"symbol": "USD", "amount": cash, "conversionRate": 1.0, "valueInAccountCurrency": cash}},
            "state": {"Status": state, "Hostname": "x"},
        }  # fmt: skip
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(told), encoding="utf-8")
        os.utime(self.file, (NOW.timestamp() - 60, NOW.timestamp() - 60))

    def told(self):
        return json.loads(self.file.read_text(encoding="utf-8"))

    def __call__(self, *arguments):
        self.ran.append(arguments[1:])
        if self.fails:
            self.fails -= 1
            raise LeanFailed("lean live: the container is gone")
        if arguments[1] == "deploy":
            self.write(holdings=HELD, orders=ORDERS)
        elif arguments[1] == "liquidate":
            self.write(orders=self.told()["orders"], cash=5000.0)
        elif arguments[1] == "cancel-order":
            orders = self.told()["orders"] | {arguments[-1]: {"id": int(arguments[-1]), "status": 5, "quantity": 1}}
            self.write(holdings=self.told()["holdings"], orders=orders)
        elif arguments[1] == "stop":
            self.write("Stopped", holdings=self.told()["holdings"])
        return ""


HELD = {"SPY": {"a": 400.0, "q": 10, "p": 410.0, "v": 4100.0, "u": 100.0}, "TLT": {"a": 90.0, "q": 0, "p": 91.0}}
ORDERS = {"1": {"id": 1, "symbol": {"value": "SPY"}, "status": 3, "quantity": 10}, "2": {"id": 2, "symbol": {"value": "SPY"}, "status": 1, "quantity": -3}}  # fmt: skip


@pytest.fixture
def lean(tmp_path):
    return Lean(tmp_path)


@pytest.fixture
def target(lean, tmp_path):
    return LeanTarget(lean, tmp_path / "Project", "live-paper", tmp_path / "lean", lambda: NOW)


def test_it_is_deployed_once_and_read(lean, target, tmp_path):
    assert target.state() == STOPPED
    target.start()
    target.start()
    assert lean.ran == [
        ("deploy", str(tmp_path / "Project"), "--environment", "live-paper", "--output", str(tmp_path / "lean"), "--detach")
    ]
    assert target.state() == RUNS
    assert target.portfolio().positions == {"SPY": 10.0} and target.portfolio().cash == 1000.0
    assert [(one.id, one.ticker, one.quantity) for one in target.orders()] == [(2, "SPY", -3.0)]
    target.stop()
    assert target.state() == STOPPED and target.portfolio().positions == {"SPY": 10.0}


@pytest.mark.parametrize("fails", [0, 1, 2, 3])
def test_the_kill_switch_cancels_sells_and_reads_again(lean, target, fails):
    target.start()
    lean.fails = fails
    seconds = iter(range(10**6))
    outcome = panic(target, deadline=60.0, pause=lambda _: None, seconds=lambda: float(next(seconds)))
    assert outcome.is_flat and target.portfolio().cash == 5000.0
    assert ("cancel-order", lean.ran[0][1], "--order-id", "2") in lean.ran


def test_what_is_too_old_or_unreadable_is_not_believed(lean, target):
    target.start()
    old = (NOW - timedelta(minutes=16)).timestamp()
    os.utime(lean.file, (old, old))
    assert target.state() == UNKNOWN
    with pytest.raises(TargetError, match="16 minutes old"):
        target.portfolio()
    lean.file.write_text("{", encoding="utf-8")
    os.utime(lean.file, (NOW.timestamp(), NOW.timestamp()))
    with pytest.raises(TargetError, match="can't be read"):
        target.orders()
    lean.write(holdings={"SPY": {"a": 400.0}})
    with pytest.raises(TargetError, match="doesn't say what is held"):
        target.portfolio()


def test_a_command_that_fails_is_told(lean, target):
    lean.fails = 1
    with pytest.raises(TargetError, match="the container is gone"):
        target.start()
