"""A walk-forward as files: its windows with all figures, the stitched curve, the latest winner's config, and the page."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import hidden_regime
from hidden_regime.experiments.folders import (
    CONFIG,
    ENDINGS,
    PAGE,
    check_same,
    days_of,
    intact,
    plain,
    read_json,
    read_table,
    table_files,
    to_json,
)
from hidden_regime.experiments.studies.trial import Trial
from hidden_regime.experiments.windows import Window
from hidden_regime.files.whole import write_folder

if TYPE_CHECKING:
    from hidden_regime.experiments.walk_forward_result import WalkForward, WindowResult

SCHEMA = "hidden-regime/walk-forward/1"
WINDOWS = "windows.json"
RETURNS = "out_of_sample"
DAYS = ("is_start", "is_end", "oos_start", "oos_end")


def walk_forward_dict(found: WalkForward) -> dict[str, Any]:
    """A walk-forward as what JSON can hold: the content of windows.json."""
    return {
        "schema": SCHEMA,
        "walk_forward_id": found.id,
        "strategy": found.spec["strategy"],
        "version": hidden_regime.__version__,
        "question": found.spec,
        "figures": None if found.figures is None else plain(asdict(found.figures)),
        "hold": None if found.hold is None else plain(asdict(found.hold)),
        "notes": list(found.notes),
        "windows": [_window(result) for result in found.windows],
    }


def _window(result: WindowResult) -> dict[str, Any]:
    w = result.window
    return {
        "number": w.number, **{name: getattr(w, name).isoformat() for name in DAYS},
        "assets": None if w.assets is None else list(w.assets), "n_trials": result.n_trials, "n_feasible": result.n_feasible,
        "best": None if result.best is None else result.best.to_dict(),
        "out_of_sample": None if result.oos is None else result.oos.to_dict(),
        "is_value": result.is_value, "is_median": result.is_median,
        "oos_value": result.oos_value, "oos_median": result.oos_median, "oos_return": result.oos_return,
    }  # fmt: skip


def _daily(w: WindowResult) -> tuple[int, Any, Any, Any]:
    return w.window.number, w.days, w.returns, w.held if len(w.held) else np.full(len(w.days), np.nan)


def write_walk_forward(found: WalkForward, folder: Path) -> list[Path]:
    """Write the files together."""
    import pandas as pd

    columns = ("window", "date", "return", "held")
    parts = [pd.DataFrame(dict(zip(columns, _daily(w), strict=True))) for w in found.windows if len(w.days)]
    daily = pd.concat(parts) if parts else pd.DataFrame({name: [] for name in columns})
    files: dict[str, str | bytes] = {WINDOWS: to_json(walk_forward_dict(found))}
    files |= table_files(RETURNS, daily) | table_files("curve", found.curve.reset_index())
    latest = next((w for w in reversed(found.windows) if w.best is not None), None)
    if latest is not None and latest.best is not None:
        said = f"Winner of the latest window in sample, {latest.window.is_start} to {latest.window.is_end}."
        parameters = found.config | latest.best.parameters
        files[CONFIG] = to_json({"algorithm-language": "Python", "parameters": parameters, "description": said})
    files[PAGE] = found.to_html()
    gone = [name + ending for name in (RETURNS, "curve") for ending in ENDINGS]
    write_folder(folder, files, instead_of=(WINDOWS, CONFIG, PAGE, *gone))
    return [folder / name for name in sorted(files)]


def read_walk_forward(folder: Path) -> WalkForward:
    """A finished walk-forward from its folder.

    Raises
    ------
    StudyError
    """
    from hidden_regime.experiments.walk_forward_result import WindowResult, finished

    content = read_json(folder / WINDOWS, SCHEMA)
    table = read_table(folder, RETURNS)
    with intact(folder / WINDOWS):
        results = []
        for told in content["windows"]:
            own = table[table["window"] == told["number"]]
            best, oos = (None if told[name] is None else Trial.from_dict(told[name]) for name in ("best", "out_of_sample"))
            assets = None if told["assets"] is None else tuple(told["assets"])
            begin, until, oos_begin, oos_until = (date.fromisoformat(told[name]) for name in DAYS)
            window = Window(told["number"], begin, until, oos_begin, oos_until, assets)
            held = own["held"].to_numpy(np.float64)
            results.append(WindowResult(
                window, best, told["n_trials"], told["n_feasible"], told["is_median"], oos, told["oos_median"],
                days_of(own["date"]), own["return"].to_numpy(np.float64),
                held if not np.isnan(held).any() else np.empty(0)))  # fmt: skip
        found = finished(content["question"], content["walk_forward_id"], results, content["question"]["parameters"])
        check_same(walk_forward_dict(found), content)
        return found
