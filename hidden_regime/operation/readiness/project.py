"""A folder for a strategy of one's own: a copy of another, and what it needs beside its file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from hidden_regime.exceptions import ParameterError
from hidden_regime.files.text import text_in
from hidden_regime.files.whole import write_file
from hidden_regime.operation.deploying import modules_of
from hidden_regime.operation.readiness import idea
from hidden_regime.research import projects, strategies
from hidden_regime.research.projects import MAIN

RULES = """# What watches over the strategy: see docs/operation.md.
[guards]
daily_loss = { limit = 0.03, action = "reduce" }
drawdown = { limit = 0.15, action = "stop" }
position = { limit = 0.60, action = "reduce" }
order_rate = { limit = 50, action = "warn" }
"""
README = """# {name}

A copy of {origin}, which it does not depend on.

- `main.py`: the strategy. `config.json`: its parameters. `rules.toml`: its guards. `idea.md`: what it rests on.
- `hidden-regime backtest {folder}`, then `hidden-regime ready {folder}` says what is missing before it trades.
- `hidden-regime live start {folder} --data PRICES` trades it on paper, watched by `rules.toml`.
"""


def new_project(folder: Path, origin: str) -> list[Path]:
    """Make a folder with a copy of a strategy.

    Parameters
    ----------
    folder : Path
        Not there yet, or empty.
    origin : str
        A shipped template, a file, or another project's folder: an edit of it changes nothing here, and the other way round.

    Raises
    ------
    ParameterError
        Something lies there already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ParameterError("NAME", str(folder), "a folder that isn't there yet, or is empty")
    path = strategies.find_strategy(origin).resolve()
    made = []
    for one in modules_of(path):
        copied = folder / (MAIN if one == path else one.relative_to(path.parent))
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(one, copied)
        made.append(copied)
    parameters = projects.parameters(path)
    texts = {
        "config.json": json.dumps({"algorithm-language": "Python", "parameters": parameters}, indent=4) + "\n",
        "rules.toml": text_in("rules", path.parent / "rules.toml") if (path.parent / "rules.toml").is_file() else RULES,
        idea.FILE: idea.template(folder.name),
        "README.md": README.format(name=folder.name, origin=path.stem if path.name != MAIN else path.parent.name, folder=folder),
    }
    for name, text in texts.items():
        write_file(folder / name, text)
        made.append(folder / name)
    return made
