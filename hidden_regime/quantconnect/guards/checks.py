"""What a guard finds beyond a limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from hidden_regime.quantconnect.guards.rules import Rule
from hidden_regime.quantconnect.tracking import PAIRS, ticker_of, trackers_of

if TYPE_CHECKING:
    from hidden_regime.quantconnect.guards.guard import Guard

Breach = tuple[Rule, str, str]
"""A rule, the asset that it is about (empty for all), and what to say."""


class Held(NamedTuple):
    """A position."""

    symbol: Any
    quantity: float
    value: float
    average: float
    price: float
    lot: float


def holdings_of(algorithm: Any) -> dict[str, Held]:
    """Positions by ticker, and by its market where pairs of several have it."""
    out = {}
    securities = list(algorithm.securities.values())
    pairs = [ticker_of(security.symbol) for security in securities if security.type in PAIRS]
    for security in securities:
        holding = security.holdings
        quantity = float(holding.quantity)
        if quantity:
            lot = float(security.symbol_properties.lot_size) or 1.0
            price = float(security.price)
            name = ticker_of(security.symbol)
            if pairs.count(name) > 1:
                name = f"{name} at {security.symbol.id.market}"
            out[name] = Held(security.symbol, quantity, quantity * price, float(holding.average_price), price, lot)
    return dict(sorted(out.items()))


def breaches(guard: Guard, algorithm: Any, holdings: Mapping[str, Held], value: float) -> Iterator[Breach]:
    """Everything that is beyond its limit, the whole account first."""
    rules = guard.rules
    for name, top in (("daily_loss", guard.day_began_with), ("drawdown", guard.peak)):
        rule = rules.get(name)
        if rule is not None and top > 0.0 and 1.0 - value / top > rule.limit:
            yield rule, "", f"{1.0 - value / top:.2%} lost, limit {rule.limit:.2%}"
    rule = rules.get("exposure")
    if rule is not None and value > 0.0:
        share = sum(abs(held.value) for held in holdings.values()) / value
        if share > rule.limit:
            yield rule, "", f"positions are {share:.1%} of the value, limit {rule.limit:.1%}"
    for ticker, held in holdings.items():
        yield from _of_position(guard, ticker, held, value)
    rule = rules.get("model_age")
    if rule is not None:
        yield from _of_models(rule, algorithm)


def _of_position(guard: Guard, ticker: str, held: Held, value: float) -> Iterator[Breach]:
    rule = guard.rules.get("stop_loss")
    if rule is not None and held.average > 0.0:
        lost = (1.0 - held.price / held.average) * (1.0 if held.quantity > 0 else -1.0)
        if lost > rule.limit:
            yield rule, ticker, f"{ticker} has lost {lost:.2%} of what was paid, limit {rule.limit:.2%}"
    if value <= 0.0:
        return
    share = held.value / value
    rule = guard.rules.get("position")
    if rule is not None and abs(share) > rule.limit:
        yield rule, ticker, f"{ticker} is {abs(share):.1%} of the value, limit {rule.limit:.1%}"
    rule = guard.rules.get("drift")
    moved = abs(share - guard.traded_at.get(ticker, share))
    if rule is not None and moved > rule.limit:
        yield rule, ticker, f"{ticker} has moved by {moved:.1%} of the value since it was traded, limit {rule.limit:.1%}"


def _of_models(rule: Rule, algorithm: Any) -> Iterator[Breach]:
    for tracker in trackers_of(algorithm):
        for ticker, tracked in sorted(tracker.assets.items()):
            state, error = tracked.detector.state, tracked.detector.error
            if error is not None:
                yield rule, ticker, f"the model of {ticker} can't be trained: {error.text}"
            elif state is not None and (age := (algorithm.time - state.trained_at).days) > rule.limit:
                yield rule, ticker, f"the model of {ticker} is {age} days old, limit {rule.limit:.0f}"
