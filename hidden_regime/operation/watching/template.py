"""The status page as templates: its script brings what it shows up to date, and says so where that fails."""

# ruff: noqa: E501

from __future__ import annotations

from hidden_regime.experiments.pages.page import SHELL
from hidden_regime.operation.reporting.pictures import STYLE

EVERY = 5
"""Seconds after which the page asks again."""
SHEET = SHELL.partition("<style>")[2].partition("</style>")[0]
OWN = (
    STYLE
    + """
.bad { color:var(--bad) } .stale, .dead { background:var(--bad-page); border:1px solid var(--bad-line); color:var(--bad); border-radius:10px; padding:10px 14px; margin-top:12px; font-weight:600; overflow-wrap:anywhere }
.head { display:flex; flex-wrap:wrap; gap:6px 16px; align-items:baseline; justify-content:space-between } .head h2 { overflow-wrap:anywhere }
.halt { display:inline-block; border:1px solid var(--bad-line); color:var(--bad); background:var(--bad-page); border-radius:8px; padding:5px 12px; font:inherit; font-size:14px; text-decoration:none; cursor:pointer }
.state { font-weight:600 } .facts { display:flex; flex-wrap:wrap; gap:4px 22px; margin:6px 0 12px; font-size:14px } .facts span { color:var(--soft) } h3 { font-size:15px; margin:14px 0 4px } a { color:var(--accent) }
table.said td { white-space:normal; overflow-wrap:anywhere; text-align:left; max-width:none; vertical-align:top } table.said th { text-align:left } table.said td:nth-child(-n+3) { white-space:nowrap } td.num { text-align:right }
@media (max-width:560px) { table.said td:nth-child(-n+3) { white-space:normal } td, th { padding:5px 4px } }"""
)
SCRIPT = """
(function () {
  var EVERY = @EVERY@, LIMIT = 60, came = performance.now(), at = document.body.dataset.at, failed = false;
  var age = function (s) { return s < 120 ? Math.round(s) + " s" : s < 7200 ? Math.round(s / 60) + " min" : Math.round(s / 3600) + " h" };
  var tick = function () {
    var since = (performance.now() - came) / 1000;
    document.querySelectorAll("[data-age]").forEach(function (one) {
      var now = parseFloat(one.dataset.age) + since, late = one.dataset.runs === "1" && now > LIMIT;
      one.querySelector(".ago").textContent = age(now) + " ago";
      one.classList.toggle("bad", late);
      document.getElementById(one.dataset.alarm).hidden = !late;
    });
    var dead = document.getElementById("dead");
    dead.hidden = !(failed || since > 3 * EVERY);
    dead.textContent = "The server has not answered for " + age(since) + ": what stands here is of " + at + " UTC.";
  };
  var ask = function () {
    var stop = new AbortController(), timer = setTimeout(function () { stop.abort() }, 10000);
    fetch("/part", {cache: "no-store", signal: stop.signal, redirect: "error"}).then(function (answer) {
      if (!answer.ok) { throw new Error(answer.status) }
      return answer.text().then(function (text) {
        document.getElementById("part").innerHTML = text;
        came = performance.now(); failed = false; at = answer.headers.get("X-At");
        document.getElementById("at").textContent = at;
      });
    }).catch(function () { failed = true }).then(function () { clearTimeout(timer); tick(); setTimeout(ask, EVERY * 1000) });
  };
  setTimeout(ask, EVERY * 1000); setInterval(tick, 1000); tick();
})();
""".replace("@EVERY@", str(EVERY))
HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{ title }}</title>
<style>{{ sheet }}</style></head>"""
PAGE = """{% include "head" %}<body data-at="{{ at }}"><main>
<h1>{{ title }}</h1>
<p class="lead">As of <span id="at">{{ at }}</span> UTC, asked again every {{ every }} seconds. <a href="/status">JSON</a></p>
<noscript><div class="dead">Without its script this page is not brought up to date: it is of {{ at }} UTC.</div></noscript>
<div class="dead" id="dead" role="alert" hidden></div>
<div id="part">{% include "part" %}</div>
<p class="note" style="margin-top:22px">hidden-regime {{ version }}</p>
</main><script>{{ script }}</script></body></html>"""
PART = """{% for one in all %}{% set s = one.status %}<section class="card">
<div class="head"><h2>{{ s.name }}</h2><a class="halt" href="/halt?name={{ s.name|urlencode }}">Kill switch</a></div>
<div class="stale" id="alarm-{{ loop.index }}" role="alert"{% if not one.is_missed %} hidden{% endif %}>It should run, and has not been heard of for more than 60 seconds.</div>
<div class="facts"><div><span>state</span> <b class="state{% if s.state in ("failed", "halted") %} bad{% endif %}">{{ s.state }}</b>{% if s.process is none %} <span>no process</span>{% endif %}</div>
{% if one.age is not none %}<div data-age="{{ "%.1f"|format(one.age) }}" data-runs="{{ 1 if one.should_run else 0 }}" data-alarm="alarm-{{ loop.index }}"{% if one.is_missed %} class="bad"{% endif %}><span>{{ "heard of" if s.beat else "begun, never heard of," }}</span> <b class="ago">{{ "%.0f"|format(one.age) }} s ago</b></div>{% endif %}
{% if s.market_time %}<div><span>market time</span> <b>{{ s.market_time[:16]|replace("T", " ") }}</b></div>{% endif %}
{% if s.equity is not none %}<div><span>value at the last midnight</span> <b>{{ "{:,.2f}".format(s.equity) }}</b></div>{% endif %}
<div><span>order events</span> <b>{{ s.orders }}</b></div></div>
{% if s.reason %}<p class="note">{{ s.reason }}</p>{% endif %}
{% for ticker, picture, regime, confidence in one.strips %}<h3>{{ ticker }}: {{ regime }}, {{ "{:.1%}".format(confidence) }} sure</h3>{{ picture }}{% endfor %}
<h3>Positions</h3>
{% if one.held.positions is none %}<p class="note bad">Unknown: {{ one.held.said }}</p>{% elif not one.held.positions %}<p class="note">None.{% if one.held.cash is not none %} Cash {{ "{:,.2f}".format(one.held.cash) }}.{% endif %}</p>
{% else %}<div class="wide"><table><tr><th>Asset</th><th>Shares</th></tr>{% for ticker, quantity in one.held.positions.items() %}<tr><td>{{ ticker }}</td><td>{{ "{:,g}".format(quantity) }}</td></tr>{% endfor %}{% if one.held.cash is not none %}<tr><td>cash</td><td>{{ "{:,.2f}".format(one.held.cash) }}</td></tr>{% endif %}</table></div>{% endif %}
{% if one.curve %}<h3>Value</h3>{{ one.curve }}{% endif %}{% if one.band_note %}<p class="note">{{ one.band_note }}</p>{% endif %}
<h3>Journal</h3>{% if s.told %}<div class="wide"><table class="said"><tr><th>Market time</th><th></th><th>What</th><th></th></tr>
{% for line in s.told|reverse %}<tr><td>{{ line.market_time[:16]|replace("T", " ") }}</td><td{% if line.level == "error" %} class="bad"{% endif %}>{{ line.level }}</td><td>{{ line.kind }}</td><td>{{ line.said }}</td></tr>
{% endfor %}</table></div>{% else %}<p class="note">Nothing was said.</p>{% endif %}
</section>{% else %}<section class="card"><p>No strategy was started in this workspace.</p></section>{% endfor %}"""
HALT = """{% include "head" %}<body><main><h1>{{ title }}</h1>
<section class="card"><p>The kill switch ends the process of <b>{{ name }}</b>, cancels all its orders and sells everything it holds. It is never started again.</p>
<p class="note">It may take a minute. Closed markets: it is sold at their open.</p>
<form method="post" action="/halt"><input type="hidden" name="name" value="{{ name }}"><input type="hidden" name="token" value="{{ token }}">
<button class="halt" type="submit">Sell everything and end {{ name }}</button> &nbsp; <a href="/">Back</a></form></section></main></body></html>"""
HALTED = """{% include "head" %}<body><main><h1>{{ title }}</h1>
<section class="card">{% if outcome.is_flat %}<p><b>Flat:</b> the target says that nothing is held and nothing ordered.</p>{% else %}<div class="dead">NOT FLAT. Close it by hand at once.</div>
{% if outcome.left is not none %}<ul>{% for ticker, quantity in outcome.left.positions.items() %}<li>{{ ticker }} {{ "{:,g}".format(quantity) }}</li>{% endfor %}</ul>{% endif %}{% endif %}
{% for one in outcome.said %}<p class="note">{{ one }}</p>{% endfor %}<p><a href="/">Back</a></p></section></main></body></html>"""
SAID = """{% include "head" %}<body><main><h1>{{ title }}</h1><section class="card"><p>{{ said }}</p></section></main></body></html>"""
TEMPLATES = {"head": HEAD, "page": PAGE, "part": PART, "halt": HALT, "halted": HALTED, "said": SAID}
