"""How often the last bar's regime is right, on a market whose regimes are known."""

from __future__ import annotations

import csv
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from hidden_regime import RegimeDetector, kernels
from hidden_regime.data import LeanFolder

DATA = Path(__file__).parent.parent / "tests" / "cases" / "data"
REGIMES = ("Bull", "Sideways", "Bear")
FIRST, LAST, LOOKBACK = 1100, 3100, 252
MARKET_MEAN, MARKET_SD = np.array([0.00075, 0.0001, -0.0016]), np.array([0.0060, 0.0095, 0.0210])
DURATION = np.array([140.0, 70.0, 45.0])
EXITS = np.array([[0.0, 0.7, 0.3], [0.6, 0.0, 0.4], [0.35, 0.65, 0.0]])
ASSETS = {"SPY": (1.0, 0.0006, 0.0), "QQQ": (1.15, 0.0040, 0.0001), "AAPL": (1.25, 0.0130, 0.0006)}
"""Beta, idiosyncratic standard deviation and drift that made each asset."""


def truth() -> np.ndarray:
    """True state of each session."""
    with (DATA / "truth.csv").open() as file:
        return np.array([int(row["state"]) for row in csv.DictReader(file)])


def oracle(returns: np.ndarray, beta: float, noise: float, drift: float) -> np.ndarray:
    """States of the filter that knows the true parameters and sees returns."""
    transmat = np.diag(1 - 1 / DURATION) + EXITS / DURATION[:, None]
    means = (beta * MARKET_MEAN + drift)[:, None]
    variance = (beta * MARKET_SD) ** 2 + (noise * np.array([1.0, 1.0, 1.5])) ** 2
    x = returns[None, :, None]
    out = kernels.filter(x, np.array([[0, 0, len(returns)]]), np.full((1, 3), 1 / 3), transmat[None], means[None],
                         variance[None, :, None, None], covariance_type="diag")  # fmt: skip
    return out.filtered[0].argmax(axis=1)


def hmmlearn_states(returns: np.ndarray, days: pd.DatetimeIndex, first: int, last: int) -> np.ndarray:
    """What most tutorials do: three Gaussian states on a year of returns, refitted monthly, ranked by volatility."""
    from hmmlearn.hmm import GaussianHMM

    out = np.full(len(returns), -1)
    model, order = None, None
    for t in range(first, last):
        window = returns[t - LOOKBACK + 1 : t + 1, None] * 100.0
        if model is None or days[t].month != days[t - 1].month:
            model = GaussianHMM(3, "diag", n_iter=100, random_state=0, implementation="scaling").fit(window)
            order = np.argsort(np.argsort(model.covars_[:, 0, 0]))
        out[t] = order[model.predict_proba(window)[-1].argmax()]
    return out


def score(states: np.ndarray, true: np.ndarray) -> str:
    """Share of right regimes, of right 'bear or not', and how often the regime changed."""
    flips = int((states[1:] != states[:-1]).sum())
    return f"{(states == true).mean():.3f} / {((states == 2) == (true == 2)).mean():.3f}  {flips:4d}"


def main(quick: bool = False) -> None:
    """Print the table."""
    import logging

    logging.getLogger("hmmlearn").setLevel(logging.CRITICAL)
    market, true = LeanFolder(DATA, synthetic=True), truth()
    last = FIRST + 300 if quick else LAST
    names = {name: i for i, name in enumerate(REGIMES)}
    print(f"SYNTHETIC market; sessions {FIRST} to {last}, window {LOOKBACK}, trained monthly; right / bear or not  flips")
    mean: dict[str, list[float]] = {}
    for ticker, (beta, noise, drift) in ASSETS.items():
        frame = market.load(ticker).frame()
        returns = np.log(frame["close"]).diff().fillna(0.0).to_numpy()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            plain = hmmlearn_states(returns, frame.index, FIRST, last)
        found = RegimeDetector(n_states=3, lookback=LOOKBACK, retrain="monthly").run(frame.iloc[:last])["regime"].map(names)
        rows = {
            "hmmlearn on returns": plain,
            "oracle filter on returns": oracle(returns, beta, noise, drift),
            "RegimeDetector": found.fillna(-1).to_numpy().astype(int),
        }
        for name, states in rows.items():
            part = states[FIRST:last]
            mean.setdefault(name, []).append(float((part == true[FIRST:last]).mean()))
            print(f"{ticker:5} {name:26} {score(part, true[FIRST:last])}")
    for name, values in mean.items():
        print(f"mean  {name:26} {np.mean(values):.3f}")
