"""Who has signed for what: the week's check, and each step by which real money may grow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from hidden_regime.exceptions import ParameterError
from hidden_regime.operation.errors import OperationError
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.journal import check_name
from hidden_regime.operation.readiness.proof import PASSED, Proof

WEEK, STEP = "week", "step"
STEPS = (0.05, 0.10, 0.25, 0.50, 1.0)
"""Shares of the money that is meant for a strategy, each after the one before."""
PATIENCE = timedelta(days=28)
"""How long a step has to have gone well before the next."""
CHECKS = (
    "orders and fills of the week are the ones that were meant",
    "positions are the broker's",
    "the week's equity is within its band, or it is known why not",
    "guards and alerts were tried, or fired",
    "data came on each day",
)
"""What whoever signs for a week has looked at."""


class NotSignedError(OperationError):
    """Somebody has to sign first."""


def week_of(day: date) -> str:
    """The week that a day is of, such as 2026-W05."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def sign(journal: Journal, deployment: str, kind: str, what: str, by: str, at: str) -> None:
    """Note a signature.

    Raises
    ------
    ParameterError
        No deployment can have that name, or nobody signs.
    """
    check_name(deployment)
    if not by.strip():
        raise ParameterError("by", by, "a name")
    with journal.file.transaction() as db:
        db.execute(
            "INSERT INTO sign_offs (deployment, kind, what, signed_by, at) VALUES (?, ?, ?, ?, ?)",
            (deployment, kind, what, by.strip(), at),
        )


def signed(journal: Journal, deployment: str, kind: str) -> list[tuple[str, str, str]]:
    """What was signed, by whom and when, oldest first."""
    rows = journal.file.rows(
        "SELECT what, signed_by, at FROM sign_offs WHERE deployment = ? AND kind = ? ORDER BY id", deployment, kind
    )
    return [(what, by, at) for what, by, at in rows]


def grow(journal: Journal, deployment: str, share: float, by: str, at: str, *, now: datetime) -> float:
    """Sign for the next step of the money; the share that is allowed from then on.

    Raises
    ------
    ParameterError
        It isn't the next step.
    NotSignedError
        The last one was signed for less than four weeks ago.
    """
    steps = signed(journal, deployment, STEP)
    place = len(steps)
    if place >= len(STEPS) or share > STEPS[place] + 1e-12:
        following = f"{STEPS[place]:.0%}" if place < len(STEPS) else "nothing more"
        raise ParameterError(
            "to", share, f"at most the next step, {following} (steps are {', '.join(f'{s:.0%}' for s in STEPS)})"
        )
    if steps:
        since = now - datetime.fromisoformat(steps[-1][2].replace("Z", "+00:00"))
        if since < PATIENCE:
            raise NotSignedError(
                f"{float(steps[-1][0]):.0%} was signed for {since.days} days ago: expected at least {PATIENCE.days}."
            )
    sign(journal, deployment, STEP, f"{share:g}", by, at)
    return share


def allowed_share(journal: Journal, deployment: str) -> float:
    """What was signed for last; nothing before that."""
    steps = signed(journal, deployment, STEP)
    return float(steps[-1][0]) if steps else 0.0


def keep_proofs(journal: Journal, digest: str, proofs: Sequence[Proof], at: str) -> None:
    """Note what a strategy has passed."""
    with journal.file.transaction() as db:
        db.executemany(
            "INSERT INTO proofs (digest, name, state, evidence, at) VALUES (?, ?, ?, ?, ?)",
            [(digest, one.name, one.state, one.evidence, at) for one in proofs],
        )


def is_ready(journal: Journal, digest: str) -> bool:
    """Whether the latest proofs of exactly these files are there and all passed."""
    rows = journal.file.rows(
        "SELECT state FROM proofs WHERE digest = ? AND at = (SELECT MAX(at) FROM proofs WHERE digest = ?)", digest, digest
    )
    return bool(rows) and all(state == PASSED for (state,) in rows)


def check_signed(journal: Journal, deployment: str, digest: str, today: date) -> None:
    """Raise unless a strategy may trade elsewhere than on paper this week.

    Raises
    ------
    NotSignedError
        It is not ready, nobody has signed for this week, or for any money.
    """
    if not is_ready(journal, digest):
        raise NotSignedError(f"{deployment}: these files have not passed `hidden-regime ready`, or not wholly. Run it first.")
    if week_of(today) not in [what for what, _, _ in signed(journal, deployment, WEEK)]:
        raise NotSignedError(
            f"{deployment}: nobody has signed for {week_of(today)}. Look at {'; '.join(CHECKS)}. Then: hidden-regime weekly "
            f"{deployment} --by NAME."
        )
    if not allowed_share(journal, deployment):
        raise NotSignedError(
            f"{deployment}: nobody has signed for any money. Begin with: hidden-regime grow {deployment} --to 0.05 --by NAME."
        )
