"""The page of a simulation, as a template."""

SIMULATION = """{% extends "shell" %}{% import "macros" as m %}
{% block content %}
<h1>{{ title }}</h1>
<p class="lead">{{ asked }}</p>
<section class="card words"><p>{{ headline }}</p><p class="note">{{ rule }}</p></section>
{% for one in warnings %}<div class="banner">{{ one }}</div>{% endfor %}
{% if by_parameter %}<section class="card"><h2>By parameter</h2><p class="note">{{ by_parameter_note }}</p>{{ by_parameter }}
<div style="margin-top:14px">{{ m.table(moved_columns, moved) }}</div></section>{% endif %}
{% if fan %}<section class="card"><h2>Equity</h2><p class="note">{{ fan_note }}</p>{{ fan }}</section>{% endif %}
{% if chances %}<section class="card"><h2>How likely</h2><p class="note">{{ chances_note }}</p>{{ m.table(["What happens", "Of 100 paths", "Standard error", "Paths"], chances) }}</section>{% endif %}
{% if histograms %}<section class="card"><h2>{{ histograms_title }}</h2><p class="note">{{ histograms_note }}</p><div class="grid n{{ histograms|length }}">{% for one in histograms %}<div>{{ one }}</div>{% endfor %}</div></section>{% endif %}
{% if rows %}<section class="card long"><h2>Figures</h2><p class="note">{{ rows_note }}</p>{{ m.table(columns, rows) }}</section>{% endif %}
{% if failures %}<section class="card long"><h2>{{ failures_title }}</h2>{{ m.table(["Why", failures_of, "The first one"], failures, "texts") }}</section>{% endif %}
{% if model %}<section class="card"><h2>What paths were drawn from</h2><p class="note">{{ model_note }}</p>{{ m.table(model_columns, model) }}</section>{% endif %}
{{ m.notes(notes) }}
<section class="card"><h2>How, and what it can't say</h2><ul class="notes">{% for one in method %}<li>{{ one }}</li>{% endfor %}</ul></section>
{% endblock %}"""
