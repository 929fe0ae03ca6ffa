"""One-step-ahead log densities of real daily returns: ours, hmmlearn's and GARCH(1,1) with Student-t shocks."""

from __future__ import annotations

import importlib.util
import logging
import warnings

import numpy as np
import pandas as pd

from hidden_regime import GaussianHMM, StudentTHMM, load_dataset

NAMES = ("sp500", "nasdaq", "aapl", "ibm", "msft")
LOOKBACK = 1008


def observations(name: str) -> tuple[np.ndarray, pd.DatetimeIndex]:
    """Percent log return and log range of a packaged series; the range is NaN where a bar has none."""
    frame = load_dataset(name)
    close = np.log(frame["close"].to_numpy())
    wide = np.log(frame["high"] / frame["low"]).to_numpy()
    body = np.log(frame["close"] / frame["open"]).to_numpy()
    variance = 0.5 * wide**2 - (2 * np.log(2) - 1) * body**2
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.where(variance > 1e-16, 0.5 * np.log(variance), np.nan)
    return np.column_stack([100 * np.diff(close), size[1:]]), frame.index[1:]


def hmm_densities(x: np.ndarray, days: pd.DatetimeIndex, make: object) -> np.ndarray:
    """log p(return_t | everything before), the model refitted on the first day of each month."""
    out = np.full(len(x), np.nan)
    model = None
    for t in range(LOOKBACK, len(x)):
        if model is None or days[t].month != days[t - 1].month:
            model = make().fit(x[t - LOOKBACK : t])
            begin = t - LOOKBACK
        forecast = model.forecast(x[begin:t])
        p = model._parameters
        ret = p._replace(means=p.means[:, :1], covars=p.covars[:, :1, :1])
        logs = ret.log_density(x[t : t + 1, :1])[0]
        top = logs.max()
        out[t] = top + np.log((forecast.probabilities[0] * np.exp(logs - top)).sum())
    return out


def hmmlearn_densities(x: np.ndarray, days: pd.DatetimeIndex) -> np.ndarray:
    """The same of hmmlearn on returns."""
    from hmmlearn.hmm import GaussianHMM as Theirs

    out = np.full(len(x), np.nan)
    model = None
    for t in range(LOOKBACK, len(x)):
        if model is None or days[t].month != days[t - 1].month:
            model = Theirs(3, "diag", n_iter=200, tol=1e-3, random_state=0, implementation="scaling").fit(x[t - LOOKBACK : t, :1])
            begin = t - LOOKBACK
        state = model.predict_proba(x[begin:t, :1])[-1] @ model.transmat_
        variance = model.covars_[:, 0, 0]
        density = np.exp(-0.5 * (x[t, 0] - model.means_[:, 0]) ** 2 / variance) / np.sqrt(2 * np.pi * variance)
        with np.errstate(divide="ignore"):
            out[t] = np.log(state @ density)
    return out


def garch_densities(x: np.ndarray, days: pd.DatetimeIndex) -> np.ndarray:
    """The same of GARCH(1,1) with Student-t shocks and a constant mean, by the arch package."""
    from arch import arch_model
    from scipy.special import gammaln

    out = np.full(len(x), np.nan)
    y, p = x[:, 0], None
    for t in range(LOOKBACK, len(x)):
        if p is None or days[t].month != days[t - 1].month:
            fit = arch_model(y[t - LOOKBACK : t], mean="Constant", vol="GARCH", p=1, q=1, dist="t", rescale=False).fit(disp="off")
            p = fit.params
            variance = fit.conditional_volatility[-1] ** 2
            variance = p["omega"] + p["alpha[1]"] * (y[t - 1] - p["mu"]) ** 2 + p["beta[1]"] * variance
        nu, away = p["nu"], y[t] - p["mu"]
        scale = variance * (nu - 2) / nu
        out[t] = gammaln((nu + 1) / 2) - gammaln(nu / 2) - 0.5 * np.log(np.pi * nu * scale)
        out[t] -= 0.5 * (nu + 1) * np.log1p(away**2 / (nu * scale))
        variance = p["omega"] + p["alpha[1]"] * away**2 + p["beta[1]"] * variance
    return out


def main(quick: bool = False) -> None:
    """Print mean log densities and t-statistics of the differences to the returns-only model."""
    logging.getLogger("hmmlearn").setLevel(logging.CRITICAL)
    common = {"n_iter": 100, "tol": 1e-2, "stay_duration": 100.0, "stay_weight": 100.0}
    models = {
        "returns only, Gaussian (A)": (1, lambda: GaussianHMM(3, init=("volatility",), **common)),
        "return and range, Gaussian": (2, lambda: GaussianHMM(3, init=("volatility",), **common)),
        "return and range, Student-t (B)": (2, lambda: StudentTHMM(4, init=("volatility",), covariance_type="full", **common)),
    }
    print(f"Real daily returns in percent, refitted monthly on {LOOKBACK} bars; mean log density a day, its gain over (A)")
    means: dict[str, list[float]] = {}
    for name in NAMES[: 1 if quick else None]:
        x, days = observations(name)
        if quick:
            x, days = x[: LOOKBACK + 120], days[: LOOKBACK + 120]
        rows = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for title, (width, make) in models.items():
                rows[title] = hmm_densities(x[:, :width], days, make)
            if importlib.util.find_spec("hmmlearn"):
                rows["hmmlearn on returns"] = hmmlearn_densities(x, days)
            if importlib.util.find_spec("arch"):
                rows["GARCH(1,1)-t (arch)"] = garch_densities(x, days)
        first = rows["returns only, Gaussian (A)"][LOOKBACK:]
        for title, values in rows.items():
            gain = values[LOOKBACK:] - first
            finite = np.isfinite(gain).all()
            t = gain.mean() / gain.std() * np.sqrt(len(gain)) if finite and gain.std() > 0 else 0.0
            means.setdefault(title, []).append(values[LOOKBACK:].mean())
            said = f"{values[LOOKBACK:].mean():9.4f}  {gain.mean():+.4f} (t {t:5.1f})  worst day {values[LOOKBACK:].min():.1f}"
            print(f"{name:8}{title:34}{said}", flush=True)
    for title, values in means.items():
        print(f"mean    {title:34}{np.mean(values):9.4f}")
