"""Figures of many curves at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hidden_regime.kernels.results import Floats, Integers

NAMES = ("total_return", "cagr", "sharpe", "drawdown", "under_water", "lowest")
BY_LENGTH = ("total_return", "drawdown", "under_water", "lowest")
"""Figures that grow with the length of a path: those of another length can't be set beside them."""


class CurveFigures(NamedTuple):
    """Figures of curves, (n_paths,) each.

    Attributes
    ----------
    total_return, cagr : fractions, the second a year
    sharpe : mean over deviation of the steps' returns, a year; NaN where they never vary
    drawdown : largest fall from an earlier close or the start, as a fraction
    under_water : most steps in a row below an earlier close or the start
    lowest : lowest close, the start being 1
    """

    total_return: Floats
    cagr: Floats
    sharpe: Floats
    drawdown: Floats
    under_water: Integers
    lowest: Floats

    def named(self) -> dict[str, Floats]:
        """The figures by name."""
        return self._asdict()


def curves_of(returns: Floats) -> Floats:
    """What 1 becomes, (n_paths, n_steps + 1), of returns (n_paths, n_steps). What is lost whole stays lost."""
    grown = np.ones((returns.shape[0], returns.shape[1] + 1))
    np.cumprod(np.maximum(1.0 + returns, 0.0), axis=1, out=grown[:, 1:])
    return grown


def absorbed(equity: Floats) -> Floats:
    """Curves from 1, of equity (n_paths, n_steps + 1) that may fall to 0 or below: from there on they are 0."""
    curves = equity / equity[:, :1]
    alive = np.minimum.accumulate(curves, axis=1) > 0.0
    return np.where(alive, curves, 0.0)


def figures_of(curves: Floats, per_year: float) -> CurveFigures:
    """Figures of curves that begin at 1.

    Parameters
    ----------
    curves : (n_paths, n_steps + 1)
    per_year : float
        Steps of a year: 252 trading days.

    Examples
    --------
    >>> found = figures_of(np.array([[1.0, 1.2, 0.9, 1.1, 1.3]]), 4.0)
    >>> found.total_return.round(3), found.drawdown, found.under_water, found.lowest
    (array([0.3]), array([0.25]), array([2]), array([0.9]))
    """
    n_steps = curves.shape[1] - 1
    end = curves[:, -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        returns = np.where(curves[:, :-1] > 0.0, curves[:, 1:] / curves[:, :-1] - 1.0, 0.0)
        mean = returns.mean(axis=1)
        deviation = returns.std(axis=1, ddof=1) if n_steps > 1 else np.zeros(len(curves))
        # What never varies leaves rounding behind.
        varies = deviation > 1e-12 * np.maximum(np.abs(returns).max(axis=1), 1e-300)
        sharpe = np.where(varies, mean / np.where(varies, deviation, 1.0) * per_year**0.5, np.nan)
    peaks = np.maximum.accumulate(curves, axis=1)
    places = np.arange(n_steps + 1)
    at_peak = np.maximum.accumulate(np.where(curves >= peaks, places, 0), axis=1)
    return CurveFigures(
        end - 1.0, end ** (per_year / n_steps) - 1.0, sharpe, (1.0 - curves / peaks).max(axis=1), (places - at_peak).max(axis=1),
        curves.min(axis=1))  # fmt: skip


def sampled_steps(n_steps: int, most: int = 201) -> Integers:
    """Steps at which a fan is kept: the start, the end, and evenly between.

    Examples
    --------
    >>> sampled_steps(3024)[[0, 1, -1]].tolist(), len(sampled_steps(3024)), sampled_steps(3).tolist()
    ([0, 15, 3024], 201, [0, 1, 2, 3])
    """
    return np.unique(np.linspace(0, n_steps, min(n_steps + 1, most)).round().astype(np.int64))
