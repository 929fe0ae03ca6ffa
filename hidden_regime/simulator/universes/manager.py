"""All universes of a run: who comes, who goes, and who stays until the position is closed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.universes.changes import SecurityChanges
from hidden_regime.simulator.universes.universe import Universe

if TYPE_CHECKING:
    from hidden_regime.simulator.core import Core


class UniverseManager:
    """Universes, and the securities that were added by hand."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.universes: dict[str, Universe] = {}
        self._kept: dict[Symbol, None] = {}
        self._going: set[Symbol] = set()
        self._added: dict[Symbol, Any] = {}
        self._removed: dict[Symbol, Any] = {}

    def add(self, universe: Universe) -> Universe:
        """Add a universe; one of a known name is another one."""
        name, n = universe.name, 1
        while name in self.universes:
            n += 1
            name = f"{universe.name}-{n}"
        self.universes[name] = universe
        return universe

    def keep(self, symbol: Symbol) -> None:
        """A security that was added by hand."""
        self._going.discard(symbol)
        if symbol not in self._kept:
            self._kept[symbol] = None
            if symbol in self._core.securities:
                self._note(self._core.securities[symbol])

    def _note(self, security: Any) -> None:
        self._removed.pop(security.symbol, None)
        self._added[security.symbol] = security

    def drop(self, symbol: Symbol) -> bool:
        """Remove a security that was added by hand, as soon as it is flat."""
        if symbol not in self._kept:
            return False
        del self._kept[symbol]
        if not any(symbol in universe.members for universe in self.universes.values()):
            self._remove(symbol)
        return True

    def delist(self, symbol: Symbol) -> None:
        """A listing ended."""
        self._kept.pop(symbol, None)
        for universe in self.universes.values():
            universe.members.discard(symbol)
            universe.pending.discard(symbol)
        if symbol in self._core.securities:
            self._removed[symbol] = self._core.securities[symbol]
        self._core.unsubscribe(symbol, keep=True)

    def times(self, day: date, *, session: bool, first: bool) -> list[datetime]:
        """Times of a day at which some universe is chosen."""
        now = self._core.now
        return sorted({t for u in self.universes.values() for t in u.times(day, session=session, first=first, now=now)})

    def select(self, now: datetime, *, session: bool, first: bool) -> None:
        """Let the universes whose time it is choose."""
        self._sweep()
        for universe in list(self.universes.values()):
            if now in universe.times(now.date(), session=session, first=first, now=now):
                chosen = universe.choose(now)
                if chosen is not None and chosen is not Universe.UNCHANGED:
                    self._apply(universe, [self._core.symbol_of(item) for item in chosen])

    def _flat(self, symbol: Symbol) -> bool:
        security = self._core.securities.get(symbol)
        target = None if security is None else security.holdings.target
        waiting = target is not None and target.quantity != 0
        return security is None or (not security.invested and not any(self._core.book.open_of(symbol)) and not waiting)

    def _sweep(self) -> None:
        for symbol in sorted(self._going):
            if self._flat(symbol):
                self._going.discard(symbol)
                for universe in self.universes.values():
                    universe.pending.discard(symbol)
                self._core.unsubscribe(symbol)

    def _apply(self, universe: Universe, chosen: list[Symbol]) -> None:
        wanted = set(chosen)
        for symbol in sorted(universe.members - wanted):
            universe.members.discard(symbol)
            others = [u for u in self.universes.values() if symbol in u.members]
            if not others and symbol not in self._kept:
                universe.pending.add(symbol)
                self._remove(symbol)
        for symbol in sorted(wanted - universe.members):
            universe.members.add(symbol)
            returning = symbol in self._going
            self._going.discard(symbol)
            universe.pending.discard(symbol)
            settings = universe.settings or self._core.universe_settings
            known = symbol in self._core.subscriptions
            security = self._core.subscribe(
                symbol.value, settings.resolution, settings.data_normalization_mode, fill_forward=settings.fill_forward,
                leverage=settings.leverage, extended=settings.extended_market_hours, universe=True,
            )  # fmt: skip
            if not known or returning:
                self._note(security)

    def _remove(self, symbol: Symbol) -> None:
        security = self._core.securities.get(symbol)
        if security is None:
            return
        self._added.pop(symbol, None)
        self._removed[symbol] = security
        if self._flat(symbol):
            self._core.unsubscribe(symbol)
        else:
            self._going.add(symbol)

    @property
    def changed(self) -> bool:
        """Whether anything changed since `take_changes`."""
        return bool(self._added or self._removed)

    def take_changes(self) -> SecurityChanges:
        """What changed since this was last asked; custom data aren't told of."""
        custom = {s for s, subscription in self._core.subscriptions.items() if subscription.custom is not None}
        made = SecurityChanges(
            [security for symbol, security in self._added.items() if symbol not in custom], self._removed.values()
        )
        self._added, self._removed = {}, {}
        return made

    def active(self) -> Iterable[Symbol]:
        """Symbols that are delivered."""
        return list(self._core.subscriptions)
