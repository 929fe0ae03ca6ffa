"""The page of an evaluation: equal ones have equal bytes, and it opens without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hidden_regime.experiments.pages.rendering import drawn, render
from hidden_regime.experiments.pages.written import number, percent, probability
from hidden_regime.learning.evaluation import page_figures
from hidden_regime.learning.evaluation.template import EVALUATION
from hidden_regime.learning.evaluation.words import NAMES, RULE, against, between, sentences

if TYPE_CHECKING:
    from hidden_regime.learning.evaluation.evaluation import Evaluation

COLOURS = {"skill": "robust", "none found": "undecided", "worse than the prior": "fragile"}
BASELINES = ("class prior", "hold", "momentum")


def evaluation_page(found: Evaluation) -> str:
    """HTML of an evaluation."""
    paths = found.paths
    return render(
        "evaluation", others={"evaluation": EVALUATION}, title=found.title, id=f"Data {found.asked['data'][:12]}",
        asked=_asked(found), banners=[note for note in found.notes if note.startswith("the labels were dealt")],
        colour=COLOURS[found.verdict], verdict=found.verdict, words=sentences(found), rule=RULE, tiles=_tiles(found),
        figures_note=_figures_note(found), figure_columns=["Figure", "Model", "95%", *(one.capitalize() for one in BASELINES)],
        figure_rows=[_figure(found, name) for name in found.figures],
        reliability=drawn(page_figures.reliability(found), "reliability"),
        reliability_note=f"Bins of equal numbers of rows; bars are 95% by as many rows as don't overlap. Mean distance from the "
        f"line: {number(found.reliability.error, 4)}.", confusion=_confusion(found),
        importance=drawn(page_figures.importance(found), "importance"), importance_note=_importance_note(found),
        importance_columns=["Column", "Loss without it", "Sd over folds", "Folds that lose", "Part of a margin"],
        importance_rows=[[one.name, number(one.loss, 5), number(one.sd, 5), percent(one.share_of_folds, 0),
                          number(one.contribution, 4)] for one in found.importances.columns],
        folds=drawn(page_figures.folds(found), "folds"),
        fold_columns=["Fold", "First day", "Last day", "Trained on", "Tested", "Left out", "Log loss", "Prior's", "AUC", "Brier",
                      "Parameters"],
        fold_rows=[_fold(one) for one in found.folds],
        paths=[[NAMES[name], *(number(value, 4) for value in values)] for name, values in (paths or {}).items()],
        path_columns=["", *(f"Path {i + 1}" for i in range(len(next(iter(paths.values()))) if paths else 0))],
        paths_note="Each path tests every row once; they share rows, so their spread is less than that of new data.",
        curves=drawn(page_figures.curves(found), "curves"), earned_note=_earned_note(found),
        earned_columns=["Rule", "Total return", "Sharpe ratio", "95%", "Largest drawdown", "In the market", "Bars with gain"],
        earned_rows=[[one.name, percent(one.total), number(one.sharpe), f"{number(one.sharpe_low)} to {number(one.sharpe_high)}",
                      percent(one.drawdown), percent(one.exposure, 0), percent(one.hit_rate, 0)] for one in found.earned],
        notes=list(found.notes))  # fmt: skip


def _asked(found: Evaluation) -> str:
    asked = found.asked
    cv = ", ".join(str(value) for value in asked["cv"].values())
    tuned = f"tuned in each training, {found.n_trials} trials in all" if asked["tuned"] else "not tuned"
    made = f"{asked['recipe']['kind']}, {asked['recipe']['calibration']} calibration"
    return " \u00b7 ".join(
        [f"{asked['first']} to {asked['last']}", made, tuned,
         f"{asked['labels']} labels", f"splits: {cv}", f"seed {asked['seed']}"])  # fmt: skip


def _tiles(found: Evaluation) -> list[tuple[str, str, str]]:
    gain, auc, brier = (found.figures[name] for name in ("log_loss_gain", "auc", "brier"))
    luck = found.luck
    return [
        ("Log loss below the prior's", number(gain.value, 4), f"nats a row, 95%: {between(gain)}"),
        ("AUC", number(auc.value, 3), f"95%: {between(auc, 3)}"),
        ("Brier score", number(brier.value, 4), f"the prior's {number(found.baselines['class prior']['brier'], 4)}"),
        ("Rows", f"{found.n_rows:,}",
         f"worth {found.effective_rows:,.0f} that don't overlap; {percent(found.base_rate)} went up"),
        ("Deflated Sharpe ratio", probability(luck.dsr), f"of {luck.n_trials} trial{'s' if luck.n_trials > 1 else ''}; PSR "
         f"{probability(luck.psr)}"),
    ]  # fmt: skip


def _figures_note(found: Evaluation) -> str:
    asked = found.asked
    return (
        f"95% by {asked['n_resamples']} resamples of blocks of {number(asked['block'], 0)} rows on average. The class prior says "
        "the training's share of ups of each row; hold says up of each row; momentum says the training's share after rising or "
        "falling prices."
    )


def _figure(found: Evaluation, name: str) -> list[str]:
    one = found.figures[name]
    return [NAMES[name], number(one.value, 4), between(one), *(number(found.baselines[b].get(name), 4) for b in BASELINES)]


def _confusion(found: Evaluation) -> list[list[Any]]:
    c = found.confusion
    return [["Said up", c.true_up, c.false_up], ["Said down", c.false_down, c.true_down]]


def _importance_note(found: Evaluation) -> str:
    agreement = number(found.importances.agreement)
    return (
        "Log loss that is added out of fold where a column's rows are dealt anew; bars are the spread over folds. Columns that "
        f"say the same share what they lose. Mean rank correlation of two folds: {agreement}; near 0 the order is noise."
    )


def _fold(one: dict[str, Any]) -> list[Any]:
    chosen = ", ".join(f"{name} {value:.4g}" for name, value in one["parameters"].items())
    return [one["number"], one["first"], one["last"], f"{one['train_rows']:,}", f"{one['test_rows']:,}", one["purged_rows"],
            number(one["log_loss"], 4), number(one["prior_log_loss"], 4), number(one["auc"], 3), number(one["brier"], 4),
            chosen]  # fmt: skip


def _earned_note(found: Evaluation) -> str:
    luck = found.luck
    said = "In the market after bars whose probability is above one half, from the next open to the one after it, before costs."
    if luck.difference is not None and luck.p is not None:
        said += f" Sharpe ratio less that of holding: {against(luck)}."
    return said
