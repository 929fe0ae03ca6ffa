"""The two-state simulation of Nystrup, Lindstrom and Madsen (2020): who finds the path that made the returns."""

from __future__ import annotations

import importlib.util
import logging
import warnings

import numpy as np
import pandas as pd

from hidden_regime import GaussianHMM, JumpModel, kernels
from hidden_regime.models.chain import sample_paths, stationary_distribution
from hidden_regime.models.parameters import Parameters

CHAIN = np.array([[0.9979, 0.0021], [0.0120, 0.9880]])
TRUTH = Parameters(stationary_distribution(CHAIN), CHAIN, np.array([[0.000615], [-0.000785]]),
                   np.array([[[0.007759**2]], [[0.017397**2]]]))  # fmt: skip
PUBLISHED = {250: (0.924, 0.944, 0.928), 500: (0.950, 0.939, 0.926), 1000: (0.958, 0.958, 0.927)}
"""Balanced accuracy of the true model's path, of a hidden Markov model with ten starts, and of the jump model at lambda 46."""

PENALTY = 46.0


def features(x: np.ndarray) -> np.ndarray:
    """What the jump model looks at: the return, its changes, and local means and deviations before, around and after."""
    y = pd.Series(x[:, 0])
    out = [y, y.diff().abs(), y.diff().abs().shift(-1)]
    for window in (6, 14):
        before = y.rolling(window, min_periods=2)
        after = y[::-1].rolling(window, min_periods=2)
        around = y.rolling(window, min_periods=2, center=True)
        out += [before.mean(), before.std(), after.mean()[::-1], after.std()[::-1], around.mean(), around.std()]
    return pd.concat(out, axis=1).bfill().ffill().to_numpy()


def balanced_accuracy(found: np.ndarray, true: np.ndarray) -> float:
    """Mean over the true states of the share that was found, whichever way the states are numbered."""
    present = [k for k in (0, 1) if (true == k).any()]
    return max(float(np.mean([np.mean(path[true == k] == k) for k in present])) for path in (found, 1 - found))


def known(x: np.ndarray) -> np.ndarray:
    """Most probable path of the model that made the data."""
    jobs, chain = np.array([[0, 0, len(x)]]), (np.log(TRUTH.startprob)[None], np.log(TRUTH.transmat)[None])
    return kernels.decode_densities(TRUTH.log_density(x)[None], jobs, *chain).states[0]


def hmmlearn_path(x: np.ndarray) -> np.ndarray:
    """Best of ten starts of hmmlearn."""
    from hmmlearn.hmm import GaussianHMM as Theirs

    models = [Theirs(2, "diag", n_iter=500, tol=1e-4, random_state=s, implementation="scaling").fit(100 * x) for s in range(10)]
    return max(models, key=lambda m: m.score(100 * x)).predict(100 * x)


def jumpmodels_path(x: np.ndarray) -> np.ndarray:
    """The jumpmodels package on the same features."""
    from jumpmodels.jump import JumpModel as Theirs

    z = features(x)
    z = (z - z.mean(axis=0)) / z.std(axis=0)
    return np.asarray(Theirs(2, jump_penalty=PENALTY).fit(z).labels_)


def main(quick: bool = False) -> None:
    """Print mean balanced accuracies."""
    logging.getLogger("hmmlearn").setLevel(logging.CRITICAL)
    n_paths = 60 if quick else 1024
    methods = {
        "true parameters, Viterbi": known,
        "ours, HMM, ten starts": lambda x: GaussianHMM(2, n_init=8).fit(x).predict(x),
        "ours, HMM, ten starts, sticky": lambda x: GaussianHMM(2, n_init=8, stay_duration=100, stay_weight=50).fit(x).predict(x),
        f"ours, jump model, penalty {PENALTY:g}": lambda x: JumpModel(2, penalty=PENALTY).fit(features(x)).path_,
    }
    few = {"hmmlearn, ten starts": hmmlearn_path} if importlib.util.find_spec("hmmlearn") else {}
    if importlib.util.find_spec("jumpmodels"):
        few["jumpmodels"] = jumpmodels_path
    print(f"SIMULATED: {n_paths} paths (60 for other packages); balanced accuracy, its standard error; published, from 60 paths")
    for n, (viterbi, hmm, jump) in PUBLISHED.items():
        x, states = sample_paths(TRUTH, n_paths, n, np.random.default_rng(n))
        for name, method in (methods | few).items():
            count = 60 if name in few else n_paths
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = [balanced_accuracy(method(a), s) for a, s in zip(x[:count], states[:count], strict=True)]
            both = [v for v, path in zip(found, states[:count], strict=True) if len(set(path)) == 2]
            said = viterbi if "true" in name else jump if "jump" in name else hmm
            mine = f"{np.mean(found):7.3f} +- {np.std(found) / np.sqrt(count):.3f}   where both states occur {np.mean(both):.3f}"
            print(f"T = {n:5} {name:34}{mine}   published {said:.3f}", flush=True)
