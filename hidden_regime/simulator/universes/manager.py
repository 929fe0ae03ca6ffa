"""All universes of a run: who comes, who goes, and who stays until the position is closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hidden_regime.simulator.account.security import SecurityManager
from hidden_regime.simulator.enums import SecurityType
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.objects.dictionaries import entries_ever
from hidden_regime.simulator.spelling import missing, snake
from hidden_regime.simulator.universes.changes import SecurityChanges
from hidden_regime.simulator.universes.data import DataUniverse
from hidden_regime.simulator.universes.universe import Counted, HandUniverse, ManualUniverse, Member, Universe

if TYPE_CHECKING:
    from hidden_regime.simulator.core import Core

MOMENT = timedelta(microseconds=1)


class Universes(dict[str, Universe]):
    """Universes by name."""

    def __init__(self, active: Callable[[], SecurityManager]) -> None:
        super().__init__()
        self._active = active

    @property
    def count(self) -> int:
        """Number of universes."""
        return len(self)

    @property
    def active_securities(self) -> SecurityManager:
        """Securities that any of them holds."""
        return self._active()

    def contains_key(self, name: str) -> bool:
        """Whether there is one of a name."""
        return name in self

    def __getattr__(self, name: str) -> Any:
        if name[:1].isupper():
            return getattr(self, snake(name))
        raise missing(UniverseManager, name, f"'UniverseManager' object has no attribute '{name}'")


class UniverseManager:
    """Universes, those of the securities that were added by hand among them.

    A universe has members, some of which may be pending: let go while there is a position, an order, a target or unsettled
    cash. What is asked for by hand waits in a queue for the end of the step.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self.universes = Universes(self.active)
        self._hand: dict[SecurityType, HandUniverse] = {}
        self._times: dict[Universe, Iterator[datetime]] = {}
        self._due: dict[Universe, datetime] = {}
        self.next_time = datetime.max
        """When the next universe is chosen."""
        self.queued: list[tuple[Universe, Symbol | None, bool]] = []
        """What waits for the end of the step: a universe, or a security that comes to or goes from one."""
        self._added: dict[Symbol, Any] = {}
        self._removed: dict[Symbol, Any] = {}
        self._active: SecurityManager | None = None
        self._begun = False
        self._made = 0

    # By hand -------------------------------------------------------------------------------------------------------------
    @property
    def _all(self) -> list[Universe]:
        return [*self.universes.values(), *self._hand.values()]

    def add(self, universe: Universe) -> Universe:
        """Add a universe. One of a name that is there already is never chosen, as in LEAN."""
        if isinstance(universe, DataUniverse):
            self._core.refuse_on_clock(
                f"universe {universe.name or universe.data_type.__name__!r}", "universes chosen by time",
                "what is known of a day's securities is in no journal and could not be read again after a restart",
            )  # fmt: skip
            self._made += 1
            universe.name = universe.name or f"{universe.data_type.__name__}-usa-{self._made:010}"
            universe.bind(self._core)
        if universe.name not in self.universes:
            if universe.settings is None:
                universe.settings = self._core.universe_settings
            universe.clock = self._core.clock
            self.universes[universe.name] = universe
            self.queued.append((universe, None, True))
        return universe

    def keep(self, symbol: Symbol) -> None:
        """A security was added by hand."""
        kind = symbol.security_type
        if kind not in self._hand:
            self._hand[kind] = HandUniverse(kind, self._core.subscriptions[symbol].resolution)
        self.queued.append((self._hand[kind], symbol, True))

    def drop(self, symbol: Symbol) -> None:
        """A security was removed by hand: additions that wait are forgotten, lists that it is on lose it."""
        self.queued = [entry for entry in self.queued if entry[1] != symbol]
        self.queued += [(u, symbol, False) for u in self._all if u.by_hand and symbol in u.securities]

    def begin(self) -> None:
        """The run begins: everything that was asked for in `initialize` is due now."""
        self._carry_out(timedelta(0))

    def carry_out(self) -> None:
        """The end of a step: what waited for it takes effect. What came is due a moment later, what went at once."""
        self._carry_out(MOMENT)

    def _carry_out(self, later: timedelta) -> None:
        core = self._core
        now = core.now
        queue, self.queued = self.queued, []
        woken: dict[Universe, datetime] = {}
        for universe, symbol, comes in queue:
            if symbol is None:
                self._times[universe] = universe.times(
                    now + later if universe.delayed else now, core.clock.of_shown(core.end), core.calendar
                )
                self._due[universe] = next(self._times[universe], datetime.max)
                continue
            assert isinstance(universe, ManualUniverse)
            if comes != (symbol in universe.wanted):
                woken.setdefault(universe, now + later if comes else now)
            if comes:
                universe.wanted[symbol] = None
            else:
                universe.wanted.pop(symbol, None)
        self._due |= woken
        self._plan()

    def _plan(self) -> None:
        self.next_time = min(self._due.values(), default=datetime.max)

    # Choices -------------------------------------------------------------------------------------------------------------
    def select(self, time: datetime) -> None:
        """Let the universes whose time it is choose, those of finer data first, then by name."""
        due = sorted((u for u, when in self._due.items() if when <= time), key=lambda u: (int(u.resolution), u.name.upper()))
        core = self._core
        core.now = time.replace(microsecond=0)
        # A moment after a step its bars have been; at a time of its own, what ends then arrives.
        since = datetime.min if not self._begun else core.now if time > core.now else core.now - MOMENT
        for universe in due:
            self._due[universe] = next(self._times.get(universe, iter(())), datetime.max)
            self._choose(universe, since)
        self._plan()
        if not self._begun:
            self._begun = True
            core.subscriptions.begin()

    def _choose(self, universe: Universe, since: datetime) -> None:
        chosen = universe.choose(self._core.now)
        found = universe.selected
        if chosen is not None and chosen is not Universe.UNCHANGED:
            found = Counted((self._symbol(item), None) for item in chosen)
        changed = found.keys() != universe.selected.keys()
        if changed:
            universe.selected = found
        self._check_pending(universe)
        if changed:
            self._let_go(universe)
            self._take_in(universe, since)
        if isinstance(universe, DataUniverse):
            universe.remember()

    def _symbol(self, item: Any) -> Symbol:
        return Symbol(item) if isinstance(item, str) else self._core.symbol_of(item)

    def _check_pending(self, universe: Universe) -> None:
        """Those that may go now go, whichever universe they belong to; those that this one chose again stay, untold."""
        gone = []
        for other in self._all:
            for symbol in list(other.pending):
                flat = self._flat(symbol)
                if flat:
                    gone.append((other, symbol))
                if flat or (other is universe and symbol in universe.selected):
                    del other.pending[symbol]
        for other, symbol in gone:
            self._leave(other, symbol)

    def _let_go(self, universe: Universe) -> None:
        utc = self._core.clock.to_utc(self._core.now)
        for symbol in sorted(universe.securities.keys() - universe.selected.keys()):
            if not universe.may_leave(symbol, utc):
                continue
            security = universe.securities[symbol].security
            if not security.is_delisted and not self._is_pending(symbol):
                # LEAN doesn't look whether another universe keeps it.
                self._removed[symbol] = security
            if self._flat(symbol):
                self._leave(universe, symbol)
            else:
                universe.pending[symbol] = None

    def _take_in(self, universe: Universe, since: datetime) -> None:
        core = self._core
        settings = universe.settings or core.universe_settings
        core.subscriptions.absent = []
        for symbol in sorted(universe.selected.keys() - universe.securities.keys()):
            known = core.securities.get(symbol)
            if known is not None and known.is_delisted:
                continue
            is_new = core.subscriptions.join(symbol, settings)
            security = core.securities[symbol]
            universe.securities[symbol] = Member(security, core.clock.to_utc(core.now))
            self._active = None
            if is_new:
                core.subscriptions.deliver(symbol, since)
                self._added[symbol] = security
        core.subscriptions.tell_absent()
        if any(cash.steps is None for cash in core.portfolio.cash_book.abroad):
            core.connect_currencies()

    def _is_pending(self, symbol: Symbol) -> bool:
        return any(symbol in universe.pending for universe in self._all)

    def _flat(self, symbol: Symbol) -> bool:
        core = self._core
        security = core.securities[symbol]
        target = security.holdings.target
        if security.invested or any(core.book.open_of(symbol)) or (target is not None and target.quantity != 0):
            return False
        return not security.waits_for_cash(core.portfolio)

    def _leave(self, universe: Universe, symbol: Symbol) -> None:
        del universe.securities[symbol]
        self._active = None
        if isinstance(universe, ManualUniverse):
            universe.wanted.pop(symbol, None)
        if not any(symbol in other.securities for other in self._all):
            self._core.subscriptions.drop(symbol)

    def delist(self, symbol: Symbol) -> None:
        """A listing ended. Universes keep it until they choose again."""
        security = self._core.securities.get(symbol)
        if security is not None and not self._is_pending(symbol):
            self._removed[symbol] = security
        self._core.subscriptions.drop(symbol, keep=True)

    # What strategies see -------------------------------------------------------------------------------------------------
    @property
    def changed(self) -> bool:
        """Whether anything changed since `take_changes`."""
        return bool(self._added or self._removed)

    def take_changes(self) -> SecurityChanges:
        """What changed since this was last asked: who came isn't told to have gone. Custom data aren't told of."""
        found = self.changes
        self._added, self._removed = {}, {}
        return found

    @property
    def changes(self) -> SecurityChanges:
        """What `take_changes` will give."""
        added, removed = self._added, {s: security for s, security in self._removed.items() if s not in self._added}
        return SecurityChanges(*(
            [security for symbol, security in found.items() if symbol.security_type != SecurityType.BASE]
            for found in (added, removed)
        ))  # fmt: skip

    def rename(self) -> None:
        """A security has another object of an equal symbol."""
        self._active = None

    def active(self) -> SecurityManager:
        """Members of all universes, in the order in which the securities came."""
        if self._active is None:
            core = self._core
            members = {symbol for universe in self._all for symbol in universe.securities}
            self._active = SecurityManager(
                ((s, security) for s, security in entries_ever(core.securities).items() if s in members), core.known
            )
        return self._active
