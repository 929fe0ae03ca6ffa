"""Is what a walk-forward found robust? A rule that is stated, and the figures it was applied to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hidden_regime.experiments.stitched import Stitched

CONFIDENCE = 0.95
"""Probability that the true Sharpe ratio is above 0 which takes the doubt away; `minimum_track_record` has the same default."""
POSITIVE = 0.5
"""Share of windows that has to be exceeded."""
KEPT = 0.5
"""Share of the objective in sample that has to be left out of sample."""
RULE = (
    "Fragile: the stitched out-of-sample curve has a Sharpe ratio of at most 0. Undecided: it has none, or one above 0 whose "
    f"probability of being above 0 in truth is at most {CONFIDENCE}: the record is too short. Else robust, if more than half of "
    f"the windows have a Sharpe ratio above 0 out of sample and the objective gets worse by less than {1 - KEPT:.0%} of its mean "
    "in sample; and fragile otherwise."
)


@dataclass(frozen=True)
class Verdict:
    """What a walk-forward says of its strategy.

    Attributes
    ----------
    answer : "robust", "fragile" or "undecided"
    rule : str
        What decides, in words.
    reasons : tuple of str
        The figures it was applied to, a sentence each.
    """

    answer: str
    rule: str
    reasons: tuple[str, ...]


def judge(
    stitched: Stitched | None,
    *,
    n_windows: int,
    n_positive: int,
    worse: float | None,
    missing: Sequence[int] = (),
    flat: Sequence[int] = (),
    periods_per_year: int = 252,
) -> Verdict:
    """Apply the rule.

    Parameters
    ----------
    stitched : Stitched, optional
        Figures of the stitched curve; None, if it has no Sharpe ratio.
    n_windows, n_positive : int
        Windows, and those with a Sharpe ratio above 0 out of sample.
    worse : float, optional
        By how much the objective is worse out of sample, over its mean in sample; None, if that isn't above 0.
    missing : sequence of int
        Numbers of the windows without a value out of sample.
    flat : sequence of int
        Numbers of the windows whose returns out of sample never differ.
    periods_per_year : int
        Trading days.

    Examples
    --------
    >>> from hidden_regime.experiments.stitched import stitched_figures
    >>> import numpy as np
    >>> curve = stitched_figures(np.random.default_rng(0).normal(0.0005, 0.01, 1260))
    >>> found = judge(curve, n_windows=10, n_positive=7, worse=0.3)
    >>> found.answer
    'undecided'
    >>> print(found.reasons[1])
    At this Sharpe ratio it takes 53.5 years of trading days until that probability is 0.95; there are 5.0.
    """
    steady = n_positive > POSITIVE * n_windows
    kept = worse is not None and worse < 1.0 - KEPT
    if stitched is None:
        answer = "undecided"
    elif stitched.sharpe <= 0.0:
        answer = "fragile"
    elif stitched.psr <= CONFIDENCE:
        answer = "undecided"
    else:
        answer = "robust" if steady and kept else "fragile"
    reasons = [*_curve(stitched, periods_per_year)]
    reasons.append(f"{n_positive} of {_windows(n_windows)} {_have(n_positive)} a Sharpe ratio above 0 out of sample.")
    reasons.append(_change(worse))
    if missing:
        what = "they are left out of the means and count as not above 0"
        reasons.append(
            f"{len(missing)} of {_windows(n_windows)} {_have(len(missing))} no value out of sample ({_listed(missing)}): {what}."
        )
    if flat:
        what = "without a trade there is no Sharpe ratio, and they count as not above 0"
        reasons.append(f"{len(flat)} of {_windows(n_windows)} never move out of sample ({_listed(flat)}): {what}.")
    return Verdict(answer, RULE, tuple(reasons))


def _curve(stitched: Stitched | None, year: int) -> list[str]:
    if stitched is None:
        return ["The stitched out-of-sample curve has no Sharpe ratio: it has no two days that differ."]
    found = f"a Sharpe ratio of {stitched.annual_sharpe:.2f} a year, with a standard error of {stitched.annual_se:.2f}"
    reasons = [
        f"The stitched out-of-sample curve has {found}, over {stitched.n_days:,} days: "
        f"the probability that the true one is above 0 is {stitched.psr:.3f}."
    ]
    if stitched.sharpe > 0.0 and stitched.psr <= CONFIDENCE:
        needed = f"{stitched.minimum_track_record / year:,.1f} years of trading days until that probability is {CONFIDENCE}"
        reasons.append(f"At this Sharpe ratio it takes {needed}; there are {stitched.n_days / year:,.1f}.")
    return reasons


def _change(worse: float | None) -> str:
    if worse is None:
        why = "its mean in sample isn't above 0, or no window has a value out of sample"
        return f"The share of the objective that is lost out of sample is undefined: {why}."
    if worse < 0.0:
        return f"The objective is better out of sample than in sample, by {-worse:.0%} of its mean there."
    return f"The objective is worse out of sample than in sample, by {worse:.0%} of its mean there."


def _have(n: int) -> str:
    return "has" if n == 1 else "have"


def _windows(n: int) -> str:
    return f"{n} windows" if n != 1 else "1 window"


def _listed(numbers: Sequence[int], most: int = 12) -> str:
    more = f" and {len(numbers) - most} more" if len(numbers) > most else ""
    return ", ".join(str(number) for number in numbers[:most]) + more
