"""What a model takes for covariates: numbers that are known before the row that they lead into."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import DataError, ParameterError
from hidden_regime.kernels.results import Floats
from hidden_regime.models.inputs import check_observations


def check_covariates(
    covariates: npt.ArrayLike | None, n_samples: int, lengths: Sequence[int], n_covariates: int | None = None
) -> Floats:
    """Covariates (n_samples, n_covariates) of some rows.

    The first row of a sequence leads from nothing: what stands there is taken as 0, so a lag may leave it missing.

    Parameters
    ----------
    covariates : (n_samples, n_covariates) or (n_samples,), optional
        None is none at all.
    n_samples : int
        Rows of X.
    lengths : sequence of int
        Lengths of the sequences that make up the rows; none where every row is led into.
    n_covariates : int, optional
        What the model was fitted with.

    Raises
    ------
    ParameterError
        Another number of rows or covariates.
    DataError
        No numbers, or one that is missing.
    """
    if covariates is None:
        z = np.empty((n_samples, 0))
    elif np.ndim(covariates) == 2 and np.shape(covariates)[1] == 0:
        z = np.empty(np.shape(covariates))
    else:
        try:
            z = check_observations(covariates)
        except DataError as error:
            raise type(error)(error.text.replace("X ", "covariates ", 1)) from None
    expected = "any" if n_covariates is None else n_covariates
    if len(z) != n_samples or (n_covariates is not None and z.shape[1] != n_covariates):
        raise ParameterError(
            "covariates", None if covariates is None else f"an array of shape {z.shape}",
            f"a row for each of {n_samples} rows and {expected} columns, as in fit",
            "Pass them by name: covariates=..." if covariates is None else "",
        )  # fmt: skip
    firsts = np.cumsum([0, *lengths])[:-1] if len(lengths) else np.empty(0, np.int64)
    z[firsts] = 0.0
    missing = np.isnan(z).any(axis=1)
    if missing.any():
        raise DataError(
            f"covariates hold NaN in row {int(np.argmax(missing))}: expected numbers in every row but the first of a sequence. "
            "A covariate has to be known before its row: take the last value that was, with ffill() and shift(1)."
        )
    return z


def led_into(n_samples: int, lengths: Sequence[int]) -> npt.NDArray[np.bool_]:
    """Rows into which a transition leads: all but the first of each sequence."""
    led = np.ones(n_samples, bool)
    led[np.cumsum([0, *lengths])[:-1]] = False
    return led
