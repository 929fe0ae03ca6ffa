"""Fits of the kernel against hmmlearn's fastest mode: same data, same start, same tolerance, one thread, one run."""

from __future__ import annotations

import logging
import warnings
from time import perf_counter

import numpy as np

from hidden_regime import kernels, load_dataset, make_market
from hidden_regime.models.initialisation import from_ranking, volatility_ranking

WINDOW, STATES, TOLERANCE, LIMIT = 252, 3, 1e-4, 500


def windows(returns: np.ndarray, n: int) -> list[np.ndarray]:
    """n windows, evenly spread, of percent returns."""
    starts = np.linspace(0, len(returns) - WINDOW, n).astype(int)
    return [100.0 * returns[s : s + WINDOW, None] for s in starts]


def theirs(data: list[np.ndarray]) -> tuple[float, list[np.ndarray]]:
    """Seconds and means of hmmlearn."""
    from hmmlearn.hmm import GaussianHMM

    models = []
    for x in data:
        start = from_ranking(x, volatility_ranking(x), STATES)
        model = GaussianHMM(STATES, "diag", n_iter=LIMIT, tol=TOLERANCE, init_params="", covars_prior=0, covars_weight=1,
                            min_covar=0, implementation="scaling")  # fmt: skip
        model.startprob_, model.transmat_, model.means_ = start.startprob, start.transmat, start.means
        model.covars_ = start.covars[:, :, 0]
        models.append(model)
    begin = perf_counter()
    for model, x in zip(models, data, strict=True):
        model.fit(x)
    return perf_counter() - begin, [model.means_ for model in models]


def ours(data: list[np.ndarray]) -> tuple[float, np.ndarray, np.ndarray]:
    """Seconds, means and iterations of one kernel call."""
    starts = [from_ranking(x, volatility_ranking(x), STATES) for x in data]
    parts = [np.stack(p) for p in zip(*starts, strict=True)]
    jobs = np.array([[i, 0, WINDOW] for i in range(len(data))])
    arguments = (np.stack(data), jobs, *parts, kernels.no_prior(len(data), STATES, 1))
    options = {"covariance_type": "diag", "n_iter": LIMIT, "tol": TOLERANCE, "floor": np.zeros((len(data), 1))}
    begin = perf_counter()
    out = kernels.fit(*arguments, **options)
    return perf_counter() - begin, out.means, out.n_iter


def main(quick: bool = False) -> None:
    """Print seconds of both and their ratio for simulated and for packaged real series."""
    logging.getLogger("hmmlearn").setLevel(logging.CRITICAL)
    begin = perf_counter()
    ours([np.random.default_rng(0).normal(size=(WINDOW, 1))])
    print(f"backend {kernels.backend()}; first call, compiled or loaded: {perf_counter() - begin:.2f} s")
    simulated = make_market(n_days=2000).market.load("SYN_MARKET").frame()["close"]
    real = load_dataset("sp500")["close"]
    for title, close in (("simulated (SYNTHETIC)", simulated), ("S&P 500", real)):
        returns = np.log(close).diff().dropna().to_numpy()
        for n in (1, 50 if quick else 300):
            data = windows(returns, n)
            repeats = 20 if n == 1 else 1
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                slow, means = min((theirs(data) for _ in range(repeats)), key=lambda r: r[0])
            fast, found, iterations = min((ours(data) for _ in range(repeats)), key=lambda r: r[0])
            equal = np.mean([np.allclose(a, b, atol=1e-2) for a, b in zip(means, found, strict=True)])
            print(f"{title:22} {n:4} fits, {iterations.mean():5.1f} iterations: hmmlearn {slow:.4f} s, ours {fast:.4f} s, "
                  f"{slow / fast:5.1f} times; equal means in {equal:.0%}")  # fmt: skip
