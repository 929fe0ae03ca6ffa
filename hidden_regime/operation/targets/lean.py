"""LEAN on this machine as a target, by its command line: brokers are LEAN's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hidden_regime.cloud.records.live import Portfolio
from hidden_regime.cloud.records.orders import Order
from hidden_regime.exceptions import RegimeError
from hidden_regime.operation.errors import TargetError
from hidden_regime.operation.targets.base import RUNS, STOPPED, UNKNOWN, Account, OpenOrder
from hidden_regime.operation.targets.cloud import OPEN

OLDEST = timedelta(minutes=15)
"""How old LEAN's file may be, which it writes every minute, for what it says to count."""
ENDED = frozenset({"stopped", "liquidated", "deleted", "completed", "runtimeerror", "invalid", "deployerror"})


class LeanTarget:
    """A project that LEAN trades in Docker.

    Parameters
    ----------
    lean : callable
        Runs lean-cli with some arguments and gives what it says; raises an error of ours where it fails.
    project : Path
        Folder of the project.
    environment : str
        One of lean.json's, which names the broker: "live-paper", "live-interactive".
    output : Path
        Folder into which LEAN writes.
    now : callable
        The machine's time, UTC.
    """

    def __init__(
        self, lean: Callable[..., str], project: Path, environment: str, output: Path, now: Callable[[], datetime]
    ) -> None:
        self._lean, self._project, self._environment, self._output, self._now = lean, project, environment, output, now
        self._sold: datetime | None = None

    def _run(self, *arguments: str) -> str:
        try:
            return self._lean("live", *arguments)
        except RegimeError as error:
            raise TargetError(error.text) from error

    def _result(self) -> Mapping[str, Any]:
        """LEAN's latest file, by names in lower case.

        Raises
        ------
        TargetError
            There is none, or it is too old: nobody knows then.
        """
        found = [path for path in self._output.rglob("L-*.json") if path.stem.count("-") == 1]
        if not found:
            raise TargetError(f"{self._output} has no file L-ID.json: LEAN has not told yet what it holds.")
        latest = max(found, key=lambda path: path.stat().st_mtime)
        age = self._now() - datetime.fromtimestamp(latest.stat().st_mtime, UTC)
        if self._sold is not None and datetime.fromtimestamp(latest.stat().st_mtime, UTC) <= self._sold:
            raise TargetError(f"{latest.name} is of before LEAN was told to sell: what it holds since nobody knows yet.")
        if age > OLDEST:
            raise TargetError(f"{latest.name} is {age.total_seconds() / 60:.0f} minutes old: what LEAN holds now nobody knows.")
        try:
            told = json.loads(latest.read_text(encoding="utf-8"))
            return {str(name).lower(): value for name, value in told.items()}
        except (OSError, ValueError, AttributeError) as error:
            raise TargetError(f"{latest} can't be read ({error}).") from error

    def state(self) -> str:
        """Whether LEAN trades."""
        if not self._output.is_dir():
            return STOPPED
        try:
            state = self._result().get("state") or {}
        except TargetError:
            return UNKNOWN
        status = str({str(key).lower(): value for key, value in state.items()}.get("status", "")).lower()
        return RUNS if status in ("running", "history", "initializing", "loggingin") else STOPPED if status in ENDED else UNKNOWN

    def start(self) -> None:
        """Deploy, unless it trades."""
        if self.state() != RUNS:
            self._run("deploy", str(self._project), "--environment", self._environment, "--output", str(self._output), "--detach")

    def stop(self) -> None:
        """Stop LEAN; what is held stays."""
        if self.state() != STOPPED:
            self._run("stop", str(self._project))

    def portfolio(self) -> Account:
        """What LEAN's file says is held."""
        told = self._result()
        found = Portfolio.read({"holdings": told.get("holdings"), "cash": told.get("cash") or told.get("cashbook") or {}})
        if found.holdings is None or any(one.quantity is None for one in found.holdings.values()):
            raise TargetError(f"{self._output}: LEAN's file doesn't say what is held.")
        cash = sum(one.value_in_account_currency or one.amount or 0.0 for one in found.cash.values())
        held = {ticker.split(" ")[0]: float(one.quantity or 0.0) for ticker, one in found.holdings.items()}
        return Account(float(cash), {ticker: quantity for ticker, quantity in sorted(held.items()) if quantity})

    def orders(self) -> Sequence[OpenOrder]:
        """Orders that LEAN's file says are open."""
        told = self._result().get("orders") or {}
        found = [Order.read(one) for one in (told.values() if isinstance(told, Mapping) else told)]
        return [OpenOrder(one.id or 0, one.symbol, float(one.quantity or 0.0)) for one in found if one.status in OPEN]

    def cancel_all(self) -> None:
        """Cancel each open order."""
        for order in self.orders():
            self._run("cancel-order", str(self._project), "--order-id", str(order.id))

    def flatten(self) -> None:
        """Sell everything; what LEAN's file said before tells nothing from then on."""
        self._run("liquidate", str(self._project))
        self._sold = self._sold or self._now()
