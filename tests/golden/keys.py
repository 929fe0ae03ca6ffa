"""Keys under which the cache files trainings, and bytes of its entries.

The tables in the tasks are made of eighths, so no machine's logarithm has a say in their bytes.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from hidden_regime import RegimeDetector
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.cache import task_key
from hidden_regime.cache.entry import pack
from hidden_regime.models.parameters import Evidence, Parameters
from hidden_regime.models.task import Restart, Task, Trained
from hidden_regime.models.training import train
from tests.golden.markets import drawn

ARITHMETICS = ("native", "native-portable", "numba")
DETECTORS: dict[str, dict[str, Any]] = {
    "default": {}, "four states": {"n_states": 4}, "full": {"covariance_type": "full"}, "without memory": {"memory": 0.0},
    "student_t": {"emission": "student_t", "n_iter": 5}, "challengers": {"challengers": ("kmeans", "random"), "random_state": 7},
    "returns": {"features": ("log_return",)}, "weekly": {"retrain": "weekly"},
}  # fmt: skip


def eighths(*shape: int) -> np.ndarray:
    """A table of exact numbers, no two columns alike."""
    return (np.arange(np.prod(shape)) * 7 % 31 - 15.0).reshape(shape) / 8.0


def parameters(n_states: int, n_features: int, degrees: float | None = None) -> Parameters:
    """A model of exact numbers."""
    start, chain = np.full(n_states, 0.25), np.full((n_states, n_states), 0.125)
    covars = np.tile(np.eye(n_features) * 0.5, (n_states, 1, 1))
    return Parameters(
        start, chain, eighths(n_states, n_features), covars, None if degrees is None else np.full(n_states, degrees)
    )


def evidence(n_states: int, n_features: int) -> Evidence:
    """A memory of exact numbers."""
    return Evidence(np.full(n_states, 2.5), eighths(n_states, n_features), np.tile(np.eye(n_features), (n_states, 1, 1)))


def tasks() -> dict[str, Task]:
    """Tasks by what tells them from the first."""
    plain = Task(eighths(60, 2), 2)
    changes: dict[str, dict[str, Any]] = {
        "plain": {}, "one feature": {"observations": eighths(120, 1)}, "float32": {"observations": eighths(60, 2).astype("<f4")},
        "three states": {"n_states": 3}, "limits": {"n_iter": 7, "tol": 1e-5, "min_covar": 0.5}, "starts": {"starts": ("kmeans", "random"), "seed": 9},
        "margin": {"margin": 1.0}, "stay": {"stay_duration": 50.0, "stay_weight": 20.0}, "ranked": {"ranked_by": 1, "is_volatility": True},
        "warm": {"warm": parameters(2, 2)}, "custom": {"custom": parameters(2, 2)}, "warm student": {"warm": parameters(2, 2, 5.0)},
        "memory": {"memory": evidence(2, 2)}, "student": {"emission": "student_t", "degrees": 5.0}, "lengths": {"lengths": (20, 40)},
        "weights": {"weights": eighths(60)}, "mask": {"mask": np.triu(np.ones((2, 2)))},
        "counts": {"startprob_counts": np.ones(2), "transmat_counts": np.ones((2, 2))},
    }  # fmt: skip
    return {name: plain.but(**some) for name, some in changes.items()}


def detectors_tasks() -> dict[str, Task]:
    """The first two trainings that detectors ask for, with exact numbers in place of theirs."""
    out = {}
    bars = list(frame_to_bars(drawn("SYN_MARKET", 140)))
    for name, options in DETECTORS.items():
        detector = RegimeDetector(**({"lookback": 60, "retrain": 20} | options))
        asked = []
        for bar in bars:
            task = detector.push(bar)
            if task is not None:
                asked.append(task)
            detector.adopt(None if task is None else train([task])[0])
        for number, task in enumerate(asked[:2], start=1):
            n, d = task.observations.shape
            degrees = 5.0 if task.emission == "student_t" else None
            warm = None if task.warm is None else parameters(task.n_states, d, degrees)
            memory = None if task.memory is None else evidence(task.n_states, d)
            out[f"detector, {name}, {number}"] = task.but(observations=eighths(n, d), warm=warm, memory=memory)
    return out


def results() -> dict[str, Trained]:
    """Results of trainings that nobody made."""
    restarts = (Restart("warm", -12.5, -13.25, 3, True, False), Restart("volatility", -12.0, -12.75, 9, False, True))
    some = {}
    for name, degrees in (("gaussian", None), ("student", 5.0)):
        some[name] = Trained(parameters(2, 2, degrees), -12.0, -12.75, 9, False, eighths(10), restarts)
    return some


def key_rows() -> list[dict[str, object]]:
    """The key of each task under each arithmetic, and the digest of each entry."""
    out: list[dict[str, object]] = []
    for name, task in (tasks() | detectors_tasks()).items():
        out += [{"key": f"{name}, {arithmetic}", "digest": task_key(task, arithmetic)} for arithmetic in ARITHMETICS]
    for name, result in results().items():
        out.append({"key": f"entry, {name}", "digest": hashlib.sha256(pack("f" * 64, result)).hexdigest()})
    return out
