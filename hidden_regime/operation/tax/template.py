"""The page of tax lots, as a template."""

# ruff: noqa: E501

from __future__ import annotations

from hidden_regime.experiments.pages.page import MACROS
from hidden_regime.jobs.template import OWN_SHELL

TAXES = """{% extends "shell" %}{% import "macros" as m %}
{% block content %}
<h1>{{ title }}</h1>
<p class="lead">{{ asked }}</p>
<div class="banner">{{ advice }}</div>
<div class="tiles">{% for one in tiles %}{{ m.tile(one) }}{% endfor %}</div>
{% if curve %}<section class="card"><h2>Before and after tax</h2><p class="note">{{ curve_note }}</p>{{ curve }}</section>{% endif %}
<section class="card long"><h2>Years</h2><p class="note">{{ years_note }}</p>{% if bars %}{{ bars }}{% endif %}{{ m.table(year_columns, years) }}</section>
{% if open %}<section class="card long"><h2>Open lots</h2><p class="note">{{ open_note }}</p>{{ m.table(open_columns, open) }}</section>{% endif %}
<section class="card long"><h2>Closed lots</h2><p class="note">{{ rows_note }}</p>{{ m.table(columns, rows) }}</section>
{{ m.notes(notes) }}
{% endblock %}"""
TEMPLATES = {"shell": OWN_SHELL, "macros": MACROS, "taxes": TAXES}
