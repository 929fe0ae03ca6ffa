"""How often the last bar is given its true regime, where that is known: ours, hmmlearn, and filters that know the truth."""

from __future__ import annotations

import copy
import csv
import warnings
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
import pandas as pd

from hidden_regime import RegimeDetector, kernels
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.data import LeanFolder
from hidden_regime.exceptions import TrainingError
from hidden_regime.models.training import train

DATA = Path(__file__).parent.parent / "tests" / "cases" / "data"
REGIMES = ("Bull", "Sideways", "Bear")
FIRST, LAST = 1100, 3100
MARKET_MEAN, MARKET_SD = np.array([0.00075, 0.0001, -0.0016]), np.array([0.0060, 0.0095, 0.0210])
DURATION = np.array([140.0, 70.0, 45.0])
EXITS = np.array([[0.0, 0.7, 0.3], [0.6, 0.0, 0.4], [0.35, 0.65, 0.0]])
TRANSMAT = np.diag(1 - 1 / DURATION) + EXITS / DURATION[:, None]
ASSETS = {"SPY": (1.0, 0.0006, 0.0), "QQQ": (1.15, 0.0040, 0.0001), "IWM": (1.10, 0.0050, 0.0), "AAPL": (1.25, 0.0130, 0.0006)}
"""Beta, idiosyncratic standard deviation and drift that made each asset."""

EVERYTHING = 5000
"""A lookback longer than the market."""

OURS = {
    "252, no memory": {"lookback": 252, "memory": 0.0},
    "252 and memory (default)": {"lookback": 252},
    "504": {"lookback": 504},
    "1008": {"lookback": 1008},
    "all history": {"lookback": EVERYTHING, "min_bars": 252},
    "1008, few changes": {"lookback": 1008, "stay_duration": 300.0, "stay_weight": 600.0, "hysteresis": 0.97},
    "252, on every bar": {"lookback": 252, "retrain": "daily"},
    "252, adaptive": {"lookback": 252, "retrain": "adaptive"},
    "252, returns only": {"lookback": 252, "features": ("log_return",)},
}
GOALS = {"252, no memory": (0.72, 0.89), "252 and memory (default)": (0.83, 0.93), "all history": (0.88, 0.96)}


class Outcome(NamedTuple):
    """States of each bar, the share of trainings that alone changed the last label, and seconds."""

    states: np.ndarray
    moved: float
    seconds: float


def truth() -> np.ndarray:
    """True state of each session."""
    with (DATA / "truth.csv").open() as file:
        return np.array([int(row["state"]) for row in csv.DictReader(file)])


def oracle(x: np.ndarray, means: np.ndarray, covars: np.ndarray) -> np.ndarray:
    """States of the filter that knows the chain and these moments; x (n_samples, n_features)."""
    job = np.array([[0, 0, len(x)]])
    out = kernels.filter(x[None], job, np.full((1, 3), 1 / 3), TRANSMAT[None], means[None], covars[None], covariance_type="full")
    return out.filtered[0].argmax(axis=1)


def features(frame: pd.DataFrame) -> np.ndarray:
    """Log return and log range of each bar."""
    close = np.log(frame["close"].to_numpy())
    wide = np.log(frame["high"] / frame["low"]).to_numpy()
    body = np.log(frame["close"] / frame["open"]).to_numpy()
    variance = np.maximum(0.5 * wide**2 - (2 * np.log(2) - 1) * body**2, 1e-12)
    return np.column_stack([np.diff(close, prepend=close[0]), 0.5 * np.log(variance)])


def ours(frame: pd.DataFrame, last: int, options: dict[str, object]) -> Outcome:
    """RegimeDetector, trained monthly, bar by bar; each training is asked what it alone changed."""
    names = {name: i for i, name in enumerate(REGIMES)}
    detector, states, moved, seconds = RegimeDetector(n_states=3, **{"retrain": "monthly"} | options), [], [], 0.0
    for t, bar in enumerate(frame_to_bars(frame.iloc[:last])):
        begin = perf_counter()
        task = detector.push(bar)
        seconds += perf_counter() - begin
        if task is not None and detector.model is not None and t >= FIRST:
            before = copy.deepcopy(detector).adopt(TrainingError("not adopted"))
        begin = perf_counter()
        state = detector.adopt(None if task is None else train([task])[0])
        seconds += perf_counter() - begin
        states.append(-1 if state is None else names[state.regime])
        if task is not None and t >= FIRST and state is not None:
            moved.append(before.regime != state.regime)
    return Outcome(np.array(states), float(np.mean(moved)) if moved else 0.0, seconds)


def theirs(x: np.ndarray, days: pd.DatetimeIndex, last: int, lookback: int) -> Outcome:
    """What most tutorials do: three Gaussian states of hmmlearn, refitted monthly, ranked by volatility of the first feature."""
    from hmmlearn.hmm import GaussianHMM

    out, moved = np.full(last, -1), []
    model, order, begin = None, None, perf_counter()
    scale = x[:252].std(axis=0)
    for t in range(FIRST, last):
        window = (x[max(t - lookback + 1, 1) : t + 1] - x[:252].mean(axis=0)) / scale
        if model is None or days[t].month != days[t - 1].month:
            before = None if model is None else order[model.predict_proba(window)[-1].argmax()]
            model = GaussianHMM(3, "diag", n_iter=100, random_state=0, implementation="scaling").fit(window)
            order = np.argsort(np.argsort(model.covars_[:, 0, 0]))
            if before is not None:
                moved.append(before != order[model.predict_proba(window)[-1].argmax()])
        out[t] = order[model.predict_proba(window[-EVERYTHING:])[-1].argmax()]
    return Outcome(out, float(np.mean(moved)) if moved else 0.0, perf_counter() - begin)


def main(quick: bool = False) -> None:
    """Print the table."""
    import logging

    logging.getLogger("hmmlearn").setLevel(logging.CRITICAL)
    market, true = LeanFolder(DATA, synthetic=True), truth()
    last = FIRST + 250 if quick else LAST
    years = (last - FIRST) / 252
    print(f"SYNTHETIC market; bars {FIRST} to {last}, trained monthly, three regimes; the last bar's label as a trader sees it")
    print("flips: changes of label a year; moved: trainings that alone changed the last label")
    print(f"\n{'':34}{'right':>7}{'bear?':>7}{'flips':>7}{'moved':>7}{'seconds':>9}   goal")
    results: dict[str, list[tuple[float, float, float, float, float]]] = {}
    for ticker, (beta, noise, drift) in list(ASSETS.items())[: 1 if quick else 4]:
        frame = market.load(ticker).frame()
        x = features(frame)
        rows: dict[str, Outcome] = {}
        means = (beta * MARKET_MEAN + drift)[:, None]
        variance = (beta * MARKET_SD) ** 2 + (noise * np.array([1.0, 1.0, 1.5])) ** 2
        rows["oracle on returns"] = Outcome(oracle(x[:, :1], means, variance[:, None, None]), 0.0, 0.0)
        own = [x[1:][true[1 : len(x)] == k] for k in range(3)]
        moments = np.array([w.mean(axis=0) for w in own]), np.array([np.cov(w.T, bias=True) for w in own])
        rows["oracle on return and range"] = Outcome(oracle(x, *moments), 0.0, 0.0)
        for name, options in list(OURS.items())[: 2 if quick else None]:
            rows[f"ours, {name}"] = ours(frame, last, options)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for lookback in (252,) if quick else (252, 504, 1008, EVERYTHING):
                what = "all history" if lookback == EVERYTHING else str(lookback)
                rows[f"hmmlearn, {what}, returns"] = theirs(x[:, :1], frame.index, last, lookback)
                rows[f"hmmlearn, {what}, with range"] = theirs(x, frame.index, last, lookback)
        for name, outcome in rows.items():
            part, right = outcome.states[FIRST:last], true[FIRST:last]
            flips = (part[1:] != part[:-1]).sum() / years
            line = ((part == right).mean(), ((part == 2) == (right == 2)).mean(), flips, outcome.moved, outcome.seconds)
            results.setdefault(name, []).append(line)
            if not quick:
                print(f"{ticker:5}{name:29}{line[0]:7.3f}{line[1]:7.3f}{line[2]:7.1f}{line[3]:7.0%}{line[4]:9.1f}", flush=True)
    print()
    for name, lines in results.items():
        mean = np.mean(lines, axis=0)
        goal = GOALS.get(name.removeprefix("ours, "))
        said = f"{goal[0]:.2f} / {goal[1]:.2f}" if goal else ""
        print(f"mean {name:29}{mean[0]:7.3f}{mean[1]:7.3f}{mean[2]:7.1f}{mean[3]:7.0%}{mean[4]:9.1f}   {said}")
