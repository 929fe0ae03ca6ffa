"""A study as files: what it found, its trials and their curves, and a config that repeats its best run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import hidden_regime
from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.constraint import Constraint
from hidden_regime.experiments.folders import (
    CONFIG,
    ENDINGS,
    PAGE,
    TIMING,
    check_same,
    days_of,
    intact,
    read_json,
    read_table,
    table_files,
    to_json,
)
from hidden_regime.experiments.objective import Objective
from hidden_regime.experiments.space import Space
from hidden_regime.experiments.space.lean_config import with_problem
from hidden_regime.experiments.space.problem import Problem
from hidden_regime.experiments.studies.luck import Luck
from hidden_regime.experiments.studies.study import SCHEMA, Study
from hidden_regime.experiments.studies.trial import Trial
from hidden_regime.files.whole import write_folder

if TYPE_CHECKING:
    import pandas as pd

TOP = 10
STUDY = "study.json"
OPTIMIZER = "optimizer-config.json"
TABLES = ("trials", "returns")


def study_dict(study: Study) -> dict[str, Any]:
    """A study as what JSON can hold: the content of study.json. Nothing in it tells one run of the same study from another."""
    best = study.best
    return {
        "schema": SCHEMA,
        "optimization_id": study.id,
        "strategy": study.spec["strategy"],
        "method": study.spec["method"],
        "version": hidden_regime.__version__,
        "question": study.spec,
        "ended": study.ended,
        "n_trials": len(study.trials),
        "best_trial": None if best is None else best.number,
        "best_params": None if best is None else best.parameters,
        "best_values": None if best is None or best.values is None else list(best.values),
        "best_metrics": None if best is None else best.statistics,
        "top_10_results": [_shown(trial) for trial in study.ranked[:TOP]],
        "front": [trial.number for trial in study.front] if len(study.directions) > 1 else None,
        "luck": study.luck.to_dict(),
        "notes": list(study.notes),
        "trials": [trial.to_dict() for trial in study.trials],
    }


def _shown(trial: Trial) -> dict[str, Any]:
    return {"trial": trial.number, "params": trial.parameters, "values": list(trial.values or ()), "metrics": trial.statistics}


def config_of(study: Study, parameters: Mapping[str, str]) -> dict[str, Any]:
    """A config.json, as a project of LEAN's has it, with which a backtest repeats a trial."""
    return {
        "algorithm-language": "Python", "parameters": study.config | dict(parameters),
        "description": f"Best of {len(study.trials)} trials by {study.spec['method']} (study {study.id}).",
    }  # fmt: skip


def optimizer_config(study: Study) -> dict[str, Any] | None:
    """The study's question as a config of LEAN's optimiser; None where LEAN can't ask it: several objectives, lists of texts."""
    asked = study.spec
    try:
        space = Space.from_dict({"parameters": asked["space"]})
        objectives = tuple(Objective(one["target"], one["direction"], one["value"]) for one in asked["objectives"])
        constraints = tuple(Constraint.parse(text) for text in asked["constraints"])
        return with_problem(None, Problem(space, objectives, constraints, asked["method"], asked["segments"]))
    except ParameterError:
        return None


def write_study(study: Study, folder: Path, seconds: Sequence[float] = ()) -> list[Path]:
    """Write a study's files together: a folder never holds some of an earlier state beside some of this one."""
    files: dict[str, str | bytes] = {STUDY: to_json(study_dict(study))}
    files |= table_files("trials", study.table().reset_index())
    files |= table_files("returns", returns_frame(study).reset_index())
    if study.best is not None:
        files[CONFIG] = to_json(config_of(study, study.best.parameters))
    optimizer = optimizer_config(study)
    if optimizer is not None:
        files[OPTIMIZER] = to_json(optimizer)
    if seconds:
        told = {"seconds": [round(value, 4) for value in seconds], "total": round(float(sum(seconds)), 3)}
        files[TIMING] = to_json({"schema": "hidden-regime/timing/1"} | told)
    files[PAGE] = study.to_html()
    write_folder(
        folder, files, instead_of=(STUDY, CONFIG, OPTIMIZER, PAGE, *(name + ending for name in TABLES for ending in ENDINGS))
    )
    return [folder / name for name in sorted(files)]


def returns_frame(study: Study) -> pd.DataFrame:
    """Returns of the trading days, a column for each different trial that was complete."""
    import pandas as pd

    index = pd.DatetimeIndex(study.days.astype("datetime64[ns]"), name="date")
    return pd.DataFrame(study.returns, index=index, columns=[str(number) for number in study.columns])


def read_study(folder: Path) -> Study:
    """A finished study from its folder.

    Raises
    ------
    StudyError
    """
    content = read_json(folder / STUDY, SCHEMA)
    table = read_table(folder, "returns")
    with intact(folder / STUDY):
        trials = tuple(Trial.from_dict(told) for told in content["trials"])
        luck = Luck(**content["luck"] | {"notes": tuple(content["luck"]["notes"])})
        days = days_of(table.pop("date"))
        columns = tuple(int(name) for name in table.columns)
        question, notes = content["question"], tuple(content["notes"])
        returns, identity = table.to_numpy(np.float64), content["optimization_id"]
        ended, config = content["ended"], question["parameters"]
        study = Study(question, trials, days, returns, columns, luck, ended, notes, identity, config)
        check_same(study_dict(study), content)
        return study
