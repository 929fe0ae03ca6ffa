"""Results as files: prices, states and detector as plain data, never a pickle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.detection.detector import RegimeDetector
from hidden_regime.exceptions import SavedModelError
from hidden_regime.files.sealed import read_sealed, write_sealed
from hidden_regime.research.result import RegimeResult

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1
"""Version of the layout: what is newer can't be read."""


def _times_out(times: pd.DatetimeIndex) -> dict[str, Any]:
    return {"unit": times.unit, "zone": None if times.tz is None else str(times.tz), "times": times.asi8.tolist()}


def _times_in(value: dict[str, Any]) -> pd.DatetimeIndex:
    import pandas as pd

    times = pd.DatetimeIndex(np.array(value["times"], np.int64).view(f"M8[{value['unit']}]"))
    return times if value["zone"] is None else times.tz_localize("UTC").tz_convert(value["zone"])


def _frame_out(frame: pd.DataFrame) -> dict[str, Any]:
    """Columns by kind: times, numbers, truths, or texts."""
    import pandas as pd

    columns: list[list[Any]] = []
    for name, column in frame.items():
        if isinstance(column.dtype, pd.DatetimeTZDtype) or column.dtype.kind == "M":
            columns.append([str(name), "times", _times_out(pd.DatetimeIndex(column))])
        elif column.dtype.kind in "biuf":
            columns.append([str(name), str(column.dtype), column.tolist()])
        else:
            texts = [None if missing else str(value) for value, missing in zip(column, column.isna(), strict=True)]
            columns.append([str(name), "text", texts])
    return {"index": _times_out(pd.DatetimeIndex(frame.index)), "name": frame.index.name, "columns": columns}


def _frame_in(value: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    index = _times_in(value["index"]).rename(value["name"])
    columns: dict[str, Any] = {}
    for name, kind, values in value["columns"]:
        if kind == "times":
            columns[name] = _times_in(values)
        elif kind == "text":
            columns[name] = values
        elif np.dtype(kind).kind in "biuf":
            columns[name] = np.array(values, np.dtype(kind))
        else:
            raise SavedModelError(f"a saved result with a column of {kind!r}: expected times, numbers or texts.")
        if len(columns[name]) != len(index):
            raise SavedModelError(
                f"a saved result whose column {name} is damaged: expected a value for each of {len(index)} rows."
            )
    return pd.DataFrame(columns, index=index)


def save(result: RegimeResult, path: str | Path) -> None:
    """Write a result; see `RegimeResult.save`."""
    states = result.states.assign(regime=result.states["regime"].astype(object))
    write_sealed(path, "result", {
        "format": FORMAT, "name": result.name, "bars_per_year": result.bars_per_year, "prices": _frame_out(result.prices),
        "states": _frame_out(states), "detector": result.detector.to_dict(),
    })  # fmt: skip


def load(path: str | Path, like: RegimeDetector | None = None) -> RegimeResult:
    """Read a result; see `RegimeResult.load`."""
    content = read_sealed(path, "result")
    try:
        if content["format"] != FORMAT:
            raise SavedModelError(
                f"a result saved in format {content['format']!r}: this version of hidden-regime reads {FORMAT}."
            )
        detector = RegimeDetector.from_dict(content["detector"], like)
        if detector.state is None:
            raise SavedModelError("a saved result whose detector knows no regime. Save it again.")
        prices, states = _frame_in(content["prices"]), _frame_in(content["states"])
        return RegimeResult(str(content["name"]), prices, states, detector, content["bars_per_year"])
    except SavedModelError:
        raise
    except Exception as error:
        text = f"{type(error).__name__}: {str(error)[:200]}"
        raise SavedModelError(f"{path} holds no result that can be read ({text}). Save it again.") from error
