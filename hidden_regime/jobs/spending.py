"""What a campaign spends in the cloud, against its own limit; the account's are held beside it, by its `Budget`."""

from __future__ import annotations

from hidden_regime.jobs.campaign import Campaign
from hidden_regime.jobs.errors import StepFailed
from hidden_regime.jobs.store import Store


def reserve(store: Store, campaign: Campaign, name: str, credits: int) -> None:
    """Set aside what a job may cost, if the campaign's limit leaves room for it. A name that stands there already counts once.

    Raises
    ------
    StepFailed
        It would be exceeded; nothing was sent.
    """
    if campaign.credits is None:
        return
    with store.transaction() as db:
        used = db.execute(
            "SELECT COALESCE(SUM(credits), 0) FROM spend WHERE campaign = ? AND name != ?", (campaign.name, name)
        ).fetchone()[0]
        if used + credits > campaign.credits:
            raise StepFailed(
                f"{name} may cost {credits} QCC, and of the campaign's {campaign.credits} QCC {campaign.credits - used} are "
                "left. Nothing was sent. Raise credits in [budget], and run again."
            )
        db.execute("INSERT OR REPLACE INTO spend VALUES (?, ?, ?)", (campaign.name, name, credits))


def book(store: Store, campaign: Campaign, name: str, credits: int) -> None:
    """Note what a job did cost."""
    with store.transaction() as db:
        db.execute("INSERT OR REPLACE INTO spend VALUES (?, ?, ?)", (campaign.name, name, credits))


def spent(store: Store, campaign: str) -> int:
    """QCC of a campaign, booked or set aside."""
    with store.transaction() as db:
        row = db.execute("SELECT COALESCE(SUM(credits), 0) FROM spend WHERE campaign = ?", (campaign,)).fetchone()
        return int(row[0])
