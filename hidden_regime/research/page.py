"""The page of the report, as a template."""

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
:root { --ink:#1d2733; --soft:#5d6b7a; --line:#e6e9ee; --accent:#1f5fa8; --warn:#8a4b08; }
* { box-sizing:border-box } body { margin:0; background:#f4f6f8; color:var(--ink); font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif }
main { max-width:1120px; margin:0 auto; padding:28px 20px 60px } h1 { font-size:27px; margin:0 0 4px } h2 { font-size:19px; margin:0 0 2px }
.lead, .note { color:var(--soft); margin:0 0 10px } .card { background:#fff; border:1px solid var(--line); border-radius:10px; padding:18px 20px; margin-top:18px }
.tiles { display:grid; grid-template-columns:repeat(auto-fit,minmax(130px,1fr)); gap:12px; margin-top:18px }
.tile { background:#fff; border:1px solid var(--line); border-radius:10px; padding:12px 16px } .tile b { display:block; font-size:20px; font-weight:600 } .tile span { color:var(--soft); font-size:13px }
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
{% set doubted = assets|selectattr("doubt")|list %}{% if doubted %}<div class="banner">{{ doubted|map(attribute="ticker")|join(", ") }}: no regimes that a volatility which moves wouldn't explain. They name how wild the market was, and say nothing of returns.</div>{% endif %}
<div class="tiles">{% for name, value in tiles %}<div class="tile"><b>{{ value }}</b><span>{{ name }}</span></div>{% endfor %}</div>
<section class="card"><h2>Equity and drawdown</h2><p class="note">{{ equity_note }}</p>{{ equity|safe }}</section>
{% for a in assets %}<section class="card"><h2>{{ a.ticker }}: regimes</h2>
<p class="note">Each bar is shaded by the regime known at its close; probabilities are filtered, so no later bar has touched them.</p>{{ a.price|safe }}
<div class="two"><div><p class="note">What followed each regime: the next bar's return belongs to the regime known at the bar before.</p><div style="overflow-x:auto"><table><tr><th>Regime</th><th>Share</th><th>Return p.a.</th><th>Volatility p.a.</th><th>Runs</th><th>Mean run</th><th>Longest</th><th>Model expects</th></tr>
{% for r in a.rows %}<tr><td><span class="dot" style="background:{{ r.colour }}"></span>{{ r.name }}</td>{% for v in r.cells %}<td>{{ v }}</td>{% endfor %}</tr>{% endfor %}</table></div></div>
<div><p class="note">Transition probabilities of a bar, latest model.</p>{{ a.matrix|safe }}</div></div></section>{% endfor %}
{% if monthly %}<section class="card"><h2>Monthly returns, %</h2>{{ monthly|safe }}</section>{% endif %}
{% if profile %}<section class="card"><h2>Where the time in regimes went</h2><p class="note">Each block is as wide as it took, and lies below the one that called it. Times of a block in milliseconds, totals in seconds.</p>{{ profile.figure|safe }}
<div style="overflow-x:auto"><table><tr><th>Block</th><th>Calls</th><th>Total s</th><th>Own s</th><th>Mean</th><th>Median</th><th>95%</th><th>99%</th><th>Least</th><th>Most</th></tr>
{% for row in profile.rows %}<tr>{% for v in row %}<td>{{ v }}</td>{% endfor %}</tr>{% endfor %}</table></div></section>{% endif %}
<section class="card"><h2>Statistics</h2><p class="note">As LEAN computes them: it samples equity on calendar days and annualises by {{ year }}{% if year < 365 %}, so its ratios are diluted by weekends{% endif %}.{% if sharpe %} By trading days the Sharpe ratio is {{ sharpe }}.{% endif %}</p>
<div class="stats">{% for name, value in statistics %}<div><span>{{ name }}</span><span>{{ value }}</span></div>{% endfor %}</div></section>
<p class="note" style="margin-top:22px">hidden-regime {{ version }}, {{ engine }}. A backtest is not a forecast.</p>
</main></body></html>"""
