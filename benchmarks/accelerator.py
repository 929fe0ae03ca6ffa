"""Fits of many series and starts by the accelerator's backend, against the C++ kernels on all cores in the same run."""

from __future__ import annotations

import argparse
import importlib.util
import os
from collections.abc import Sequence
from importlib.metadata import version
from time import perf_counter

import numpy as np

from hidden_regime import kernels
from hidden_regime.kernels.backends import ACCELERATOR

FULL_SERIES, FULL_STARTS = 10_000, 10
CHAIN = np.array([[0.97, 0.02, 0.01], [0.02, 0.97, 0.01], [0.02, 0.03, 0.95]])
MEANS, DEVIATIONS = np.array([0.08, 0.02, -0.15]), np.array([0.6, 1.1, 2.5])
TOLERANCE, LIMIT = 1e-4, 500


def returns(n_series: int, n_samples: int, seed: int) -> np.ndarray:
    """Percent returns (n_series, n_samples, 1) of markets of three regimes."""
    rng = np.random.default_rng(seed)
    states = kernels.sample_states(np.full(3, 1 / 3), CHAIN, rng.random((n_series, n_samples)))
    return (MEANS[states] + DEVIATIONS[states] * rng.standard_normal(states.shape))[:, :, None]


def task(n_series: int, n_starts: int, n_samples: int, n_states: int, seed: int) -> dict[str, object]:
    """Arguments of `kernels.fit`: each series from as many starts of its own scale."""
    x = returns(n_series, n_samples, seed)
    rng, n = np.random.default_rng(seed + 1), n_series * n_starts
    scale = np.repeat(x.var(axis=(1, 2)), n_starts)
    transmat = np.full((n_states, n_states), 0.1 / max(n_states - 1, 1))
    np.fill_diagonal(transmat, 0.9 if n_states > 1 else 1.0)
    jobs = np.zeros((n, 3), np.int64)
    jobs[:, 0], jobs[:, 2] = np.repeat(np.arange(n_series), n_starts), n_samples
    covars = scale[:, None] * np.exp(rng.uniform(-2.0, 1.5, (n, n_states)))
    means = 0.3 * np.sqrt(scale)[:, None] * rng.standard_normal((n, n_states))
    return {
        "observations": x, "jobs": jobs, "startprob": np.full((n, n_states), 1.0 / n_states),
        "transmat": np.tile(transmat, (n, 1, 1)), "means": means[:, :, None], "covars": covars[:, :, None, None], "prior": None,
        "covariance_type": "diag", "n_iter": LIMIT, "tol": TOLERANCE, "floor": 1e-3 * scale[:, None],
    }  # fmt: skip


def timed(name: str, arguments: dict[str, object], repeats: int) -> tuple[list[float], kernels.Fit]:
    """Seconds of each of some runs, and the fits."""
    seconds = []
    with kernels.using(name):
        for _ in range(repeats):
            begin = perf_counter()
            fit = kernels.fit(**arguments, threads=os.cpu_count() or 1)
            seconds.append(perf_counter() - begin)
    return seconds, fit


def agreement(ours: kernels.Fit, theirs: kernels.Fit) -> str:
    """How far two backends' fits are from each other."""
    same = ours.n_iter == theirs.n_iter
    both = same & ours.ok & theirs.ok
    gaps = [np.abs(a[both] - b[both]).max(initial=0.0) for a, b in zip(ours[:4], theirs[:4], strict=True)]
    score = np.abs(ours.objective[both] - theirs.objective[both]).max(initial=0.0)
    return (f"same number of M-steps: {same.mean():.2%} of jobs; of those the largest difference of a parameter {max(gaps):.1e}, "
            f"of an objective {score:.1e}")  # fmt: skip


def report(arguments: dict[str, object], repeats: int) -> None:
    """Print the seconds of both backends and how far they agree."""
    import jax

    from hidden_regime.kernels import accelerated

    cpu = kernels.available()[0]
    n, n_samples = len(arguments["jobs"]), arguments["observations"].shape[1]
    device = jax.devices()[0]
    print(f"device {device.platform} ({device.device_kind}), jax {jax.__version__}, jaxlib {version('jaxlib')}; "
          f"{cpu} kernels on {os.cpu_count()} cores")  # fmt: skip
    each = accelerated.lane_bytes(accelerated.rows_of(n_samples), 1, arguments["means"].shape[1], 3)
    width = accelerated.width_of(n, each)
    print(f"{width} lanes of {each / 1e3:.0f} KB (budget {accelerated.BUDGET / 1e9:.1f} GB)")
    slow, theirs = timed(cpu, arguments, repeats)
    fast, ours = timed(ACCELERATOR, arguments, repeats + 1)
    steps = theirs.n_iter.sum()
    print(f"{cpu:8}{min(slow):10.2f} s{1e6 * min(slow) / steps:10.2f} us an M-step; {theirs.n_iter.mean():.0f} M-steps a job, "
          f"at most {theirs.n_iter.max()}")  # fmt: skip
    print(f"{ACCELERATOR:8}{min(fast[1:]):10.2f} s{1e6 * min(fast[1:]) / steps:10.2f} us an M-step; "
          f"{fast[0] - min(fast[1:]):.1f} s more at the first call, which compiles")  # fmt: skip
    print(f"{ACCELERATOR} takes {min(fast[1:]) / min(slow):.2f} times as long as {cpu}; {agreement(ours, theirs)}")


def command(arguments: Sequence[str]) -> int:
    """What a terminal asks for; 2 where the library isn't installed."""
    parser = argparse.ArgumentParser("python -m benchmarks accelerator", description=__doc__)
    parser.add_argument("--series", type=int, default=100)
    parser.add_argument("--starts", type=int, default=10)
    parser.add_argument("--rows", type=int, default=252, help="observations of a series")
    parser.add_argument("--states", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=2, help="runs of each backend, of which the fastest counts")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--full", action="store_true", help=f"{FULL_SERIES:,} series of {FULL_STARTS} starts: for a GPU")
    given = parser.parse_args(arguments)
    if importlib.util.find_spec("jax") is None:
        print("JAX isn't installed: pip install 'hidden-regime[gpu]'")
        return 2
    series, starts = (FULL_SERIES, FULL_STARTS) if given.full else (given.series, given.starts)
    print(f"{series:,} series x {starts} starts x {given.rows} rows x {given.states} states, Gaussian, "
          f"to a gain below {TOLERANCE:g}, at most {LIMIT} M-steps")  # fmt: skip
    report(task(series, starts, given.rows, given.states, given.seed), given.repeats)
    return 0
