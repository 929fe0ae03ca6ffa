"""The page of a portfolio, as a template."""

# ruff: noqa: E501

from __future__ import annotations

from hidden_regime.experiments.pages.page import MACROS
from hidden_regime.jobs.template import OWN_SHELL

PORTFOLIO = """{% extends "shell" %}{% import "macros" as m %}
{% block content %}
<h1>{{ title }}</h1>
<p class="lead">{{ asked }}</p>
<section class="card words"><p>{{ headline }}</p><p class="note">{{ rule }}</p></section>
<section class="card long"><h2>What came of it</h2><p class="note">{{ lines_note }}</p>{{ m.table(columns, lines) }}</section>
<section class="card"><h2>Equity</h2><p class="note">Starts at 100; logarithmic scale; costs between strategies are taken off.</p>{{ curves }}</section>
<section class="card"><h2>Weights</h2><p class="note">{{ weights_note }}</p>{{ weights }}</section>
<section class="card"><h2>What to hold next</h2><p class="note">{{ latest_note }}</p>{{ m.table(["Strategy", "Weight", "Equal"], latest) }}</section>
{{ m.notes(notes) }}
{% endblock %}"""
TEMPLATES = {"shell": OWN_SHELL, "macros": MACROS, "portfolio": PORTFOLIO}
