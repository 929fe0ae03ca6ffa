"""The page of a run in parts, its bands, and its first sentence."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.pages.regime_bands import regime_bands
from hidden_regime.experiments.pages.segments_figures import bars
from hidden_regime.experiments.pages.segments_words import headline
from hidden_regime.experiments.pages.style import empty
from hidden_regime.experiments.segments import segment
from hidden_regime.regimes.palette import PALETTE
from tests.experiments.pages.test_pages import EVIL, HOSTILE, MOST, read, texts_in
from tests.experiments.segments.made import calls, planted, run


def hostile():
    names = [text for text in [HOSTILE, *EVIL] for _ in range(3)] * 3
    returns = np.random.default_rng(0).normal(0, 0.01, len(names))
    return segment(run(returns, returns, name=EVIL[1], error=HOSTILE), regimes={HOSTILE: calls(names)}, n_resamples=100)


MADE = {
    "planted": lambda: segment(planted(), n_resamples=200),
    "hostile": hostile,
    "one": lambda: segment(run([0.01]), regimes=calls(["Bull"])),
    "flat": lambda: segment(run([0.0] * 9), by="year"),
    "eras": lambda: segment(
        run([0.01] * 9), by="era", eras={HOSTILE: ("2020-01-02", "2020-01-03"), "b": ("2020-01-07", "2020-01-08")}
    ),
    "years": lambda: segment(run(np.tile([0.01, -0.01], 1300)), by="year"),
}


@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
def test_equal_content_has_equal_bytes_and_opens_by_itself(make):
    page = make().to_html()
    assert page == make().to_html()
    assert len(page.encode()) < MOST
    reader = read(page)
    assert not {"link", "iframe", "img"} & set(reader.tags)
    assert reader.tags.count("script") == page.count('class="plotly-graph-div"') + 2


def test_texts_from_outside_are_never_markup():
    page = hostile().to_html()
    reader = read(page)
    shown = "".join(reader.texts)
    assert HOSTILE in shown and EVIL[1] in shown and "{{ 7 * 7 }}" in shown
    for script in reader.scripts:
        if script.strip().startswith("window.PLOTLYENV"):
            for text in texts_in(script):
                assert "<" not in text.replace("<extra></extra>", ""), text


def text_of(found):
    return " ".join(" ".join(read(found.to_html()).texts).split())


def test_what_stands_where():
    found = MADE["planted"]()
    text = text_of(found)
    heads = [headline(found), "Equity", "Parts", "Against the rest", "Side by side", "Each part's days alone",
             "The benchmark on the same days", "How, and what it can't say", "A backtest is not a forecast"]  # fmt: skip
    places = [text.index(head) for head in heads]
    assert places == sorted(places)
    bull = found["Bull"]
    for value in (bull.own.total_return, bull.own.mean, bull.own.volatility, bull.own.drawdown, bull.benchmark.mean):
        assert f"{value:.1%}" in text
    low, high = bull.sharpe_interval
    assert f"{low:.2f} to {high:.2f}" in text and f"{bull.own.sharpe:.2f}" in text
    assert "filtered labels" in text and "too few" not in text.partition("How, and what")[0]


def test_too_few_stands_where_an_interval_would():
    text = text_of(segment(run([0.01, -0.02, 0.03, 0.01]), regimes=calls(["Bull", "Bear", "Bear", "Bear"])))
    assert text.count("too few") >= 4
    assert "Against the rest" not in text
    assert "as given: filtered labels, if they are of RegimeDetector.run" in text


def spelled(**means):
    """Returns without noise to speak of: so many spells of each regime."""
    rng, order = np.random.default_rng(0), []
    for name in means:
        order += [name] * 20
    order = [name for name in rng.permutation(order) for _ in range(6)]
    returns = np.array([means[name] for name in order]) + rng.normal(0, 0.004, len(order))
    return segment(run(returns), regimes=calls(order))


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (lambda: spelled(Bull=0.002, Bear=-0.001), "the two can be told from each other."),
        (lambda: spelled(Bull=0.002, Sideways=0.0005, Bear=-0.001), "Bear and Bull can be told from the rest."),
        (lambda: spelled(Bull=0.0, Bear=0.0, Crisis=0.0), "none can be told from the rest."),
        (lambda: segment(run([0.01, 0.02]), regimes=calls(["Bull"] * 3)), "It earned its return in Bull: 378% a year there; there is nothing to compare it with."),
        (lambda: segment(run([0.01, -0.5]), regimes=calls(["Bull", "Bear"])), "It lost its money in Bear, 50% of its days: -12,600% a year there, 252% in Bull; whether they differ can't be said: no regime has 5 spells."),
        (lambda: segment(run([0.0, 0.0]), by="year"), "Its equity never moved; there is nothing to compare it with."),
        (lambda: segment(run([0.01, 0.02]), by="era", eras={"a": ("2020-01-02", "2020-01-02")}), "It earned most outside the eras, 50% of its days: 504% a year there, 252% in a; whether they differ can't be said: no era has 5 spells."),
        (MADE["years"], "whether they differ can't be said: no calendar year has 5 spells."),
    ],
)  # fmt: skip
def test_the_first_sentence(found, said):
    assert headline(found()).endswith(said)


def test_a_regime_with_few_spells_is_left_out_of_the_sentence():
    labels = (["Bear"] * 6 + ["Bull"] * 6) * 20 + ["Crisis"] * 6
    means = {"Bear": -0.001, "Bull": 0.002, "Crisis": -0.01}
    returns = np.array([means[name] for name in labels]) + np.random.default_rng(0).normal(0, 0.004, len(labels))
    said = headline(segment(run(returns), regimes=calls(labels)))
    assert said.endswith("Bear and Bull can be told from the rest; there are too few spells of Crisis to say.")


def test_bands_begin_where_regimes_became_known():
    table = calls(["Bear", "Bear", "Bull", None, "mine"])
    figure = regime_bands(empty(), table, until="2020-01-09")
    shapes = {shape.name: shape for shape in figure.layout.shapes}
    assert list(shapes) == ["Bear", "Bull", "mine"]
    assert shapes["Bear"].path == "M 2020-01-01,0 L 2020-01-01,1 L 2020-01-03,1 L 2020-01-03,0 Z"
    assert shapes["mine"].path == "M 2020-01-07,0 L 2020-01-07,1 L 2020-01-09,1 L 2020-01-09,0 Z"
    assert shapes["Bull"].fillcolor == PALETTE["Bull"].colour and shapes["Bull"].layer == "below"
    assert [trace.name for trace in figure.data] == ["Bear", "Bull", "mine"]
    assert not regime_bands(empty(), table, legend=False).data
    assert [shape.name for shape in regime_bands(empty(), table, shades={"Bull": "#000"}).layout.shapes] == ["Bull"]
    assert not regime_bands(empty(), table.iloc[:0]).layout.shapes
    with pytest.raises(ParameterError, match="column regime"):
        regime_bands(empty(), table.rename(columns={"regime": "x"}))


def test_bands_of_hours_and_of_regimes_that_return_are_one_shape_each():
    times = pd.DatetimeIndex([datetime(2020, 1, 2, 10), datetime(2020, 1, 2, 11), datetime(2020, 1, 2, 12, 30)])
    figure = regime_bands(empty(), pd.DataFrame({"regime": ["Bear", "Bull", "Bear"]}, index=times), until=datetime(2020, 1, 3))
    bear, bull = figure.layout.shapes
    assert bear.path.count("M") == 2 and bull.path.startswith("M 2020-01-02_11:00:00,0")


def test_the_pictures_bands_are_the_parts_of_the_days():
    found = segment(run([0.01, 0.02, 0.03]), regimes=calls(["Bull", "Bear", "Bear"]))
    shapes = {shape.name: shape.path for shape in found.plot().layout.shapes}
    assert shapes["Bull"].startswith("M 2020-01-01,0 L 2020-01-01,1 L 2020-01-02,1")
    assert shapes["Bear"].startswith("M 2020-01-02,0 L 2020-01-02,1 L 2020-01-06,1")


def test_intervals_are_drawn_where_there_are_any():
    mean, sharpe = bars(segment(run([0.01, -0.02, 0.03]), regimes=calls(["Bull", "Bear", "Bear"])))
    assert [trace.x for trace in mean.data if trace.name == "95%"] == [()]
    found = MADE["planted"]()
    mean, sharpe = bars(found)
    low, high = found["Bull"].mean_interval
    drawn = next(trace for trace in mean.data if trace.name == "95%")
    assert list(drawn.x[:2]) == pytest.approx([100 * low, 100 * high], abs=1e-5) and drawn.y[0] == "Bull"
    assert [trace.name for trace in sharpe.data] == ["strategy", "95%", "benchmark"]
