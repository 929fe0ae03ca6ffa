"""What the next bars' returns may be: the regimes' densities, each as wide as the market is now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hidden_regime.exceptions import ParameterError
from hidden_regime.kernels.results import Floats
from hidden_regime.regimes.moving_scale import MovingScale, moving_scale
from hidden_regime.regimes.return_paths import ReturnPaths, return_paths

SHARE = 0.8
"""Of a state's variance, what follows the moving scale; the rest is the state's own."""
BELIEF = 1.0 / 3.0
"""What is left of a state's mean return: of those that a window shows, the days after show little."""


@dataclass(frozen=True, eq=False)
class ReturnForecast:
    """Predictive density of each of the next bars' log returns: a mixture over the states, which `forecast_returns` makes.

    Attributes
    ----------
    probabilities : (n_steps, n_states)
        P(state at T + h | all until T).
    names : tuple of str
        Names of the states.
    means : (n_states,)
        Mean of a bar's return in each state.
    deviations : (n_steps, n_states)
        Standard deviation of the return at each step in each state.
    scale : MovingScale
        Of now, with the shape of the shocks.
    usual : (n_states,)
        Standard deviations of the states under the model.
    transmat : (n_states, n_states)
    share : float
        How much of the variances follows the scale.
    """

    probabilities: Floats
    names: tuple[str, ...]
    means: Floats
    deviations: Floats
    scale: MovingScale
    usual: Floats
    transmat: Floats
    share: float = SHARE

    def __repr__(self) -> str:
        steps, k = self.probabilities.shape
        said = f"mean {self.mean[0]:.3%}, standard deviation {self.sd[0]:.3%}, 1% quantile {self.quantile(0.01)[0]:.2%}"
        return f"<ReturnForecast of {steps} bars from {k} states: the next one has {said}>"

    @property
    def n_steps(self) -> int:
        """Bars ahead."""
        return len(self.probabilities)

    @property
    def mean(self) -> Floats:
        """Mean of each bar's return, (n_steps,)."""
        return np.asarray((self.probabilities * self.means).sum(axis=1))

    @property
    def sd(self) -> Floats:
        """Standard deviation of each bar's return, (n_steps,): within states and between them."""
        square = (self.probabilities * (self.deviations**2 + self.means**2)).sum(axis=1)
        return np.asarray(np.sqrt(square - self.mean**2))

    @property
    def regimes(self) -> dict[str, Floats]:
        """Probability of each regime at each step, (n_steps,) by name; states of one name are one regime."""
        found: dict[str, Floats] = {}
        for k, name in enumerate(self.names):
            found[name] = found[name] + self.probabilities[:, k] if name in found else self.probabilities[:, k].copy()
        return found

    def _away(self, x: float | Floats) -> Floats:
        return np.asarray((np.asarray(x, dtype=np.float64)[..., None] - self.means) / self.deviations)

    def log_density(self, x: float | Floats) -> Floats:
        """Log of each bar's density at x, (..., n_steps); x a number, or (..., n_steps)."""
        logs = self.scale.shape.log_density(self._away(x)) - np.log(self.deviations)
        top = logs.max(axis=-1)
        return np.asarray(top + np.log((self.probabilities * np.exp(logs - top[..., None])).sum(axis=-1)))

    def cdf(self, x: float | Floats) -> Floats:
        """P(return <= x) of each bar, (..., n_steps); x a number, or (..., n_steps)."""
        return np.asarray((self.probabilities * self.scale.shape.cdf(self._away(x))).sum(axis=-1))

    def quantile(self, q: float) -> Floats:
        """Quantile of each bar's return, (n_steps,): value at risk is minus the one of a small q.

        By bisection between the states' own quantiles.

        Parameters
        ----------
        q : float
            Between 0 and 1, both excluded.
        """
        ends = self.means + self.deviations * self.scale.shape.quantile(_probability(q))
        low, high = ends.min(axis=1), ends.max(axis=1)
        for _ in range(60):
            middle = 0.5 * (low + high)
            below = self.cdf(middle) < q
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray(0.5 * (low + high))

    @property
    def total_mean(self) -> float:
        """Mean of the return over all the bars together."""
        return float(self.mean.sum())

    @property
    def total_sd(self) -> float:
        """Standard deviation of the return over all the bars together.

        Exact under the model: a bar's shock has mean 0 whatever went before, so that bars are correlated by the means of their
        states alone, cov(r_i, r_j) = sum_k p_i(k) m_k (A^(j-i) m)_k - mean_i mean_j.
        """
        variance, mean = float((self.sd**2).sum()), self.mean
        to_come, sum_to_come = np.zeros(len(self.means)), 0.0
        for i in range(self.n_steps - 1, -1, -1):
            variance += 2.0 * float((self.probabilities[i] * self.means * to_come).sum() - mean[i] * sum_to_come)
            to_come = (self.transmat * (self.means + to_come)).sum(axis=1)
            sum_to_come += float(mean[i])
        return float(np.sqrt(variance))

    def simulate(self, n_paths: int = 10_000, *, seed: int = 0) -> Floats:
        """Returns of the bars together, (n_paths, n_steps), as `return_paths` draws them.

        Parameters
        ----------
        n_paths : int
        seed : int
            The same one gives the same paths.
        """
        return self.draw(n_paths, np.random.default_rng(seed)).returns

    def draw(self, n_paths: int, rng: np.random.Generator) -> ReturnPaths:
        """Paths of the bars with the states, deviations and ranges behind them.

        Parameters
        ----------
        n_paths : int
        rng : numpy.random.Generator
        """
        return return_paths(
            self.scale, self.means, self.usual**2, self.probabilities[0], self.transmat, self.share, self.n_steps, n_paths, rng
        )

    def total_quantile(self, q: float, *, n_paths: int = 10_000, seed: int = 0) -> float:
        """Quantile of the return over all the bars together, by simulation.

        Parameters
        ----------
        q : float
            Between 0 and 1, both excluded.
        n_paths : int
        seed : int
        """
        return float(np.quantile(self.simulate(n_paths, seed=seed).sum(axis=1), _probability(q)))


def _probability(q: float) -> float:
    if not 0.0 < q < 1.0:
        raise ParameterError("q", q, "a probability above 0 and below 1")
    return q


def forecast_returns(
    returns: Floats,
    log_ranges: Floats | None,
    means: Floats,
    sds: Floats,
    probabilities: Floats,
    transmat: Floats,
    steps: int = 1,
    *,
    names: Sequence[str] = (),
) -> ReturnForecast:
    """Predictive density of the next bars' returns from a window of bars and a model of regimes.

    A state's variance at step h is partly its own and partly that of now, which `moving_scale` finds as g_0 and which goes back
    to the states' as bars pass::

        V_h(k) = (1 - SHARE) sd_k^2 + SHARE E[g_(h-1) | state k at h]
        g_h = keep g_(h-1) + (1 - keep) V_h x_h,    E[x_h] = 1

    Both are linear, so the expectations are exact: with p_h(k) the probability of state k, A the chain,
    B_h(k) = E[g_(h-1); k at h] and a = keep + (1 - keep) SHARE::

        B_(h+1)(j) = sum_k (a B_h(k) + (1 - a) sd_k^2 p_h(k)) A_kj,    B_1 = g_0 p_1

    The density at step h is sum_k p_h(k) f((r - BELIEF mean_k) / sqrt(V_h(k))) / sqrt(V_h(k)), f a skewed Student-t whose shape
    the window tells (`estimate_shape`). For the next bar that is the model's density. For later ones it takes the scale at its
    expectation, so its far tails are a little thin; `simulate` lets the scale itself be uncertain.

    Parameters
    ----------
    returns : (n_samples,)
        Log returns of the latest bars, oldest first; NaN is missing. 252 are what the constants were chosen on.
    log_ranges : (n_samples,), optional
        Half the logarithm of each bar's own variance, the feature log_range; None or NaN where there is none.
    means, sds : (n_states,)
        Of the log return in each state.
    probabilities : (n_states,)
        Of the state at the latest bar, filtered.
    transmat : (n_states, n_states)
        Row i: probabilities of the next state after state i.
    steps : int
        Bars ahead.
    names : sequence of str, optional
        Names of the states; default: their numbers.

    Returns
    -------
    ReturnForecast

    Raises
    ------
    ParameterError
        Shapes that don't belong together, or no step.

    Notes
    -----
    Where the window says nothing of a scale (fewer than 20 returns, or none that moved), all variance is the states' own.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> wild = 0.02 * rng.standard_normal(252)
    >>> chain = np.array([[0.99, 0.01], [0.03, 0.97]])
    >>> forecast = forecast_returns(wild, None, [0.001, -0.001], [0.006, 0.015], [0.2, 0.8], chain, 500, names=("Bull", "Bear"))
    >>> forecast.sd[[0, 20, 499]].round(4).tolist()
    [0.0226, 0.0203, 0.0092]
    >>> forecast.quantile(0.01)[:2].round(3).tolist()
    [-0.056, -0.055]
    """
    mean, sd, chance, chain = (np.asarray(part, dtype=np.float64) for part in (means, sds, probabilities, transmat))
    k = len(chance)
    for name, part, shape in (("means", mean, (k,)), ("sds", sd, (k,)), ("transmat", chain, (k, k))):
        if part.shape != shape:
            raise ParameterError(name, part, f"the shape {shape}, for there are probabilities of {k} states")
    if not (sd > 0.0).all():
        raise ParameterError("sds", sds, "standard deviations above 0")
    if isinstance(steps, bool) or int(steps) != steps or steps < 1:
        raise ParameterError("steps", steps, "a number of bars of at least 1")
    if log_ranges is not None and len(log_ranges) != len(returns):
        raise ParameterError("log_ranges", log_ranges, f"one for each of the {len(returns)} returns, or None")
    called = tuple(names) or tuple(str(i) for i in range(k))
    mean = BELIEF * mean
    p = (chance[:, None] * chain).sum(axis=0)
    scale = moving_scale(np.asarray(returns, dtype=np.float64), log_ranges, drift=float((p * mean).sum()))
    share = SHARE if scale.level == scale.level else 0.0
    own, rate = sd**2, scale.keep + (1.0 - scale.keep) * share
    some = (scale.level if share else 0.0) * p
    chances, variances = np.empty((int(steps), k)), np.empty((int(steps), k))
    for h in range(int(steps)):
        # A state that can't be reached has no scale of its own; any will do.
        now = np.where(p > 0.0, some / np.where(p > 0.0, p, 1.0), own)
        chances[h], variances[h] = p, (1.0 - share) * own + share * now
        some = ((rate * some + (1.0 - rate) * own * p)[:, None] * chain).sum(axis=0)
        p = (p[:, None] * chain).sum(axis=0)
    return ReturnForecast(chances, called, mean, np.sqrt(variances), scale, sd, chain, share)
