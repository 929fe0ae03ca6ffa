"""Decisions: rules of the campaign applied to figures of earlier steps."""

from __future__ import annotations

from collections.abc import Mapping

from hidden_regime.jobs import words
from hidden_regime.jobs.deciding import decide
from hidden_regime.jobs.outcome import Outcome
from hidden_regime.jobs.work import Work

YES, NO = "yes", "no"


def worth(work: Work) -> Outcome:
    """Is the baseline worth more time?"""
    found = decide(_numbers(work.earlier[words.BASELINE]), work.campaign.rules.baseline)
    return Outcome(YES if found.goes_on else NO, found.reason, found.goes_on, found.figures)


def best(work: Work) -> Outcome:
    """Is there a best set, and does it meet the rules?"""
    study = work.earlier[words.OPTIMISE]
    if not study.parameters:
        return Outcome(NO, study.reason, False)
    found = decide(_numbers(study), work.campaign.rules.optimised)
    return Outcome(YES if found.goes_on else NO, found.reason, found.goes_on, found.figures)


def candidate(work: Work) -> Outcome:
    """Is it one of the final candidates, which alone are worth money?"""
    goes_on, reason = _accepted(work)
    return Outcome(YES if goes_on else NO, reason, goes_on)


def verdict(work: Work) -> Outcome:
    """What the campaign says of the hypothesis in the end."""
    if words.WALK_FORWARD in work.earlier:
        accepted, reason = _accepted(work)
    else:
        accepted, reason = True, "all rules are met; without a walk-forward nobody knows what is left of it out of sample"
    if words.VALIDATE in work.earlier:
        reason += f"; {work.earlier[words.VALIDATE].reason}"
    figures = _numbers(work.earlier[words.WALK_FORWARD]) if words.WALK_FORWARD in work.earlier else {}
    return Outcome(words.ACCEPTED if accepted else words.REJECTED, reason, accepted, figures, work.parameters)


def _accepted(work: Work) -> tuple[bool, str]:
    answer, accept = work.earlier[words.WALK_FORWARD].answer, work.campaign.rules.accept
    is_in = answer in accept
    return is_in, f"the walk-forward says {answer}, which is {'' if is_in else 'not '}among {', '.join(accept) or 'nothing'}"


def _numbers(outcome: Outcome) -> Mapping[str, float]:
    return {name: value for name, value in outcome.figures.items() if value is not None}
