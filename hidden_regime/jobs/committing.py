"""One git commit with a campaign's file and its results, where they are in a repository."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from hidden_regime.jobs.campaign import Campaign
from hidden_regime.jobs.report import CampaignResult
from hidden_regime.jobs.store import Store

PATIENCE = 300.0
"""Seconds for git and its hooks."""


def commit(store: Store, campaign: Campaign, found: CampaignResult) -> str:
    """Commit the file and the results, and nothing else; unchanged ones are committed already.

    Returns
    -------
    str
        The commit; empty where there is none, and then the log says why.
    """
    top = _repository(campaign.folder)
    if isinstance(top, str):
        _say_once(store, campaign, top)
        return ""
    paths = [str(path.resolve()) for path in (campaign.path, campaign.results) if path.exists()]
    try:
        _git(top, "add", "--", *paths)
        if not _git(top, "status", "--porcelain", "--", *paths).strip():
            return store.committed(campaign.name)
        _git(top, "commit", "--quiet", "--only", "-m", message(found), "--", *paths)
        made = _git(top, "rev-parse", "HEAD").strip()
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        _say_once(store, campaign, f"git refused the commit: {str(said).strip()[:500]}")
        return ""
    store.log(campaign.name, "committed", made)
    return store.committed(campaign.name, made)


def message(found: CampaignResult) -> str:
    """What the commit says."""
    lines = [f"{one.name}: {one.answer}. {one.reason}" for one in found.hypotheses]
    return f"Campaign {found.name}: {found.headline}\n\n" + "\n".join(lines) + f"\n\nSpec {found.spec_hash}\n"


def _repository(folder: Path) -> Path | str:
    """The top of the repository that a folder is in, or why there is none."""
    if shutil.which("git") is None:
        return "nothing was committed: git isn't installed"
    try:
        return Path(_git(folder, "rev-parse", "--show-toplevel").strip())
    except (OSError, subprocess.SubprocessError):
        return f"nothing was committed: {folder.resolve()} is in no git repository"


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, encoding="utf-8", errors="replace", check=True,
        timeout=PATIENCE, stdin=subprocess.DEVNULL, env=os.environ | {"GIT_TERMINAL_PROMPT": "0"},
    )  # fmt: skip
    return done.stdout


def _say_once(store: Store, campaign: Campaign, said: str) -> None:
    if not any(one.kind == "not committed" and one.said == said for one in store.events(campaign.name)):
        store.log(campaign.name, "not committed", said)
