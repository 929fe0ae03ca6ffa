"""The pages of an evaluation and of a robustness check, as templates."""

EVALUATION = """{% extends "shell" %}{% import "macros" as m %}
{% block content %}
<h1>{{ title }}</h1>
<p class="lead">{{ asked }}</p>
{% for one in banners %}<div class="banner">{{ one }}</div>{% endfor %}
<div class="verdict {{ colour }}"><b>{{ verdict|capitalize }}</b><ul>{% for one in words %}<li>{{ one }}</li>{% endfor %}</ul><p class="note">{{ rule }}</p></div>
<div class="tiles">{% for one in tiles %}{{ m.tile(one) }}{% endfor %}</div>
<section class="card long"><h2>Figures out of fold</h2><p class="note">{{ figures_note }}</p>{{ m.table(figure_columns, figure_rows) }}</section>
<div class="two">
<section class="card"><h2>Calibration</h2><p class="note">{{ reliability_note }}</p>{{ reliability }}</section>
<section class="card"><h2>Said and came</h2><p class="note">Where more than one half says up.</p>{{ m.table(["", "Came up", "Came down"], confusion) }}</section></div>
<section class="card"><h2>What it goes by</h2><p class="note">{{ importance_note }}</p>{{ importance }}{{ m.table(importance_columns, importance_rows) }}</section>
<section class="card"><h2>Fold by fold</h2><p class="note">Log loss of the model below that of the class prior, in each test.</p>{{ folds }}{{ m.table(fold_columns, fold_rows, "windows") }}</section>
{% if paths %}<section class="card"><h2>Paths</h2><p class="note">{{ paths_note }}</p>{{ m.table(path_columns, paths) }}</section>{% endif %}
<section class="card"><h2>What a rule would have earned</h2><p class="note">{{ earned_note }}</p>{{ curves }}{{ m.table(earned_columns, earned_rows) }}</section>
{{ m.notes(notes) }}
{% endblock %}"""

ROBUSTNESS = """{% extends "shell" %}{% import "macros" as m %}
{% block content %}
<h1>{{ title }}</h1>
<p class="lead">{{ asked }}</p>
{% for one in banners %}<div class="banner">{{ one }}</div>{% endfor %}
<div class="verdict {{ verdict }}"><b>{{ verdict|capitalize }}</b><ul>{% for one in words %}<li>{{ one }}</li>{% endfor %}</ul><p class="note">{{ rule }}</p></div>
<section class="card"><h2>Sharpe ratios</h2><p class="note">{{ note }}</p>{{ histogram }}</section>
<section class="card long"><h2>Figures</h2>{{ m.table(["Figure", "Median", "95% of the runs"], rows) }}</section>
{{ m.notes(notes) }}
{% endblock %}"""

TUNING = """{% extends "shell" %}{% import "macros" as m %}
{% block content %}
<h1>{{ title }}</h1>
<p class="lead">{{ asked }}</p>
<section class="card"><h2>By parameter</h2><p class="note">Each dot is a trial, judged by its weighted log loss on purged folds of a training alone: no outer test has a say. Trials of different trainings have other rows, and so other levels. A flat cloud says that nothing was found.</p><div class="grid n2">{% for one in slices %}<div>{{ one }}</div>{% endfor %}</div></section>
<section class="card long"><h2>What was chosen</h2><p class="note">The first trial of each training has the usual parameters.</p>{{ m.table(columns, rows) }}</section>
{% endblock %}"""
