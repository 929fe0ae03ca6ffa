"""What fitted models expect of the days after their data."""

from __future__ import annotations

import numpy as np

from hidden_regime import GaussianHMM, JumpModel, StudentTHMM, load_dataset

MODELS = {
    "gaussian_diag": lambda: GaussianHMM(2, covariance_type="diag"),
    "gaussian_full": lambda: GaussianHMM(3, covariance_type="full", init=("volatility", "kmeans", "random"), random_state=3),
    "gaussian_spherical": lambda: GaussianHMM(2, covariance_type="spherical"),
    "gaussian_tied": lambda: GaussianHMM(2, covariance_type="tied", stay_duration=100.0, stay_weight=50.0),
    "gaussian_priors": lambda: GaussianHMM(2, transmat_prior=2.0, startprob_prior=2.0, prior_weight=5.0, half_life=200.0),
    "student_t": lambda: StudentTHMM(2),
    "student_t_fixed": lambda: StudentTHMM(2, degrees=5.0, covariance_type="full"),
    "jump": lambda: JumpModel(2, penalty=20.0),
}
STEPS = (1, 2, 5, 20, 250)
QUANTILES = (0.01, 0.5, 0.95)
AT = (-2.5, 1.5)
"""Where densities are asked for."""


def observations() -> np.ndarray:
    """Returns of an index in percent, and how large those of the last days were; some are missing."""
    close = load_dataset("sp500")["close"].to_numpy()[2000:2600]
    returns = 100.0 * np.diff(np.log(close))
    size = np.convolve(np.abs(returns), np.ones(5) / 5.0)[: len(returns)]
    x = np.column_stack([returns, size])
    x[100:103] = np.nan
    x[200, 1] = x[300, 0] = np.nan
    return x


def forecast_rows() -> list[dict[str, object]]:
    """Each model's forecast: a row for each model and number of steps, with all features in columns."""
    x, out = observations(), []
    for name, make in MODELS.items():
        model = make().fit(x)
        forecast = model.forecast(x, steps=max(STEPS))
        density = forecast.log_density(np.tile(AT, (max(STEPS), 1)))
        quantiles = {(q, i): forecast.quantile(q, feature=i) for q in QUANTILES for i in (0, 1)}
        for step in STEPS:
            at = step - 1
            p = [*forecast.probabilities[at].tolist(), *[0.0] * (3 - forecast.probabilities.shape[1])]
            row: dict[str, object] = {"forecast": f"{name} {step}", **{f"prob_{k}": p[k] for k in range(3)}}
            row |= {f"mean_{i}": float(forecast.mean[at, i]) for i in (0, 1)}
            row |= {f"variance_{i}": float(forecast.variance[at, i]) for i in (0, 1)}
            row |= {f"quantile_{q:g}_{i}": float(values[at]) for (q, i), values in quantiles.items()}
            out.append(row | {"log_density": float(density[at]), "bic": model.bic(x), "icl": model.icl(x)})
    return out
