"""What the kernels' step of a bar goes by: a detector's options, and the constants of the reference, as one row of numbers."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

from hidden_regime import kernels
from hidden_regime.bars.features import FEATURES
from hidden_regime.bars.jumps import TAKEN_BACK, WILD
from hidden_regime.detection.options import DetectorOptions
from hidden_regime.detection.schedule import PERIODS
from hidden_regime.detection.suspects import RANGES
from hidden_regime.kernels.results import Floats
from hidden_regime.models.initialisation import SMOOTHING, STAY
from hidden_regime.models.parameters import BLEND
from hidden_regime.regimes.identity import CLOSEST, LEAST, TOLD
from hidden_regime.regimes.naming import CLEAR, alone, ladder, regime_names, spread

MOST_STATES, MOST_FEATURES = 4, 6
"""What the kernels' step takes: more states would have a better assignment than to try all orders."""
NEVER, BY_PERIOD, BY_COUNT = 0, 1, 2


BITS = 4
"""Of a name's number, where several are put into one."""


class Rules:
    """What detectors of equal options go by: there is one object for all of them, and the kernels take them together.

    Attributes
    ----------
    numbers : (n_rules,)
        For the kernels.
    names : tuple of str
        The names that a state may have, by their numbers.
    shape : tuple of int
        States, features of the model, features observed.
    return_place : int
        Of the log return among the features.
    degrees : float
        Of the Student-t that bars are filtered by; 0 for a Gaussian.
    tails : float
        What its covars are to be multiplied by for covariances.
    """

    def __init__(self, numbers: Floats, names: tuple[str, ...], shape: tuple[int, int, int]) -> None:
        self.numbers, self.names, self.shape = numbers, names, shape
        where = layout("rules", *shape)
        self.return_place, self.degrees = int(numbers[where["return_place"][0].start]), float(numbers[where["degrees"][0].start])
        self.tails = self.degrees / (self.degrees - 2.0) if self.degrees else 1.0
        self._called: dict[int, tuple[str, ...]] = {}

    def called(self, key: int) -> tuple[str, ...]:
        """Name of each state, from the numbers of all of them in one."""
        found = self._called.get(key)
        if found is None:
            own = tuple(self.names[key >> BITS * k & (1 << BITS) - 1] for k in range(self.shape[0]))
            found = self._called[key] = own
        return found


_KNOWN: dict[bytes, Rules] = {}


@cache
def layout(
    table: str, n_states: int, n_features: int, n_observed: int, room: int = 0
) -> dict[str, tuple[slice, tuple[int, ...]]]:
    """Where each part of a table of the kernels lies, and its shape; see kernels/native/slate.hpp.

    Parameters
    ----------
    table : str
        "slate", "rules" or "told".
    room : int
        Rows that a slate has room for.
    """
    sizes = {"K": n_states, "D": n_features, "F": n_observed, "R": room, "2": 2}
    shapes = [
        (name, at, tuple(sizes[x] for x in letters)) for name, at, letters in kernels.places(table, *list(sizes.values())[:4])
    ]
    return {name: (slice(at, at + math.prod(shape)), shape) for name, at, shape in shapes}


def width(table: str, shape: tuple[int, int, int], room: int = 0) -> int:
    """Numbers in a table."""
    return max(int(part.stop) for part, _ in layout(table, *shape, room).values())


@cache
def names_of(n_states: int) -> tuple[str, ...]:
    """Every name that a model of so many states may give, by the numbers that the kernels know them by."""
    return tuple(dict.fromkeys((*regime_names(n_states), *alone(n_states))))


def can_follow(o: DetectorOptions) -> bool:
    """Whether the kernels' step knows what these options ask for; `kernels.can_follow` says whether there is one."""
    frequency = o.schedule.frequency
    known = isinstance(frequency, int) or (isinstance(frequency, str) and frequency in ("never", *PERIODS))
    return (
        known and o.emission == "gaussian" and o.naming is None and o.order_by is None and 2 <= o.n_states <= MOST_STATES
        and o.n_used <= MOST_FEATURES and o.challengers in ((), ("volatility",))
    )  # fmt: skip


def rules_of(o: DetectorOptions, n_features: int) -> Rules:
    """Of a detector whose model sees the first `n_features` of those observed."""
    k, frequency = o.n_states, o.schedule.frequency
    kinds = [feature.is_volatility for feature in o.features[:n_features]]
    ranges = [i for i, f in enumerate(o.features[:n_features]) if f.name in RANGES and f is FEATURES[f.name]]
    ranked_by = kinds.index(True) if True in kinds else 0
    names = names_of(k)
    place = names.index
    degrees = 0.0 if o.filter_degrees is None else o.filter_degrees
    counts = isinstance(frequency, int)
    spreads = np.zeros((k, k))
    for n in range(2, k + 1):
        spreads[n - 1, :n] = [place(name) for name in spread(n, k)]
    values: dict[str, Any] = {
        "n_states": k, "n_features": n_features, "n_observed": len(o.features), "return_place": o.return_place,
        "range_place": ranges[0] if ranges else -1, "is_full": o.covariance_type in ("full", "tied"),
        "kind": kernels.COVARIANCES.index(o.covariance_type), "lookback": o.lookback, "degrees": degrees,
        "tail_constant": kernels.tails(np.array([degrees]), n_features)[0, 1] if degrees else 0.0,
        "n_iter": o.n_iter, "tol": o.tol, "min_covar": o.min_covar, "margin": o.margin, "stay_duration": o.stay_duration,
        "stay_weight": o.stay_weight, "memory": o.memory, "challenges": bool(o.challengers), "challenge_every": o.challenge_every,
        "ranked_by": ranked_by, "is_volatility": kinds[ranked_by], "hysteresis": o.persistence.hysteresis,
        "min_duration": o.persistence.min_duration,
        "schedule": NEVER if frequency == "never" else BY_COUNT if counts else BY_PERIOD,
        "every": frequency if counts else 0, "every_at_first": o.schedule.first_count if counts else 0,
        "wild": WILD, "taken_back": TAKEN_BACK, "blend": BLEND, "stay": STAY, "smoothing": SMOOTHING, "closest": CLOSEST,
        "told": TOLD, "least": LEAST, "clear": CLEAR, "crisis": place("Crisis") if k >= 4 else -1,
        "alone": [place(name) for name in alone(k)],
        "ladder": [place(name) for name in (ladder(k) if k < 4 else (*ladder(k - 1), "Crisis"))], "spread": spreads,
    }  # fmt: skip
    where = layout("rules", k, n_features, len(o.features))
    numbers = np.zeros(width("rules", (k, n_features, len(o.features))))
    for name, (part, _) in where.items():
        numbers[part] = np.ravel(values.pop(name))
    assert not values
    return _KNOWN.setdefault(numbers.tobytes(), Rules(numbers, names, (k, n_features, len(o.features))))
