"""Frames with dates, without the rows that are hidden: what readers make of files that hold no text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hidden_regime.experiments.lookahead.dated import WHEN, Rows, turned_columns
from hidden_regime.experiments.lookahead.future import CUT, CloseOf, Future

if TYPE_CHECKING:
    import pandas as pd


def hidden_frame(frame: pd.DataFrame, source: str, future: Future, close_of: CloseOf) -> pd.DataFrame:
    """A frame with dates, in its index or a column, without what is hidden."""
    import pandas as pd

    times = _times(frame)
    if times is None:
        return frame
    moments = [None if pd.isna(time) else time.tz_localize(None).to_pydatetime() for time in times]
    names = {str(name).lower().replace(" ", "_"): name for name in frame.columns}
    rows = Rows(moments, bars="close" in names, future=future, close_of=close_of)
    hidden = np.array(rows.hidden, dtype=np.bool_)
    if not rows.any:
        return frame
    if future.how == CUT:
        return frame[~hidden]
    kinds = {name: kind for name, kind in names.items() if pd.api.types.is_numeric_dtype(frame[kind].dtype)}
    kinds = {name: kind for name, kind in kinds.items() if not pd.api.types.is_bool_dtype(frame[kind].dtype)}
    columns = {name: frame[kind].to_numpy(np.float64, na_value=np.nan) for name, kind in kinds.items()}
    turned = turned_columns(columns, hidden, future, future.jitter(source, len(frame)))
    out = frame.copy()
    for name, kind in kinds.items():
        whole = pd.api.types.is_integer_dtype(frame[kind].dtype)
        out[kind] = np.where(hidden, turned[name].round(0) if whole else turned[name], columns[name])
        out[kind] = out[kind].astype(frame[kind].dtype)
    return out


def _times(frame: pd.DataFrame) -> pd.DatetimeIndex | None:
    import pandas as pd

    if isinstance(frame.index, pd.DatetimeIndex):
        return frame.index
    for name in frame.columns:
        if str(name).lower() in WHEN or pd.api.types.is_datetime64_any_dtype(frame[name].dtype):
            found = pd.to_datetime(frame[name], errors="coerce")
            return None if found.isna().mean() > 0.2 else pd.DatetimeIndex(found)
    return None
