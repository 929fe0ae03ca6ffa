"""A run in parts as files: figures, days and the page."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import hidden_regime
from hidden_regime.experiments.folders import (
    ENDINGS,
    PAGE,
    check_same,
    days_of,
    expect_own,
    intact,
    plain,
    read_json,
    read_table,
    table_files,
    to_json,
)
from hidden_regime.experiments.segments.part import Figures, Part
from hidden_regime.experiments.trials.digests import digest_of
from hidden_regime.files.whole import write_folder

if TYPE_CHECKING:
    from hidden_regime.experiments.segments.segments import Segments

SCHEMA = "hidden-regime/segments/1"
FILE, DAYS = "segments.json", "days"


def segments_dict(found: Segments) -> dict[str, Any]:
    """A run in parts as what JSON can hold: the content of segments.json."""
    return {
        "schema": SCHEMA,
        "segments_id": identity(found),
        "version": hidden_regime.__version__,
        "question": found.spec,
        "before": found.before,
        "n_days": len(found.days),
        "whole": asdict(found.whole),
        "benchmark": None if found.benchmark is None else asdict(found.benchmark),
        "parts": [plain(part.to_dict()) for part in found.parts],
        "told_from_the_rest": list(found.told),
        "notes": list(found.notes),
    }


def identity(found: Segments) -> str:
    """Digest of what was asked and of the days it was asked of."""
    columns = [found.days["part"].tolist(), found.days["return"].tolist(), plain(found.days["benchmark"].tolist())]
    return digest_of("segments", found.spec, found.before, [f"{day:%Y-%m-%d}" for day in found.days.index], columns)[:16]


def write_segments(found: Segments, folder: Path) -> list[Path]:
    """Write the files together.

    Raises
    ------
    StudyError
        The folder holds something else.
    """
    expect_own(folder, FILE, SCHEMA, "segments", identity(found))
    files: dict[str, str | bytes] = {FILE: to_json(segments_dict(found)), PAGE: found.to_html()}
    files |= table_files(DAYS, found.days.reset_index())
    write_folder(folder, files, instead_of=(FILE, PAGE, *(DAYS + ending for ending in ENDINGS)))
    return [folder / name for name in sorted(files)]


def read_segments(folder: str | Path) -> Segments:
    """A run in parts from its folder.

    Raises
    ------
    StudyError
        The folder holds none, or damaged files.
    """
    import pandas as pd

    from hidden_regime.experiments.segments.segments import Segments

    path = Path(folder) / FILE
    content = read_json(path, SCHEMA)
    table = read_table(Path(folder), DAYS)
    with intact(path):
        index = pd.DatetimeIndex(days_of(table["day"]).astype("datetime64[us]"), name="day")
        values = {"part": [str(name) for name in table["part"]]}
        numbers = {name: table[name].to_numpy(np.float64) for name in ("return", "benchmark")}
        days = pd.DataFrame(values | numbers, index=index)
        parts = tuple(Part.from_dict(one) for one in content["parts"])
        held = None if content["benchmark"] is None else Figures(**content["benchmark"])
        found = Segments(content["question"], parts, Figures(**content["whole"]), held, days, content["before"],
                         tuple(content["notes"]))  # fmt: skip
        _check_days(found)
        check_same(segments_dict(found), content)
        return found


def _check_days(found: Segments) -> None:
    """Raise ValueError unless the figures are of these days."""
    if {part.name for part in found.parts} != set(found.days["part"]):
        raise ValueError(f"{DAYS} and the parts don't belong together")
    for part in found.parts:
        own = found.days.loc[found.days["part"] == part.name, "return"].to_numpy(np.float64)
        total = float(np.prod(1.0 + own)) - 1.0
        if len(own) != part.days or not math.isclose(total, part.own.total_return, rel_tol=1e-9, abs_tol=1e-9):
            raise ValueError(f"{DAYS} and the figures of {part.name} don't belong together")
