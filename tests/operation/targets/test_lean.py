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
        self.folder, self.ran, self.fails, self.now = folder, [], 0, NOW
        self.file = folder / "lean" / "L-3875119070.json"

    def write(self, state="Running", holdings=None, orders=None, cash=1000.0):
        told = {
            "charts": {}, "orders": orders or {}, "holdings": holdings or {},
            "cash": {"USD": {"symbol": "USD", "amount": cash, "conversionRate": 1.0, "valueInAccountCurrency": cash}},
            "state": {"Status": state, "Hostname": "x"},
        }  # fmt: skip
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(told), encoding="utf-8")
        os.utime(self.file, (self.now.timestamp(), self.now.timestamp()))

    def minute(self):
        """It writes again what it holds."""
        self.now += timedelta(seconds=60)
        os.utime(self.file, (self.now.timestamp(), self.now.timestamp()))

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
    return LeanTarget(lean, tmp_path / "Project", "live-paper", tmp_path / "lean", lambda: lean.now)


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
    outcome = panic(target, deadline=60.0, pause=lambda _: lean.minute(), seconds=lambda: float(next(seconds)))
    assert outcome.is_flat and target.portfolio().cash == 5000.0
    assert ("cancel-order", lean.ran[0][1], "--order-id", "2") in lean.ran


def test_what_was_written_before_it_was_told_to_sell_is_never_flat(lean, target):
    target.start()
    lean.write()  # nothing is held, it says, and then something is bought
    commands, now = [], [0.0]

    def told(*arguments):
        commands.append(arguments[1])
        return ""

    target._lean = told  # it takes the command, and its file isn't written anew
    outcome = panic(target, deadline=30.0, pause=lambda s: now.__setitem__(0, now[0] + s), seconds=lambda: now[0])
    assert not outcome.is_flat and "before LEAN was told to sell" in outcome.said[0] and "liquidate" in commands
    lean.now += timedelta(seconds=60)
    lean.write()
    assert panic(target, deadline=30.0, pause=lambda s: None, seconds=lambda: 0.0).is_flat


def test_an_order_whose_end_nobody_tells_keeps_nothing_from_being_sold(lean, target):
    target.start()
    ran, now = [], [0.0]

    def deaf(*arguments):  # orders are cancelled, and the file doesn't say so
        ran.append((arguments[1], now[0]))
        return ""

    target._lean = deaf
    outcome = panic(target, deadline=180.0, pause=lambda s: now.__setitem__(0, now[0] + s), seconds=lambda: now[0])
    assert not outcome.is_flat and min(at for what, at in ran if what == "liquidate") == 90.0


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
