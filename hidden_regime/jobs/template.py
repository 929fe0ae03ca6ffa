"""The page of a campaign, as a template."""

# ruff: noqa: E501

from __future__ import annotations

from hidden_regime.experiments.pages.page import SHELL

# The shell's foot speaks of one engine; a campaign may have several, and says for each step which.
OWN_SHELL = SHELL.replace(", embedded engine. {{ id }}", ". {{ id }}")
CAMPAIGN = """{% extends "shell" %}{% import "macros" as m %}
{% block content %}
<style>a { color:var(--accent) } table.steps td:nth-child(-n+3), table.steps th:nth-child(-n+3) { white-space:nowrap; min-width:max-content } .steps td:last-child { min-width:180px } @media print { .steps { font-size:7pt } }</style>
<h1>{{ title }}</h1>
<p class="lead">{{ asked }}</p>
<div class="verdict {{ look }}"><b>{{ headline }}</b><ul>{% for one in lines %}<li>{{ one }}</li>{% endfor %}</ul><p class="note">The rules. {{ rules }}</p></div>
{% for one in hypotheses %}<section class="card long"><h2>{{ one.name }}: {{ one.answer }}</h2>{% if one.why %}<p class="note">{{ one.why }}</p>{% endif %}<p>{{ one.reason }}</p>
<div class="wide"><table class="texts steps"><tr><th>Step</th><th>Where</th><th>Answer</th><th>Reason</th><th>Figures</th></tr>
{% for step in one.steps %}<tr><td>{% if step.link %}<a href="{{ step.link }}">{{ step.name }}</a>{% else %}{{ step.name }}{% endif %}</td><td>{{ step.place }}</td><td>{{ step.answer }}</td><td>{{ step.reason }}</td><td>{{ step.figures }}</td></tr>
{% endfor %}</table></div></section>
{% endfor %}
{{ m.notes(notes) }}
{% endblock %}"""
