"""The last data of a pair that are known at a time, as LEAN looks for them: at first nearby, then farther back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from hidden_regime.simulator.account.exchange import PairExchange
from hidden_regime.simulator.enums import Resolution, SecurityType
from hidden_regime.simulator.history.window import start_in
from hidden_regime.simulator.objects import Symbol

if TYPE_CHECKING:
    from hidden_regime.simulator.core import Core

FEW, DAYS = 5, 50
"""How many bars are looked at in the first try, and how many days in the last."""
MORE = {Resolution.DAILY: 10, Resolution.HOUR: 24, Resolution.MINUTE: 1440}
"""How many are in the second."""


def last_of_pair(core: Core, symbol: Symbol, kinds: Iterable[bool] | None = None) -> list[Any]:
    """The last bars of a pair, the oldest first.

    Parameters
    ----------
    core : Core
    symbol : Symbol
    kinds : iterable of bool, optional
        Of what they are: of trades (False), of quotes (True); by default of all that the pair has.
    """
    subscription = core.subscriptions.get(symbol)
    resolution = core.universe_settings.resolution if subscription is None else subscription.resolution
    security = core.securities.get(symbol)
    kind, market, ticker = symbol.security_type.name.lower(), symbol.market, symbol.value
    hours = core.catalog.pair_markets.hours(kind, market, ticker)
    exchange = PairExchange(hours, core.calendar, core.time, core.clock) if security is None else security.exchange
    missing = list(kinds) if kinds is not None else [True] if symbol.security_type == SecurityType.FOREX else [False, True]
    now, found = exchange.local(core.now), []
    for tried, n in ((resolution, FEW), (resolution, MORE[resolution]), (Resolution.DAILY, DAYS)):
        for quotes in list(missing):
            feed = core.catalog.pair_history(symbol, hours, tried, quotes=quotes)
            bars = feed.between(start_in(exchange, now, n, tried), now, fill_forward=False)
            if bars:
                found.append(bars[-1])
                missing.remove(quotes)
        if not missing:
            break
    return sorted(found, key=lambda bar: bar.time)
