"""Folders of results: what is written into them and read again, whatever the experiment."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import StudyError
from hidden_regime.files.whole import WRITING

if TYPE_CHECKING:
    import pandas as pd

CONFIG, PAGE, TIMING = "config.json", "report.html", "timing.json"
ENDINGS = (".parquet", ".csv")
BROKEN = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
"""What reading a damaged file ends in."""


def to_json(content: Any) -> str:
    """JSON for people and programs: no NaN."""
    return json.dumps(content, indent=2, allow_nan=False) + "\n"


def plain(value: Any) -> Any:
    """Without what JSON has no word for: infinite and missing are null."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


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


def days_of(column: Any) -> npt.NDArray[np.datetime64]:
    """A table's column of trading days, (n_days,) of datetime64[D]; a ValueError where it can't be one."""
    import pandas as pd

    times = pd.to_datetime(pd.Series(column))
    if times.dt.tz is not None or times.isna().any():
        raise ValueError("days have no time zone and none is missing")
    days = times.to_numpy().astype("datetime64[D]")
    if len(days) and not (np.datetime64("0001-01-01") <= days.min() and days.max() <= np.datetime64("9999-12-31")):
        raise ValueError("days lie between the years 1 and 9999")
    return days


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


def expect_own(folder: Path, name: str, schema: str, what: str, identity: str) -> None:
    """Raise unless a folder is new, empty, or that of the same experiment: its files would replace others of the same names.

    Parameters
    ----------
    folder : Path
    name, schema : str
        The file that the experiment is known by, and its schema.
    what : str
        What it is called: its identity stands there as `what_id`.
    identity : str

    Raises
    ------
    StudyError
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise StudyError(f"{folder} is a file: expected a folder for the {what}.")
    others = sorted(one.name for one in folder.iterdir() if not one.name.startswith(WRITING))
    if not others:
        return
    if name not in others:
        raise StudyError(
            f"{folder} holds {', '.join(others[:3])} and no {what}: expected an empty folder, a new one, or that of this "
            f"{what}, for its files would replace those of the same names."
        )
    kept = read_json(folder / name, schema).get(f"{what}_id")
    if kept != identity:
        raise StudyError(f"{folder} holds another {what} ({kept}, and this is {identity}). Give another folder, or remove it.")


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
