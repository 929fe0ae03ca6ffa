"""Expectation-maximisation of many lanes, a job each, as JAX traces it: the recursions of `compiled`, all lanes side by side.

Arrays end in the axis of lanes, and each state is an array of its own: a step of a recursion is then nothing but arithmetic
between vectors of lanes, which a compiler makes one loop, or one kernel, of. Rows past a job's end leave everything as it is.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax

from hidden_regime.kernels.accelerated_gaussians import maximise, products

RUNNING, CONVERGED, AT_LIMIT, SINGULAR, CAREFUL, EMPTY = range(6)
"""What a lane is doing. CAREFUL: its job needs the recursion in logarithms, which the CPU's kernels have."""
TINY = 1e-280
Vectors = tuple[Array, ...]


class Window(NamedTuple):
    """What the lanes read.

    Attributes
    ----------
    observations : (n_rows, n_features, n_lanes)
        Centred; zeros where missing.
    weights : (n_rows, n_lanes)
        Zero where missing.
    lengths : (n_lanes,)
        Rows of each lane's job.
    floor : (n_features, n_lanes)
    prior_counts : (n_states + 1, n_states, n_lanes)
    prior_sums : (n_states, n_monomials, n_lanes)
    """

    observations: Any
    weights: Any
    lengths: Any
    floor: Any
    prior_counts: Any
    prior_sums: Any


class Lanes(NamedTuple):
    """Where each lane's fit stands; names and shapes as in `Call`, with the axis of lanes last.

    Attributes
    ----------
    chain, moments, coefficients, counts, sums, final
        As in `Call`; `sums` are the start's moments before the first E-step.
    likelihood, score : (n_lanes,)
        Of the last E-step, the objective's too.
    done : (n_lanes,)
        E-steps so far.
    doing : (n_lanes,)
        RUNNING, or why not.
    """

    chain: Any
    moments: Any
    coefficients: Any
    counts: Any
    sums: Any
    final: Any
    likelihood: Any
    score: Any
    done: Any
    doing: Any


def _total(parts: list[Array] | Vectors) -> Array:
    return functools.reduce(jnp.add, parts)


def _monomials(u: Array, weight: Array, kind: int) -> list[Array]:
    first = [weight * u[i] for i in range(len(u))]
    return [weight, *first, *(u[i] * first[j] for i, j in products(len(u), kind))]


def _forward(window: Window, chain: Array, coefficients: Array, kind: int, unroll: int) -> tuple[Array, Vectors, Vectors, Array]:
    """Log-likelihood, filtered probabilities of all rows and of the last, and where no row's total came near zero."""
    n_states = chain.shape[1]
    states = range(n_states)

    def step(carry: Any, row: Any) -> Any:
        alpha, likelihood, least = carry
        t, u, weight = row
        m = _monomials(u, weight, kind)
        logs = [_total([coefficients[k, i] * m[i] for i in range(len(m))]) for k in states]
        top = functools.reduce(jnp.maximum, logs)
        predicted = [jnp.where(t > 0, _total([alpha[i] * chain[i, k] for i in states]), chain[n_states, k]) for k in states]
        joint = [predicted[k] * jnp.exp(logs[k] - top) for k in states]
        total = _total(joint)
        inside = t < window.lengths
        alpha = tuple(jnp.where(inside, joint[k] / total, alpha[k]) for k in states)
        likelihood = jnp.where(inside, likelihood + (top + jnp.log(total)), likelihood)
        return (alpha, likelihood, jnp.where(inside, jnp.minimum(least, total), least)), alpha

    zero = jnp.zeros_like(window.weights[0])
    rows = (jnp.arange(len(window.weights)), window.observations, window.weights)
    start = tuple(chain[n_states, k] for k in states)
    (last, likelihood, least), alpha = lax.scan(step, (start, zero, zero + 1.0), rows, unroll=unroll)
    return likelihood, alpha, last, least >= TINY


def _backward(window: Window, chain: Array, alpha: Vectors, kind: int, unroll: int) -> tuple[Array, Array]:
    """Expected transitions and first states, and sums of monomials, by Kim's recursion (see `compiled._backward`)."""
    n_states = chain.shape[1]
    states = range(n_states)

    def step(carry: Any, row: Any) -> Any:
        smoothed, pairs, sums = carry
        t, u, weight, a = row
        m = _monomials(u, weight, kind)
        inner = t + 1 < window.lengths
        predicted = [_total([a[i] * chain[i, j] for i in states]) for j in states]
        usable = [inner & (predicted[j] > 0.0) for j in states]
        quotient = [jnp.where(usable[j], smoothed[j] / jnp.where(usable[j], predicted[j], 1.0), 0.0) for j in states]
        pairs = tuple(tuple(pairs[i][j] + a[i] * quotient[j] for j in states) for i in states)
        smoothed = tuple(jnp.where(inner, a[i] * _total([chain[i, j] * quotient[j] for j in states]), a[i]) for i in states)
        sums = tuple(tuple(sums[k][i] + smoothed[k] * m[i] for i in range(len(m))) for k in states)
        return (smoothed, pairs, sums), None

    zero = jnp.zeros_like(window.weights[0])
    n_monomials = window.prior_sums.shape[1]
    start = ((zero,) * n_states, ((zero,) * n_states,) * n_states, ((zero,) * n_monomials,) * n_states)
    rows = (jnp.arange(len(window.weights)), window.observations, window.weights, alpha)
    (first, pairs, sums), _ = lax.scan(step, start, rows, reverse=True, unroll=unroll)
    counts = jnp.stack([jnp.stack(row) for row in pairs]) * chain[:n_states]
    # A job without rows has no first state either.
    counts = jnp.concatenate([counts, jnp.where(window.lengths > 0, jnp.stack(first), 0.0)[None]])
    return counts, jnp.stack([jnp.stack(row) for row in sums])


def _log_prior(window: Window, chain: Array, coefficients: Array) -> Array:
    given = window.prior_counts > 0.0
    chains = jnp.where(given, window.prior_counts * jnp.log(jnp.where(given, chain, 1.0)), 0.0)
    return chains.sum(axis=(0, 1)) + (window.prior_sums * coefficients).sum(axis=(0, 1))


def _iterate(lanes: Lanes, window: Window, n_iter: Array, tol: Array, kind: int, unroll: int) -> Lanes:
    """An M-step (at first the start in its stead) and the E-step after it, of the lanes that run."""
    first = lanes.done == 0
    counts = lanes.counts + window.prior_counts
    rows = counts.sum(axis=1, keepdims=True)
    seen = (rows > 0.0) & ~first
    chain = jnp.where(seen, counts / jnp.where(seen, rows, 1.0), lanes.chain)
    sums = jnp.where(first, lanes.sums, lanes.sums + window.prior_sums)
    moments, coefficients, ok = maximise(sums, window.floor, lanes.moments, lanes.coefficients, kind)
    likelihood, alpha, last, plain = _forward(window, chain, coefficients, kind, unroll)
    score = likelihood + _log_prior(window, chain, coefficients)
    counts, sums = _backward(window, chain, alpha, kind, unroll)
    plain = plain & ~jnp.isnan(score)
    settled = ~first & (score - lanes.score < tol)
    outcome = jnp.where(settled, CONVERGED, jnp.where(lanes.done == n_iter, AT_LIMIT, RUNNING))
    outcome = jnp.where(ok, jnp.where(plain, outcome, CAREFUL), SINGULAR)
    running = lanes.doing == RUNNING
    new = (chain, moments, coefficients, counts, sums, jnp.stack(last), likelihood, score, lanes.done + 1)
    kept = [jnp.where(running & ok & plain, a, b) for a, b in zip(new, lanes[:-1], strict=True)]
    return Lanes(*[*kept, jnp.where(running, outcome, lanes.doing)])


def _advance(lanes: Lanes, window: Window, n_iter: Array, tol: Array, enough: Array, *, kind: int, unroll: int,
             most: int) -> tuple[Lanes, Array]:  # fmt: skip
    """Iterate at most `most` times, while more than `enough` lanes run. Returns the lanes and their objectives, (most, n_lanes).

    A lane that is done keeps all it has; its objectives repeat.
    """

    def going(carry: Any) -> Any:
        i, lanes, _ = carry
        return (i < most) & ((lanes.doing == RUNNING).sum() > enough)

    def body(carry: Any) -> Any:
        i, lanes, scores = carry
        lanes = _iterate(lanes, window, n_iter, tol, kind, unroll)
        return i + 1, lanes, lax.dynamic_update_index_in_dim(scores, lanes.score, i, axis=0)

    scores = jnp.zeros((most, *lanes.score.shape))
    _, lanes, scores = lax.while_loop(going, body, (0, lanes, scores))
    return lanes, scores


@functools.cache
def advance() -> Any:
    """`_advance`, compiled for each shape that it meets and kept."""
    return jax.jit(_advance, static_argnames=("kind", "unroll", "most"))
