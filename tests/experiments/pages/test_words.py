"""What a study's figures mean, by the rules that the page states."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from hidden_regime.experiments.pages.words import in_words
from hidden_regime.experiments.studies.luck import Luck

KNOWN = Luck(
    n_tries=27, n_effective=3.2, n_effective_by_eigenvalues=1.4, sharpe=0.6, psr=0.96, dsr=0.5, dsr_effective=0.8,
    dsr_eigenvalues=0.9, luck_sharpe=0.05, minimum_track_record=3.0, minimum_backtest=4.1, years=5.0, pbo=0.69, pbo_low=0.20,
    pbo_high=0.81, pbo_blocks=10, best_minus_median=0.1)  # fmt: skip


def said(**changes):
    return " ".join(in_words(replace(KNOWN, **changes)))


def test_in_words():
    assert in_words(KNOWN) == [
        "Among 27 tries the best has by luck a Sharpe ratio of 0.05; this one has 0.60. That can't be told from luck by any count "
        "of the tries (DSR 0.50 to 0.90).",
        "PBO 0.69 lies inside the band that noise gives (0.20 to 0.81), so the choice among these sets is worth nothing that can "
        "be told from noise.",
    ]


@pytest.mark.parametrize(
    ("dsr", "expected"),
    [
        ((0.96, 0.97, 0.98), "told from luck by each count"),
        ((0.95, 0.97, 0.98), "depends on how many independent tries"),
        ((0.5, 0.5, 0.95), "can't be told from luck by any count"),
    ],
)
def test_all_counts_of_tries_have_a_say(dsr, expected):
    assert expected in said(dsr=dsr[0], dsr_effective=dsr[1], dsr_eigenvalues=dsr[2])


@pytest.mark.parametrize(("pbo", "where"), [(0.19, "below"), (0.20, "inside"), (0.81, "inside"), (0.82, "above")])
def test_pbo_against_its_band(pbo, where):
    assert f"lies {where} the band" in said(pbo=pbo)


@pytest.mark.parametrize("record", [None, math.inf])  # None is what a study that was read has
def test_a_record_that_is_never_long_enough(record):
    assert "No record is long enough" in said(sharpe=-0.1, minimum_track_record=record)


def test_a_record_that_is_too_short():
    assert "takes 12.0 years" in said(minimum_track_record=12.0)
    assert "years" not in said(minimum_track_record=5.0)


def test_without_anything_to_say():
    nothing = dict.fromkeys(
        ("sharpe", "psr", "dsr", "dsr_effective", "dsr_eigenvalues", "luck_sharpe", "pbo", "pbo_low", "pbo_high")
    )
    assert in_words(replace(KNOWN, **nothing)) == []
    assert "nothing to deflate it by" in said(luck_sharpe=None, dsr=None, dsr_effective=None, dsr_eigenvalues=None)
