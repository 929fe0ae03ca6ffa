"""Is the difference real? A rule that is stated, and what it says of these strategies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hidden_regime.experiments.comparison.family import FamilyTests
from hidden_regime.experiments.comparison.figures import StrategyFigures
from hidden_regime.experiments.comparison.pairs import Pair
from hidden_regime.experiments.honesty.studentised import LEVEL
from hidden_regime.experiments.pages.written import listed, number, probability, years

LONGEST = 1000.0
"""Years beyond which nobody asks how many."""
RULE = (
    "Of each two strategies the Sharpe ratios of their common days are compared, by drawing blocks of these days again, the same "
    "ones for both. A difference is real if its p, raised for the number of pairs by Holm's rule, is at most "
    f"{LEVEL}: of comparisons of equally good strategies, 5 in 100 have one that is called real. What luck alone makes is what "
    "the difference of two equally good ones stays below in 95 of 100 cases. It shrinks with the root of the length of the "
    "record, which says how long one would have to wait: at that length such a difference is found in every second case."
)


@dataclass(frozen=True)
class Verdict:
    """What a comparison says.

    Attributes
    ----------
    answer : "yes", "in part" or "no"
        Whether all, some or none of the differences can be told from luck.
    headline : str
        In a sentence.
    reasons : tuple of str
        The figures that it follows from, a sentence or two each.
    rule : str
        What decides, in words.
    """

    answer: str
    headline: str
    reasons: tuple[str, ...]
    rule: str


def judge(ranked: Sequence[StrategyFigures], pairs: Sequence[Pair], family: FamilyTests | None, n_years: float) -> Verdict:
    """Apply the rule.

    Parameters
    ----------
    ranked : sequence of StrategyFigures
        Those in the tests, the highest Sharpe ratio first.
    pairs : sequence of Pair
        All of them, in the order of the ranking.
    family : FamilyTests or None
    n_years : float
        Of the common days.
    """
    told = [pair for pair in pairs if pair.told]
    answer = "yes" if len(told) == len(pairs) else "in part" if told else "no"
    reasons = [_top(ranked, pairs, n_years)]
    if len(pairs) > 1:
        reasons.append(_told(told, len(pairs)))
    if family is not None:
        reasons += _against(family, pairs)
    return Verdict(answer, _headline(len(told), len(pairs)), tuple(reasons), RULE)


def in_words(pair: Pair, n_years: float) -> str:
    """What is to be thought of a pair."""
    if pair.difference == 0.0:
        return "no difference at all"
    if pair.told:
        return "real: more than luck makes"
    if pair.p <= LEVEL:
        return "more than luck makes of one pair, but not of so many"
    if pair.years is None:
        return "can't be told from luck: too few days on which one of them moves"
    return f"can't be told from luck: it would take {_wait(pair.years)} years, there are {years(n_years)}"


def _headline(told: int, count: int) -> str:
    if count == 1:
        return "Yes, it can be told from luck." if told else "No, it can't be told from luck."
    if told == count:
        return f"Yes: each of the {count} differences can be told from luck."
    if not told:
        return f"No: none of the {count} differences can be told from luck."
    return f"In part: {told} of {count} differences can be told from luck."


def _top(ranked: Sequence[StrategyFigures], pairs: Sequence[Pair], n_years: float) -> str:
    """Of the highest Sharpe ratio, and the next one that isn't the same."""
    one = ranked[0]
    said = f"The highest Sharpe ratio has {one.name}: {number(one.sharpe)} a year."
    same = [pair.second for pair in pairs if pair.first == one.name and pair.difference == 0.0]
    if same:
        said += f" {listed(same, 3)} {'is' if len(same) == 1 else 'are'} the same, at most with another leverage."
    pair = next((pair for pair in pairs if pair.first == one.name and pair.difference), None)
    if pair is None:
        return said
    luck = "any difference" if pair.luck is None else f"up to {number(pair.luck)}"
    said += f" {pair.second} is next, {number(pair.difference)} below it; luck alone makes {luck} of two such strategies that " \
            "are equally good."  # fmt: skip
    if pair.told:
        return f"{said} So the difference is real (p {probability(pair.p_holm)})."
    if pair.p <= LEVEL:
        return f"{said} That would tell one pair from luck, but not one of so many (p {probability(pair.p_holm)})."
    wait = "" if pair.years is None else (
        f" A difference like this takes {_wait(pair.years)} years to be told; there are {years(n_years)}.")  # fmt: skip
    return f"{said} So that {one.name} is ahead may well be chance (p {probability(pair.p)}).{wait}"


def _wait(needed: float) -> str:
    return years(needed) if needed < LONGEST else f"more than {number(LONGEST, 0)}"


def _told(told: Sequence[Pair], count: int) -> str:
    if not told:
        return f"Of all {count} pairs, none differs by more than luck makes."
    each = [f"{pair.first} above {pair.second}" for pair in told]
    return f"Real are: {listed(each, 6)}." if len(told) < count else f"All {count} pairs differ by more than luck makes."


def _against(family: FamilyTests, pairs: Sequence[Pair]) -> list[str]:
    mark = family.benchmark
    better = [pair.first for pair in pairs if pair.told and pair.second == mark]
    worse = [pair.second for pair in pairs if pair.told and pair.first == mark]
    said = []
    if better or worse:
        if better:
            said.append(f"Better than {mark} for its risk, by more than luck: {listed(better, 6)}.")
        if worse:
            said.append(f"Worse than {mark} for its risk, by more than luck: {listed(worse, 6)}.")
    elif len(pairs) > 1:
        said.append(f"None differs from {mark}, the benchmark, by more than luck makes.")
    return said
