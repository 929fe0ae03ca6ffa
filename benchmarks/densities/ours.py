"""The densities of the default detector, bar by bar."""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp, stdtr

from benchmarks.densities.series import LOOKBACK, Density, Series
from hidden_regime import RegimeDetector
from hidden_regime.bars.features import DEFAULT_FEATURES
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.regimes.density import forecast_returns
from hidden_regime.regimes.skewed_t import SkewedT

RETURN, RANGE = (DEFAULT_FEATURES.index(name) for name in ("log_return", "log_range"))
DEGREES = {"regimes alone, Gaussian": 1e6, "regimes alone, Student-t(6)": 6.0}


def our_densities(series: Series) -> dict[str, Density]:
    """Regimes at the scale of now, and the regimes' own densities, of a detector that is given a bar at a time."""
    n = len(series.returns)
    ours = Density.empty(n)
    alone = {title: Density.empty(n) for title in DEGREES}
    detector = RegimeDetector()
    for t, bar in enumerate(frame_to_bars(series.frame)):
        detector.update(bar)
        model, filtered = detector.model, detector.course.filtered
        if t < LOOKBACK or t + 1 == n or model is None or filtered is None:
            continue
        x = series.returns[t + 1]
        mean, sd = model.return_moments(RETURN)
        transmat = model.parameters.transmat
        window = detector.course.rows.latest(detector.lookback)
        forecast = forecast_returns(window[:, RETURN], window[:, RANGE], mean, sd, filtered, transmat, names=model.names)
        ours.log[t + 1], ours.below[t + 1] = forecast.log_density(x)[0], forecast.cdf(x)[0]
        predicted = filtered @ transmat
        for title, degrees in DEGREES.items():
            z = (x - mean) / sd
            log = SkewedT(degrees, 0.0).log_density(z) - np.log(sd)
            alone[title].log[t + 1] = logsumexp(log, b=predicted)
            alone[title].below[t + 1] = predicted @ stdtr(degrees, z * np.sqrt(degrees / (degrees - 2.0)))
    return {"regimes at the scale of now": ours} | alone
