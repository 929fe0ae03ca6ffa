"""The page of a comparison: what comes first, what is beside what, and no markup from outside."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("arch")

from hidden_regime.experiments import compare_strategies
from hidden_regime.experiments.pages import comparison_figures
from hidden_regime.experiments.sources import result_of
from tests.experiments.pages.planted import HOSTILE
from tests.experiments.pages.test_pages import EVIL, MOST, read, text_of, texts_in

FEW = {"n_resamples": 199}


def luck(seed=0, n=150, mean=0.0005):
    days = pd.bdate_range("2015-01-01", periods=n)
    return pd.Series(np.random.default_rng(seed).normal(mean, 0.01, n), days)


def traded(seed, name, regimes=True, ticker="UP"):
    """A run with trades and with regimes."""
    run = result_of(luck(seed), name=name)
    days = run.equity.index[1:]
    names = np.where(np.arange(len(days)) // 20 % 2, "Bull", "Bear")
    states = pd.DataFrame({"regime": names, "confidence": 0.9, "prob_Bull": 0.5, "prob_Bear": 0.5}, index=days)
    times = days[5:60:5]
    trades = pd.DataFrame({"symbol": "UP", "direction": "Long", "quantity": 1.0, "entry_time": times, "entry_price": 1.0,
                           "exit_time": times, "exit_price": 1.0, "profit_loss": 1.0, "fees": 0.0})  # fmt: skip
    orders = pd.DataFrame({"id": 1, "time": times, "symbol": "UP", "type": "Market", "quantity": 4.0, "status": "FILLED",
                           "price": 1.0, "fee": 0.1, "tag": ""})  # fmt: skip
    texts = {"Total Orders": "22", "Total Fees": "$5.00"}
    return replace(run, trades=trades, texts=texts, orders=orders, regimes={ticker: states} if regimes else {})


def hostile():
    runs = [traded(i, text, ticker=EVIL[1]) for i, text in enumerate(EVIL)]
    return compare_strategies([*runs, replace(traded(9, "bad"), error=HOSTILE)], benchmark=luck(8).rename(HOSTILE), **FEW)


FOUND = {
    "returns": lambda: compare_strategies([luck(1), luck(2)], **FEW),
    "runs": lambda: compare_strategies([traded(1, "one"), traded(2, "two", regimes=False)], benchmark="two", **FEW),
    "many": lambda: compare_strategies([luck(i) for i in range(13)], n_resamples=99, block=1.0),
    "hostile": hostile,
}


@pytest.fixture(scope="module")
def pages():
    return {name: make().to_html() for name, make in FOUND.items()}


@pytest.mark.parametrize("name", FOUND)
def test_equal_content_has_equal_bytes_and_opens_by_itself(pages, name):
    page = pages[name]
    if name in ("returns", "hostile"):
        assert page == FOUND[name]().to_html()
    assert len(page.encode()) < MOST
    reader = read(page)
    assert not {"link", "iframe", "img"} & set(reader.tags)
    assert reader.tags.count("script") == page.count('class="plotly-graph-div"') + 2


def test_texts_from_outside_are_never_markup(pages):
    reader = read(pages["hostile"])
    assert set(reader.tags) <= set(read(pages["runs"]).tags) | {"div"}
    shown = "".join(reader.texts)
    assert all(text in shown for text in (EVIL[0], EVIL[1], "{{ 7 * 7 }}"))
    scripts = [script for script in reader.scripts if script.strip().startswith("window.PLOTLYENV")]
    for text in (text for script in scripts for text in texts_in(script)):
        assert "<" not in text.replace("<br>", "").replace("<extra></extra>", ""), text


def test_the_answer_comes_first():
    found = FOUND["runs"]()
    text = text_of(found)
    heads = ["Is the difference real?", found.verdict.headline, found.verdict.rule, "Ranked by Sharpe ratio",
             "Equity, drawdowns and regimes", "Sharpe ratios The", "Each two", "Trading", "All at once against two", "Notes"]  # fmt: skip
    places = [text.index(head) for head in heads]
    assert places == sorted(places)
    assert all(reason in text for reason in found.verdict.reasons)
    assert "tests means, not Sharpe ratios" in text and "not in hindsight" in text


def test_the_tables_are_the_figures():
    found = FOUND["runs"]()
    page = found.to_html()
    tables = [[re.findall(r"<t[dh]>(.*?)</t[dh]>", row) for row in table.split("<tr>")[1:]]
              for table in re.findall(r"<table.*?>(.*?)</table>", page, flags=re.DOTALL)]  # fmt: skip
    ranked, pairs, trading, family = tables
    for row, one in zip(ranked[1:], found.ranked, strict=True):
        assert row[1].removesuffix(" (benchmark)") == one.name
        assert row[2] == f"{one.sharpe:.2f}"
        assert row[3] == f"{one.sharpe_low:.2f} to {one.sharpe_high:.2f}"
        assert row[7:] == [f"{100 * one.max_drawdown:.1f}%", f"{one.drawdown_from} \u2013 {one.drawdown_to}"]
    (pair,) = found.pairs
    assert pairs[1][:4] == [f"{pair.first} above {pair.second}", f"+{pair.difference:.2f}", f"{pair.low:.2f} to {pair.high:.2f}",
                            f"up to {pair.luck:.2f}"]  # fmt: skip
    assert trading[1][1:] == ["22", "11", "100%", "5", "0.7 times"]
    assert [row[0].split(" ")[0] for row in family[1:]] == ["SPA", "StepM", "MCS"]


def test_where_only_returns_are_known_the_rest_is_left_out():
    text = text_of(FOUND["returns"]())
    assert "Trading" not in text and "regimes" not in text.split("Notes")[0]


def test_curves_are_the_returns_and_bands_the_regimes():
    found = FOUND["runs"]()
    figure = found.plot()
    own = {trace.name: trace for trace in figure.data if trace.type == "scatter" and trace.yaxis is None}
    for name in ("one", "two"):
        assert own[name].y[0] == 100.0 and len(own[name].x) == len(found.days) + 1
        assert own[name].y[-1] == pytest.approx(100 * np.prod(1 + found.of(name)), abs=2e-3)
    ((label, states),) = comparison_figures.bands(found)
    assert label == "UP" and states.tolist() == found.result("one").regimes["UP"]["regime"].tolist()
    (heat,) = [trace for trace in figure.data if trace.type == "heatmap"]
    legend = [trace.name for trace in figure.data if trace.type == "scatter" and trace.yaxis == "y3"]
    assert [legend[int(code)] for code in heat.z[0]] == states.tolist()


def test_equal_regimes_share_a_row():
    def rows(*runs):
        return [label for label, _ in comparison_figures.bands(compare_strategies(list(runs), **FEW))]

    assert rows(traded(1, "one"), traded(2, "two")) == ["UP"]
    changed = traded(2, "two")
    changed.regimes["UP"].iloc[3, 0] = "Bull"
    assert sorted(rows(traded(1, "one"), changed)) == ["UP: one", "UP: two"]
