"""A hypothesis written into a campaign's file, which is made where there is none."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

from hidden_regime.files.whole import write_file
from hidden_regime.jobs.campaign import Campaign
from hidden_regime.jobs.campaign_file import campaign_of, read_campaign
from hidden_regime.jobs.planning import strategy_file


def add_hypothesis(path: Path, name: str, strategy: str, *, why: str = "", parameters: Mapping[str, str] | None = None,
                   space: Mapping[str, str] | None = None) -> Campaign:  # fmt: skip
    """Append a hypothesis. What stands in the file stays as it is, comments too.

    Parameters
    ----------
    path : Path
        The campaign's file.
    name, strategy, why, parameters, space
        As in the file.

    Raises
    ------
    RegimeError
        The campaign would not be one that can be read, or there is no such strategy; nothing was written.
    """
    before = f"name = {_text(path.stem)}\n"
    if path.exists():
        read_campaign(path)
        before = path.read_text(encoding="utf-8")
    lines = ["", "[[hypothesis]]", f"name = {_text(name)}"]
    lines += [f"why = {_text(why)}"] if why else []
    lines.append(f"strategy = {_text(strategy)}")
    for key, table in (("parameters", parameters), ("space", space)):
        if table:
            lines.append(f"{key} = {{ {', '.join(f'{_text(one)} = {_text(value)}' for one, value in table.items())} }}")
    after = before.rstrip("\n") + "\n" + "\n".join(lines) + "\n"
    campaign = campaign_of(path, tomllib.loads(after))
    strategy_file(campaign, campaign.hypotheses[-1])  # one that isn't there would keep all others from being run
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, after)
    return campaign


def _text(value: str) -> str:
    """A text as TOML has it: its basic strings are those of JSON, but for one character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
