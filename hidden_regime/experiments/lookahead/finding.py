"""What a check for look-ahead found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from hidden_regime.display import facts

if TYPE_CHECKING:
    import pandas as pd

LOOK_AHEAD, START_UP, NOT_REPEATABLE = "look-ahead", "start-up", "not repeatable"
CLEAN, GUILTY, UNDECIDED = "clean", "looks ahead", "undecided"
NOTHING = "nothing"


@dataclass(frozen=True)
class Finding:
    """A decision that isn't the same where it has to be.

    Attributes
    ----------
    kind : str
        "look-ahead": it changes with what only becomes known later. "start-up": with how far back the data reach, as of an
        indicator that never forgets; nothing of it is look-ahead. "not repeatable": two equal runs differ.
    moment : datetime
        When it was made, New York.
    symbol, decision : str
        What was asked for.
    instead : str
        What is asked for with the other future; "nothing", or the error that ends the run.
    place, code : str
        The line that sent it.
    price : float
        The last price of the symbol that it could know.
    hidden_from : datetime or None
        Everything up to this moment was the same in both runs.
    known : datetime or None
        The earliest moment at which what it depends on becomes known: changing no more than what lies between is enough.
    sessions : int
        Trading days from the decision until then.
    sources : tuple of str
        Tickers and files of which each alone is enough to change it.
    """

    kind: str
    moment: datetime
    symbol: str
    decision: str
    instead: str
    place: str = ""
    code: str = ""
    price: float = 0.0
    hidden_from: datetime | None = None
    known: datetime | None = None
    sessions: int = 0
    sources: tuple[str, ...] = ()

    def __str__(self) -> str:
        """In sentences."""
        where = f" by {self.place}: {self.code}" if self.place else ""
        head = f"{self.moment:%Y-%m-%d %H:%M} {self.symbol}: {self.decision}{where}."
        if self.kind == NOT_REPEATABLE:
            return f"{head} An equal run decides otherwise: {self.instead}."
        if self.kind == START_UP:
            return f"{head} With data that begin later: {self.instead}."
        saw = f" It saw {self.symbol} at {self.price:g}." if self.price > 0.0 else ""
        said = f"{head}{saw} With another future: {self.instead}."
        of = f" of {' and of '.join(self.sources)}" if self.sources else ""
        if self.known is None:
            return f"{said} It depends on what becomes known{of} after {self.hidden_from:%Y-%m-%d %H:%M}."
        ahead = f"{self.sessions} session{'' if self.sessions == 1 else 's'} later" if self.sessions else "later on that day"
        return f"{said} It depends on what becomes known{of} by {self.known:%Y-%m-%d %H:%M}, {ahead}."

    def to_dict(self) -> dict[str, Any]:
        """As what JSON can hold."""
        told = asdict(self)
        for name in ("moment", "hidden_from", "known"):
            told[name] = None if told[name] is None else told[name].isoformat()
        return told | {"sources": list(self.sources)}

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> Finding:
        """What `to_dict` gave."""
        moments = {name: None if told[name] is None else datetime.fromisoformat(told[name]) for name in ("hidden_from", "known")}
        return cls(**told | moments | {"moment": datetime.fromisoformat(told["moment"]), "sources": tuple(told["sources"])})


@dataclass(frozen=True)
class Moment:
    """A moment from which the future was hidden.

    Attributes
    ----------
    time : datetime
    n_decisions : int
        Decisions by then, all of which were compared.
    n_changed : int
        Runs, of those with the future cut and changed, in which one of them was another.
    """

    time: datetime
    n_decisions: int
    n_changed: int


@dataclass(frozen=True, eq=False)
class Lookahead(Sequence[Finding]):
    """The answer of `check_lookahead`: a sequence of what looks ahead, empty if nothing does.

    Attributes
    ----------
    strategy : str
    spec : dict
        What was asked.
    verdict : str
        "clean", "looks ahead", "not repeatable", or "undecided" where there is no trading day.
    findings : tuple of Finding
        What looks ahead, or isn't repeatable: the first changed decision of each line, in order of time.
    start_up : tuple of Finding
        What depends on where the data begin. It is no look-ahead.
    moments : tuple of Moment
    n_decisions : int
    notes : tuple of str
    id : str
    """

    strategy: str
    spec: dict[str, Any]
    verdict: str
    findings: tuple[Finding, ...] = ()
    start_up: tuple[Finding, ...] = ()
    moments: tuple[Moment, ...] = ()
    n_decisions: int = 0
    notes: tuple[str, ...] = ()
    id: str = field(default="")

    def __len__(self) -> int:
        return len(self.findings)

    @overload
    def __getitem__(self, place: int) -> Finding: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Finding]: ...
    def __getitem__(self, place: int | slice) -> Finding | Sequence[Finding]:
        return self.findings[place]

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __eq__(self, other: object) -> bool:
        """As a list of findings."""
        if isinstance(other, Lookahead):
            return self.to_dict() == other.to_dict()
        return list(self.findings) == list(other) if isinstance(other, (list, tuple)) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def table(self) -> pd.DataFrame:
        """A row for each finding, those of the start-up after the others."""
        import pandas as pd

        rows = [one.to_dict() for one in (*self.findings, *self.start_up)]
        return pd.DataFrame(rows, columns=list(Finding.__dataclass_fields__))

    def plot(self) -> Any:
        """The moments at which the future was hidden, and the decisions that changed."""
        from hidden_regime.experiments.pages.lookahead_page import picture

        return picture(self)

    def to_html(self) -> str:
        """The page, which opens without a network."""
        from hidden_regime.experiments.pages.lookahead_page import lookahead_page

        return lookahead_page(self)

    def to_dict(self) -> dict[str, Any]:
        """As what JSON can hold: the content of lookahead.json."""
        from hidden_regime.experiments.lookahead.folder import lookahead_dict

        return lookahead_dict(self)

    def write(self, folder: str | Path) -> list[Path]:
        """Write lookahead.json and the page."""
        from hidden_regime.experiments.lookahead.folder import write_lookahead

        return write_lookahead(self, Path(folder))

    def summary(self) -> str:
        """The verdict in a sentence."""
        n, runs = len(self.moments), 2 * len(self.moments)
        if self.verdict == CLEAN:
            compared = max(one.n_decisions for one in self.moments)
            if not compared:
                return f"No look-ahead found: it sends no order, nor does it in {runs} runs with the future cut or changed."
            decisions = f"none of {compared:,} decisions" if compared > 1 else "its one decision didn't"
            verb = "changed" if compared > 1 else "change"
            return f"No look-ahead found: {decisions} {verb} in {runs} runs with the future cut or changed."
        if self.verdict == GUILTY:
            return f"It looks ahead: decisions change with what happens after them, at {self._n_hit} of {n} moments."
        if self.verdict == NOT_REPEATABLE:
            return "It can't be told: two equal runs decide differently. Give every generator a seed."
        return "It can't be told: there is no trading day."

    @property
    def _n_hit(self) -> int:
        return sum(one.n_changed > 0 for one in self.moments)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return facts(f"{self.strategy}: {self.verdict}", {f"finding {i}": str(one) for i, one in enumerate(self.findings, 1)})

    def __repr__(self) -> str:
        return f"Lookahead({self.strategy!r}: {self.verdict}, {len(self.findings)} findings)"
