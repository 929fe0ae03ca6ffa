"""A study as files: what it found, its trials and their curves, and a config that repeats its best run."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import hidden_regime
from hidden_regime.exceptions import ParameterError, StudyError
from hidden_regime.experiments.constraint import Constraint
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
STUDY, CONFIG, PAGE, TIMING = "study.json", "config.json", "report.html", "timing.json"
OPTIMIZER = "optimizer-config.json"
TABLES = ("trials", "returns")
ENDINGS = (".parquet", ".csv")
BROKEN = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
"""What reading a damaged file ends in."""


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


def to_json(content: Any) -> str:
    """JSON for people and programs: no NaN."""
    return json.dumps(content, indent=2, allow_nan=False) + "\n"


def returns_frame(study: Study) -> pd.DataFrame:
    """Returns of the trading days, a column for each different trial that was complete."""
    import pandas as pd

    index = pd.DatetimeIndex(study.days.astype("datetime64[ns]"), name="date")
    return pd.DataFrame(study.returns, index=index, columns=[str(number) for number in study.columns])


def table_files(name: str, table: pd.DataFrame) -> dict[str, str | bytes]:
    """A table as Parquet, or as CSV where pyarrow isn't installed."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        return {f"{name}.csv": table.to_csv(index=False, lineterminator="\n")}
    out = io.BytesIO()
    table.to_parquet(out, index=False)
    return {f"{name}.parquet": out.getvalue()}


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """A table that `table_files` made.

    Raises
    ------
    StudyError
    """
    import pandas as pd

    for ending in ENDINGS:
        path = folder / f"{name}{ending}"
        if path.is_file():
            try:
                return pd.read_parquet(path) if ending == ".parquet" else _from_csv(path)
            except Exception as error:  # a damaged file has many errors, and none of them is the reader's
                raise StudyError(f"{path} can't be read ({type(error).__name__}: {str(error)[:200]}).") from error
    raise StudyError(f"{folder} holds no {name}{ENDINGS[0]} or {name}{ENDINGS[1]}: expected the folder of a finished study.")


def _from_csv(path: Path) -> pd.DataFrame:
    """A table of a CSV, its numbers exactly as they were: pandas rounds the last digit, except where a release is told not to."""
    import pandas as pd

    table = pd.read_csv(path)
    texts = pd.read_csv(path, dtype=str, keep_default_na=False)
    for name in table.columns[[kind.kind == "f" for kind in table.dtypes]]:
        table[name] = [float(text or "nan") for text in texts[name]]
    return table


def read_json(path: Path, schema: str) -> dict[str, Any]:
    """A file of ours.

    Raises
    ------
    StudyError
        It isn't there, is damaged, or of another schema.
    """
    if not path.is_file():
        raise StudyError(
            f"{path.parent} holds no {path.name}: expected the folder of a finished study. The same command goes on."
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise StudyError(f"{path} is damaged ({error}): expected JSON. The same command writes it again.") from error
    if not isinstance(content, dict) or content.get("schema") != schema:
        found = content.get("schema") if isinstance(content, dict) else type(content).__name__
        raise StudyError(f"{path} has the schema {found!r}: this version of hidden-regime reads {schema!r}.")
    return content


@contextmanager
def intact(path: Path) -> Iterator[None]:
    """Inside, what comes of a damaged file is told as that.

    Raises
    ------
    StudyError
    """
    try:
        yield
    except BROKEN as error:
        said = f"{path} is damaged ({type(error).__name__}: {error}). The same command writes it again."
        raise StudyError(said) from error


def check_same(again: dict[str, Any], content: dict[str, Any]) -> None:
    """Raise ValueError unless what was read would be written again, but for the version: then nothing was damaged or lost."""
    told = json.loads(to_json(again))
    names = [name for name in {**told, **content} if name != "version" and told.get(name, "-") != content.get(name, "-")]
    if names:
        raise ValueError(f"{', '.join(names)} can't be what was written")


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
        days = table.pop("date").to_numpy().astype("datetime64[D]")
        columns = tuple(int(name) for name in table.columns)
        question, notes = content["question"], tuple(content["notes"])
        returns, identity = table.to_numpy(np.float64), content["optimization_id"]
        ended, config = content["ended"], question["parameters"]
        study = Study(question, trials, days, returns, columns, luck, ended, notes, identity, config)
        check_same(study_dict(study), content)
        return study
