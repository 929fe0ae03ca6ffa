"""How many states a series is said to have, where that is known: in noise, in volatility that moves, and a month later."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

import numpy as np

from benchmarks.kinds import CRISES, SHORT, WITHOUT, Made, switching
from benchmarks.truths.rivals import features
from hidden_regime import GaussianHMM, select_n_states
from hidden_regime.exceptions import RegimeWarning
from hidden_regime.models.selection import time_ordered_score

WIDE = ((-0.0010, 0.0180, 60), (0.0006, 0.0065, 140))
"""Two regimes: mean, standard deviation and bars that they last."""
WITH: dict[str, Callable[..., Made]] = {
    "two, a rising and a falling": partial(switching, regimes=WIDE),
    "two, short crises": partial(switching, regimes=CRISES),
    "three, as the reference": switching,
    "three, short": partial(switching, regimes=SHORT),
}
"""Markets with regimes."""
CANDIDATES = range(1, 5)
LENGTHS = (252, 504, 1008)
SHIFT, WINDOWS, FIRST = 21, 8, 100
"""Bars from a window to the next, windows of a series, and bars before them."""
MET = 20
"""Bars of a regime without which a window hasn't met it."""
SERIES, QUICK_SERIES = 100, 4
SEED = 1000
"""First seed: others than those by which the price of a state was found."""
JOBS = 2


def answer(x: np.ndarray, numbers: Sequence[int] = CANDIDATES, criterion: str = "evidence") -> int:
    """What a criterion says of observations, (n_samples, n_features)."""
    more = {"n_init": 0} if criterion == "evidence" else {}  # it has fits of its own: those of the table say nothing to it
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RegimeWarning)
        return int(select_n_states(x, numbers, criterion, **more)["best"].idxmax())


def of_noise(task: tuple[str, int, str, int]) -> list[int]:
    """Of returns alone, and with log ranges, of a market without regimes: kind, bars, criterion, seed."""
    kind, n, criterion, seed = task
    x = features(WITHOUT[kind](seed, n=n + 1).frame)[1:]
    return [answer(seen, CANDIDATES, criterion) for seen in (x[:, :1], x)]


def of_windows(task: tuple[str, int, str, int]) -> list[list[int]]:
    """The same of windows of a market with regimes, each a month after the one before; and how many regimes the window met."""
    kind, n, criterion, seed = task
    made = WITH[kind](seed, n=FIRST + SHIFT * WINDOWS + n + 1)
    x, truth, out = features(made.frame)[1:], made.truth[1:], []
    for begin in range(FIRST, FIRST + SHIFT * WINDOWS, SHIFT):
        part = slice(begin, begin + n)
        met = int((np.bincount(truth[part]) >= MET).sum())
        out.append([*(answer(seen, CANDIDATES, criterion) for seen in (x[part, :1], x[part])), met])
    return out


def unseen(made: Made, numbers: Sequence[int], n_splits: int = 3) -> np.ndarray:
    """Log-likelihood a bar of later, unseen stretches of returns and log ranges, for each number of states, above one state's."""
    x = features(made.frame)[1:]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RegimeWarning)
        score = [time_ordered_score(partial(GaussianHMM, k), x, n_splits) for k in numbers]
    return (np.array(score) - score[0]) / (len(x) * n_splits / (n_splits + 1))


def main(quick: bool = False) -> None:
    """Print three tables."""
    series = QUICK_SERIES if quick else SERIES
    with ProcessPoolExecutor(1 if quick else JOBS) as pool:
        print("SIMULATED: numbers of states by evidence and by BIC, of returns | of returns and log ranges")
        print(f"\nno regimes: share of {series} series ({_few(series)} for BIC) of which the answer is 1")
        for kind in WITHOUT:
            for n in LENGTHS:
                said = [_all(pool, of_noise, kind, n, by, count) for by, count in (("evidence", series), ("bic", _few(series)))]
                print(f"{kind:30}{n:6} bars{_pairs((part == 1).mean(axis=0) for part in said)}", flush=True)
        print(f"\nregimes: {_few(series)} series of {WINDOWS} windows")
        for kind in WITH:
            for n in LENGTHS[:-1]:
                said = [_all(pool, of_windows, kind, n, by, _few(series)) for by in ("evidence", "bic")]
                right = _pairs((part[..., :2] == part[..., 2:]).mean(axis=(0, 1)) for part in said)
                same = _pairs((part[:, 1:, :2] == part[:, :-1, :2]).mean(axis=(0, 1)) for part in said)
                print(f"{kind:30}{n:6} bars{right}   as many as the window met")
                print(f"{'':41}{same}   the same a month later", flush=True)
    print(f"\n{'unseen log-likelihood a bar above one state, 1,008 bars':58}{''.join(f'{k:>8}' for k in range(1, 6))}")
    for kind, make in (WITH | WITHOUT).items():
        found = np.mean([unseen(make(SEED + s, n=1009), range(1, 6)) for s in range(_few(series))], axis=0)
        print(f"{kind:58}{''.join(f'{value:8.3f}' for value in found)}", flush=True)


def _few(series: int) -> int:
    return max(series // 8, 2)


def _all(pool: ProcessPoolExecutor, work: Callable[..., Any], kind: str, n: int, criterion: str, series: int) -> np.ndarray:
    return np.array(list(pool.map(work, [(kind, n, criterion, SEED + s) for s in range(series)])))


def _pairs(shares: Iterable[np.ndarray]) -> str:
    return "".join(f"{alone:9.2f} |{both:5.2f}" for alone, both in shares)
