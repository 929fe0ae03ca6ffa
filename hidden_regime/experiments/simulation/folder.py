"""A simulation as files: what it found, a row a path, and the page."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import hidden_regime
from hidden_regime.experiments import folders
from hidden_regime.experiments.folders import (
    ENDINGS,
    PAGE,
    check_same,
    intact,
    plain,
    read_json,
    read_table,
    table_files,
    to_json,
)
from hidden_regime.experiments.simulation.perturbation import Perturbation, columns_of, from_table
from hidden_regime.experiments.simulation.summary import Fan, figures_summary, probabilities_of
from hidden_regime.files.whole import write_folder

if TYPE_CHECKING:
    from hidden_regime.experiments.simulation.simulation import Simulation

SCHEMA = "hidden-regime/simulation/1"
SIMULATION, PATHS = "simulation.json", "paths"
TEXTS = ("status", "error")


def simulation_dict(found: Simulation) -> dict[str, Any]:
    """A simulation as what JSON can hold: the content of simulation.json."""
    told: dict[str, Any] = plain({
        "schema": SCHEMA,
        "simulation_id": found.id,
        "version": hidden_regime.__version__,
        "question": found.spec,
        "drawn": found.drawn,
        "n_paths": len(found.paths),
        "counts": {status: found.count(status) for status in ("complete", "no orders", "failed")},
        "source": found.source,
        "figures": [asdict(one) for one in found.figures],
        "probabilities": [asdict(one) for one in found.probabilities],
        "fan": None if found.fan is None else asdict(found.fan),
        "perturbation": None if found.perturbation is None else asdict(found.perturbation),
        "model": found.model,
        "notes": found.notes,
    })  # fmt: skip
    return told


def expect_own(folder: Path, identity: str) -> None:
    """Raise unless a folder is new, empty, or that of the same simulation.

    Raises
    ------
    StudyError
    """
    folders.expect_own(folder, SIMULATION, SCHEMA, "simulation", identity)


def write_simulation(found: Simulation, folder: Path) -> list[Path]:
    """Write the files together.

    Raises
    ------
    StudyError
        The folder holds something else.
    """
    expect_own(folder, found.id)
    files: dict[str, str | bytes] = {SIMULATION: to_json(simulation_dict(found)), PAGE: found.to_html()}
    files |= table_files(PATHS, found.paths)
    write_folder(folder, files, instead_of=(SIMULATION, PAGE, *(PATHS + ending for ending in ENDINGS)))
    return [folder / name for name in sorted(files)]


def read_simulation(folder: str | Path) -> Simulation:
    """A simulation from its folder.

    Raises
    ------
    StudyError
        The folder holds none, or damaged files.
    """
    from hidden_regime.experiments.simulation.simulation import Simulation

    path = Path(folder) / SIMULATION
    content = read_json(path, SCHEMA)
    table = read_table(Path(folder), PATHS)
    with intact(path):
        spec, source, around = content["question"], content["source"], content["perturbation"]
        moved = None if around is None else Perturbation.from_dict(around)
        texts = {} if moved is None else columns_of(moved)
        for name in table.columns:
            if name in TEXTS:
                table[name] = pd.Series([str(text) for text in table[name].astype(object).fillna("")], dtype=object)
            elif name in texts:
                table[name] = pd.Series(texts[name], dtype=object)
            else:
                table[name] = table[name].to_numpy(np.float64)
        same = bool(content["drawn"]["same_length"])
        told = told_paths(table)
        chances = () if moved is not None else probabilities_of(told, spec["ruin"], spec["drawdowns"])
        if moved is not None and from_table(moved, table) != moved:
            raise ValueError(f"{PATHS} and the sets around the winner don't belong together")
        fan = None if content["fan"] is None else Fan.from_dict(content["fan"])
        found = Simulation(
            spec, content["simulation_id"], content["drawn"], table,
            fan, figures_summary(told, source, same_length=same), chances, source, content["model"], moved,
            tuple(content["notes"]))  # fmt: skip
        check_same(simulation_dict(found), content)
        return found


def told_paths(table: Any) -> Any:
    """Paths that count: those that failed have no figures."""
    return table[table["status"] != "failed"] if "status" in table else table
