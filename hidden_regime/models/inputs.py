"""What models take for observations and sequences, and what they refuse instead of reading it as something else."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import DataError, NotNumbersError, ParameterError
from hidden_regime.kernels.results import Floats, Integers

LARGEST = 1e100
"""Beyond it squares of differences, and sums of them, leave the range of floats: no density tells such a value from another."""


def _missing_as_nan(X: Any) -> Any:
    """What numpy's masks hide is missing; text, dates and durations are no numbers, though numpy would make some of them."""
    if isinstance(X, (list, tuple)) and any(isinstance(row, np.ma.MaskedArray) for row in X):
        X = np.ma.array(X)  # numpy forgets the masks of what lies in a list
    if isinstance(X, np.ma.MaskedArray) and X.dtype.kind in "biuf":
        return np.ma.filled(X.astype(np.float64), np.nan)
    if hasattr(X, "columns") and hasattr(X, "dtypes"):
        kinds = {getattr(dtype, "kind", "O") for dtype in X.dtypes}
        if kinds & {"m", "M"}:
            raise _no_number(X, "dates or durations")
        if kinds <= set("biuf"):
            return X
    hides = isinstance(X, np.ma.MaskedArray)
    with_type = np.asarray(X.filled(np.nan) if hides and X.dtype.kind == "O" else X)
    if with_type.dtype.kind in "mM":
        raise _no_number(X, "dates or durations")
    if with_type.dtype.kind in "USV":
        raise _no_number(X, "text")
    if with_type.dtype.kind == "O":
        import pandas as pd

        flat = with_type.ravel()
        for value in flat:
            known = value is None or value is pd.NA or isinstance(value, (Real, Decimal, np.bool_))
            if not known and not isinstance(value, (list, tuple, np.ndarray)):  # ragged rows get numpy's own answer
                raise _no_number(X, f"{value!r}")
        if any(value is pd.NA for value in flat):
            return np.array([np.nan if value is pd.NA else value for value in flat], np.float64).reshape(with_type.shape)
    return with_type if hides else X


def _no_number(X: object, found: str) -> NotNumbersError:
    # scikit-learn's own checks look for the words from "argument" to "number".
    return NotNumbersError(
        f"X ({type(X).__name__}) holds {found}: expected (n_samples, n_features) numbers. An argument must be numbers, and no "
        "string that only means a number. Give the numbers themselves, such as returns; text must be converted first."
    )


def check_observations(X: npt.ArrayLike, n_features: int | None = None, name: str = "the model") -> Floats:
    """Observations as (n_samples, n_features) floats; NaN is a feature that is missing, booleans are 0 and 1.

    Raises
    ------
    DataError
        Not a table of numbers, infinite or beyond `LARGEST`, or of another width than the model was fitted on.
    """
    if hasattr(X, "toarray"):
        raise DataError("X is sparse: sparse input is not supported, expected a dense table. Use X.toarray().")
    if getattr(getattr(X, "dtype", None), "kind", "") == "c":
        raise DataError("X holds complex numbers. Complex data not supported: expected real ones.")
    try:
        x = np.array(_missing_as_nan(X), dtype=np.float64, order="C")
    except DataError:
        raise
    except (TypeError, ValueError):
        raise DataError(
            f"X is {type(X).__name__} of something that is no number: expected (n_samples, n_features) floats."
        ) from None
    flat = x.ndim == 1
    if flat:
        x = x[:, None]
    if x.ndim != 2 or x.shape[0] == 0 or x.shape[1] == 0:
        what = "feature(s)" if x.ndim == 2 and x.shape[1] == 0 else "sample(s)"
        raise DataError(
            f"X has 0 {what} (shape={x.shape}) while a minimum of 1 is required: expected a table of rows."
            if x.ndim == 2
            else f"X has the shape {x.shape}: expected (n_samples, n_features)."
        )
    if np.isinf(x).any():
        raise DataError("X holds an infinite value: expected finite numbers, or NaN where an observation is missing.")
    if n_features is not None and x.shape[1] != n_features:
        remedy = " Reshape your data: X.reshape(1, -1) if it is one row." if flat else ""
        raise DataError(
            f"X has {x.shape[1]} features, but {name} is expecting {n_features} features as input, as in fit.{remedy}"
        )
    absurd = np.abs(x) > LARGEST
    if absurd.any():
        row, column = np.argwhere(absurd)[0]
        raise DataError(
            f"X holds {x[row, column]:g} in row {row}: expected numbers up to {LARGEST:g}, which densities can tell apart. "
            "Put NaN there if it is no observation, or scale X."
        )
    return x


def names_of(X: object) -> tuple[str, ...] | None:
    """Names of the columns of a frame, where all of them are text."""
    columns = getattr(X, "columns", None)
    if columns is None or not hasattr(X, "dtypes"):
        return None
    names = list(columns)
    return tuple(names) if names and all(isinstance(name, str) for name in names) else None


def check_names(X: object, fitted: Sequence[str] | None) -> None:
    """Raise `DataError` where the columns of a frame aren't those of the fit, in their order."""
    given = names_of(X)
    if given is None or fitted is None or given == tuple(fitted):
        return
    remedy = f" Put them in that order: X[{list(fitted)}]." if set(fitted) <= set(given) else ""
    raise DataError(
        f"The feature names should match those that were passed during fit: X has the columns {list(given)}, expected "
        f"{list(fitted)}.{remedy}"
    )


def check_lengths(lengths: Sequence[int] | None, n_samples: int) -> tuple[int, ...]:
    """Lengths of the sequences that make up n_samples rows; one sequence where none are given."""
    if lengths is None:
        return (n_samples,)
    expected = f"lengths of at least 1 that add up to the {n_samples} rows of X"
    try:
        given = tuple(lengths)
        whole = tuple(int(n) for n in given)
    except (TypeError, ValueError):
        raise ParameterError("lengths", lengths, expected) from None
    if not whole or whole != given or min(whole) < 1 or sum(whole) != n_samples:
        raise ParameterError("lengths", given, expected)
    return whole


def lengths_from(y: object, lengths: Sequence[int] | None, n_samples: int) -> Sequence[int] | None:
    """The lengths that a call means, whose second argument is scikit-learn's `y` and other libraries' `lengths`.

    A `y` has a value for each row and says nothing here; numbers that add up to the rows are lengths.

    Raises
    ------
    ParameterError
        Neither of them, or lengths given twice and not alike.
    """
    if y is None:
        return lengths
    if hasattr(y, "__array__"):
        y = np.asarray(y)
        if y.ndim and len(y) == n_samples:
            return lengths
    try:
        values = list(y)  # type: ignore[call-overload]
    except TypeError:
        raise ParameterError("y", y, "None, or lengths by name", "Write lengths=[...].") from None
    if len(values) == n_samples:
        return lengths
    whole = [int(n) for n in values if isinstance(n, (int, np.integer)) and not isinstance(n, bool) and n > 0]
    if len(whole) < len(values) or sum(whole) != n_samples or (lengths is not None and list(lengths) != whole):
        raise ParameterError(
            "y", values if len(values) < 10 else f"{len(values)} values", f"None, or lengths that add up to the {n_samples} rows "
            "of X", "Write lengths=[...] and leave y out.",
        )  # fmt: skip
    return whole


def check_counts(**counts: int) -> None:
    """Raise `ParameterError` for the first of some arguments that is no count of at least 1."""
    for name, count in counts.items():
        if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or count < 1:
            raise ParameterError(name, count, "an integer of at least 1")


def check_state(state: int | None, n_states: int) -> None:
    """Raise `ParameterError` unless it is None or one of the states."""
    if state is None:
        return
    if isinstance(state, bool) or not isinstance(state, (int, np.integer)) or not 0 <= state < n_states:
        raise ParameterError("state", state, f"a state from 0 to {n_states - 1}, or None")


def sequence_jobs(lengths: Sequence[int]) -> Integers:
    """Jobs (n_sequences, 3) of the sequences that lie one after the other in one series."""
    ends = np.cumsum(lengths)
    return np.stack([np.zeros(len(ends), np.int64), np.concatenate([[0], ends[:-1]]), ends], axis=1)
