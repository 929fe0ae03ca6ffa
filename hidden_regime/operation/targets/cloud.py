"""QuantConnect's cloud as a target: the strategy runs there, and is begun, asked and ended from here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hidden_regime.cloud.errors import NotFound, QCError
from hidden_regime.cloud.records.live import Deployment, LiveStatus
from hidden_regime.cloud.transport import PATIENCE
from hidden_regime.operation.errors import TargetError
from hidden_regime.operation.targets.base import RUNS, STOPPED, UNKNOWN, Account, OpenOrder

if TYPE_CHECKING:
    from hidden_regime.cloud.budget.budget import Budget
    from hidden_regime.cloud.client import QuantConnect

BEGINS = frozenset({LiveStatus.IN_QUEUE, LiveStatus.LOGGING_IN, LiveStatus.INITIALIZING, LiveStatus.HISTORY, LiveStatus.RUNNING})
OPEN = frozenset({"New", "Submitted", "PartiallyFilled", "CancelPending", "UpdateSubmitted"})


class CloudTarget:
    """A project of QuantConnect's.

    Parameters
    ----------
    qc : QuantConnect
    project_id : int
    budget : Budget
        Whose limit `live` must allow one more where it has to be begun.
    node_id : str, optional
        By default the first live node that is free.
    patience : float
        Seconds for the project to be compiled.
    """

    def __init__(self, qc: QuantConnect, project_id: int, budget: Budget, node_id: str | None = None, *,
                 patience: float = PATIENCE) -> None:  # fmt: skip
        self._qc, self._project, self._budget, self._node, self._patience = qc, project_id, budget, node_id, patience

    def _latest(self) -> Deployment | None:
        try:
            return self._qc.live.latest(self._project)
        except QCError as error:
            raise TargetError(error.text) from error

    def state(self) -> str:
        """Whether it trades."""
        found = self._latest()
        if found is None or found.ended:
            return STOPPED
        return RUNS if found.status in BEGINS else UNKNOWN

    def start(self) -> None:
        """Deploy the project as it lies there, unless it trades."""
        if self.state() == RUNS:
            return
        try:
            node = self._node or self._free_node()
            compiled = self._qc.compiles.run(self._project, timeout=self._patience)
            self._qc.live.create(self._project, compiled.compile_id, node, self._budget)
        except QCError as error:
            raise TargetError(error.text) from error

    def _free_node(self) -> str:
        nodes = self._qc.nodes.read(self._project).nodes.live
        free = [one.id for one in nodes if not one.busy]
        if not free:
            raise TargetError(f"project {self._project} has no live node that is free ({len(nodes)} in all): expected one.")
        return free[0]

    def stop(self) -> None:
        """Stop trading; what is held stays."""
        if self.state() == STOPPED:
            return
        try:
            self._qc.live.stop(self._project)
        except NotFound:
            return
        except QCError as error:
            raise TargetError(error.text) from error

    def portfolio(self) -> Account:
        """What is held, by the server's own snapshot, which may be ten minutes old."""
        if self._latest() is None:
            return Account(0.0)
        try:
            found = self._qc.live.portfolio(self._project)
        except QCError as error:
            raise TargetError(error.text) from error
        if found.holdings is None or any(one.quantity is None for one in found.holdings.values()):
            raise TargetError(f"project {self._project}: the server doesn't say what is held.")
        cash = sum(one.value_in_account_currency or one.amount or 0.0 for one in found.cash.values())
        held = {ticker.split(" ")[0]: float(one.quantity or 0.0) for ticker, one in found.holdings.items()}
        return Account(float(cash), {ticker: quantity for ticker, quantity in sorted(held.items()) if quantity})

    def orders(self) -> Sequence[OpenOrder]:
        """Orders that are open. Of a deployment that has ended nothing is: the cloud cancels them."""
        if self.state() == STOPPED:
            return []
        try:
            found = self._qc.live.orders(self._project)
        except QCError as error:
            raise TargetError(error.text) from error
        return [OpenOrder(one.id or 0, one.symbol, float(one.quantity or 0.0)) for one in found if one.status in OPEN]

    def cancel_all(self) -> None:
        """Cancel, sell everything, and stop: the cloud has one call for all three, and none for its orders alone."""
        if self.state() != STOPPED:
            self.flatten()

    def flatten(self) -> None:
        """Cancel, sell everything, and stop; nothing where that is done."""
        if self.state() == STOPPED and self.portfolio().is_flat:
            return
        try:
            self._qc.live.liquidate(self._project)
        except QCError as error:
            raise TargetError(error.text) from error
