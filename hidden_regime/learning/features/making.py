"""From bars to a table of features, by the object that makes a strategy's rows."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.exceptions import CausalityError, DataError, NoRegimesWarning, ParameterError, TrainingError
from hidden_regime.learning.features.spec import FeatureSpec
from hidden_regime.quantconnect.learned.column import Column
from hidden_regime.quantconnect.learned.rows import Rows
from hidden_regime.testing.causality import check_causal_function

if TYPE_CHECKING:
    import pandas as pd

FREE = "prob_"
FIRST = 60
"""First bars with regimes for which a table of them is compared with the detector's."""
OWN_ROWS = 600
"""Latest bars on which a column of one's own is checked."""
EACH_ROW = 250
"""First bars after each of which the future of a column of one's own is cut off: what is filled from a later bar is filled now
and then, or at the beginning alone."""


@dataclass(frozen=True, repr=False)
class Features:
    """Features of one asset.

    Attributes
    ----------
    table : DataFrame
        A row a bar by its time, a column a feature; NaN where there aren't bars enough.
    spec : FeatureSpec
    frame : DataFrame
        The bars.
    regimes : DataFrame or None
        The detector's states, bar by bar, where columns are made of them.
    answer : str
        What the detector said of whether there are regimes at all.
    own : tuple of str
        Columns that functions of one's own made: no strategy can have them.
    """

    table: pd.DataFrame
    spec: FeatureSpec
    frame: pd.DataFrame
    regimes: pd.DataFrame | None = None
    answer: str = ""
    own: tuple[str, ...] = field(default=())

    def __repr__(self) -> str:
        return f"Features({list(self.table)}, {len(self.table)} bars, {len(self.complete)} complete rows)"

    @property
    def complete(self) -> pd.DataFrame:
        """The rows in which every column has a value."""
        return self.table.dropna()


def make_features(
    frame: pd.DataFrame,
    spec: FeatureSpec | None = None,
    *,
    regimes: pd.DataFrame | None = None,
    own: Mapping[str, Callable[[pd.DataFrame], Any]] | None = None,
) -> Features:
    """Features of an asset's bars, each known when its bar ended.

    Parameters
    ----------
    frame : DataFrame
        Bars as `RegimeDetector.run` takes them.
    spec : FeatureSpec, optional
        Default: returns, RSI, gap to a moving average, volatility, z-score, range, drawdown, and filtered regimes.
    regimes : DataFrame, optional
        What the spec's detector said of the same bars; by default it is run here. The first 60 that are known are compared.
    own : mapping of str to callable, optional
        Further columns for research: from a frame to a series or an array with a row for each of its rows. Each is checked for
        looks ahead before it is taken; a strategy in LEAN can't have them.

    Raises
    ------
    CausalityError
        A column of one's own depends on a later bar, or regimes do.
    ParameterError, DataError

    Examples
    --------
    >>> from hidden_regime import load_dataset
    >>> from hidden_regime.learning import FeatureSpec, make_features
    >>> features = make_features(load_dataset("sp500").iloc[:300], FeatureSpec(["return:5", "rsi:14"]))
    >>> features.table.shape, int(features.table["rsi_14"].isna().sum())
    ((300, 2), 14)
    """
    import pandas as pd

    if not isinstance(frame, pd.DataFrame) or not len(frame):
        raise ParameterError("frame", frame, "a frame with a row a bar, as `RegimeDetector.run` takes it")
    chosen = FeatureSpec() if spec is None else spec
    if not isinstance(chosen, FeatureSpec):
        raise ParameterError("spec", spec, "a FeatureSpec, such as FeatureSpec(['rsi:14'])")
    rows = Rows([one for one in chosen.columns if not one.is_of_regimes])
    values = []
    for bar in frame_to_bars(frame):
        bar.check()
        rows.take(bar)
        values.append(rows.row(()))
    made = dict(zip((one.name for one in rows.columns), np.array(values, float).reshape(len(frame), -1).T, strict=True))
    answer = ""
    if chosen.needs_regimes:
        states, answer = _run(chosen, frame) if regimes is None else (_as_run(regimes, chosen, frame), "")
        made |= {one.name: _of_states(one, states) for one in chosen.columns if one.is_of_regimes}
        regimes = states
    table = pd.DataFrame({name: made[name] for name in chosen.names}, index=frame.index)
    for name, function in (own or {}).items():
        if name in table.columns or not isinstance(name, str):
            raise ParameterError("own", name, "a text that is no other column's name")
        table[name] = _own(name, function, frame)
    return Features(table, chosen, frame, regimes if chosen.needs_regimes else None, answer, tuple(own or ()))


def _own(name: str, function: Any, frame: pd.DataFrame) -> Any:
    """A column of one's own, once it is known that it looks at no later bar."""
    if not callable(function):
        raise ParameterError(f"own[{name!r}]", function, "a function of a frame that gives a number for each of its rows")
    check_causal_function(function, frame.iloc[-OWN_ROWS:])
    first = frame.iloc[:EACH_ROW]
    check_causal_function(function, first, cuts=range(1, len(first)))
    try:
        values = np.asarray(function(frame), dtype=float)
    except (TypeError, ValueError):
        raise DataError(f"the column {name!r} of one's own isn't made of numbers: expected one, or NaN, for each row.") from None
    if values.shape != (len(frame),) or np.isinf(values).any():
        raise DataError(
            f"the column {name!r} of one's own has the shape {values.shape} and {int(np.isinf(values).sum())} infinite values: "
            f"expected {len(frame)} finite numbers, or NaN where it isn't known."
        )
    return values


def _run(spec: FeatureSpec, frame: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    detector = spec.detector()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NoRegimesWarning)  # the answer says so
        states = detector.run(frame)
    return states, detector.course.doubt.answer


def _as_run(regimes: pd.DataFrame, spec: FeatureSpec, frame: pd.DataFrame) -> pd.DataFrame:
    """A table of regimes, if it is of these bars and begins with what the detector says: in hindsight it says more."""
    if not regimes.index.equals(frame.index):
        raise DataError("regimes have other times than the bars: expected the table that the detector's run gave of these bars.")
    known = np.flatnonzero(regimes["regime"].notna())
    if not len(known):
        return regimes
    try:
        states, _ = _run(spec, frame.iloc[: known[0] + FIRST])
        names = [name for name in states.columns if name.startswith(FREE)]
        same = states[names].equals(regimes.iloc[: len(states)].reindex(columns=names))
    except (DataError, TrainingError):  # so few bars have no regimes
        same = False
    if not same:
        raise CausalityError(
            f"regimes are known from {frame.index[known[0]]} on, and aren't what the spec's detector says of those bars: "
            "expected the table that its run gave, which looks at no later bar. Leave them out, and it is run."
        )
    return regimes


def _of_states(one: Column, states: pd.DataFrame) -> Any:
    """A column of the detector's table, as a state of the bar has it."""
    known = states["regime"].notna()
    if one.kind == "probability":
        values = states[f"{FREE}{one.of}"]
    else:
        name = {"confidence": "confidence", "age": "duration", "expected-duration": "expected_duration"}[one.kind]
        values = states[name].astype(float)
    return values.where(known).shift(one.lag).to_numpy()
