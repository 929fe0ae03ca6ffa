"""The page of a robustness check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hidden_regime.experiments.pages.rendering import drawn, render
from hidden_regime.experiments.pages.style import BLUE, GREY, empty, styled
from hidden_regime.experiments.pages.written import number, percent
from hidden_regime.learning.evaluation.template import ROBUSTNESS

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from hidden_regime.learning.robust import Robustness

NAMES = {
    "sharpe": "Sharpe ratio", "hold_sharpe": "Sharpe ratio of holding", "difference": "Sharpe ratio less holding's",
    "drawdown": "largest drawdown", "hit_rate": "bars with gain", "auc": "AUC", "log_loss_gain": "log loss below the prior's",
}  # fmt: skip
RULE = (
    "Robust: the middle 95% of the runs have a Sharpe ratio above 0 and above holding's. Fragile: they have either below. "
    "Undecided otherwise. Runs share rows, so this is what one history says, not what another would."
)


def robustness_page(found: Robustness) -> str:
    """HTML of a robustness check: equal ones have equal bytes."""
    asked = found.asked
    trains = f"{percent(asked['train'], 0)} of each stretch trains"
    said = " \u00b7 ".join([f"{asked['n_runs']} runs", asked["recipe"]["kind"], trains, f"seed {asked['seed']}"])
    dealt = ["the labels were dealt to other rows: any skill is luck"] if asked.get("shuffled") is not None else []
    return render(
        "robustness", others={"robustness": ROBUSTNESS}, title=f"{found.title}: robustness", id=f"Data {asked['data'][:12]}",
        asked=said, banners=dealt, verdict=found.verdict, words=_words(found), rule=RULE,
        histogram=drawn(_histogram(found), "histogram"),
        note="Each run trains on another stretch, and draws its test's days again in blocks. Grey: holding, on the same days.",
        rows=[[NAMES[name][0].upper() + NAMES[name][1:], *_row(found, name)] for name in NAMES], notes=_notes(found))  # fmt: skip


def _row(found: Robustness, name: str) -> list[str]:
    middle, low, high = found.interval(name)
    if name in ("drawdown", "hit_rate"):
        return [percent(middle), f"{percent(low)} to {percent(high)}"]
    digits = 4 if name == "log_loss_gain" else 2
    return [number(middle, digits), f"{number(low, digits)} to {number(high, digits)}"]


def _words(found: Robustness) -> list[str]:
    middle, low, high = found.interval("sharpe")
    less = found.interval("difference")
    return [
        f"Over {len(found.runs)} trainings and tests the Sharpe ratio of a year is {number(middle)} in the middle, and "
        f"{number(low)} to {number(high)} in 95 of 100.",
        f"Less that of holding over the same days: {number(less[0])}, and {number(less[1])} to {number(less[2])}.",
    ]


def _histogram(found: Robustness) -> go.Figure:
    import plotly.graph_objects as go

    figure = empty()
    for name, colour in (("hold_sharpe", GREY), ("sharpe", BLUE)):
        values = found.runs[name].dropna().round(6).tolist()
        figure.add_trace(go.Histogram(x=values, marker={"color": colour}, opacity=0.65, nbinsx=40, name=NAMES[name]))
    styled(figure, 300)
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(title="Sharpe ratio of a year, before costs")
    return figure


def _notes(found: Robustness) -> list[str]:
    said: list[Any] = []
    never = int(found.runs["sharpe"].isna().sum())
    if never:
        said.append(f"{never} run{'s' if never > 1 else ''} never in the market, without a Sharpe ratio")
    always = float((found.runs["exposure"] >= 1.0).mean())
    if always > 0.0:
        said.append(f"{percent(always, 0)} of the runs were always in the market: they are holding")
    return said
