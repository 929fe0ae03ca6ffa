"""The page of a run in parts, as a template."""

SEGMENTS = """{% extends "shell" %}{% import "macros" as m %}
{% block content %}
<h1>{{ title }}</h1>
<p class="lead">{{ asked }}</p>
<section class="card words"><p>{{ headline }}</p><p class="note">{{ rule }}</p></section>
<section class="card"><h2>Equity</h2><p class="note">{{ equity_note }}</p>{{ equity }}</section>
<section class="card long"><h2>Parts</h2><p class="note">{{ parts_note }}</p>{{ m.table(columns, rows) }}
{% if tests %}<h2 style="margin-top:16px">Against the rest</h2><p class="note">{{ tests_note }}</p>{{ m.table(test_columns, tests) }}{% endif %}</section>
<section class="card"><h2>Side by side</h2><p class="note">{{ bars_note }}</p><div class="grid n2">{% for one in bars %}<div>{{ one }}</div>{% endfor %}</div></section>
{% if alone %}<section class="card"><h2>Each part's days alone</h2><p class="note">What 100 became in the days of one part, with nothing on all others. The ends multiply to the whole's.</p>{{ alone }}</section>{% endif %}
{% if benchmark %}<section class="card long"><h2>The benchmark on the same days</h2><p class="note">What the run is measured against, and the run less it. A strategy that only holds it differs by nothing, whatever the part.</p>{{ m.table(benchmark_columns, benchmark) }}</section>{% endif %}
{% if eras %}<section class="card long"><h2>Eras</h2>{{ m.table(["Era", "First day", "Last day", "Why"], eras, "texts") }}</section>{% endif %}
{{ m.notes(notes) }}
<section class="card"><h2>How, and what it can't say</h2><ul class="notes">{% for one in method %}<li>{{ one }}</li>{% endfor %}</ul></section>
{% endblock %}"""
