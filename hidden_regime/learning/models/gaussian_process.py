"""Gaussian processes by scikit-learn, kept by skops: for research, on few rows."""

from __future__ import annotations

import base64
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from hidden_regime.exceptions import DataError, MissingDependencyError, SavedModelError
from hidden_regime.kernels.results import Floats
from hidden_regime.learning.models.scaling import sklearn_part, standardise
from hidden_regime.quantconnect.learned.cores import Core, Scores

MOST_ROWS = 2000
"""A Gaussian process costs the cube of its rows."""
TRUSTED = ("sklearn.gaussian_process.", "numpy.", "scipy.")


class Process:
    """A fitted process; its content is skops' file, in base64, which runs no code when it is read."""

    link = "probit"

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = dict(content)
        skops = _skops()
        try:
            data = base64.b64decode(content["skops"], validate=True)
            strange = [name for name in skops.get_untrusted_types(data=data) if not name.startswith(TRUSTED)]
            if strange:
                raise SavedModelError(f"the process holds {strange[:3]}: expected types of scikit-learn alone.")
            self._model = skops.loads(data, trusted=skops.get_untrusted_types(data=data))
            self._mean, self._scale = np.asarray(content["mean"], float), np.asarray(content["scale"], float)
            self._unit = float(content["unit"])
        except (LookupError, TypeError, ValueError, OSError, AttributeError, zipfile.BadZipFile, zlib.error) as error:
            if isinstance(error, SavedModelError):
                raise
            raise SavedModelError(f"the process can't be read ({type(error).__name__}: {error}): it is damaged.") from error

    def scores(self, X: Floats) -> Scores:
        """Mean and standard deviation of the return, and the one over the other."""
        mean, sd = self._model.predict((X - self._mean) / self._scale, return_std=True)
        sd = np.maximum(sd, 1e-12)
        return Scores(mean / sd, mean * self._unit, sd * self._unit)


def fit_process(X: Floats, y: Floats, weight: Floats, parameters: Mapping[str, Any], seed: int) -> Core:
    """A process with a length for all columns and noise; scikit-learn's takes no weights, so none count."""
    if len(X) > MOST_ROWS:
        raise DataError(
            f"{len(X)} rows for a Gaussian process: expected at most {MOST_ROWS}, for it costs their cube. Take fewer bars, or "
            "another kind of model."
        )
    z, mean, scale = standardise(X, np.ones(len(X)))
    unit = float(y.std()) or 1.0
    kernels = sklearn_part("gaussian_process.kernels")
    kernel = kernels.ConstantKernel(0.1, (1e-3, 1.0)) * kernels.RBF(3.0, (0.5, 50.0)) + kernels.WhiteKernel(1.0, (0.05, 5.0))
    model = sklearn_part("gaussian_process").GaussianProcessRegressor(kernel, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a bound that is reached: of returns there is mostly noise
        model.fit(z, y / unit)
    text = base64.b64encode(_skops().dumps(model)).decode("ascii")
    return Process({"kind": "process", "skops": text, "mean": mean.tolist(), "scale": scale.tolist(), "unit": unit})


def _skops() -> Any:
    try:
        import skops.io
    except ImportError as error:
        raise MissingDependencyError("Gaussian processes are kept by skops: pip install 'hidden-regime[ml]'.") from error
    return skops.io
