"""What a rehearsal leaves to be seen with a broker's account, and what was recorded of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hidden_regime.exceptions import ParameterError
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.readiness.proof import Proof
from hidden_regime.operation.readiness.signing import keep_proofs, sign, signed

LIST = {
    "latency": "from an order to its fill, over a day",
    "sessions": "the broker's daily break and its new login: orders before and after them",
    "margin": "what the broker asks for the positions that the strategy takes",
    "prices": "fills beside those of the same minutes in the journal",
    "liquidation": "`live panic` on the paper account: the broker itself says that nothing is held",
}
"""What an account alone can show."""
DRY_RUN, REHEARSAL = "dry run", "rehearsal:"


@dataclass(frozen=True)
class Seen:
    """An item of the list, by whom it was seen, and when; empty where nobody has."""

    item: str
    what: str
    by: str
    at: str


def note_seen(journal: Journal, strategy: str, item: str, by: str, at: str) -> None:
    """Note that somebody has seen an item.

    Raises
    ------
    ParameterError
        There is no such item, or nobody says who.
    """
    if item not in LIST:
        raise ParameterError("seen", item, f"one of {', '.join(LIST)}")
    sign(journal, strategy, DRY_RUN, item, by, at)


def listed(journal: Journal, strategy: str) -> list[Seen]:
    """The list, each with who saw it last."""
    last = {what: (by, at) for what, by, at in signed(journal, strategy, DRY_RUN)}
    return [Seen(item, what, *last.get(item, ("", ""))) for item, what in LIST.items()]


def keep_rehearsal(journal: Journal, digest: str, proofs: Sequence[Proof], at: str) -> None:
    """Note a rehearsal of a strategy's files. It is no word on whether they are ready."""
    keep_proofs(journal, REHEARSAL + digest, proofs, at)


def rehearsals(journal: Journal, digest: str) -> list[tuple[str, list[Proof]]]:
    """Times and proofs of each rehearsal of exactly these files, oldest first."""
    found: dict[str, list[Proof]] = {}
    rows = journal.file.rows("SELECT at, name, state, evidence FROM proofs WHERE digest = ? ORDER BY id", REHEARSAL + digest)
    for at, name, state, evidence in rows:
        found.setdefault(at, []).append(Proof(name, state, evidence))
    return list(found.items())
