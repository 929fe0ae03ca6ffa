"""What a detector is made with: the limits of its options, and those that its steps work by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hidden_regime.bars.feature import Column, Feature
from hidden_regime.bars.features import DEFAULT_FEATURES, FEATURES
from hidden_regime.bars.observer import features_of
from hidden_regime.detection.schedule import Schedule
from hidden_regime.exceptions import ParameterError
from hidden_regime.guards import Limit, check_limits
from hidden_regime.kernels import COVARIANCES
from hidden_regime.models.emissions import emission_named
from hidden_regime.models.ordering import OrderBy, check_order
from hidden_regime.regimes.naming import NamingRule
from hidden_regime.regimes.persistence import Persistence

if TYPE_CHECKING:
    from hidden_regime.detection.detector import RegimeDetector

STARTS = ("volatility", "kmeans", "random")

LIMITS = {
    "n_states": Limit(1, whole=True),
    "lookback": Limit(2, whole=True),
    "random_state": Limit(0, whole=True),
    "challenge_every": Limit(1, whole=True),
    "n_iter": Limit(1, 1e6, whole=True),  # the course of every training is kept
    "min_covar": Limit(0.0, 1.0),
    "tol": Limit(0.0),
    "stay_duration": Limit(1.0),
    "stay_weight": Limit(0.0),
    "memory": Limit(0.0),
    "margin": Limit(0.0),
    "min_bars": Limit(2, whole=True, optional=True),
    "filter_degrees": Limit(2.0 + 1e-9, 1e6, optional=True),  # a variance has to exist
}


@dataclass(frozen=True, slots=True)
class DetectorOptions:
    """What the steps at a bar go by; see the parameters of `RegimeDetector`.

    Attributes
    ----------
    features : tuple of Feature or Column
        Those that are observed: the log return is among them, whether a model sees it or not.
    n_used : int
        How many of them a model sees, which come first; where `is_auto` the range may turn out to be missing.
    return_place : int
        Where the log return stands among the features: regimes are named by it.
    least_bars : int
        Observations at which the first training is due.
    """

    n_states: int
    lookback: int
    least_bars: int
    features: tuple[Feature | Column, ...]
    n_used: int
    return_place: int
    is_auto: bool
    covariance_type: str
    emission: str
    filter_degrees: float | None
    n_iter: int
    tol: float
    min_covar: float
    stay_duration: float
    stay_weight: float
    memory: float
    challengers: tuple[str, ...]
    challenge_every: int
    margin: float
    random_state: int
    naming: NamingRule | None
    order_by: OrderBy
    persistence: Persistence
    schedule: Schedule

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features."""
        return tuple(feature.name for feature in self.features)


def options_of(detector: RegimeDetector) -> DetectorOptions:
    """The options of a detector, checked.

    Raises
    ------
    ParameterError
        One is outside its limits.
    """
    d = detector
    persistence = Persistence(d.hysteresis, d.min_duration)
    check_limits(d, LIMITS)
    _check_choices(d)
    is_auto = isinstance(d.features, str)
    used = features_of(DEFAULT_FEATURES if is_auto else d.features)
    check_order(d.order_by, [feature.name for feature in used])
    hidden = () if any(feature.name == "log_return" for feature in used) else (FEATURES["log_return"],)
    return DetectorOptions(
        n_states=int(d.n_states),
        lookback=int(d.lookback),
        least_bars=int(d.lookback if d.min_bars is None else d.min_bars),
        features=(*used, *hidden),
        n_used=len(used),
        return_place=[feature.name for feature in (*used, *hidden)].index("log_return"),
        is_auto=is_auto,
        covariance_type=d.covariance_type,
        emission=d.emission,
        filter_degrees=None if d.filter_degrees is None else float(d.filter_degrees),
        n_iter=int(d.n_iter),
        tol=float(d.tol),
        min_covar=float(d.min_covar),
        stay_duration=float(d.stay_duration),
        stay_weight=float(d.stay_weight),
        memory=float(d.memory),
        challengers=d.challengers,
        challenge_every=int(d.challenge_every),
        margin=float(d.margin),
        random_state=d.random_state,
        naming=d.naming,
        order_by=d.order_by,
        persistence=persistence,
        schedule=Schedule(d.retrain, stagger=d.stagger),
    )


def _check_choices(d: RegimeDetector) -> None:
    if d.n_states > d.lookback:
        raise ParameterError("n_states", d.n_states, f"at most lookback = {d.lookback}", "Lengthen the window.")
    if d.min_bars is not None and d.min_bars > d.lookback:
        raise ParameterError("min_bars", d.min_bars, f"at most lookback = {d.lookback}")
    _one_of("covariance_type", d.covariance_type, COVARIANCES)
    if any(name not in STARTS for name in d.challengers):
        raise ParameterError("challengers", d.challengers, "names of 'volatility', 'kmeans' and 'random'")
    if d.naming is not None and not callable(d.naming):
        raise ParameterError("naming", d.naming, "a function of StateMoments that gives a name for each state")
    emission_named(d.emission)
    if not isinstance(d.time_of_day, bool):
        raise ParameterError("time_of_day", d.time_of_day, "True or False")
    if isinstance(d.features, str) and d.features != "auto":
        raise ParameterError("features", d.features, f"'auto', or a sequence of {sorted(FEATURES)} and of features of your own")


def _one_of(name: str, value: Any, known: Sequence[str]) -> None:
    if value not in known:
        raise ParameterError(name, value, f"one of {tuple(known)}")
