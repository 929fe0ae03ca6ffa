"""The kernels on an accelerator, by JAX: expectation-maximisation of many series and starts, side by side.

Asked for by name only (`kernels.using("jax")`, `HIDDEN_REGIME_BACKEND=jax`). It fits; what is one pass over the data goes on to
the CPU's kernels, because moving the rows to a device and back costs more than the pass: `filter` and `smooth` (with tails too),
steps, decoding, overlaps. So do jobs that it can't do as well, each by itself: those with a row that nothing reachable explains,
which need logarithms, and calls of more than `MOST_STATES` or `MOST_FEATURES`, whose compilation would outlast their fit.

Jobs go through lanes of a fixed number, a job each, which stop one by one and take the next: one compiled program serves a call
of any number of jobs. A program is compiled for each number of lanes, states, features, kind and (rounded) length of the windows.

Everything is float64, by JAX's own context and not by its switch for the whole process. Against the CPU's kernels: the same
number of M-steps and parameters within 1e-9 of their scale, where a fit's end is not decided by rounding.
"""

from __future__ import annotations

from typing import Any

import jax
import jaxlib
import numpy as np

from hidden_regime.kernels import backends
from hidden_regime.kernels.accelerated_steps import CAREFUL, CONVERGED, EMPTY, RUNNING, SINGULAR, Lanes, Window, advance
from hidden_regime.kernels.call import COVARIANCES, Call
from hidden_regime.kernels.results import Integers

MOST_STATES, MOST_FEATURES = 8, 6
WIDTHS = {"cpu": (16, 128)}
"""Numbers of lanes by platform. More than these cost a CPU time, for all lanes are worked on until the last is done."""

WIDTHS_OF_DEVICES = (512, 4096, 32768)
UNROLLED = {"cpu": 1}
"""Rows to a turn of a loop by platform: more take longer to compile and gain a CPU nothing."""

UNROLLED_ON_DEVICES = 4
BUDGET = 1 << 30
"""Bytes that lanes may take, on the host and on the device each; jobs beyond them wait for a lane."""

MOST_ITERATIONS = 32
"""Iterations of the lanes between two looks at them from outside."""


def arithmetic() -> str:
    """Name of the device's arithmetic: other releases and platforms may round another way."""
    return f"jax-{jaxlib.__version__}-{jax.default_backend()}"


def rows_of(length: int) -> int:
    """Rows that windows of this length are padded to: up to an eighth more, so that few programs are compiled."""
    unit = max(1 << max(length.bit_length() - 4, 0), 16)
    return -(-length // unit) * unit


def lane_bytes(n_rows: int, n_features: int, n_states: int, n_monomials: int) -> int:
    """Bytes that a lane takes: window, its copies while lanes are filled, filtered probabilities, what a fit is about."""
    small = 12 * n_states * (n_states + n_monomials + 1) + MOST_ITERATIONS
    return 8 * (n_rows * (4 * (n_features + 1) + 2 * n_states) + small)


def width_of(n_jobs: int, each: int) -> int:
    """Number of lanes: as many as there are jobs, as pay, and as the budget has room for."""
    widths = WIDTHS.get(jax.default_backend(), WIDTHS_OF_DEVICES)
    fitting = [w for w in widths if w * each <= BUDGET] or [max(BUDGET // each, 1)]
    return next((w for w in fitting if w >= n_jobs), fitting[-1])


def run(call: Call) -> None:
    """Fit the call's jobs here, or have the CPU's kernels do what they do better."""
    n_states, n_features = call.moments.shape[1], call.observations.shape[2]
    one_pass = call.history.shape[1] == 1 or call.backward or len(call.posterior) > 0 or call.kind == len(COVARIANCES)
    if one_pass or not len(call.jobs) or n_states > MOST_STATES or n_features > MOST_FEATURES:
        _cpu().run(call)
        return
    lengths = call.jobs[:, 2] - call.jobs[:, 1]
    octaves = np.frexp(lengths)[1]
    left = np.flatnonzero(lengths == 0).tolist()
    with jax.enable_x64(True):
        for octave in np.unique(octaves[lengths > 0]):
            jobs = np.flatnonzero((octaves == octave) & (lengths > 0))
            left += _fit(call, jobs, rows_of(int(lengths[jobs].max())))
    for job in left:
        _cpu().run(call.part(job, job + 1))


def __getattr__(name: str) -> Any:
    """Whatever else a backend has (`step`, `decode`, `overlaps`) is the CPU's."""
    if name.startswith("_"):
        raise AttributeError(name)
    return getattr(_cpu(), name)


def _cpu() -> Any:
    return backends.module(backends.available()[0])


def _fit(call: Call, waiting: Integers, n_rows: int) -> list[int]:
    """Fit some jobs of similar length. Returns those that need the careful recursion."""
    n_states, n_monomials, n_features = *call.moments.shape[1:], call.observations.shape[2]
    width = width_of(len(waiting), lane_bytes(n_rows, n_features, n_states, n_monomials))
    lanes, window = _no_lanes(width, n_rows, n_features, n_states, n_monomials)
    job_of = np.full(width, -1)
    unroll = UNROLLED.get(jax.default_backend(), UNROLLED_ON_DEVICES)
    limits = np.int64(call.history.shape[1] - 1), np.float64(call.tol)
    careful: list[int] = []
    here: Any = None
    while len(waiting) or (job_of >= 0).any():
        free = np.flatnonzero(job_of < 0)[: len(waiting)]
        if len(free):
            job_of[free], waiting = waiting[: len(free)], waiting[len(free) :]
            _load(call, lanes, window, free, job_of[free])
            here = jax.device_put(lanes), jax.device_put(window)
        running = int((job_of >= 0).sum())
        enough = max(running - max(width // 8, 1), 0) if len(waiting) else 0
        moved, scores = advance()(*here, *limits, np.int64(enough), kind=call.kind, unroll=unroll, most=MOST_ITERATIONS)
        before, here = lanes.done, (moved, here[1])
        lanes = Lanes(*(np.array(part) for part in moved))
        _note(call, lanes, before, job_of, np.asarray(scores))
        ended = np.flatnonzero((job_of >= 0) & (lanes.doing != RUNNING))
        careful += job_of[ended[lanes.doing[ended] == CAREFUL]].tolist()
        _store(call, lanes, ended, job_of[ended])
        job_of[ended] = -1
    return careful


def _no_lanes(width: int, n_rows: int, n_features: int, n_states: int, n_monomials: int) -> tuple[Lanes, Window]:
    chain, moments = (n_states + 1, n_states, width), (n_states, n_monomials, width)
    lanes = Lanes(
        chain=np.zeros(chain), moments=np.zeros(moments), coefficients=np.zeros(moments), counts=np.zeros(chain),
        sums=np.zeros(moments), final=np.zeros(chain[1:]), likelihood=np.zeros(width), score=np.zeros(width),
        done=np.zeros(width, np.int64), doing=np.full(width, EMPTY, np.int64))  # fmt: skip
    window = Window(np.zeros((n_rows, n_features, width)), np.zeros((n_rows, width)), np.zeros(width, np.int64),
                    np.ones((n_features, width)), np.zeros(chain), np.zeros(moments))  # fmt: skip
    return lanes, window


def _load(call: Call, lanes: Lanes, window: Window, free: Integers, jobs: Integers) -> None:
    """Put jobs into lanes that are free."""
    series, begin, end = call.jobs[jobs].T
    t = np.arange(len(window.weights))
    row = np.minimum(begin[:, None] + t, call.observations.shape[1] - 1)
    u = call.observations[series[:, None], row] - call.center[jobs][:, None]
    weight = call.weights[series[:, None], row] if len(call.weights) else np.ones(row.shape)
    weight[(t >= (end - begin)[:, None]) | np.isnan(u).any(axis=2)] = 0.0
    u[weight == 0.0] = 0.0
    window.observations[:, :, free] = u.transpose(1, 2, 0)
    window.weights[:, free] = weight.T
    window.lengths[free] = end - begin
    window.floor[:, free] = call.floor[jobs].T
    for place, given in ((window.prior_counts, call.prior_counts), (window.prior_sums, call.prior_sums),
                         (lanes.chain, call.chain), (lanes.moments, call.moments), (lanes.sums, call.moments)):  # fmt: skip
        place[..., free] = np.moveaxis(given[jobs], 0, -1)
    lanes.done[free], lanes.doing[free] = 0, RUNNING


def _note(call: Call, lanes: Lanes, before: Integers, job_of: Integers, scores: Any) -> None:
    """Write the objectives of the iterations since the last look into the history."""
    taken = np.where(job_of >= 0, lanes.done - before, 0)
    step, lane = np.nonzero(np.arange(len(scores))[:, None] < taken)
    call.history[job_of[lane], before[lane] + step] = scores[step, lane]


def _store(call: Call, lanes: Lanes, ended: Integers, jobs: Integers) -> None:
    """Write what the lanes found, but for those whose job begins anew elsewhere."""
    call.history[jobs[lanes.doing[ended] == CAREFUL]] = np.nan
    use = (lanes.doing[ended] != CAREFUL) & (lanes.done[ended] > 0)
    singular = lanes.doing[ended] == SINGULAR
    call.status[jobs, 0] = np.maximum(lanes.done[ended] - 1, 0)
    call.status[jobs, 1] = lanes.doing[ended] == CONVERGED
    call.status[jobs, 2] = ~singular
    ended, jobs, fine = ended[use], jobs[use], jobs[use & ~singular]
    for place, found in ((call.chain, lanes.chain), (call.moments, lanes.moments), (call.coefficients, lanes.coefficients),
                         (call.counts, lanes.counts), (call.sums, lanes.sums)):  # fmt: skip
        place[jobs] = np.moveaxis(found[..., ended], -1, 0)
    call.scores[jobs] = np.stack([lanes.likelihood[ended], lanes.score[ended]], axis=1)
    call.final[fine] = lanes.final[:, ended[lanes.doing[ended] != SINGULAR]].T
