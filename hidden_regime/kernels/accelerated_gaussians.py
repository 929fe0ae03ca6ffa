"""The M-step of the emissions for the accelerator: every lane's states at once, traced by JAX.

The formulas are those of `native/maximise.hpp`, where they are explained: the covariance is factored as L D L', whose D are the
variances of each feature given those before it, and each of D is raised to its floor. Arrays end in an axis of lanes, a job each.
"""

from __future__ import annotations

import math

import jax.numpy as jnp
from jax import Array

from hidden_regime.kernels.call import COVARIANCES

_, FULL, SPHERICAL, TIED = range(len(COVARIANCES))
NO_EVIDENCE, ROUNDING, NO_VARIANCE, GREATEST = 1e-12, 1e-11, 1e-14, 1e300
LOG_2PI = math.log(2.0 * math.pi)

Triangle = dict[tuple[int, int], Array]


def is_full(kind: int) -> bool:
    """Whether a state's features covary."""
    return kind in (FULL, TIED)


def products(n_features: int, kind: int) -> list[tuple[int, int]]:
    """Features whose product each of the last monomials is, in their order."""
    return [(i, j) for i in range(n_features) for j in range(0 if is_full(kind) else i, i + 1)]


def _factor(c: Triangle, second: list[Array], floor: list[Array]) -> tuple[Triangle, Triangle, list[Array], Array]:
    """L, its inverse, D above the floor, and where all of D are usable. Pairs that aren't in `c` are zeros, and stay so."""
    n = len(second)
    lower: Triangle = {}
    inverse: Triangle = {}
    d: list[Array] = []
    for i in range(n):
        for j in range(i + 1):
            if (i, j) not in c:
                continue
            value = c[i, j]
            for p in range(j):
                if (i, p) in lower:
                    value = value - lower[i, p] * lower[j, p] * d[p]
            if j < i:
                lower[i, j] = jnp.where(d[j] > 0.0, value / jnp.where(d[j] > 0.0, d[j], 1.0), 0.0)
            else:
                d.append(jnp.where(value > ROUNDING * second[i], value, 0.0))
    ok = jnp.ones(d[0].shape, bool)
    for i in range(n):
        d[i] = jnp.maximum(d[i], floor[i])
        least = NO_VARIANCE * second[i]
        ok = ok & ((d[i] > least) | (floor[i] > 1e-10 * least)) & (d[i] < GREATEST)
        for j in range(i):
            if (i, j) in lower:
                inverse[i, j] = -lower[i, j]
                for p in range(j + 1, i):
                    inverse[i, j] = inverse[i, j] - lower[i, p] * inverse[p, j]
    return lower, inverse, d, ok


def maximise(sums: Array, floor: Array, moments: Array, coefficients: Array, kind: int) -> tuple[Array, Array, Array]:
    """Gaussians of largest likelihood for sums of monomials. A state without evidence keeps what it has.

    Parameters
    ----------
    sums, moments, coefficients : (n_states, n_monomials, n_lanes)
    floor : (n_features, n_lanes)
    kind : int
        Place in `COVARIANCES`.

    Returns
    -------
    moments, coefficients : (n_states, n_monomials, n_lanes)
    ok : (n_lanes,)
        Whether all covariances are positive definite.
    """
    n = floor.shape[0]
    pairs = products(n, kind)
    count = sums[:, 0]
    seen = count > NO_EVIDENCE
    average = sums / jnp.where(seen, count, 1.0)[:, None]
    mean = [jnp.where(seen, average[:, 1 + i], moments[:, 1 + i]) for i in range(n)]
    c = {(i, j): average[:, 1 + n + m] - mean[i] * mean[j] for m, (i, j) in enumerate(pairs)}
    second = [c[i, i] + mean[i] * mean[i] for i in range(n)]
    floors, used = [floor[i] for i in range(n)], seen
    if kind == SPHERICAL:
        level = sum((c[i, i] for i in range(1, n)), c[0, 0]) / n
        c = dict.fromkeys(c, level)
        second = [level + m * m for m in mean]
        floors = [floor.max(axis=0)] * n
    if kind == TIED:
        weight = jnp.where(seen, count, 0.0)
        total = weight.sum(axis=0, keepdims=True)
        c = {pair: (weight * value).sum(axis=0, keepdims=True) / total for pair, value in c.items()}
        second, used = [c[i, i] for i in range(n)], jnp.ones_like(seen)
    lower, inverse, d, fine = _factor(c, second, floors)

    precision = [1.0 / value for value in d]
    white = [sum((inverse[i, j] * mean[j] for j in range(i) if (i, j) in inverse), mean[i]) for i in range(n)]
    head = -0.5 * n * LOG_2PI - 0.5 * sum((jnp.log(v) for v in d[1:]), jnp.log(d[0]))
    head = head - 0.5 * sum((white[i] * white[i] * precision[i] for i in range(1, n)), white[0] * white[0] * precision[0])
    one = jnp.ones_like(d[0])
    inverse |= {(i, i): one for i in range(n)}
    q, s = [head], [jnp.ones_like(head)]
    for i in range(n):
        below = [p for p in range(i, n) if (p, i) in inverse]
        q.append(sum((inverse[p, i] * white[p] * precision[p] for p in below[1:]), white[i] * precision[i]))
        s.append(mean[i])
    for i, j in pairs:
        below = [p for p in range(i, n) if (p, i) in inverse]
        value = -sum((inverse[p, i] * inverse[p, j] * precision[p] for p in below[1:]), inverse[i, j] * precision[i])
        q.append(0.5 * value if i == j else value)
        spread = d[i] if i == j else lower[i, j] * d[j]
        if is_full(kind):
            spread = sum((lower[i, p] * lower[j, p] * d[p] for p in range(j)), spread)
        s.append(spread + mean[i] * mean[j])
    place = used[:, None]
    shape = count.shape
    return (
        jnp.where(place, jnp.stack(s, axis=1), moments),
        jnp.where(place, jnp.stack([jnp.broadcast_to(part, shape) for part in q], axis=1), coefficients),
        (fine | ~used).all(axis=0),
    )
