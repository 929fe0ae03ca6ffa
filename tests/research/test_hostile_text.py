"""Texts from files, strategies and users are texts wherever they are shown."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from hidden_regime.cli import show
from hidden_regime.data import make_market
from hidden_regime.research import backtest, report
from hidden_regime.research.tables import Backtest
from hidden_regime.simulator import run_file

HOSTILE = [
    "\"><script>alert(1)</script>",
    "x' onmouseover='alert(1)",
    "</script><img src=x onerror=alert(1)>",
    "<a href=\"https://evil.example\">Bull</a>",
    "<!--<script>",
]  # fmt: skip


@pytest.fixture(scope="module")
def done():
    market = make_market(n_days=400, seed=1).market
    parameters = {"assets": "SYN_MARKET", "defensive": "SYN_BONDS", "start": "2011-02-01", "end": "2011-07-29"}
    run = run_file(Path("quantconnect_templates") / "optimized_multi_asset.py", market, parameters=parameters)
    return backtest.collect(run, "optimized_multi_asset")


class Seen(HTMLParser):
    """What a browser would make of a page: its tags with their attributes, but for the script of plotly itself."""

    def __init__(self):
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(sorted(name for name, _ in attrs))))


def tags(page: str) -> list[tuple[str, tuple[str, ...]]]:
    seen = Seen()
    seen.feed(page.split("</head>", 1)[1])
    return seen.tags


def renamed(done: Backtest, text: str) -> Backtest:
    """The same run with `text` in the place of all that comes from outside."""
    assets = []
    for asset in done.assets:
        names = tuple(f"{text}{i}" for i, _ in enumerate(asset.names))
        into = dict(zip(asset.names, names, strict=True))
        states = asset.states.rename(columns={f"prob_{a}": f"prob_{b}" for a, b in into.items()})
        states = states.assign(regime=[into.get(name, name) for name in states["regime"]])
        assets.append(replace(asset, ticker=text, names=names, states=states, table=asset.table.rename(index=into)))
    return replace(
        done,
        name=text,
        origin=text,
        message=text,
        benchmark=text,
        assets=assets,
        lean=done.lean | {"statistics": done.statistics | {text: text}},
    )


def profile(text: str) -> list[dict[str, object]]:
    times = {f"{column}_time": 1.0 for column in ("mean", "median", "p95", "p99", "min", "max", "total", "self")}
    return [{"path": [text], "operation": text, "call_count": 1, **times}]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_a_tag_or_an_attribute(done, text):
    expected = tags(report.render(renamed(done, "plain"), profile("plain")))
    page = report.render(renamed(done, text), profile(text))
    assert tags(page) == expected
    body = page.split("</head>", 1)[1]
    assert text not in body or "<" not in text  # in a script's own quotation marks other quotation marks are text
    assert "evil.example\\u003e" not in body  # plotly makes links of such tags
    assert not re.search(r"\\u003c(a|script|img|!--)", body)


@pytest.mark.parametrize(
    "text", ["Return [/year]", "o[/]2", "runs [spy]/x", "[red]x[/red]", ":smile:", "x\\[b]", "\x1b[31mred", "[link=x]"]
)
def test_brackets_are_no_markup_in_a_terminal(done, text):
    out = io.StringIO()
    console = Console(file=out, width=300)
    show.backtest(console, renamed(done, text), 1.0)
    show.latest(console, text, {text: text})
    shown = out.getvalue()
    assert "\x1b" not in shown
    assert shown.count(text.replace("\x1b", "\\x1b")) >= 8
