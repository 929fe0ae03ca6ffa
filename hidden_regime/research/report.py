"""The report: one page that opens without a network."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hidden_regime.research import figures
from hidden_regime.research.backtest import Backtest

if TYPE_CHECKING:
    import plotly.graph_objects as go

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
:root { --ink:#1d2733; --soft:#5d6b7a; --line:#e6e9ee; --accent:#1f5fa8; --warn:#8a4b08; }
* { box-sizing:border-box } body { margin:0; background:#f4f6f8; color:var(--ink); font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif }
main { max-width:1120px; margin:0 auto; padding:28px 20px 60px } h1 { font-size:27px; margin:0 0 4px } h2 { font-size:19px; margin:0 0 2px }
.lead, .note { color:var(--soft); margin:0 0 10px } .card { background:#fff; border:1px solid var(--line); border-radius:10px; padding:18px 20px; margin-top:18px }
.tiles { display:grid; grid-template-columns:repeat(auto-fit,minmax(130px,1fr)); gap:12px; margin-top:18px }
.tile { background:#fff; border:1px solid var(--line); border-radius:10px; padding:12px 16px } .tile b { display:block; font-size:22px; font-weight:600 } .tile span { color:var(--soft); font-size:13px }
.two { display:grid; grid-template-columns:minmax(0,2fr) minmax(0,1fr); gap:24px; align-items:start } @media (max-width:820px) { .two { grid-template-columns:1fr } }
table { border-collapse:collapse; width:100%; font-size:14px } th { text-align:right; color:var(--soft); font-weight:500 } th:first-child, td:first-child { text-align:left }
td, th { padding:5px 6px; border-bottom:1px solid var(--line); text-align:right; white-space:nowrap } .dot { display:inline-block; width:10px; height:10px; border-radius:3px; margin-right:7px }
.stats { columns:3; column-gap:32px } .stats div { display:flex; justify-content:space-between; border-bottom:1px solid var(--line); padding:4px 0; break-inside:avoid } @media (max-width:820px) { .stats { columns:1 } }
.banner { background:#fff4e0; border:1px solid #f0cf94; color:var(--warn); border-radius:10px; padding:12px 16px; margin-top:16px; font-weight:600 }
</style>
<script>{{ plotly }}</script></head><body><main>
<h1>{{ title }}</h1>
<p class="lead">{{ period }} &middot; {{ origin }}</p>
{% if synthetic %}<div class="banner">SYNTHETIC DATA: these prices are invented. Nothing here says anything about a real market.</div>{% endif %}
{% if failure %}<div class="banner">The strategy stopped with an error: {{ failure }}. What was done until then is shown.</div>{% endif %}
<div class="tiles">{% for name, value in tiles %}<div class="tile"><b>{{ value }}</b><span>{{ name }}</span></div>{% endfor %}</div>
<section class="card"><h2>Equity and drawdown</h2><p class="note">{{ equity_note }}</p>{{ equity|safe }}</section>
{% for a in assets %}<section class="card"><h2>{{ a.ticker }}: regimes</h2>
<p class="note">Each day is shaded by the regime known at its close; probabilities are filtered, so no later bar has touched them.</p>{{ a.price|safe }}
<div class="two"><div><p class="note">What followed each regime: the next day's return belongs to the regime known the day before.</p><div style="overflow-x:auto"><table><tr><th>Regime</th><th>Share</th><th>Return p.a.</th><th>Volatility p.a.</th><th>Runs</th><th>Mean run</th><th>Longest</th><th>Model expects</th></tr>
{% for r in a.rows %}<tr><td><span class="dot" style="background:{{ r.colour }}"></span>{{ r.name }}</td>{% for v in r.cells %}<td>{{ v }}</td>{% endfor %}</tr>{% endfor %}</table></div></div>
<div><p class="note">Daily transition probabilities, latest model.</p>{{ a.matrix|safe }}</div></div></section>{% endfor %}
{% if monthly %}<section class="card"><h2>Monthly returns, %</h2>{{ monthly|safe }}</section>{% endif %}
<section class="card"><h2>Statistics</h2><p class="note">As LEAN computes them: it samples equity on calendar days and annualises by 252, so its ratios are diluted by weekends. By trading days the Sharpe ratio is {{ sharpe }}.</p>
<div class="stats">{% for name, value in statistics %}<div><span>{{ name }}</span><span>{{ value }}</span></div>{% endfor %}</div></section>
<p class="note" style="margin-top:22px">hidden-regime {{ version }}, embedded engine. A backtest is not a forecast.</p>
</main></body></html>"""


def _html(figure: go.Figure) -> str:
    return str(figure.to_html(full_html=False, include_plotlyjs=False, config={"displayModeBar": False, "responsive": True}))


def _percent(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.1%}"


def _asset(asset: Any) -> dict[str, Any]:
    shade = figures.colours(list(asset.table.index))
    order = [n for n in figures.COLOURS if n in asset.table.index] + [n for n in asset.table.index if n not in figures.COLOURS]
    rows = []
    for name in order:
        r = asset.table.loc[name]
        cells = [_percent(r["share"]), _percent(r["annual_return"]), _percent(r["annual_volatility"])]
        cells += [f"{r['runs']:.0f}", f"{r['mean_run']:.1f} d", f"{r['longest']:.0f} d", f"{r['expected_duration']:.0f} d"]
        rows.append({"name": name, "colour": shade[name], "cells": cells})
    return {
        "ticker": asset.ticker,
        "rows": rows,
        "price": _html(figures.price_and_probabilities(asset.ticker, asset.close, asset.states, asset.names)),
        "matrix": _html(figures.transition_matrix(asset.names, asset.transmat)),
    }


def render(done: Backtest) -> str:
    """The page's HTML."""
    import jinja2
    from plotly.offline import get_plotlyjs

    from hidden_regime import __version__

    statistics = done.statistics
    equity = done.equity
    shown = ("Net Profit", "Compounding Annual Return", "Drawdown", "Sharpe Ratio", "Total Orders", "Total Fees")
    tiles = [(name, statistics[name]) for name in shown if name in statistics]
    tiles.append(("Trainings", str(done.trainings)))
    benchmark = done.run.sampler.benchmark.ticker if done.run.sampler else ""
    has_mark = len(equity) > 0 and bool((equity["benchmark"] > 0).all())
    environment = jinja2.Environment(autoescape=True)
    return environment.from_string(PAGE).render(
        title=f"{done.name}: backtest", plotly=_script(get_plotlyjs()), origin=done.run.market.origin,
        synthetic=done.run.market.synthetic, failure=done.run.message if done.run.error else "",
        period=f"{equity.index[0]:%d %b %Y} to {equity.index[-1]:%d %b %Y}" if len(equity) else "no trading day", tiles=tiles,
        equity=_html(figures.equity_and_drawdown(equity, benchmark)) if len(equity) else "",
        equity_note=f"Both start at 100; logarithmic scale. Benchmark: {benchmark}." if has_mark else
        "Starts at 100; logarithmic scale. The data hold no benchmark.",
        assets=[_asset(asset) for asset in done.assets],
        monthly=_html(figures.monthly_returns(equity["equity"])) if len(equity) > 1 else "",
        statistics=list(statistics.items()), version=__version__,
        sharpe="not defined" if math.isnan(done.trading_day_sharpe) else f"{done.trading_day_sharpe:.2f}")  # fmt: skip


def _script(source: str) -> Any:
    import markupsafe

    return markupsafe.Markup(source)


def write_report(done: Backtest, path: Path) -> Path:
    """Write the page."""
    path.write_text(render(done), encoding="utf-8")
    return path
