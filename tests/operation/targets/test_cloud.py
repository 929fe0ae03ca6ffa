"""The cloud under the kill switch while orders are open: none of the practice cloud stay so, and calls are played by hand."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from hidden_regime.cloud.errors import QCError
from hidden_regime.cloud.records.live import LiveStatus
from hidden_regime.operation.panic import panic
from hidden_regime.operation.targets.cloud import CloudTarget


class Live:
    """Something is held, and an order for the open waits; liquidating ends both, `lost` times without an answer."""

    def __init__(self, lost=0):
        self.ended, self.lost, self.liquidated = False, lost, 0

    def latest(self, project):
        return SimpleNamespace(ended=self.ended, status=LiveStatus.RUNNING)

    def orders(self, project):
        return [] if self.ended else [SimpleNamespace(id=3, symbol="SPY", quantity=5.0, status="Submitted")]

    def portfolio(self, project):
        held = {} if self.ended else {"SPY R735QTJ8XC9X": SimpleNamespace(quantity=10.0)}
        return SimpleNamespace(holdings=held, cash={})

    def liquidate(self, project):
        self.liquidated += 1
        if self.lost:
            self.lost -= 1
            raise QCError("no answer")
        self.ended = True


@pytest.mark.parametrize("lost", [0, 1, 3])
def test_an_order_that_waits_for_the_open_keeps_nothing_from_being_sold(lost):
    live, now = Live(lost), [0.0]
    outcome = panic(
        CloudTarget(SimpleNamespace(live=live), 7, None), deadline=60.0,
        pause=lambda seconds: now.__setitem__(0, now[0] + seconds), seconds=lambda: now[0],
    )  # fmt: skip
    assert outcome.is_flat and live.ended and live.liquidated == lost + 1
