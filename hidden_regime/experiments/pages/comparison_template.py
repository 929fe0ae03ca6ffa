"""The page of a comparison, as a template."""

COMPARISON = """{% extends "shell" %}{% import "macros" as m %}
{% block content %}
<style>.figures td:first-child, .figures th:first-child { width:1%; min-width:0 } .figures td:nth-child(2), .figures th:nth-child(2), .pairs-table td:last-child, .pairs-table th:last-child { text-align:left } .figures td:nth-child(2), .pairs-table td:first-child, .pairs-table td:last-child, .trading td:first-child { white-space:normal; overflow-wrap:anywhere; min-width:130px; max-width:260px }
@media print { .figures td:nth-child(2), .pairs-table td:first-child, .pairs-table td:last-child, .trading td:first-child { min-width:0; max-width:150px } .pairs-table, .figures { font-size:6.5pt } .figures td:last-child, .figures td:nth-child(4), .pairs-table td:nth-child(3) { white-space:nowrap; max-width:none } }</style>
<h1>{{ title }}</h1>
<p class="lead">{{ asked }}</p>
{% for one in warnings %}<div class="banner">{{ one }}</div>{% endfor %}
<div class="verdict {{ look }}"><p class="note">Is the difference real?</p><b>{{ verdict.headline }}</b><ul>{% for one in verdict.reasons %}<li>{{ one }}</li>{% endfor %}</ul><p class="note">The rule. {{ verdict.rule }}</p></div>
<section class="card"><h2>Ranked by Sharpe ratio</h2><p class="note">{{ ranked_note }}</p>{{ m.table(columns, rows, "figures") }}</section>
<section class="card"><h2>{{ curves_head }}</h2><p class="note">{{ curves_note }}</p>{{ curves }}</section>
<section class="card"><h2>Sharpe ratios</h2><p class="note">The Sharpe ratio of each, a year, and the interval in which the true one lies in 95 of 100 cases. Two whose intervals overlap may still differ, for they lived through the same days: the pairs below say that.</p>{{ ratios }}</section>
<section class="card long"><h2>Each two</h2><p class="note">{{ pairs_note }}</p>{{ m.table(pair_columns, pairs, "pairs-table") }}{% if more %}<p class="note">{{ more }}</p>{% endif %}</section>
{% if trading %}<section class="card"><h2>Trading</h2><p class="note">{{ trading_note }}</p>{{ m.table(trading_columns, trading, "trading") }}{% if trades %}{{ trades }}{% endif %}</section>{% endif %}
{% if family %}<section class="card"><h2>All at once against {{ family.benchmark }}</h2><p class="note">The best of many is good by being the best of many. These tests count that. They are of mean returns, so that leverage counts, and not of Sharpe ratios.</p>{{ m.table(["Test", "Question", "Answer"], family_rows, "texts") }}</section>{% endif %}
{{ m.notes(notes) }}
{% endblock %}"""
