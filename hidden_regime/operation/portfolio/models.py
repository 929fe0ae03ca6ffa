"""skfolio's estimators with a covariance that is given. Imported where skfolio is there."""

from __future__ import annotations

from typing import Any

import numpy as np
from skfolio.distance import CovarianceDistance
from skfolio.moments import BaseCovariance, LedoitWolf
from skfolio.optimization import HierarchicalRiskParity, MeanRisk, ObjectiveFunction
from skfolio.prior import EmpiricalPrior

from hidden_regime.kernels.results import Floats


class Given(BaseCovariance):  # type: ignore[misc]
    """A covariance that was estimated before, whatever returns it is fitted to."""

    def __init__(self, covariance: Floats, nearest: bool = True, higham: bool = False, higham_max_iteration: int = 100) -> None:
        super().__init__(nearest=nearest, higham=higham, higham_max_iteration=higham_max_iteration)
        self.covariance = covariance

    def fit(self, X: Any, y: Any = None, **_: Any) -> Given:
        """Take the covariance as it is."""
        self.n_features_in_ = np.shape(X)[1]
        self._set_covariance(np.asarray(self.covariance, dtype=np.float64))
        return self


def hierarchical(covariance: Floats) -> Any:
    """Hierarchical risk parity: the tree's distances are of the same covariance as the risks."""
    given = Given(covariance)
    prior, distance = EmpiricalPrior(covariance_estimator=given), CovarianceDistance(covariance_estimator=given)
    return HierarchicalRiskParity(prior_estimator=prior, distance_estimator=distance)


def mean_risk(covariance: Floats, *, most: bool) -> Any:
    """The least variance, or the most mean over deviation."""
    goal = ObjectiveFunction.MAXIMIZE_RATIO if most else ObjectiveFunction.MINIMIZE_RISK
    return MeanRisk(objective_function=goal, prior_estimator=EmpiricalPrior(covariance_estimator=Given(covariance)))


def shrunk(returns: Floats) -> Floats:
    """Covariance by Ledoit and Wolf: the sample's, drawn towards a multiple of the identity as far as it is noise."""
    return np.asarray(LedoitWolf().fit(returns).covariance_, dtype=np.float64)
