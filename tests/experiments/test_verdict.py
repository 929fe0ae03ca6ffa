"""The rule at each of its ends, and the figures that it names."""

from __future__ import annotations

import dataclasses

import pytest

from hidden_regime.experiments.stitched import Stitched
from hidden_regime.experiments.verdict import RULE, judge

SURE = Stitched(2520, 0.06, 0.02, 0.952, 0.317, 0.9987, 0.0, 3.0, 750.0)


def changed(**fields):
    return dataclasses.replace(SURE, **fields)


@pytest.mark.parametrize(
    ("stitched", "n_positive", "worse", "answer"),
    [
        (SURE, 6, 0.49, "robust"),
        (SURE, 6, -0.2, "robust"),
        (SURE, 5, 0.1, "fragile"),  # half the windows aren't more than half
        (SURE, 6, 0.5, "fragile"),
        (SURE, 6, None, "fragile"),
        (changed(psr=0.95), 10, 0.0, "undecided"),
        (changed(psr=0.9501), 10, 0.0, "robust"),
        (changed(sharpe=0.0, psr=0.5), 10, 0.0, "fragile"),
        (changed(sharpe=-0.01, psr=0.4), 10, 0.0, "fragile"),
        (None, 0, None, "undecided"),
    ],
)
def test_the_rule(stitched, n_positive, worse, answer):
    found = judge(stitched, n_windows=10, n_positive=n_positive, worse=worse)
    assert found.answer == answer
    assert found.rule == RULE
    assert f"{n_positive} of 10 windows have a Sharpe ratio above 0" in " ".join(found.reasons)


def test_the_rule_states_its_numbers():
    assert "0.95" in RULE and "50%" in RULE and "more than half" in RULE


def test_reasons_name_the_figures():
    found = judge(SURE, n_windows=21, n_positive=14, worse=0.35, missing=(3, 7), flat=(5,))
    assert found.reasons == (
        "The stitched out-of-sample curve has a Sharpe ratio of 0.95 a year, with a standard error of 0.32, over 2,520 days: "
        "the probability that the true one is above 0 is 0.999.",
        "14 of 21 windows have a Sharpe ratio above 0 out of sample.",
        "The objective is worse out of sample than in sample, by 35% of its mean there.",
        "2 of 21 windows have no value out of sample (3, 7): they are left out of the means and count as not above 0.",
        "1 of 21 windows never move out of sample (5): without a trade there is no Sharpe ratio, and they count as not above 0.",
    )


def test_a_short_record_is_told_how_long_it_would_have_to_be():
    short = changed(psr=0.8, minimum_track_record=2520.0, n_days=630)
    reasons = judge(short, n_windows=5, n_positive=4, worse=0.1).reasons
    assert reasons[1] == "At this Sharpe ratio it takes 10.0 years of trading days until that probability is 0.95; there are 2.5."
    halves = judge(short, n_windows=5, n_positive=4, worse=0.1, periods_per_year=504).reasons
    assert "5.0 years" in halves[1]


def test_words_for_what_is_better_unknown_or_alone():
    better = judge(SURE, n_windows=1, n_positive=1, worse=-0.25)
    assert "better out of sample than in sample, by 25%" in better.reasons[2]
    assert better.reasons[1].startswith("1 of 1 window ")
    unknown = judge(None, n_windows=30, n_positive=0, worse=None, missing=tuple(range(1, 31)))
    assert "no Sharpe ratio" in unknown.reasons[0]
    assert "is undefined" in unknown.reasons[2]
    assert "11, 12 and 18 more" in unknown.reasons[3]
