"""The page of a check for look-ahead, as a template."""

LOOKAHEAD = """{% extends "shell" %}{% import "macros" as m %}
{% block content %}
<h1>{{ title }}</h1>
<p class="lead">{{ asked }}</p>
<div class="verdict {{ mood }}"><b>{{ summary }}</b><p class="note" style="margin-top:8px">{{ rule }}</p></div>
{% for one in findings %}<section class="card"><h2>{{ one.head }}</h2><p class="note">{{ one.place }}</p>
{% if one.code %}<p><code>{{ one.code }}</code></p>{% endif %}
{{ m.table(["", ""], one.rows, "texts") }}</section>{% endfor %}
{% if picture %}<section class="card"><h2>Moments</h2><p class="note">From each of these on the future was cut off in one run and changed in another. Every decision until then was compared.</p>{{ picture }}
{{ m.table(["Moment, New York", "Decisions until then", "Runs in which one changed"], moments) }}</section>{% endif %}
{{ m.notes(notes) }}
{% endblock %}"""
