"""A check for look-ahead as files."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import hidden_regime
from hidden_regime.experiments import folders
from hidden_regime.experiments.folders import PAGE, check_same, intact, plain, read_json, to_json
from hidden_regime.experiments.lookahead.finding import CLEAN, GUILTY, NOT_REPEATABLE, UNDECIDED, Finding, Lookahead, Moment
from hidden_regime.files.whole import write_folder

SCHEMA = "hidden-regime/lookahead/1"
LOOKAHEAD = "lookahead.json"


def lookahead_dict(found: Lookahead) -> dict[str, Any]:
    """The content of lookahead.json."""
    return {
        "schema": SCHEMA, "lookahead_id": found.id, "strategy": found.strategy, "version": hidden_regime.__version__,
        "question": found.spec, "verdict": found.verdict, "n_decisions": found.n_decisions,
        "findings": [plain(one.to_dict()) for one in found.findings],
        "start_up": [plain(one.to_dict()) for one in found.start_up],
        "moments": [asdict(one) | {"time": one.time.isoformat()} for one in found.moments], "notes": list(found.notes),
    }  # fmt: skip


def expect_own(folder: Path, identity: str) -> None:
    """Refuse a folder that holds another question's answer.

    Raises
    ------
    StudyError
    """
    folders.expect_own(folder, LOOKAHEAD, SCHEMA, "lookahead", identity)


def write_lookahead(found: Lookahead, folder: Path) -> list[Path]:
    """Write the files together.

    Raises
    ------
    StudyError
        The folder holds something else.
    """
    expect_own(folder, found.id)
    files: dict[str, str | bytes] = {LOOKAHEAD: to_json(lookahead_dict(found)), PAGE: found.to_html()}
    write_folder(folder, files, instead_of=(LOOKAHEAD, PAGE))
    return [folder / name for name in sorted(files)]


def read_lookahead(folder: Path) -> Lookahead:
    """A finished check from its folder.

    Raises
    ------
    StudyError
    """
    content = read_json(folder / LOOKAHEAD, SCHEMA)
    with intact(folder / LOOKAHEAD):
        findings, start_up = (tuple(Finding.from_dict(one) for one in content[name]) for name in ("findings", "start_up"))
        moments = tuple(Moment(**one | {"time": datetime.fromisoformat(one["time"])}) for one in content["moments"])
        found = Lookahead(
            content["strategy"], content["question"], content["verdict"], findings, start_up, moments, content["n_decisions"],
            tuple(content["notes"]), content["lookahead_id"])  # fmt: skip
        if found.verdict not in (CLEAN, GUILTY, NOT_REPEATABLE, UNDECIDED) or (found.verdict in (GUILTY, NOT_REPEATABLE)) != bool(
            found.findings
        ):
            raise ValueError(f"the verdict {found.verdict!r} doesn't go with {len(found.findings)} findings")
        check_same(lookahead_dict(found), content)
        return found
