"""A live deployment at a moment of the market: what it holds, what it ordered and what it wrote by then.

The strategy has run once over all the data. The market's clock begins at its start date and goes on with the cloud's, as much
faster as `speed` says, and of the run is shown what lies before it. Liquidating sells at the last known prices, without fees.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hidden_regime.cloud.fake.dates import iso, seconds_of
from hidden_regime.cloud.fake.records import LIQUIDATED, LIVE, QUEUED, Deployment
from hidden_regime.cloud.fake.store import Store

PORTFOLIO_AGE, LOG_AGE = 600.0, 300.0
"""Seconds of the market after which a snapshot is taken anew."""
STATUSES = {
    "new": 0, "submitted": 1, "partiallyFilled": 2, "filled": 3, "canceled": 5, "none": 6, "invalid": 7, "cancelPending": 8,
    "updateSubmitted": 9,
}  # fmt: skip
BUY, SELL, MARKET, FILLED = 0, 1, 0, 3
LIQUIDATION = "Liquidated"
GOING = frozenset({"InQueue", "Initializing", LIVE})
"""Statuses of what has a node."""


@dataclass
class Position:
    """A holding."""

    quantity: float
    average: float
    price: float

    def fill(self, quantity: float, price: float) -> None:
        """Let an order be filled."""
        total = self.quantity + quantity
        if self.quantity * quantity >= 0 and total:
            self.average = (self.quantity * self.average + quantity * price) / total
        elif self.quantity * total < 0:
            self.average = price
        self.quantity, self.price = total, price


@dataclass
class Play:
    """A deployment and its run.

    Parameters
    ----------
    deployment : Deployment
    run : dict
        LEAN's result of it, as the store gives it; empty before it is there.
    speed : float
        Seconds of the market in a second of the clock.
    """

    deployment: Deployment
    run: dict[str, Any]
    speed: float

    @classmethod
    def of(cls, store: Store, deployment: Deployment, speed: float) -> Play:
        """The play of a deployment, with what its run has come to."""
        return cls(deployment, store.result(deployment.id), speed)

    def market(self, now: float) -> float:
        """The market's time at a time of the clock."""
        return (self.deployment.market_start or 0.0) + (now - self.deployment.launched) * self.speed

    def snapshot(self, now: float, age: float) -> float:
        """The market's time that a snapshot shows which is taken anew every so many seconds."""
        start = self.deployment.market_start or 0.0
        return start + (self.market(now) - start) // age * age

    def status(self, now: float) -> str:
        """How it is, in the cloud's words."""
        one = self.deployment
        if one.ending:
            return one.ending
        if one.market_start is None:
            return "InQueue" if one.state == QUEUED else "Initializing"
        if one.error and one.failed_at is None:
            return "DeployError"
        return "RuntimeError" if one.failed_at is not None and self.market(now) >= one.failed_at else LIVE

    def portfolio(self, at: float) -> tuple[float, dict[str, Position]]:
        """Cash and positions at a time of the market."""
        at, sold = self._shown(at)
        cash, held = self._base(at)
        since = self._since(at)
        for event in self.run["events"]:
            if since < event["time"] <= at and event["fillQuantity"]:
                position = held.setdefault(event["symbol"], Position(0.0, 0.0, event["fillPrice"]))
                position.fill(event["fillQuantity"], event["fillPrice"])
                cash -= event["fillQuantity"] * event["fillPrice"] + event.get("orderFeeAmount", 0.0)
        if sold:
            for position in held.values():
                cash += position.quantity * position.price
                position.quantity = 0.0
        return cash, held

    def orders(self, at: float) -> list[dict[str, Any]]:
        """Orders with their events at a time of the market."""
        at, sold = self._shown(at)
        out: list[dict[str, Any]] = []
        for order in self.run["orders"].values():
            events = [one for one in self.run["events"] if one["orderId"] == order["id"] and one["time"] <= at]
            if not events or seconds_of(order["createdTime"]) > at:
                continue
            status = STATUSES.get(events[-1]["status"], 0)
            shown = order | {"status": status, "events": events}
            if status != FILLED:
                shown = {name: value for name, value in shown.items() if name != "lastFillTime"}
                shown["price"] = events[-1].get("limitPrice", 0.0)
            out.append(shown)
        return out + (self._sales(out) if sold else [])

    def log(self, at: float) -> list[str]:
        """Lines of the log by a time of the market."""
        at, _ = self._shown(at)
        out: list[str] = []
        moment = 0.0
        for line in self.run["log"]:
            moment = _stamped(line, moment)
            if moment <= at:
                out.append(line)
        return out

    def _sales(self, orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
        assert self.deployment.sold_at is not None
        at, number = self.deployment.sold_at, max((one["id"] for one in orders), default=0)
        _, held = Play(_unsold(self.deployment), self.run, self.speed).portfolio(at)
        out: list[dict[str, Any]] = []
        for ticker, position in held.items():
            if position.quantity:
                number += 1
                out.append({
                    "id": number, "type": MARKET, "symbol": {"value": ticker, "id": ticker, "permtick": ticker},
                    "price": position.price, "priceCurrency": "USD", "time": iso(at), "createdTime": iso(at),
                    "lastFillTime": iso(at), "quantity": -position.quantity, "status": FILLED, "tag": LIQUIDATION,
                    "securityType": 1, "direction": SELL if position.quantity > 0 else BUY,
                    "value": -position.quantity * position.price, "events": [],
                })  # fmt: skip
        return out

    def _shown(self, at: float) -> tuple[float, bool]:
        """Until when something happened, and whether all was sold."""
        one = self.deployment
        if one.ending == LIQUIDATED and one.sold_at is not None:
            return min(at, one.sold_at), at >= one.sold_at
        return (min(at, self.market(one.stopped)) if one.stopped is not None else at), False

    def _base(self, at: float) -> tuple[float, dict[str, Position]]:
        """What the last session's end before a time left."""
        last = next((day for day in reversed(self.run["trace"]) if day["t"] <= at), None)
        if last is None:
            return self.deployment.capital, {}
        return last["cash"], {ticker: Position(*told) for ticker, told in last["held"].items()}

    def _since(self, at: float) -> float:
        return float(next((day["t"] for day in reversed(self.run["trace"]) if day["t"] <= at), -1.0))


def going_on(store: Store, speed: float, now: float) -> list[Deployment]:
    """Deployments that neither ended nor failed."""
    found = store.deployments.find(ending="")
    return [one for one in found if Play.of(store, one, speed).status(now) in GOING]


def _unsold(deployment: Deployment) -> Deployment:
    return Deployment(**{**vars(deployment), "ending": "", "sold_at": None, "stopped": None})


def _stamped(line: str, before: float) -> float:
    """The market's time at the beginning of a line, in seconds since 1970; a line without one belongs to that before it."""
    from hidden_regime.simulator.clock import seconds, to_utc

    try:
        return float(seconds(to_utc(datetime.fromisoformat(line[:19]))))
    except ValueError:
        return before
