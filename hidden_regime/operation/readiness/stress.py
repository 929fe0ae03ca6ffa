"""Whether each guard fires: the strategy once more, over a market that does to its positions what the guard is there for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from hidden_regime.data.market import Asset, MarketData
from hidden_regime.data.tables import TableMarket
from hidden_regime.exceptions import RegimeError
from hidden_regime.operation.guarding import watch_over
from hidden_regime.operation.readiness.proof import Proof, failed, not_done, passed
from hidden_regime.quantconnect.guards.rules import KINDS, ORDERS, read_rules
from hidden_regime.simulator.failures import describe
from hidden_regime.simulator.run import run_file
from hidden_regime.simulator.run_state import run_state_of

LOSSES, RATE = ("daily_loss", "drawdown", "stop_loss"), "order_rate"


def shocked(market: MarketData, day: date, factor: float) -> TableMarket:
    """A market whose prices are multiplied by a factor from a day on."""
    assets: dict[str, Asset] = {}
    for ticker in market.tickers():
        asset = market.load(ticker)
        at = np.array([one >= day for one in asset.dates])
        scale = np.where(at, factor, 1.0)
        assets[ticker] = replace(
            asset, open=asset.open * scale, high=asset.high * scale, low=asset.low * scale, close=asset.close * scale
        )
    return TableMarket(
        assets, name=f"{market.name}, times {factor:g} from {day} on", origin=market.origin, synthetic=True,
        benchmark=market.benchmark, assets=market.assets, defensive=market.defensive,
    )  # fmt: skip


def fullest_day(algorithm: Any) -> date | None:
    """The first day on which most was held, at the prices of its fills; None where nothing ever was."""
    held: dict[str, float] = {}
    price: dict[str, float] = {}
    most, found = 0.0, None
    for event in run_state_of(algorithm).book.events:
        if event.fill_quantity:
            ticker = event.symbol.value
            held[ticker] = held.get(ticker, 0.0) + float(event.fill_quantity)
            price[ticker] = float(event.fill_price)
            worth = sum(abs(quantity) * price[one] for one, quantity in held.items())
            if worth > most * 1.02:
                most, found = worth, event.utc.date()
    return found


def stress(path: Path, market: MarketData, rules: str, *, start: date, end: date, parameters: Mapping[str, str]) -> list[Proof]:
    """Try each rule of a rules.toml.

    Parameters
    ----------
    path : Path
        The strategy.
    market : MarketData
        Of daily bars.
    rules : str
        Text of a rules.toml.
    start, end : date
    parameters : mapping of str to str

    Returns
    -------
    list of Proof
        One a rule. A rule fires where an event of it is in the guard's list.
    """
    given = read_rules(rules).get("guards", {})
    if not given:
        return [not_done("guards", "rules.toml has none: see docs/operation.md")]
    plain = run_file(path, market, start=start, end=end, parameters=parameters, live=True)
    if plain.error is not None:
        return [failed("guards", f"the strategy failed: {describe(plain.error)}")]
    fullest = fullest_day(plain.algorithm)
    if fullest is None:
        return [not_done(f"guard {name}", "the strategy bought nothing in these days") for name in given]
    days = sorted({day for ticker in market.tickers() for day in market.load(ticker).dates})
    day = next((one for one in days if one > fullest), fullest)
    return [_try(name, dict(told), path, market, day, start, end, parameters) for name, told in given.items()]


def _try(name: str, told: dict[str, Any], path: Path, market: MarketData, day: date, start: date, end: date,
         parameters: Mapping[str, str]) -> Proof:  # fmt: skip
    title = f"guard {name}"
    where: MarketData = market
    if name in LOSSES:
        where = shocked(market, day, max(0.05, 1.0 - 3.0 * float(told["limit"]) - 0.2))
        how = f"all prices fall on {day}"
    elif name == RATE:  # a strategy that sends one order a day passes no limit by itself
        how = f"as if {told['limit']:g} orders had been sent before on each day"
    elif name in ("position", "exposure", *ORDERS):
        told, how = told | {"limit": 0.001}, f"with a limit of 0.001 instead of {told['limit']:g}"
    else:
        told, how = told | {"limit": {"model_age": 1}.get(name, 0.001)}, "with the lowest limit"
    text = f'[guards]\n{name} = {{ limit = {told["limit"]!r}, action = "{told["action"]}" }}\n'
    guards: list[Any] = []

    def prepare(algorithm: Any) -> None:
        guards.append(watch_over(algorithm, text))
        guards[0].orders_before = int(told["limit"]) if name == RATE else 0

    try:
        run = run_file(
            path, where, start=start, end=end, parameters=parameters, live=True,
            prepare=prepare,
        )  # fmt: skip
    except RegimeError as error:
        return failed(title, f"{how}: {error.text}")
    if run.error is not None:
        return failed(title, f"{how}: the strategy failed: {describe(run.error)}")
    events = [event for event in guards[0].events if event.rule == name]
    if events:
        return passed(title, f"{how}: {events[0].said}, {events[0].action} on {events[0].time:%Y-%m-%d}")
    return failed(title, f"{how}: it did not fire ({KINDS[name].says})")
