"""Do paths lead back to the model that they came from?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hidden_regime.experiments.regime_paths.drawing import draw
from hidden_regime.experiments.regime_paths.model import PathModel, features_of
from hidden_regime.kernels.results import Floats


class Refit(NamedTuple):
    """A model that was fitted to a path, beside the one that the path was drawn from; (n_states,) each, from calm to wild.

    Attributes
    ----------
    means, log_ranges, stay : differences, the refitted one's less the model's
    """

    means: Floats
    log_ranges: Floats
    stay: Floats

    def to_dict(self) -> dict[str, list[float]]:
        """As what JSON can hold."""
        told = {"means": self.means, "log_ranges": self.log_ranges, "stay": self.stay}
        return {name: [float(value) for value in values] for name, values in told.items()}


def refit(model: PathModel, n_days: int = 5000, seed: int = 0) -> Refit:
    """Draw a long path and fit the model to it, from the start that the first one was fitted from.

    Parameters
    ----------
    model : PathModel
    n_days, seed : int

    Examples
    --------
    >>> from hidden_regime.data import open_market
    >>> from hidden_regime.experiments.regime_paths import fit_paths
    >>> found = refit(fit_paths(open_market("sp500"), n_states=2))
    >>> bool(abs(found.stay).max() < 0.01)
    True
    """
    from hidden_regime.models.gaussian import GaussianHMM

    bars, _, _ = draw(model, n_days, seed)
    features = features_of(bars)
    fitted = GaussianHMM(model.n_states, covariance_type="full", order_by="volatility", random_state=0).fit(features)
    p = fitted.parameters_
    means = np.asarray(p.means) - model.means
    return Refit(means[:, 0], means[:, 1], np.diag(np.asarray(p.transmat)) - np.diag(model.transmat))
