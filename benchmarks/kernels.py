"""The kernels against hmmlearn's fastest mode: same data, same start, same tolerance, one thread, one run."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import warnings
from time import perf_counter

import numpy as np

from hidden_regime import kernels, load_dataset, make_market
from hidden_regime.kernels import backends
from hidden_regime.models.initialisation import from_ranking, volatility_ranking
from hidden_regime.models.training import Task, train

STATES, TOLERANCE, LIMIT, WINDOW, ASSETS, DAYS, CHALLENGE = 3, 1e-4, 500, 252, 6, 1000, 21
GOALS = {"one fit": 20, "6 series": 0, "500 series": 120, "T = 1,000": 60, "6,000 cold fits": 100}


def real_returns() -> list[np.ndarray]:
    """Percent returns of the packaged real series."""
    closes = [load_dataset(name)["close"].to_numpy() for name in ("sp500", "nasdaq", "aapl", "ibm", "msft")]
    returns = [100.0 * np.diff(np.log(c)) for c in closes]
    return [*returns, returns[0][::-1].copy()]


def simulated_returns() -> list[np.ndarray]:
    """Percent returns of the synthetic market."""
    out = []
    for seed in (0, 1):
        market = make_market(n_days=3500, seed=seed).market
        out += [market.load(name).frame()["close"].to_numpy() for name in market.tickers()]
    return [100.0 * np.diff(np.log(c)) for c in out[:ASSETS]]


def windows(returns: list[np.ndarray], n: int, length: int) -> np.ndarray:
    """n windows (n, length, 1), spread over all series."""
    out = []
    for i in range(n):
        series = returns[i % len(returns)]
        begin = int((i // len(returns)) * (len(series) - length) / max(-(-n // len(returns)) - 1, 1))
        out.append(series[begin : begin + length])
    return np.stack(out)[:, :, None]


def prepare(x: np.ndarray) -> dict[str, object]:
    """Arguments of `kernels.fit` for one fit of each window."""
    starts = [from_ranking(w, volatility_ranking(w), STATES)[:4] for w in x]
    startprob, transmat, means, covars = (np.stack(p) for p in zip(*starts, strict=True))
    jobs = np.array([[i, 0, x.shape[1]] for i in range(len(x))])
    given = {"observations": x, "jobs": jobs, "startprob": startprob, "transmat": transmat, "means": means, "covars": covars}
    return given | {"prior": None, "covariance_type": "diag", "n_iter": LIMIT, "tol": TOLERANCE, "floor": np.zeros((len(x), 1))}


def theirs(arguments: dict[str, object], most: int) -> tuple[float, float, np.ndarray]:
    """Seconds a fit and mean iterations of hmmlearn over `most` windows, evenly chosen, and the means it found."""
    from hmmlearn.hmm import GaussianHMM

    x = arguments["observations"]
    chosen = np.unique(np.linspace(0, len(x) - 1, min(most, len(x))).astype(int))
    models = []
    for i in chosen:
        model = GaussianHMM(STATES, "diag", n_iter=LIMIT, tol=TOLERANCE, init_params="", covars_prior=0, covars_weight=1,
                            min_covar=0, implementation="scaling")  # fmt: skip
        model.startprob_, model.transmat_ = arguments["startprob"][i], arguments["transmat"][i]
        model.means_, model.covars_ = arguments["means"][i], arguments["covars"][i][:, :, 0]
        models.append(model)
    begin = perf_counter()
    for model, i in zip(models, chosen, strict=True):
        model.fit(x[i])
    seconds = perf_counter() - begin
    return seconds / len(chosen), float(np.mean([m.monitor_.iter for m in models])), np.stack([m.means_ for m in models])


def ours(arguments: dict[str, object], repeats: int, **options: object) -> tuple[float, kernels.Fit]:
    """Least seconds a fit of several runs, and the fits."""
    best = np.inf
    for _ in range(repeats):
        begin = perf_counter()
        fit = kernels.fit(**arguments, **options)
        best = min(best, perf_counter() - begin)
    return best / len(fit.ok), fit


def in_a_new_process(code: str, **environment: str) -> float:
    """Seconds that some code says it took."""
    out = subprocess.run([sys.executable, "-c", code], env=os.environ | environment, capture_output=True, text=True, check=True)
    return float(out.stdout.split()[-1])


def start_up() -> None:
    """Print what compiling and loading the backends costs a new process."""
    code = (
        "import numpy as np, time; import hidden_regime.models.training as t; b = time.perf_counter();"
        "x = np.random.default_rng(0).normal(size=(252, 1)); r = t.train([t.Task(x, 3, tol=1e-3)])[0];"
        "from hidden_regime import kernels; p = [a[None] for a in r.parameters[:4]];"
        "kernels.smooth(x[None], np.array([[0, 0, 252]]), *p, covariance_type='diag');"
        "kernels.step(x[:1], np.full((1, 3), 1 / 3), *p[1:], covariance_type='diag'); print(time.perf_counter() - b)"
    )
    with tempfile.TemporaryDirectory() as folder:
        cold = in_a_new_process(code, HIDDEN_REGIME_BACKEND="numba", NUMBA_CACHE_DIR=folder)
        cached = in_a_new_process(code, HIDDEN_REGIME_BACKEND="numba", NUMBA_CACHE_DIR=folder)
    print(f"first use in a new process: numba compiled {cold:.2f} s, numba cached {cached:.2f} s", end="")
    if "native" in kernels.available():
        print(f", native {in_a_new_process(code, HIDDEN_REGIME_BACKEND='native'):.3f} s", end="")
    print(" (train, smooth and step; goal for numba compiled: under 2 s)")


def table(title: str, returns: list[np.ndarray], quick: bool) -> None:
    """Print the ratios on one kind of data."""
    print(f"\n{title}: Gaussian, {STATES} states, from the same start to a gain below {TOLERANCE:g}, at most {LIMIT} iterations")
    print(f"{'':18}{'iterations':>11}{'hmmlearn':>12}{'ours':>11}{'ratio':>8}{'goal':>6}   equal means")
    n = 600 if quick else ASSETS * DAYS
    cases = [("one fit", 1, WINDOW), ("6 series", 6, WINDOW), ("500 series", 100 if quick else 500, WINDOW),
             ("T = 1,000", 40 if quick else 500, 1000), ("6,000 cold fits", n, WINDOW)]  # fmt: skip
    for name, count, length in cases:
        arguments = prepare(windows(returns, count, length))
        fast, fit = ours(arguments, 30 if count < 10 else 5)
        slow, steps, means = theirs(arguments, 40 if quick else 600)
        if count == 1:
            slow = min(slow, *(theirs(arguments, 1)[0] for _ in range(9)))
        chosen = np.unique(np.linspace(0, count - 1, min(40 if quick else 600, count)).astype(int))
        equal = np.mean([np.allclose(a, b, atol=1e-2) for a, b in zip(fit.means[chosen], means, strict=True)])
        goal = f"{GOALS[name]}" if GOALS[name] else ""
        times = f"{1e3 * slow:9.3f} ms{1e3 * fast:8.4f} ms{slow / fast:8.1f}"
        print(f"{name:18}{fit.n_iter.mean():6.0f}{steps:5.0f}{times}{goal:>6}   {equal:.0%}")
    again, _ = ours(arguments, 5)
    twice, _ = ours(arguments, 5, threads=2)
    print(f"two threads: {again / twice:.2f} times one (goal 1.9), on {os.cpu_count()} processors")
    with kernels.using("numba"):
        part = prepare(windows(returns, 60, WINDOW))
        ours(part, 1)
        plain, _ = ours(part, 3)
    slow, _, _ = theirs(part, 60)
    print(f"numba: {slow / plain:.1f} times hmmlearn (goal 7)")


def bound(returns: list[np.ndarray]) -> None:
    """Print an EM iteration against what the multiply-add ports allow."""
    module = backends.module()
    arguments = prepare(windows(returns, 512, WINDOW)) | {"tol": -np.inf, "n_iter": 60}
    seconds, _ = ours(arguments, 7)
    lanes = dict(module.variants())[module.use()]
    begin = perf_counter()
    module.multiply(2_000_000)
    rate = 2_000_000 * 12 * lanes / (perf_counter() - begin)
    k, m = STATES, 2
    forward = 1 + k * k + (k - 1) * (1 + m + 13) + (k + 1) / 8
    backward = 1 + (k - 1) + 2 * k * k + k + k * m + k / 8
    least = (forward + backward) * WINDOW / rate
    found = f"{1e6 * seconds / 61:.3f} us a series; bound {1e6 * least:.3f} us; ratio {seconds / 61 / least:.2f} (goal 1.25)"
    print(f"\nEM iteration, T = {WINDOW}, build {module.use()}: {found}")
    print(f"  The bound: a step needs {forward:.1f} multiplications or multiply-adds forward (transitions, log-ratios, {k - 1} ")
    print(f"  exponentials of 13) and {backward:.1f} backward; this machine did {rate / 1e9:.1f}e9 of them a second just now.")


def one_day_at_a_time(title: str, returns: list[np.ndarray]) -> None:
    """Print what retraining of six series on every bar costs, and how good its fits are."""
    x = np.stack([r[-(DAYS + WINDOW) :] for r in returns])[:, :, None]
    models, found, begin = [None] * ASSETS, [], perf_counter()
    for end in range(WINDOW, x.shape[1] + 1):
        # Series take turns with their challengers, as detectors of different assets would.
        challengers = ("volatility", "random")[(end // CHALLENGE) % 2 :][:1]
        due = [(end + 8 * i) % CHALLENGE == 0 for i in range(ASSETS)]
        tasks = [
            Task(x[i, end - WINDOW : end], STATES, "diag", tol=3e-2, margin=0.05, warm=models[i], seed=end,
                 starts=challengers if due[i] else ()) if models[i] else Task(x[i, :end], STATES, "diag")
            for i in range(ASSETS)]  # fmt: skip
        trained = train(tasks)
        models = [one.parameters for one in trained]
        found.append([one.log_likelihood for one in trained])
        if end == WINDOW:
            begin = perf_counter()
    seconds = perf_counter() - begin
    jobs = np.array([[i, e - WINDOW, e] for e in range(WINDOW, x.shape[1] + 1) for i in range(ASSETS)])
    cold = prepare(np.stack([x[i, b:e] for i, b, e in jobs]))
    cold["floor"] = 1e-3 * cold["observations"].var(axis=1)
    likelihood = kernels.fit(**cold).log_likelihood.mean()
    print(f"{title}: one day at a time, {ASSETS} series, {len(found)} days, a challenger every {CHALLENGE} bars: "
          f"{1e6 * seconds / (len(found) - 1):.0f} us a day (goal 270); mean log-likelihood {np.mean(found):.3f}, of cold starts "
          f"{likelihood:.3f}")  # fmt: skip


def main(quick: bool = False) -> None:
    """Print seconds of both and their ratio for simulated and for packaged real series."""
    logging.getLogger("hmmlearn").setLevel(logging.CRITICAL)
    native = "native" in kernels.available()
    print(f"backend {kernels.backend()}" + (f", builds {backends.module().variants()}" if native else ""))
    start_up()
    simulated, real = simulated_returns(), real_returns()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table("Simulated (synthetic market)", simulated, quick)
        table("Real (packaged series)", real, quick)
    if native:
        bound(simulated)
    print()
    one_day_at_a_time("Simulated", simulated)
    one_day_at_a_time("Real", real)
