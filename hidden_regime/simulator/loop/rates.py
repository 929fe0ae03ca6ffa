"""What a run with pairs needs besides what its strategy added: pairs that convert its currencies, and a benchmark."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from hidden_regime.data.pairs.properties import split_pair
from hidden_regime.exceptions import RegimeError
from hidden_regime.simulator.account.cash_book import USD, Cash, Step
from hidden_regime.simulator.enums import Resolution, SecurityType
from hidden_regime.simulator.feed.pairs import ends_of
from hidden_regime.simulator.figures.sampling import Benchmark
from hidden_regime.simulator.history.pairs import last_of_pair
from hidden_regime.simulator.lengths import HOUR
from hidden_regime.simulator.managed import is_own
from hidden_regime.simulator.models.brokerages import markets_of
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.spelling import either

if TYPE_CHECKING:
    from hidden_regime.simulator.core import Core

STABLE = {
    "coinbase": frozenset({"USDCUSD"}),
    "binance": frozenset({
        "USDCUSD", "USDTUSD", "USDPUSD", "SUSDUSD", "BUSDUSD", "USTUSD", "TUSDUSD", "FDUSDUSD", "DAIUSD", "IDRTIDR", "BNFCRUSD",
    }),
    "bitfinex": frozenset({"EURSEUR", "XCHFCHF"}),
    "bybit": frozenset({"USDCUSD", "USDTUSD", "USDPUSD", "SUSDUSD", "BUSDUSD", "USTUSD", "TUSDUSD", "DAIUSD"}),
}  # fmt: skip
"""Coins that a market takes for the currency that they stand for, because it has no pair of the two."""
DOLLARS = ("USDT", "USDC", "USD")
KINDS = {"forex": SecurityType.FOREX, "crypto": SecurityType.CRYPTO}
OTHER_ZONE = (
    "QCAlgorithm.PostInitialize(): Warning: Using a security benchmark of a different timezone ({}) than the algorithm TimeZone "
    "({}) may lead to skewed and incorrect statistics. Use a higher resolution than daily to minimize."
)


class Pair(NamedTuple):
    """A pair that may convert: known to the run, or to the market alone."""

    symbol: Symbol
    base: str
    quote: str


def _is_stable(name: str, market: str) -> bool:
    return name in STABLE.get(market, ())


def _stands_for(currency: str, account: str, market: str) -> bool:
    """Whether a currency is worth one of the account's, at a market that has no pair of them."""
    others = DOLLARS if account in DOLLARS else (account,)
    names = [name for other in others if other != currency for name in (other + currency, currency + other)]
    return any(_is_stable(name, market) for name in names)


def _matches(pair: Pair, base: str, quote: str) -> bool | None:
    """Whether a pair turns one currency into another: True the other way round, None not at all."""
    names = [pair.base, pair.quote, base, quote]
    for a, b in ((0, 2), (1, 3), (0, 3), (1, 2)):
        if _is_stable(names[a] + names[b], pair.symbol.market) or _is_stable(names[b] + names[a], pair.symbol.market):
            names[a] = names[b]
    if (names[0], names[1]) == (base, quote):
        return False
    return True if (names[0], names[1]) == (quote, base) else None


def _markets(core: Core, kind: str) -> list[str]:
    """Where pairs of a kind are looked for: at the broker's market, and where the run has some."""
    first = markets_of(core.brokerage_model).get(KINDS[kind])
    known = [s.symbol.market for s in core.portfolio.pairs() if s.type == KINDS[kind]]
    return list(dict.fromkeys([first, *known] if first is not None else known))


def _candidates(core: Core) -> Iterator[Pair]:
    """Pairs that may convert, those of the run first."""
    for security in core.portfolio.pairs():
        yield Pair(security.symbol, security.base_cash.symbol, security.quote_cash.symbol)
    known = core.catalog.pair_markets.pairs
    for kind in ("forex", "crypto"):
        for market in _markets(core, kind):
            for (found, where, ticker), facts in known.items():
                if found != kind or where != market:
                    continue
                currencies = split_pair(ticker, facts.quote, kind)
                if currencies is not None:
                    yield Pair(Symbol(ticker, KINDS[kind], market), *currencies)


def _path(core: Core, cash: Cash) -> list[tuple[Pair, bool]] | None:
    """Pairs that turn a currency into the account's: one where there is one, else two; None where there are none."""
    target, pairs = core.portfolio.cash_book.account_currency, list(_candidates(core))
    for pair in pairs:
        inverted = _matches(pair, cash.symbol, target)
        if inverted is not None:
            return [(pair, inverted)]
    for first in pairs:
        middle = first.quote if first.base == cash.symbol else first.base if first.quote == cash.symbol else None
        if middle is None:
            continue
        for second in pairs:
            inverted = _matches(second, middle, target)
            if inverted is not None:
                return [(first, cash.symbol == first.quote), (second, inverted)]
    return None


def connect(core: Core) -> None:
    """Convert every currency of the account by pairs, which are added where they aren't there, and find first rates."""
    book = core.portfolio.cash_book
    while waiting := [cash for cash in book.abroad if cash.steps is None]:
        for cash in waiting:
            _connect(core, cash)
    for cash in book.abroad:
        if cash.steps and cash.rate == 0.0:
            for security, _ in cash.steps:
                if security.price == 0.0:
                    _seed(core, security)
            cash.update()
    core.portfolio.prices_changed()


def _connect(core: Core, cash: Cash) -> None:
    account = cash.account_currency = core.portfolio.cash_book.account_currency
    if _stands_for(cash.symbol, account, markets_of(core.brokerage_model).get(SecurityType.CRYPTO, "")):
        cash.steps, cash.rate = (), 1.0
        return
    path = _path(core, cash)
    if path is None:
        cash.steps = ()
        return
    cash.steps = [Step(_security(core, pair), inverted) for pair, inverted in path]


def _security(core: Core, pair: Pair) -> Any:
    """Security of a pair, added at the finest resolution that the run has."""
    found = core.securities.get(pair.symbol)
    if found is not None:
        return found
    finest = min((s.resolution for s in core.subscriptions.values()), default=Resolution.MINUTE)
    made = core.subscriptions.add_pair(pair.symbol.security_type, pair.symbol.value, finest, pair.symbol.market, internal=True)
    core.subscriptions[made.symbol].delivers = True
    return made


def _seed(core: Core, security: Any) -> None:
    """Give a security the last prices before the run."""
    kinds = [security.type == SecurityType.FOREX] if getattr(security, "is_internal", False) else None
    for bar in last_of_pair(core, security.symbol, kinds):
        security.set_market_price(bar)


# Benchmark ---------------------------------------------------------------------------------------------------------------
def choose_benchmark(core: Core) -> Symbol | None:
    """The pair that a run is measured against; None where it is no pair.

    A market of tables says itself what its runs are measured against, and which of its tickers are pairs.
    """
    if core.benchmark_function is not None:
        return None
    if core.benchmark_ticker is None:
        default = getattr(core.brokerage_model, "default_benchmark", None)
        if default is not None:
            return Symbol(*default)
        return core.catalog.pair_named(core.catalog.market.benchmark) if core.brokerage_model.has_benchmark else None
    return core.benchmark_pair or core.catalog.pair_named(core.benchmark_ticker)


def ask_broker(core: Core) -> None:
    """Measure the run against what a broker of the strategy's own says, unless the strategy says something."""
    model = core.brokerage_model
    if core.benchmark_function is None and core.benchmark_ticker is None and is_own(model, "get_benchmark"):
        core.benchmark_function = either(either(model, "get_benchmark")(core.securities), "evaluate")


def note_benchmark(core: Core) -> None:
    """Have the benchmark's currencies in the cash book."""
    book, symbol = core.portfolio.cash_book, core.benchmark_pair
    if symbol is not None:
        facts = core.catalog.pair_markets.of(symbol.security_type.name.lower(), symbol.market, symbol.value)
        book.ensure(facts.base)
        book.ensure(facts.quote)
        return
    is_equity = core.benchmark_function is None and (core.benchmark_ticker or core.brokerage_model.has_benchmark)
    if core.clock.is_round and is_equity:
        book.ensure(USD)


def benchmark_cash(core: Core) -> Cash | None:
    """Currency that the benchmark is quoted in; None where it is the account's."""
    book, symbol = core.portfolio.cash_book, core.benchmark_pair
    if core.benchmark_function is not None or not core.clock.is_round:
        return None
    quote = USD
    if symbol is not None:
        quote = core.catalog.pair_markets.of(symbol.security_type.name.lower(), symbol.market, symbol.value).quote
    return None if quote == book.account_currency else book.get(quote)


def until_end(core: Core, times: list[datetime], closes: list[float]) -> tuple[list[datetime], list[float]]:
    """Those of a benchmark's hourly bars that start by the end of the run."""
    known = bisect_right(times, core.clock.of_shown(core.end) + HOUR)
    return times[:known], closes[:known]


def pair_benchmark(core: Core) -> Benchmark:
    """Values of a pair's hourly bars."""
    symbol = core.benchmark_pair
    assert symbol is not None
    quotes = symbol.security_type == SecurityType.FOREX
    bars = core.catalog.pair_bars(symbol, 60, quotes=quotes)
    steps = True
    if bars is None and not hasattr(core.catalog.market, "path"):
        bars, steps = core.catalog.pair_bars(symbol, 1440, quotes=quotes), False
    if bars is None:
        return Benchmark([], [])
    try:
        hours = core.catalog.pair_markets.hours(symbol.security_type.name.lower(), symbol.market, symbol.value)
    except RegimeError:
        return Benchmark([], [])
    times, closes = ends_of(bars, hours)
    made = Benchmark(*until_end(core, times, closes), ticker=symbol.value)
    made.makes_steps = steps
    return made


def say_other_zone(core: Core) -> None:
    """Say of daily data that the benchmark lies in another zone than the strategy's clock."""
    symbol = core.benchmark_pair
    if core.benchmark_function is not None:
        return
    zone = "America/New_York"
    if symbol is not None:
        kind = symbol.security_type.name.lower()
        zone = core.catalog.pair_markets.hours(kind, symbol.market, symbol.value).data_zone
    elif core.benchmark_ticker is None and not core.brokerage_model.has_benchmark:
        return
    daily = any(s.resolution == Resolution.DAILY for s in core.subscriptions.values())
    if (daily or core.universe_settings.resolution == Resolution.DAILY) and zone != str(core.clock.own):
        core.logs.say("log", OTHER_ZONE.format(zone, core.clock.own))
