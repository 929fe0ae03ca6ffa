"""Weights of features from what they say of the states: the step of sparse clustering that holds the states."""

from __future__ import annotations

import numpy as np

from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.models.jump_descent import sums_by_state


def between_squares(z: Floats, path: Integers, k: int) -> Floats:
    """Sum of squares between the states of each feature, (n_features,): all of it less what is left within the states."""
    sums, counts = (of[0] for of in sums_by_state(z, path[None], k))
    total, count = sums.sum(axis=0), counts.sum(axis=0)
    between = (sums**2 / np.maximum(counts, 1)).sum(axis=0) - total**2 / np.maximum(count, 1)
    return np.asarray(np.maximum(between, 0.0))  # rounding


def best_weights(gains: Floats, kappa: float) -> Floats:
    """Weights w of at least 0 of greatest w @ gains with |w|_2 <= 1 and |w|_1 <= kappa, (n_features,).

    They are the gains less a threshold, and nothing where that is negative, over its norm; the threshold is 0, or the one at
    which |w|_1 = kappa (Witten and Tibshirani 2010, "A framework for feature selection in clustering", Journal of the American
    Statistical Association 105, section 3). It is found exactly: between two gains the equation for it is quadratic.

    Parameters
    ----------
    gains : (n_features,)
        Of at least 0, one of them above.
    kappa : float
        Of at least 1.

    Examples
    --------
    >>> best_weights(np.array([3.0, 4.0, 0.0]), 2.0).tolist()
    [0.6, 0.8, 0.0]
    >>> best_weights(np.array([3.0, 4.0, 0.0]), 1.0).tolist()
    [0.0, 1.0, 0.0]
    """
    a = gains / gains.max()
    threshold = 0.0
    if a.sum() > kappa * np.sqrt((a * a).sum()):
        ordered = np.sort(a)[::-1]
        m = np.arange(1, len(a) + 1)
        s, q = np.cumsum(ordered), np.cumsum(ordered**2)
        lower = np.append(ordered[1:], 0.0)
        # With the m largest kept at the threshold below them, |w|_1 / |w|_2 rises with m: the first m that reaches kappa is it.
        kept = np.maximum(ordered - lower[:, None], 0.0)
        norm = np.sqrt((kept * kept).sum(axis=1))
        at = int(np.argmax((norm > 0) & (kept.sum(axis=1) >= kappa * norm * (1 - 1e-15))))
        n, mean = float(m[at]), float(s[at] / m[at])
        spread = max(float(q[at] / m[at]) - mean**2, 0.0)
        # (sum - n t)^2 = kappa^2 (squares - 2 t sum + n t^2), in t = mean - away.
        away = np.sqrt(kappa**2 * spread / (n - kappa**2)) if n > kappa**2 else 0.0
        threshold = float(np.clip(mean - away, lower[at], ordered[at]))
    w = np.maximum(a - threshold, 0.0)
    if not w.any():  # equal largest gains, of which one weight can't tell
        w = (a == 1.0).astype(float)
    w /= np.sqrt((w * w).sum())
    return np.asarray(w * min(1.0, kappa / w.sum()))
