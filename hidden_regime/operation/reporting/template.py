"""The page of a month, as a template."""

# ruff: noqa: E501

from __future__ import annotations

from hidden_regime.experiments.pages.page import SHELL
from hidden_regime.operation.reporting.pictures import STYLE

# The shell's foot speaks of a backtest.
OWN_SHELL = SHELL.replace(", embedded engine. {{ id }}. A backtest is not a forecast.", ". {{ id }}").replace(
    "</style>", STYLE + "\n</style>", 1
)
MONTH = """{% extends "shell" %}{% import "macros" as m %}
{% block content %}
<h1>{{ title }}</h1>
<p class="lead">{{ lead }}</p>
{% if not whole %}<div class="banner">The month isn't over: this is what it came to until {{ last }}.</div>{% endif %}
<div class="tiles">{% for one in tiles %}{{ m.tile(one) }}{% endfor %}</div>
{% if curve %}<section class="card"><h2>Value</h2><p class="note">At the end of each trading day, in dollars.</p>{{ curve }}</section>{% endif %}
{% for one in strips %}<section class="card"><h2>{{ one.ticker }}: regimes</h2>{{ one.picture }}<p class="note" style="margin-top:8px">{{ one.said }}</p></section>{% endfor %}
<section class="card long"><h2>Trades</h2>{% if trades %}{{ m.table(trade_heads, trades) }}{% else %}<p class="note">None.</p>{% endif %}</section>
<section class="card long"><h2>Days</h2>{{ m.table(day_heads, days) }}</section>
{% if told %}<section class="card long"><h2>What the journal says</h2>{{ m.table(told_heads, told, "texts") }}</section>{% endif %}
{% if statistics %}<section class="card"><h2>Tear sheet</h2><p class="note">LEAN's statistics from the first day to the end of the month. LEAN samples equity on calendar days and annualises by 252, so its ratios are diluted by weekends.</p>{{ m.table(["Statistic", "Value"], statistics) }}</section>{% endif %}
{{ m.notes(notes) }}
{% endblock %}"""
