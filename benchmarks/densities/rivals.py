"""The densities to beat: GARCH and GJR with Student-t shocks, an average of ranges, hmmlearn."""

from __future__ import annotations

import warnings

import numpy as np
from scipy.signal import lfilter
from scipy.special import ndtr, stdtr

from benchmarks.densities.series import LOOKBACK, Density, Series
from hidden_regime.regimes.skewed_t import SkewedT


def student_t(z: np.ndarray, sd: np.ndarray, degrees: np.ndarray | float) -> Density:
    """Of standardised returns, standard deviations and degrees of freedom."""
    return Density(
        SkewedT(degrees, 0.0).log_density(z) - np.log(sd), stdtr(degrees, z * np.sqrt(degrees / (np.asarray(degrees) - 2.0)))
    )


def garch(series: Series, *, leverage: bool) -> Density:
    """GARCH(1,1), or GJR-GARCH(1,1,1), with Student-t shocks and a constant mean, by the arch package, fitted once a month."""
    from arch import arch_model

    y = 100.0 * series.returns  # the package's optimiser wants numbers near 1
    n, fitted = len(y), None
    z, sd, degrees = (np.full(n, np.nan) for _ in range(3))
    mu = omega = alpha = gamma = beta = nu = variance = 0.0

    def after(shock: float) -> float:
        return omega + (alpha + gamma * (shock < 0.0)) * shock**2 + beta * variance

    for t in range(LOOKBACK + 1, n):
        if series.is_refit(t):
            model = arch_model(
                y[t - LOOKBACK : t], mean="Constant", vol="GARCH", p=1, o=int(leverage), q=1, dist="t", rescale=False
            )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                fit = model.fit(disp="off", starting_values=None if fitted is None else fitted)
            fitted = fit.params.to_numpy()
            mu, omega, alpha, *rest = fitted.tolist()
            gamma, beta, nu = rest if leverage else (0.0, *rest)
            variance = float(np.asarray(fit.conditional_volatility)[-1]) ** 2
            variance = after(y[t - 1] - mu)
        sd[t], degrees[t] = np.sqrt(variance) / 100.0, nu
        z[t] = (y[t] - mu) / np.sqrt(variance)
        variance = after(y[t] - mu)
    return student_t(z, sd, degrees)


def range_ewma(series: Series) -> Density:
    """Student-t with an exponentially weighted mean of Garman and Klass's variances for a scale.

    Weight and degrees of freedom are those of the best density of the last `LOOKBACK` bars, looked for once a month.
    """
    r, v = series.returns, series.variances
    v = np.where(np.isnan(v), np.nanmean(v[:LOOKBACK]), v)
    made = []
    for keep in (0.8, 0.85, 0.88, 0.91, 0.94, 0.96, 0.98):
        s = np.append(np.nan, lfilter([1.0 - keep], [1.0, -keep], v, zi=[keep * v[:20].mean()])[0][:-1])
        sums = np.cumsum(np.nan_to_num(np.stack([r**2, s, r])), axis=1)
        # Of the LOOKBACK bars before each: what is said of a bar must not know it.
        past = np.full((3, len(r)), np.nan)
        past[:, 22:] = sums[:, 21:-1]
        past[:, LOOKBACK + 1 :] -= sums[:, : -LOOKBACK - 1]
        sd, mean = np.sqrt(past[0] / past[1] * s), past[2] / np.minimum(np.arange(len(r)), LOOKBACK)
        made += [student_t((r - mean) / sd, sd, degrees) for degrees in (3.5, 5.0, 7.0, 10.0, 20.0)]
    out, best = Density.empty(len(r)), made[0]
    for t in range(LOOKBACK + 1, len(r)):
        if series.is_refit(t):
            scores = [np.nansum(one.log[t - LOOKBACK : t]) for one in made]
            best = made[int(np.argmax(scores))]
        out.log[t], out.below[t] = best.log[t], best.below[t]
    return out


def hmmlearn(series: Series) -> Density:
    """hmmlearn's three Gaussian states on returns, fitted once a month."""
    from hmmlearn.hmm import GaussianHMM

    x = 100.0 * series.returns[:, None]
    out, model, begin = Density.empty(len(x)), None, 0
    for t in range(LOOKBACK + 1, len(x)):
        if model is None or series.is_refit(t):
            model = GaussianHMM(3, "diag", n_iter=200, tol=1e-3, random_state=0, implementation="scaling")
            model.fit(x[t - LOOKBACK : t])
            begin = t - LOOKBACK
        state = model.predict_proba(x[begin:t])[-1] @ model.transmat_
        sd = np.sqrt(model.covars_[:, 0, 0])
        z = (x[t, 0] - model.means_[:, 0]) / sd
        with np.errstate(divide="ignore"):
            out.log[t] = np.log(state @ (np.exp(-0.5 * z**2) / (np.sqrt(2.0 * np.pi) * sd))) + np.log(100.0)
        out.below[t] = state @ ndtr(z)
    return out
