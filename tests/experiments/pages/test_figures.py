"""Figures hold the study's own numbers."""

from __future__ import annotations

from itertools import pairwise
from statistics import fmean

import numpy as np
import pytest

from hidden_regime.experiments.analysis import analyse
from hidden_regime.experiments.pages import curve_figures, figures, parameter_figures
from hidden_regime.experiments.pages.style import labels, said
from hidden_regime.experiments.pages.surface import BINS, most_important, surface_of
from tests.experiments.pages.planted import HOSTILE, curve, grid, rough, scattered, study, trial, walked


def traces(figure):
    return {trace.name: trace for trace in figure.data}


@pytest.mark.parametrize("direction", ["max", "min"])
def test_history_is_each_trials_objective_and_the_best_so_far(direction):
    trials = [
        trial(0, {"n": "1"}, (1.0,)), trial(1, {"n": "2"}, (5.0,), violations=(0.1,)), trial(2, {"n": "3"}, (2.0,)),
        trial(3, {"n": "4"}, None, status="failed", error=HOSTILE), trial(4, {"n": "5"}, (-1.0,)), trial(5, {"n": "6"}, (0.0,)),
    ]  # fmt: skip
    space = [{"name": "n", "low": "1", "high": "6", "step": "1"}]
    found = study(trials, space, objectives=(("Sharpe Ratio", direction),), constraints=["Drawdown <= 0.25"])
    drawn = traces(found.plot())
    assert dict(zip(drawn["feasible"].x, drawn["feasible"].y, strict=True)) == {0: 1.0, 2: 2.0, 4: -1.0, 5: 0.0}
    assert (drawn["beyond a constraint"].x, drawn["beyond a constraint"].y) == ((1,), (5.0,))
    assert drawn["no value"].x == (3,)
    so_far = {"max": (1.0, 2.0, 2.0, 2.0), "min": (1.0, 1.0, -1.0, -1.0)}[direction]
    assert (drawn["best so far"].x, drawn["best so far"].y) == ((0, 2, 4, 5), so_far)
    assert HOSTILE not in found.plot().to_json() and "&lt;script" in str(drawn["no value"].hovertext)


def test_history_of_nothing():
    assert not study([]).plot().data


def test_slices_hold_each_set_the_means_and_the_best():
    found = grid(rough)
    analysis = analyse(found)
    for report in analysis.parameters:
        drawn = traces(parameter_figures.slices(found, report, is_grid=True))
        shown = [float(t.parameters[report.name]) if report.numeric else t.parameters[report.name] for t in found.trials]
        assert list(drawn["sets"].x) == shown
        assert list(drawn["sets"].y) == [t.values[0] for t in found.trials]
        for x, y in zip(drawn["mean"].x, drawn["mean"].y, strict=True):
            assert y == pytest.approx(fmean(t.values[0] for t, own in zip(found.trials, shown, strict=True) if own == x))
        assert drawn["best"].y == found.best.values


def test_means_that_would_only_join_dots_arent_drawn():
    found = scattered()
    x, _, kind = analyse(found).parameters
    assert "mean" not in traces(parameter_figures.slices(found, x, is_grid=False))
    assert "mean" in traces(parameter_figures.slices(found, kind, is_grid=False))


def test_heat_map_of_a_grid_is_the_means_over_all_others():
    found = grid(rough)
    fast, share, _ = analyse(found).parameters
    surface = surface_of(found, fast, share)
    drawn = parameter_figures.heat_map(surface, "Sharpe Ratio").data[0]
    for i, up in enumerate(("0.1", "0.3", "0.5")):
        for j, across in enumerate(("10", "20", "30", "40")):
            assert drawn.z[i][j] == pytest.approx(fmean(rough(across, up, kind) for kind in "ab"))
    assert (drawn.x, drawn.y) == (("10", "20", "30", "40"), ("0.1", "0.3", "0.5"))
    assert surface.counts.tolist() == [[2.0] * 4] * 3
    row, column = surface.best
    assert (drawn.y[row], drawn.x[column]) == (found.best.parameters["share"], found.best.parameters["fast"])


def test_heat_map_of_a_scatter_is_binned():
    found = scattered(60)
    analysis = analyse(found)
    pair = most_important(analysis.by_importance)
    surface = surface_of(found, *pair)
    assert {one.name for one in pair} == {"x", "y"}  # numbers before texts
    sets = [t for t in found.trials if t.values is not None]
    axes = [np.array([float(t.parameters[axis.name]) for t in sets]) for axis in (surface.across, surface.up)]
    edges = [np.linspace(axis.min(), axis.max(), BINS + 1) for axis in axes]
    values = np.array([t.values[0] for t in sets])
    total, _, _ = np.histogram2d(axes[1], axes[0], bins=[edges[1], edges[0]], weights=values)
    counts, _, _ = np.histogram2d(axes[1], axes[0], bins=[edges[1], edges[0]])
    assert surface.counts.tolist() == counts.tolist()
    assert np.nansum(surface.mean * counts) == pytest.approx(values.sum())
    assert surface.mean[counts > 0] == pytest.approx(total[counts > 0] / counts[counts > 0])
    assert np.isnan(surface.mean[counts == 0]).all()


def test_importances_are_the_analysis_own_the_largest_on_top():
    found = analyse(grid(rough))
    drawn = parameter_figures.importances(found).data[0]
    assert {name: share / 100 for name, share in zip(drawn.y, drawn.x, strict=True)} == pytest.approx(
        {one.name: one.importance for one in found.parameters}
    )
    assert list(drawn.x) == sorted(drawn.x)


def test_front_is_the_studys():
    found = scattered()
    drawn = traces(figures.front(found))
    own = sorted(t.values for t in found.front)
    assert list(zip(drawn["front"].x, drawn["front"].y, strict=True)) == own
    rest = {t.values for t in found.trials if t.values is not None and t not in found.front}
    assert set(zip(drawn["beaten by another"].x, drawn["beaten by another"].y, strict=True)) == rest


def test_fan_is_the_best_and_the_quantiles_of_all_others():
    found = grid(rough)
    drawn = traces(curve_figures.fan(found))
    place = found.columns.index(found.best.number)
    curves = 100 * np.cumprod(1 + found.returns, axis=0)
    assert drawn["best"].y == pytest.approx(curves[:, place], abs=1e-4)
    others = np.delete(curves, place, axis=1)
    assert drawn["others, median"].y == pytest.approx(np.median(others, axis=1), abs=1e-4)
    assert drawn["95%"].y == pytest.approx(np.quantile(others, 0.95, axis=1), abs=1e-4)
    assert drawn["others, 5% to 95%"].y == pytest.approx(np.quantile(others, 0.05, axis=1), abs=1e-4)
    assert list(drawn["best"].x) == [str(day) for day in found.days]


def test_few_others_are_lines_of_their_own_and_an_equal_set_has_the_bests_column():
    space = [{"name": "n", "low": "1", "high": "3", "step": "1"}]
    trials = [trial(0, {"n": "1"}, (1.0,)), trial(1, {"n": "2"}, (2.0,)), trial(2, {"n": "2"}, (2.0,))]
    found = study(trials, space)
    drawn = curve_figures.fan(found)
    assert [trace.name for trace in drawn.data] == ["others", "best"]
    assert drawn.data[1].y == pytest.approx(100 * np.cumprod(1 + curve(1).returns), abs=1e-4)


def test_stitched_curve_and_its_drawdown():
    found = walked(5)
    drawn = traces(curve_figures.stitched(found))
    values = np.concatenate([[1.0], found.curve])
    assert drawn["curve"].y == pytest.approx(100 * values, abs=1e-4)
    fall = [100 * (value / max(values[: i + 1]) - 1) for i, value in enumerate(values)]
    assert drawn["drawdown"].y == pytest.approx(fall, abs=1e-4)
    assert [str(day.date()) for day in found.curve.index] == list(drawn["curve"].x)[1:]


def test_windows_are_shaded_where_they_follow_each_other():
    found = walked(5, lost=(3,))
    figure = curve_figures.stitched(found)
    assert [note.text for note in figure.layout.annotations] == ["1", "2", "4", "5"]
    lines = [shape.x0 for shape in figure.layout.shapes if shape.type == "line"]
    assert lines == [w.window.oos_start.isoformat() for w in found.windows if w.best is not None]
    assert not curve_figures.stitched(walked(6, mode="random")).layout.shapes


def test_bars_are_the_windows_values():
    found = walked(6, lost=(2,), silent=(4,))
    drawn = traces(found.plot())
    assert drawn["in sample, the winner"].y == tuple(w.is_value for w in found.windows)
    assert drawn["out of sample, the winner"].y == tuple(w.oos_value for w in found.windows)
    assert drawn["in sample, the median"].y == tuple(w.is_median for w in found.windows)
    assert "out of sample, the median" not in drawn
    found = walked(4, medians=True)
    assert traces(found.plot())["out of sample, the median"].y == tuple(w.oos_median for w in found.windows)
    assert drawn["in sample, the winner"].y[1] is None and drawn["out of sample, the winner"].y[3] is None


def test_winners_values_by_window():
    found = walked(6, lost=(2,))
    fast = parameter_figures.by_window(found, "fast").data[0]
    kind = parameter_figures.by_window(found, "kind").data[0]
    assert fast.y == tuple(None if w.best is None else float(w.best.parameters["fast"]) for w in found.windows)
    assert kind.y == tuple(None if w.best is None else w.best.parameters["kind"] for w in found.windows)


def test_texts_of_pictures():
    assert said("<b>a</b>") == "&lt;b&gt;a&lt;/b&gt;"
    assert said("a" * 40 + "z", 11) == "aaaaaaa\u2026aaz"
    cut = labels(["a" * 30 + "b" + "a" * 30, "a" * 30 + "c" + "a" * 30, ""], 10)
    assert len(set(cut)) == 3 and all(a != b for a, b in pairwise(cut))
