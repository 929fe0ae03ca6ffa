"""The page of a simulation: what comes first, what is beside what, and no markup from outside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("arch")

from hidden_regime.experiments import monte_carlo
from hidden_regime.experiments.objective import Objective
from hidden_regime.experiments.pages import simulation_figures
from hidden_regime.experiments.pages.simulation_words import headline, probability_name
from hidden_regime.experiments.simulation.figures import NAMES
from hidden_regime.experiments.simulation.moves import Neighbours
from hidden_regime.experiments.simulation.perturbation import columns_of, perturbation_of
from hidden_regime.experiments.simulation.simulation import Simulation
from hidden_regime.experiments.simulation.summary import figures_summary
from tests.experiments.pages.planted import HOSTILE
from tests.experiments.pages.test_pages import EVIL, MOST, read, texts_in
from tests.experiments.simulation.made import returns, traded


def around(values, winner=1.0, direction="max", names=("fast", "slow"), error=""):
    """Sets around a winner, with figures made up."""
    goal = Objective("Sharpe Ratio", direction)
    neighbours = [Neighbours(name, "10", "9", "11", "10%") for name in names]
    sets = [{name: text} for name in names for text in ("9", "11")] + [dict.fromkeys(names, "9")]
    moved = perturbation_of(goal, winner, neighbours, sets, values)
    n = len(values)
    table = pd.DataFrame({name: np.linspace(-0.1, 0.2, n) for name in NAMES})
    table["objective"] = [np.nan if value is None else value for value in values]
    for name, texts in columns_of(moved).items():
        table[name] = texts
    table["status"] = ["failed" if value is None else "complete" for value in values]
    table["error"] = [error if value is None else "" for value in values]
    drawn = {"unit": "day", "first": "2020-01-01", "last": "2021-01-01", "n_observed": 250, "n_steps": 250, "per_year": 252.0,
             "same_length": True}  # fmt: skip
    spec = {"kind": "parameters", "name": EVIL[1] if error else "mine", "n_paths": 40, "seed": 0,
            "objective": {"target": goal.target, "direction": direction}, "space": None}  # fmt: skip
    figures = figures_summary(table, dict.fromkeys(NAMES, 0.1), same_length=True)
    return Simulation(spec, "id", drawn, table, None, figures, (), dict.fromkeys(NAMES, 0.1), perturbation=moved,
                      notes=(HOSTILE,) if error else ())  # fmt: skip


def over_paths():
    """Days drawn again, told as if an engine had run over them."""
    made = monte_carlo(returns(), n_paths=30)
    table = made.paths.assign(benchmark_return=0.0, n_orders=1.0, status="complete", error="")
    table.loc[3, "status"], table.loc[3, "error"] = "failed", EVIL[2]
    return replace(made, spec=made.spec | {"kind": "regime-paths", "name": EVIL[1]}, paths=table, notes=tuple(EVIL),
                   model={HOSTILE: [0.1, 0.2], "refit": {"stay": [0.1]}, "drawn": EVIL[3]})  # fmt: skip


MADE = {
    "bootstrap": lambda: monte_carlo(returns(700), n_paths=300),
    "years": lambda: monte_carlo(returns(60), n_paths=20, years=3),
    "flat": lambda: monte_carlo(returns(30, mean=0.0, deviation=0.0), n_paths=3, drawdowns=()),
    "trades": lambda: monte_carlo(traded([5.0, -400.0, 8.0])[0], kind="trades", n_paths=20),
    "parameters": lambda: around([0.8, 0.4, 1.1, 0.9, 0.3]),
    "hostile sets": lambda: around([0.8, None, 1.1, None, 0.3], names=(HOSTILE, EVIL[1]), error=EVIL[2]),
    "hostile paths": over_paths,
}


@pytest.fixture(scope="module")
def pages():
    return {name: make().to_html() for name, make in MADE.items()}


@pytest.mark.parametrize("name", MADE)
def test_equal_content_has_equal_bytes_and_opens_by_itself(pages, name):
    page = pages[name]
    assert page == MADE[name]().to_html() and len(page.encode()) < MOST
    reader = read(page)
    assert not {"link", "iframe", "img"} & set(reader.tags)
    assert reader.tags.count("script") == page.count('class="plotly-graph-div"') + 2


@pytest.mark.parametrize("name", ["hostile sets", "hostile paths"])
def test_texts_from_outside_are_never_markup(pages, name):
    reader = read(pages[name])
    shown = "".join(reader.texts)
    assert HOSTILE in shown and EVIL[1] in shown and EVIL[2] in shown
    for script in reader.scripts:
        if script.strip().startswith("window.PLOTLYENV"):
            for text in texts_in(script):
                assert "<" not in text.replace("<extra></extra>", "").replace("<br>", ""), text


def text_of(page):
    return " ".join(" ".join(read(page).texts).split())


def test_what_stands_where(pages):
    found, text = MADE["bootstrap"](), text_of(pages["bootstrap"])
    heads = [headline(found), "Equity", "How likely", "Return, Sharpe ratio and drawdown", "Figures", "How, and what it can't say",
             "A backtest is not a forecast"]  # fmt: skip
    places = [text.index(head) for head in heads]
    assert places == sorted(places)
    for one in found.probabilities:
        assert probability_name(one) in text
    for level in (0.01, 0.05, 0.5, 0.95, 0.99):
        assert f"{found['drawdown'].at(level):.1%}" in text
    assert f"{found['cagr'].source:.1%}" in text and "Lost: everything longer than a block" in text
    assert "drawdowns are of closed trades alone" in text_of(pages["trades"])
    sets = text_of(pages["parameters"])
    assert sets.index("By parameter") < sets.index("Sets around the winner") and "How likely" not in sets
    assert "diluted by weekends" in sets and "Monte Carlo" not in sets
    assert "Paths that failed" in text_of(pages["hostile paths"]) and "Sets that failed" in text_of(pages["hostile sets"])


def test_half_of_nothing_is_kept_by_nobody():
    cells = [text_of(around([0.1, -0.4, 0.2, 0.3, -0.3], winner=own).to_html()) for own in (0.5, -0.2)]
    assert "fast 10 9 11 0.100 -0.400 3 0 0 -0.400 -0.300" in cells[0]
    assert "fast 10 9 11 0.100 -0.400 3 \u2013 0 -0.400 -0.300" in cells[1]


@pytest.mark.parametrize(
    ("values", "said", "expected"),
    [
        ([0.8, 0.4, 1.1, 0.9, 0.3], {}, "Moved a little, 3 of 5 sets keep at least half of the winner's Sharpe Ratio of 1.000. The worst has 0.300, the median 0.800."),
        ([0.8, None, 1.1, 0.9, 0.3], {}, "Moved a little, 3 of 5 sets keep at least half of the winner's Sharpe Ratio of 1.000. The worst has 0.300, the median 0.850, and 1 has none."),
        ([None] * 5, {}, "None of 5 sets around the winner has a Sharpe Ratio: all failed or sent no order. The winner's is 1.000."),
        ([0.0] * 5, {"winner": -0.2}, "The winner's Sharpe Ratio is -0.200, which isn't above 0: half of it says nothing. The worst has 0.000, the median 0.000."),
        ([0.1, 0.3, 0.2, 0.1, 0.1], {"winner": 0.1, "direction": "min"}, "Moved a little, 4 of 5 sets stay within twice the winner's Sharpe Ratio of 0.100. The worst has 0.300, the median 0.100."),
    ],
)  # fmt: skip
def test_the_first_sentence_of_sets(values, said, expected):
    assert headline(around(values, **said)) == expected


def test_the_first_sentence_of_paths():
    found = MADE["bootstrap"]()
    low, high = found["cagr"].at(0.05), found["cagr"].at(0.95)
    said = headline(found)
    assert said.startswith(
        f"In 9 of 10 paths the return a year lay between {low:.1%} and {high:.1%}; the largest drawdown reached"
    )
    fall = min((one for one in found.probabilities if one.what == "drawdown"), key=lambda one: abs(one.value - 0.5))
    assert f"reached {fall.level:.0%} in {100 * fall.value:.0f} of 100. " in said
    assert headline(MADE["flat"]()) == "In 9 of 10 paths the return a year lay at 0.0%. 0 of 3 ended below the start."


def test_the_source_is_drawn_over_the_fan_and_marked_in_the_histograms():
    found = MADE["bootstrap"]()
    fan = found.plot()
    assert fan.layout.yaxis.type == "log" and fan.data[-1].name == "source"
    assert fan.data[-1].y[0] == 100.0 and fan.data[-1].y[-1] == pytest.approx(100 * (1 + found.source["total_return"]), abs=1e-3)
    for figure, name, unit in zip(
        simulation_figures.histograms(found), ("cagr", "sharpe", "drawdown"), (100, 1, 100), strict=True
    ):
        assert figure.layout.shapes[0].x0 == pytest.approx(unit * found.source[name])
        assert sum(figure.data[0].y) == pytest.approx(100.0, abs=0.01)
    assert len(simulation_figures.histograms(MADE["flat"]())) == 2  # without a deviation there is no Sharpe ratio
