"""One guard over all strategies of a workspace: what they lose together, and what they hold of one asset together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from hidden_regime.exceptions import ParameterError, RegimeError
from hidden_regime.files.whole import write_file
from hidden_regime.operation.errors import JournalError
from hidden_regime.operation.halting import halt
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import RUNNING, moment_of
from hidden_regime.operation.panic import Outcome
from hidden_regime.operation.running.runner import STOP as STOP_FILE
from hidden_regime.operation.targets.base import Account
from hidden_regime.operation.targets.opening import open_target
from hidden_regime.quantconnect.guards.rules import REDUCE, STOP, Rule, Rules

KINDS = ("daily_loss", "drawdown", "position", "exposure")
"""Rules that can be looked at from outside of a strategy."""


@dataclass(frozen=True)
class Sum:
    """What several strategies have together.

    Attributes
    ----------
    value : float
        Dollars: cash, and positions at the latest close of the journal.
    positions : dict of str to float
        Dollars by ticker.
    """

    value: float
    positions: dict[str, float]


@dataclass(frozen=True)
class Breach:
    """A limit that was passed, and what was done.

    Attributes
    ----------
    rule : Rule
    said : str
    ended : dict of str to Outcome or None
        What the kill switch came to, by deployment; None where it was only stopped.
    """

    rule: Rule
    said: str
    ended: dict[str, Outcome | None]


class Together:
    """Watches deployments as one account.

    Parameters
    ----------
    journal : Journal
    names : sequence of str
        Deployments; empty for all that run.
    rules : Rules
        Of `KINDS`.

    Raises
    ------
    ParameterError
        A rule that only a strategy's own guard can see, or no such deployment.
    """

    def __init__(self, journal: Journal, names: Sequence[str], rules: Rules) -> None:
        for name in rules:
            if name not in KINDS:
                raise ParameterError("guards", name, f"one of {', '.join(KINDS)}, for a guard over several strategies")
        for name in names:
            journal.deployment(name)
        self._journal, self._names, self._rules = journal, tuple(names), rules
        self._day: date | None = None
        self._began = self._last = self._peak = 0.0
        self._told: set[tuple[date, str]] = set()

    @property
    def names(self) -> tuple[str, ...]:
        """The deployments that are watched now."""
        return self._names or tuple(one.name for one in self._journal.deployments() if one.state == RUNNING)

    def sum(self) -> Sum:
        """What they have.

        Raises
        ------
        RegimeError
            A target doesn't answer: then nobody knows.
        """
        value, positions = 0.0, dict[str, float]()
        for name in self.names:
            account: Account = open_target(self._journal, self._journal.deployment(name)).portfolio()
            value += account.cash
            for ticker, quantity in account.positions.items():
                worth = quantity * self._price(name, ticker)
                value += worth
                positions[ticker] = positions.get(ticker, 0.0) + worth
        return Sum(value, positions)

    def _price(self, name: str, ticker: str) -> float:
        rows = self._journal.file.rows(
            "SELECT close FROM bars WHERE deployment = ? AND ticker = ? ORDER BY day DESC, minute DESC LIMIT 1", name, ticker
        )
        if not rows:
            raise ParameterError("ticker", ticker, f"an asset whose bars the journal of {name} has")
        return float(rows[0][0])

    def look(self, at: str, *, pause: Callable[[float], None]) -> list[Breach]:
        """Look once, and do what the rules say.

        Parameters
        ----------
        at : str
            Time for the journal.
        pause : callable
            Waits some seconds, for the kill switch.
        """
        now, today = self.sum(), moment_of(at).date()
        if today != self._day:
            self._day, self._began = today, self._last or now.value
        self._last, self._peak = now.value, max(self._peak, now.value)
        found = []
        for rule, said in self._breaches(now):
            if (today, rule.name) not in self._told:
                self._told.add((today, rule.name))
                found.append(Breach(rule, said, self._act(rule, said, at, pause)))
        return found

    def _breaches(self, now: Sum) -> list[tuple[Rule, str]]:
        out = []
        for name, top in (("daily_loss", self._began), ("drawdown", self._peak)):
            rule = self._rules.get(name)
            if rule is not None and top > 0.0 and 1.0 - now.value / top > rule.limit:
                out.append((rule, f"{1.0 - now.value / top:.2%} lost together, limit {rule.limit:.2%}"))
        whole = sum(abs(worth) for worth in now.positions.values())
        rule = self._rules.get("exposure")
        if rule is not None and now.value > 0.0 and whole / now.value > rule.limit:
            out.append((rule, f"positions are {whole / now.value:.1%} of the value together, limit {rule.limit:.1%}"))
        rule = self._rules.get("position")
        for ticker, worth in sorted(now.positions.items()):
            if rule is not None and now.value > 0.0 and abs(worth) / now.value > rule.limit:
                out.append((rule, f"{ticker} is {abs(worth) / now.value:.1%} of the value together, limit {rule.limit:.1%}"))
        return out

    def _act(self, rule: Rule, said: str, at: str, pause: Callable[[float], None]) -> dict[str, Outcome | None]:
        """Tell each journal; "reduce" ends the processes and leaves positions, "stop" sells everything of all of them."""
        ended: dict[str, Outcome | None] = {}
        for name in self.names:
            beat = self._journal.heartbeat(name)
            when = datetime.fromisoformat(beat[1]) if beat else moment_of(at).replace(tzinfo=None)
            level = "error" if rule.action == STOP else "warning"
            with suppress(JournalError):  # one that can't be written keeps nothing from being ended
                self._journal.tell(name, at, when, level, "guard", f"{rule.name}: {said}: {rule.action}")
        for name in self.names if rule.action in (REDUCE, STOP) else ():
            if rule.action == REDUCE:
                write_file(self._journal.folder(name) / STOP_FILE, "stop\n")
                ended[name] = None
                continue
            try:
                ended[name] = halt(self._journal, name, pause=pause)
            except RegimeError as error:  # one that can't be ended keeps none of the others
                ended[name] = Outcome(False, 0, None, (), (error.text,))
        return ended
