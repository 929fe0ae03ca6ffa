"""The pages of studies and walk-forwards, as templates: one shell, and what each puts into it.

Figures are transparent; the style sheet's ink overrides theirs, so that they follow light, dark and paper without a script. The
one script besides plotly fits them to the page once it is there, to the width of a sheet before printing, and back after.
"""

SHELL = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
:root { color-scheme:light dark; --page:#f4f6f8; --card:#fff; --ink:#1d2733; --soft:#5d6b7a; --line:#e2e6eb; --accent:#1f5fa8; --warn:#8a4b08; --warn-page:#fff4e0; --warn-line:#f0cf94;
  --good:#1b6e45; --good-page:#e8f6ee; --good-line:#a9d9bf; --bad:#9a2b22; --bad-page:#fdecea; --bad-line:#efb5af }
@media (prefers-color-scheme:dark) { :root { --page:#10151b; --card:#19212a; --ink:#e3e8ee; --soft:#9aa7b5; --line:#2e3945; --accent:#7fb2ec; --warn:#f2c27a; --warn-page:#33270f; --warn-line:#6b5222;
  --good:#8ad6ad; --good-page:#12291d; --good-line:#2c5f45; --bad:#f2a39b; --bad-page:#351815; --bad-line:#733a34 } }
* { box-sizing:border-box } body { margin:0; background:var(--page); color:var(--ink); font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif }
main { max-width:1120px; margin:0 auto; padding:28px 20px 60px } h1 { font-size:27px; line-height:1.25; margin:0 0 6px; overflow-wrap:anywhere } h2 { font-size:19px; margin:0 0 4px }
p { margin:0 0 10px } .lead, .note { color:var(--soft); overflow-wrap:anywhere } .note { font-size:14px } .card { background:var(--card); border:1px solid var(--line); border-radius:10px; padding:18px 20px; margin-top:18px }
.tiles { display:grid; grid-template-columns:repeat(auto-fit,minmax(min(230px,100%),1fr)); gap:12px; margin-top:18px } .tile { background:var(--card); border:1px solid var(--line); border-radius:10px; padding:12px 16px; min-width:0 }
.tile b { display:block; font-size:20px; font-weight:600; overflow-wrap:anywhere } .tile span { display:block; color:var(--soft); font-size:13px; line-height:1.4 } .tile .what { color:var(--ink) }
.tile.broad { grid-column:1 / -1 } .pairs { display:grid; grid-template-columns:repeat(auto-fit,minmax(150px,1fr)); gap:10px 20px } .set { display:flex; flex-wrap:wrap; gap:8px 10px }
.set span { border:1px solid var(--line); border-radius:7px; padding:3px 10px; color:var(--ink); font-size:15px; overflow-wrap:anywhere; min-width:0 } .set i { font-style:normal; color:var(--soft) }
.grid { display:grid; grid-template-columns:repeat(3,minmax(0,1fr)); gap:8px 16px } .grid.n1 { grid-template-columns:minmax(0,1fr) } .grid.n2, .grid.n4 { grid-template-columns:repeat(2,minmax(0,1fr)) }
.two { display:grid; grid-template-columns:minmax(0,1fr) minmax(0,1fr); gap:18px } .two > :only-child { grid-column:1 / -1 } @media (max-width:820px) { .two, .grid, .grid.n2, .grid.n4 { grid-template-columns:minmax(0,1fr) } main { padding:18px 12px 40px } .card { padding:14px 12px } h1 { font-size:22px } }
.wide { overflow-x:auto } table { border-collapse:collapse; width:100%; font-size:14px } th { text-align:right; color:var(--soft); font-weight:500; vertical-align:bottom }
td, th { padding:5px 8px; border-bottom:1px solid var(--line); text-align:right; max-width:240px; overflow:hidden; text-overflow:ellipsis; white-space:nowrap } th { white-space:normal; min-width:52px; max-width:130px; overflow-wrap:break-word } th:first-child, td:first-child { text-align:left }
table.texts td, table.texts th { text-align:left; white-space:normal; overflow-wrap:anywhere; max-width:none; vertical-align:top } table.texts td:nth-child(2) { white-space:nowrap }
.banner { background:var(--warn-page); border:1px solid var(--warn-line); color:var(--warn); border-radius:10px; padding:12px 16px; margin-top:16px; font-weight:600; overflow-wrap:anywhere }
.words p:not(.note) { font-size:16px; margin:0 0 8px } .verdict { border-radius:10px; padding:16px 20px; margin-top:16px; border:1px solid } .verdict b { font-size:22px } .verdict ul { margin:8px 0 10px; padding-left:20px } .verdict p { margin:0; font-size:14px }
.verdict.robust { background:var(--good-page); border-color:var(--good-line) } .verdict.robust b { color:var(--good) } .verdict.fragile { background:var(--bad-page); border-color:var(--bad-line) } .verdict.fragile b { color:var(--bad) }
.verdict.undecided { background:var(--warn-page); border-color:var(--warn-line) } .verdict.undecided b { color:var(--warn) } ul.notes { margin:0; padding-left:20px } ul.notes li { overflow-wrap:anywhere }
.js-plotly-plot .xaxislayer-above text, .js-plotly-plot .yaxislayer-above text, .js-plotly-plot .infolayer text { fill:var(--ink) !important }
.js-plotly-plot .gridlayer path { stroke:var(--line) !important } .js-plotly-plot .barlayer text { fill:var(--ink) !important }
@media print { :root { color-scheme:light; --page:#fff; --card:#fff; --ink:#000; --soft:#444; --line:#ccc; --accent:#1f5fa8; --warn:#6b3a05; --warn-page:#fff; --warn-line:#b98a3a; --good:#12532f; --good-page:#fff; --good-line:#5d9c7b; --bad:#7d1f18; --bad-page:#fff; --bad-line:#b9655d }
  body { font-size:11pt } main { max-width:none; padding:0 } .card:not(.long), .grid > div, .tile, .verdict, .banner, tr { break-inside:avoid } p { break-inside:avoid } h2 + p.note { break-after:avoid } .card { border:0; padding:6px 0; margin-top:10px } h2 { break-after:avoid } .two { grid-template-columns:minmax(0,1fr); gap:0 } .grid, .grid.n1, .grid.n2, .grid.n4 { grid-template-columns:repeat(2,minmax(0,1fr)) } .wide { overflow:visible } table { font-size:8pt } td, th { padding:3px 5px; max-width:110px; white-space:normal; overflow-wrap:break-word } th { min-width:0 } .windows { font-size:6.5pt } .windows td:nth-child(2), .windows td:nth-child(3) { max-width:none; white-space:nowrap } @page { size:A4; margin:14mm } }
</style>
<script>{{ plotly }}</script></head><body><main>
{% block content %}{% endblock %}
<p class="note" style="margin-top:22px">hidden-regime {{ version }}, embedded engine. {{ id }}. A backtest is not a forecast.</p>
</main>
<script>
(function () {
  var all = function (f) { document.querySelectorAll(".js-plotly-plot").forEach(f) };
  addEventListener("load", function () { all(function (p) { Plotly.Plots.resize(p) }) });
  addEventListener("beforeprint", function () { all(function (p) { Plotly.relayout(p, {autosize: false, width: p.closest(".grid") ? 320 : 660}) }) });
  addEventListener("afterprint", function () { all(function (p) { Plotly.relayout(p, {autosize: true, width: null}) }) });
})();
</script></body></html>"""

MACROS = """{% macro table(columns, rows, kind="") %}
<div class="wide"><table class="{{ kind }}"><tr>{% for c in columns %}<th>{{ c }}</th>{% endfor %}</tr>
{% for row in rows %}<tr>{% for v in row %}<td>{{ v }}</td>{% endfor %}</tr>
{% endfor %}</table></div>
{% endmacro %}
{% macro tile(one) %}
<div class="tile"><span class="what">{{ one[0] }}</span><b>{{ one[1] }}</b><span>{{ one[2] }}</span></div>
{% endmacro %}
{% macro notes(said) %}
{% if said %}<section class="card"><h2>Notes</h2><ul class="notes">{% for one in said %}<li>{{ one }}</li>{% endfor %}</ul></section>{% endif %}
{% endmacro %}
"""

STUDY = """{% extends "shell" %}{% import "macros" as m %}
{% block content %}
<h1>{{ title }}</h1>
<p class="lead">{{ asked }}</p>
{% if fixed %}<p class="note">The same in all trials: {{ fixed }}.</p>{% endif %}
{% for one in warnings %}<div class="banner">{{ one }}</div>{% endfor %}
{% if best %}
<div class="tiles"><div class="tile broad"><span class="what">Best parameters, trial {{ best.number }}</span><div class="set" style="margin-top:6px">{% for name, value in best.parameters %}<span><i>{{ name }}</i> {{ value }}</span>{% endfor %}</div></div>
{% for one in tiles %}{{ m.tile(one) }}{% endfor %}
<div class="tile broad"><div class="pairs">{% for one in probabilities %}<div><span class="what">{{ one[0] }}</span><b>{{ one[1] }}</b><span>{{ one[2] }}</span></div>{% endfor %}</div></div></div>
{% endif %}
{% if words %}<section class="card words"><h2>In words</h2>{% for one in words %}<p>{{ one }}</p>{% endfor %}<p class="note">{{ rule }}</p></section>{% endif %}
{% if history %}<section class="card"><h2>Trials in order</h2><p class="note">{{ history_note }}</p>{{ history }}</section>{% endif %}
{% if slices %}<section class="card long"><h2>By parameter</h2><p class="note">Each grey dot is a set, the star the best trial; blue is the mean of all sets with one value. Sets that don't meet a constraint are among them: they show how the objective depends on a value.</p><div class="grid n{{ slices|length }}">{% for one in slices %}<div>{{ one }}</div>{% endfor %}</div>
{{ m.table(report_columns, reports) }}<p class="note" style="margin-top:8px">{{ slices_note }}</p></section>{% endif %}
{% if heat or importance %}<div class="two">
{% if heat %}<section class="card"><h2>Two parameters together</h2><p class="note">{{ heat_note }}</p>{{ heat }}</section>{% endif %}
{% if importance %}<section class="card"><h2>Importance</h2><p class="note">{{ importance_note }}</p>{{ importance }}</section>{% endif %}</div>{% endif %}
{% if front %}<section class="card"><h2>Several objectives</h2><p class="note">{{ front_note }}</p>{{ front }}</section>{% endif %}
{% if top %}<section class="card"><h2>The best sets</h2><p class="note">At most ten feasible ones, by the first objective. LEAN samples equity on calendar days and annualises by 252 (365 with brokers of coins), so its Sharpe ratio is diluted by weekends; beside it is that of trading days.</p>{{ m.table(columns, top) }}</section>{% endif %}
{% if fan %}<section class="card"><h2>Equity</h2><p class="note">{{ fan_note }}</p>{{ fan }}</section>{% endif %}
{% if failures %}<section class="card long"><h2>Trials without a value</h2>{{ m.table(["Why", "Trials", "The first one's parameters"], failures, "texts") }}</section>{% endif %}
{{ m.notes(notes) }}
{% endblock %}"""

WALK_FORWARD = """{% extends "shell" %}{% import "macros" as m %}
{% block content %}
<h1>{{ title }}</h1>
<p class="lead">{{ asked }}</p>
{% if fixed %}<p class="note">The same in all trials: {{ fixed }}.</p>{% endif %}
{% if verdict %}<div class="verdict {{ verdict.answer }}"><b>{{ verdict.answer|capitalize }}</b><ul>{% for one in verdict.reasons %}<li>{{ one }}</li>{% endfor %}</ul><p class="note">The rule. {{ verdict.rule }}</p></div>
{% else %}<div class="banner">No window had a feasible trial in sample, so nothing was traded and there is no verdict.</div>{% endif %}
{% if stitched %}<section class="card"><h2>Out of sample, stitched</h2><p class="note">{{ stitched_note }}</p>{{ stitched }}</section>{% endif %}
{% if tiles %}<div class="tiles">{% for one in tiles %}{{ m.tile(one) }}{% endfor %}</div>{% endif %}
{% if bars %}<section class="card"><h2>In and out of sample</h2><p class="note">{{ bars_note }}</p>{{ bars }}</section>{% endif %}
<section class="card long"><h2>Windows</h2>{{ m.table(columns, rows, "windows") }}</section>
{% if parameters %}<section class="card long"><h2>Parameters by window</h2><p class="note">What the winner of each window had. Values that jump about from window to window are chosen by noise, or follow something that moves.</p><div class="grid n{{ parameters|length }}">{% for one in parameters %}<div>{{ one }}</div>{% endfor %}</div>
{{ m.table(["Parameter", "Mean", "Std", "CV", "Windows", "Different values", "Most often"], stability) }}<p class="note" style="margin-top:8px">CV is the standard deviation over the absolute mean; none at a mean of 0, and of texts.</p></section>{% endif %}
{{ m.notes(notes) }}
{% endblock %}"""
