"""The report: one page that opens without a network."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from hidden_regime.regimes.statistics import TRADING_DAYS
from hidden_regime.research import figures
from hidden_regime.research.page import PAGE
from hidden_regime.research.regime_rows import cells
from hidden_regime.research.tables import AssetRegimes, Backtest

if TYPE_CHECKING:
    import plotly.graph_objects as go


def _html(figure: go.Figure, name: str) -> str:
    # Plotly would invent an id, and two runs would write different pages.
    config = {"displayModeBar": False, "responsive": True}
    return str(figure.to_html(full_html=False, include_plotlyjs=False, config=config, div_id=name))


def _said(text: object) -> str:
    """A text for a picture, where plotly would take tags as formats and links."""
    return escape(str(text), quote=False)


def _asset(asset: AssetRegimes, place: int) -> dict[str, Any]:
    shade = figures.colours(list(asset.table.index))
    order = [n for n in figures.COLOURS if n in asset.table.index] + [n for n in asset.table.index if n not in figures.COLOURS]
    rows = []
    for name in order:
        rows.append({"name": name, "colour": shade[name], "cells": cells(asset.table.loc[name].to_dict(), asset.unit)})
    states = asset.states
    called = {name: _said(name) for name in {*states["regime"].dropna(), *asset.names}}
    if any(name != said for name, said in called.items()):
        states = states.rename(columns={f"prob_{name}": f"prob_{said}" for name, said in called.items()})
        states = states.assign(regime=[called.get(name, name) for name in states["regime"]])
    names = tuple(called[name] for name in asset.names)
    # An id is a number: a ticker is whatever the name of a file was.
    return {
        "ticker": asset.ticker,
        "doubt": asset.doubt,
        "rows": rows,
        "price": _html(figures.price_and_probabilities(_said(asset.ticker), asset.close, states), f"price-{place}"),
        "matrix": _html(figures.transition_matrix(names, asset.transmat), f"matrix-{place}"),
    }


def _profile(tree: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Picture and table of what a profiler measured."""
    if not tree:
        return None
    rows = []
    for row in tree:
        name = "\u2003" * (len(row["path"]) - 1) + row["operation"]
        times = [f"{row[f'{column}_time'] * 1e3:.3f}" for column in ("mean", "median", "p95", "p99", "min", "max")]
        rows.append([name, f"{row['call_count']:,}", f"{row['total_time']:.3f}", f"{row['self_time']:.3f}", *times])
    shown = [dict(row) | {"path": [_said(p) for p in row["path"]], "operation": _said(row["operation"])} for row in tree]
    return {"figure": _html(figures.flame(shown), "profile"), "rows": rows}


def render(done: Backtest, profile: Sequence[Mapping[str, Any]] = ()) -> str:
    """The page's HTML, with what a profiler measured (`PerformanceProfiler.get_tree`) if it is given."""
    import jinja2
    from plotly.offline import get_plotlyjs

    from hidden_regime import __version__

    statistics = done.statistics
    equity = done.equity
    shown = ("Net Profit", "Compounding Annual Return", "Drawdown", "Sharpe Ratio", "Total Orders", "Total Fees")
    tiles = [(name, statistics[name]) for name in shown if name in statistics]
    if done.is_ours:
        tiles.append(("Trainings", str(done.trainings)))
    has_mark = len(equity) > 0 and bool((equity["benchmark"] > 0).all())
    environment = jinja2.Environment(autoescape=True)
    return environment.from_string(PAGE).render(
        title=f"{done.name}: backtest", plotly=_script(get_plotlyjs()), origin=done.origin,
        synthetic=done.synthetic, failure=done.message,
        period=f"{equity.index[0]:%d %b %Y} to {equity.index[-1]:%d %b %Y}" if len(equity) else "no trading day", tiles=tiles,
        equity=_html(figures.equity_and_drawdown(equity, _said(done.benchmark)), "equity") if len(equity) else "",
        equity_note=_equity_note(done.benchmark, has_mark),
        assets=[_asset(asset, place) for place, asset in enumerate(done.assets)],
        monthly=_html(figures.monthly_returns(equity["equity"]), "monthly") if len(equity) > 1 else "",
        profile=_profile(profile), statistics=list(statistics.items()), version=__version__,
        sharpe=_sharpe(done), year=_year(done), engine=done.engine)  # fmt: skip


def _sharpe(done: Backtest) -> str:
    """By trading days; empty where nobody knows it."""
    if not done.is_ours:
        return ""
    return "not defined" if math.isnan(done.trading_day_sharpe) else f"{done.trading_day_sharpe:.2f}"


def _year(done: Backtest) -> int:
    """Days of LEAN's year, which a broker of coins has more of."""
    told = (done.lean.get("algorithmConfiguration") or {}).get("tradingDaysPerYear")
    return told if isinstance(told, int) else TRADING_DAYS


def _equity_note(benchmark: str, has_mark: bool) -> str:
    if not has_mark:
        return "Starts at 100; logarithmic scale. The data hold no benchmark."
    return "Both start at 100; logarithmic scale." + (f" Benchmark: {benchmark}." if benchmark else "")


def _script(source: str) -> Any:
    import markupsafe

    return markupsafe.Markup(source)
