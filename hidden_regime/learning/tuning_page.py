"""Pictures of a search: what each trial had, and how good it was on the inner folds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hidden_regime.experiments.pages.rendering import drawn, render
from hidden_regime.experiments.pages.style import BLUE, GREY, ORANGE, empty, said, styled
from hidden_regime.learning.evaluation.template import TUNING
from hidden_regime.learning.models.doors import door_of
from hidden_regime.learning.models.fitting import Recipe

if TYPE_CHECKING:
    import plotly.graph_objects as go


def tuning_page(title: str, history: list[dict[str, Any]], recipe: Recipe, last: int) -> str:
    """HTML of a search.

    Parameters
    ----------
    title : str
    history : list of dict
        Of a `Tuner`.
    recipe : Recipe
        What was chosen for all rows.
    last : int
        Number of the training of all rows.
    """
    names = list(door_of(recipe.kind).ranges)
    rows = []
    for training in sorted({one["training"] for one in history}):
        own = [one for one in history if one["training"] == training]
        best = min(own, key=lambda one: (one["value"], one["trial"]))
        what = "all rows" if training == last else f"outer training {training}"
        rows.append([what, len(own), f"{best['value']:.5f}", f"{own[0]['value']:.5f}", *(f"{best[name]:.4g}" for name in names)])
    return render(
        "tuning", others={"tuning": TUNING}, title=title, id=f"{len(history)} trials",
        asked=f"{recipe.kind} \u00b7 seed {recipe.seed}",
        slices=[drawn(_slice(history, name, last), f"slice-{i}") for i, name in enumerate(names)],
        columns=["Training", "Trials", "Best log loss", "The usual's", *names], rows=rows)  # fmt: skip


def _slice(history: list[dict[str, Any]], name: str, last: int) -> go.Figure:
    import plotly.graph_objects as go

    figure = empty()
    for own, label, colour in ((False, "outer trainings", GREY), (True, "all rows", BLUE)):
        shown = [one for one in history if (one["training"] == last) is own]
        figure.add_trace(
            go.Scatter(x=[one[name] for one in shown], y=[one["value"] for one in shown], mode="markers", name=label,
                       marker={"color": colour, "size": 6})
        )  # fmt: skip
    best = min((one for one in history if one["training"] == last), key=lambda one: (one["value"], one["trial"]))
    star = {"color": ORANGE, "size": 13, "symbol": "star"}
    figure.add_trace(go.Scatter(x=[best[name]], y=[best["value"]], mode="markers", name="chosen", marker=star))
    styled(figure, 280)
    figure.update_xaxes(title=said(name))
    figure.update_yaxes(title="log loss")
    return figure
