"""An evaluation in words and as Markdown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hidden_regime.experiments.pages.written import inline, number, percent, probability

if TYPE_CHECKING:
    from hidden_regime.learning.evaluation.bootstrap import Interval
    from hidden_regime.learning.evaluation.evaluation import Evaluation
    from hidden_regime.learning.evaluation.trading import Luck

NAMES = {
    "log_loss": "log loss", "brier": "Brier score", "auc": "AUC", "accuracy": "accuracy", "precision": "precision",
    "recall": "recall", "f1": "F1", "log_loss_gain": "log loss below the prior's", "brier_gain": "Brier score below the prior's",
}  # fmt: skip
RULE = (
    "Skill is called where the 95% interval of the log loss below the class prior's, by a bootstrap of blocks of rows, lies "
    "above 0. Skill at probabilities is not yet money: costs, and how the strategy sizes, decide that."
)


def between(one: Interval, digits: int = 4) -> str:
    """An interval as text."""
    return f"{number(one.low, digits)} to {number(one.high, digits)}"


def against(luck: Luck) -> str:
    """The rule's Sharpe ratio less that of holding, with what is known of its error."""
    if luck.low is None or luck.high is None or not math.isfinite(luck.high - luck.low):
        return f"{number(luck.difference)}, on too few bars that differ to say how far off that may be"
    return f"{number(luck.difference)} (95%: {number(luck.low)} to {number(luck.high)}, p {probability(luck.p)})"


def sentences(found: Evaluation) -> list[str]:
    """What was found."""
    gain, auc = found.figures["log_loss_gain"], found.figures["auc"]
    said = {
        "skill": "It knows something",
        "none found": "No skill was found",
        "worse than the prior": "It knows less than nothing",
    }[found.verdict]
    out = [
        f"{said}: its log loss is {number(gain.value, 4)} nats a row below that of the class prior "
        f"(95%: {between(gain)}), and its AUC is {number(auc.value, 3)} (95%: {between(auc, 3)})."
    ]
    told = found.regression
    if told is not None:
        out.append(
            f"Of the return itself: a correlation of {number(told['correlation'])} with what came, {percent(told['r2'])} of its "
            f"variance, and {percent(told['within_90'], 0)} of the returns within the 90% intervals."
        )
    rule, hold = found.earned[0], found.earned[1]
    out.append(
        f"In the market where the probability is above one half, {percent(rule.exposure, 0)} of the bars: a Sharpe ratio of "
        f"{number(rule.sharpe)} a year before costs, against {number(hold.sharpe)} of holding."
    )
    luck = found.luck
    if luck.difference is not None and luck.p is not None:
        trials = f"{luck.n_trials} trial{'s' if luck.n_trials > 1 else ''}"
        out.append(
            f"The first less the second: {against(luck)}. Counting {trials}, the probability that the rule's ratio is above luck "
            f"is {probability(luck.dsr)}."
        )
    return out


def markdown(found: Evaluation) -> str:
    """The figures as Markdown."""
    lines = [f"# {inline(found.title)}", "", f"Verdict: **{found.verdict}**.", "", *_spaced(sentences(found)), RULE, ""]
    lines += ["| figure | model | 95% | class prior | hold | momentum |", "|---|---|---|---|---|---|"]
    for name, one in found.figures.items():
        others = [number(found.baselines[b].get(name), 4) for b in ("class prior", "hold", "momentum")]
        lines.append(f"| {NAMES[name]} | {number(one.value, 4)} | {between(one)} | {' | '.join(others)} |")
    c = found.confusion
    lines += [
        "", "| | came up | came down |", "|---|---|---|", f"| said up | {c.true_up} | {c.false_up} |",
        f"| said down | {c.false_down} | {c.true_down} |", "",
        "| rule | total return | Sharpe ratio | 95% | largest drawdown | in the market | bars with gain |",
        "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for rule in found.earned:
        lines.append(
            f"| {inline(rule.name)} | {percent(rule.total)} | {number(rule.sharpe)} | {number(rule.sharpe_low)} to "
            f"{number(rule.sharpe_high)} | {percent(rule.drawdown)} | {percent(rule.exposure, 0)} | {percent(rule.hit_rate, 0)} |"
        )
    lines += ["", "| column | loss without it | sd over folds | folds that lose |", "|---|---|---|---|"]
    for column in found.importances.columns:
        lines.append(
            f"| {inline(column.name)} | {number(column.loss, 5)} | {number(column.sd, 5)} | {percent(column.share_of_folds, 0)} |"
        )
    lines += ["", *(f"- {inline(note)}" for note in found.notes)]
    return "\n".join(lines) + "\n"


def _spaced(texts: list[str]) -> list[str]:
    return [line for text in texts for line in (text, "")]
