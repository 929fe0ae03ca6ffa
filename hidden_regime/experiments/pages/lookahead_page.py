"""The page of a check for look-ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hidden_regime.experiments.pages.captions import told_parameters
from hidden_regime.experiments.pages.rendering import drawn, render
from hidden_regime.experiments.pages.style import BLUE, ORANGE, empty, styled
from hidden_regime.experiments.pages.written import day

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from hidden_regime.experiments.lookahead.finding import Finding, Lookahead

MOODS = {"clean": "robust", "looks ahead": "fragile"}
RULE = (
    "The rule: up to the moment from which the future is hidden, no order, change or cancel may differ in anything, to the last "
    "bit. Hidden are bars that end later and later rows of dated files that the strategy reads by itself; splits, dividends and "
    "listings stay, for LEAN's adjusted prices know them. What is found is certain. What isn't found may hide where no moment "
    "was sampled, or in what nobody can change from here: a network's answers, files without dates."
)
HEADS = {
    "look-ahead": "Looks ahead: {symbol} on {when}",
    "start-up": "Depends on where the data begin: {symbol} on {when}",
    "not repeatable": "Not repeatable: {symbol} on {when}",
}


def lookahead_page(found: Lookahead) -> str:
    """HTML of the page: equal checks have equal pages; texts from outside are escaped."""
    spec = found.spec
    asked = [
        found.strategy,
        f"{day(spec['first'])} to {day(spec['last'])}",
        f"{len(found.moments)} moments",
        f"seed {spec['seed']}",
    ]
    told = told_parameters(spec["parameters"])
    return render(
        "lookahead", title=f"{found.strategy}: look-ahead", id=f"Check {found.id}", asked=" \u00b7 ".join([*asked, *told]),
        mood=MOODS.get(found.verdict, "undecided"), summary=found.summary(), rule=RULE,
        findings=[_told(one) for one in (*found.findings, *found.start_up)],
        picture=drawn(picture(found), "moments") if found.moments else "",
        moments=[[f"{one.time:%Y-%m-%d %H:%M}", f"{one.n_decisions:,}", f"{one.n_changed} of 2"] for one in found.moments],
        notes=list(found.notes))  # fmt: skip


def _told(one: Finding) -> dict[str, Any]:
    rows = [["Decided", one.decision], ["Instead", one.instead]]
    if one.price > 0.0:
        rows.append(["Last price it could know", f"{one.price:g}"])
    if one.kind == "look-ahead":
        if one.hidden_from is not None:
            rows.append(["The same in both runs", f"everything up to {one.hidden_from:%Y-%m-%d %H:%M}"])
        if one.known is not None:
            ahead = (
                f"{one.sessions} trading day{'' if one.sessions == 1 else 's'} after the decision" if one.sessions else "that day"
            )
            rows.append(["Changing what is known by", f"{one.known:%Y-%m-%d %H:%M} is enough, {ahead}"])
        if one.sources:
            rows.append(["Each of these alone is enough", ", ".join(one.sources)])
    elif one.known is not None:
        rows.append(["It does so", f"where the data begin on {one.known:%Y-%m-%d}. This is no look-ahead."])
    head = HEADS[one.kind].format(symbol=one.symbol, when=f"{one.moment:%Y-%m-%d %H:%M}")
    place = one.place or "sent by no line of the strategy's: by a model of the engine's"
    return {"head": head, "place": place, "code": one.code, "rows": rows}


def picture(found: Lookahead) -> go.Figure:
    """The moments by time, with the decisions that were compared."""
    import plotly.graph_objects as go

    figure = empty()
    for name, hit, marker in (
        ("nothing changed", False, {"color": BLUE, "size": 10}),
        ("a decision changed", True, {"color": ORANGE, "size": 12, "symbol": "x"}),
    ):
        group = [one for one in found.moments if (one.n_changed > 0) == hit]
        if group:
            figure.add_trace(go.Scatter(
                x=[one.time.isoformat() for one in group], y=[one.n_decisions for one in group], name=name, mode="markers",
                marker=marker, hovertemplate="%{x}: %{y} decisions until then<extra></extra>"))  # fmt: skip
    styled(figure, 260)
    figure.update_layout(showlegend=True)
    first, last = (f"{found.spec[name]}T00:00:00" for name in ("first", "last"))
    figure.update_xaxes(type="date", range=[first, last])
    return figure.update_yaxes(title={"text": "decisions until then"}, rangemode="tozero")
