"""A walk-forward: its windows, its winners, the days it traded, and figures that windows.json gives back by hand."""

from __future__ import annotations

import json
import math
import pickle
import statistics
from dataclasses import FrozenInstanceError
from datetime import date, timedelta

import numpy as np
import pytest

from hidden_regime.exceptions import ParameterError, StudyError
from hidden_regime.experiments import Objective, optimize, run_strategy, walk_forward
from hidden_regime.experiments.folders import read_table
from hidden_regime.experiments.optimization import as_objectives, make_spec
from hidden_regime.experiments.reads import watch
from hidden_regime.experiments.studies.walk_forward_folder import read_walk_forward, walk_forward_dict
from hidden_regime.experiments.trials.setup import make_setup
from hidden_regime.experiments.walking_forward import Plan
from tests.experiments.small import HOLD, three_years, write_strategy
from tests.experiments.studies.test_folder import OPTIONAL, QUESTION, TRIAL, check

SPACE = {"share": "0.2:0.8:0.6", "every": [2, 3]}
FIRST, LAST = date(2010, 1, 4), date(2012, 12, 31)
WINDOW = {
    "number": int, "is_start": str, "is_end": str, "oos_start": str, "oos_end": str, "assets": (list, type(None)), "n_trials": int,
    "n_feasible": int, "best": (dict, type(None)), "out_of_sample": (dict, type(None)), "is_value": OPTIONAL, "is_median": OPTIONAL,
    "oos_value": OPTIONAL, "oos_median": OPTIONAL, "oos_return": (int, float),
}  # fmt: skip
DOCUMENT = {
    "schema": str, "walk_forward_id": str, "strategy": str, "version": str, "question": dict, "figures": (dict, type(None)), "hold": (dict, type(None)),
    "notes": list, "windows": list,
}  # fmt: skip
FIGURES = {
    "n_windows": int, "in_sample": list, "out_of_sample": list, "degradations": list, "degradation": list,
    "degradation_percent": OPTIONAL, "consistency_sharpe": (int, float), "consistency_return": (int, float),
    "selection_in_sample": list, "selection_out_of_sample": list, "stability": list, "stitched": (dict, type(None)), "missing": list,
    "flat": list, "verdict": dict,
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("walks")


@pytest.fixture(scope="module")
def walk(home):
    path = write_strategy(home, HOLD, "hold.py")

    def go(name, **said):
        usual = {"data": three_years(), "start": FIRST, "end": LAST, "method": "grid", "workers": 1, "store": home / "store"}
        return walk_forward(path, said.pop("space", SPACE), **usual | {"out": home / name} | said)

    go.path = path
    return go


@pytest.fixture(scope="module")
def rolling(walk):
    return walk("rolling")


def told(home, name):
    return json.loads((home / name / "windows.json").read_text(encoding="utf-8"))


def test_windows_roll_and_each_is_traded_from_the_day_after(rolling):
    days = [(w.window.is_start, w.window.is_end, w.window.oos_start, w.window.oos_end) for w in rolling.windows]
    assert [[str(day) for day in one] for one in days] == [
        ["2010-01-04", "2011-01-03", "2011-01-04", "2011-07-03"], ["2010-07-04", "2011-07-03", "2011-07-04", "2012-01-03"],
        ["2011-01-04", "2012-01-03", "2012-01-04", "2012-07-03"],
    ]  # fmt: skip
    for (_, is_end, oos_start, oos_end), result in zip(days, rolling.windows, strict=True):
        assert oos_start == is_end + timedelta(days=1)
        assert np.datetime64(oos_start) <= result.days[0] < result.days[-1] <= np.datetime64(oos_end)
        assert (result.n_trials, result.n_feasible) == (4, 4)


def test_the_winner_is_that_of_a_search_over_the_window(walk, rolling):
    for result in rolling.windows:
        study = optimize(
            walk.path,
            SPACE,
            data=three_years(),
            start=result.window.is_start,
            end=result.window.is_end,
            method="grid",
            workers=1,
            store=None,
        )
        assert result.best == study.best
        assert result.is_median == pytest.approx(statistics.median(t.values[0] for t in study.trials), abs=1e-12)


def test_out_of_sample_is_a_single_run_over_those_days_from_cash(walk, rolling):
    for result in rolling.windows:
        w = result.window
        single = run_strategy(walk.path, three_years(), parameters=result.best.parameters, start=w.oos_start, end=w.oos_end)
        assert result.oos.statistics == single.texts
        assert result.oos_value == single.statistics["Sharpe Ratio"]
        equity = np.concatenate([[100_000.0], single.equity["equity"]])
        np.testing.assert_array_equal(result.returns, equity[1:] / equity[:-1] - 1)
        assert result.oos_return == pytest.approx(single.equity["equity"].iloc[-1] / 100_000 - 1, abs=1e-12)


def test_the_stitched_curve_is_the_product_of_the_windows(rolling):
    curve = rolling.curve
    assert curve.index.is_unique
    assert curve.index.is_monotonic_increasing
    assert len(curve) == sum(len(w.days) for w in rolling.windows)
    assert curve.iloc[-1] == pytest.approx(math.prod(1 + w.oos_return for w in rolling.windows), rel=1e-12)


def test_figures_are_those_of_formulas_over_windows_json(home, rolling):
    document = told(home, "rolling")
    windows, figures = document["windows"], document["figures"]
    inside, outside = [w["is_value"] for w in windows], [w["oos_value"] for w in windows]
    changes = [o - i for i, o in zip(inside, outside, strict=True)]

    def average(values):
        return [
            pytest.approx(statistics.mean(values), abs=1e-12),
            pytest.approx(statistics.stdev(values) / math.sqrt(len(values)), abs=1e-12),
            len(values),
        ]

    assert figures["in_sample"] == average(inside)
    assert figures["out_of_sample"] == average(outside)
    assert figures["degradation"] == average(changes)
    assert figures["degradations"] == changes
    mean = statistics.mean(inside)
    assert figures["degradation_percent"] == (pytest.approx(statistics.mean(changes) / mean, abs=1e-12) if mean > 0 else None)
    table = read_table(home / "rolling", "out_of_sample")
    daily = [table.loc[table["window"] == w["number"], "return"].to_numpy() for w in windows]
    assert figures["consistency_sharpe"] == sum(r.mean() > 0 for r in daily) / len(windows)
    assert figures["consistency_return"] == sum(np.prod(1 + r) > 1 for r in daily) / len(windows)
    assert figures["selection_in_sample"] == average([w["is_value"] - w["is_median"] for w in windows])
    for name, mean, std, cv, n in figures["stability"]:
        values = [float(w["best"]["parameters"][name]) for w in windows]
        assert (mean, std, n) == (
            pytest.approx(statistics.mean(values)),
            pytest.approx(statistics.stdev(values), abs=1e-12),
            len(values),
        )
        assert cv == pytest.approx(statistics.stdev(values) / abs(statistics.mean(values)), abs=1e-12)
    assert [one[0] for one in figures["stability"]] == ["every", "share"]
    every = np.concatenate(daily)
    assert figures["stitched"]["annual_sharpe"] == pytest.approx(every.mean() / every.std(ddof=1) * math.sqrt(252), rel=1e-9)
    assert figures["stitched"]["n_days"] == len(every)


def test_windows_json_is_valid(home, rolling):
    document = told(home, "rolling")
    check(document, DOCUMENT)
    assert document["schema"] == "hidden-regime/walk-forward/1"
    own = {"mode": str, "is_months": int, "oos_months": int, "n_trials": int, "all_oos": bool, "first": str, "last": str}
    check(document["question"], QUESTION | own)
    check(document["figures"], FIGURES)
    for window in document["windows"]:
        check(window, WINDOW)
        check(window["best"], TRIAL)
        check(window["out_of_sample"], TRIAL)
    assert document["figures"]["verdict"]["answer"] in ("robust", "fragile", "undecided")
    assert document["figures"]["verdict"]["rule"]
    assert document["figures"]["verdict"]["reasons"]
    assert {path.name for path in (home / "rolling").iterdir()} == {
        "windows.json", "out_of_sample.parquet", "curve.parquet", "config.json", "report.html", "journal.log"}  # fmt: skip


def test_the_config_is_of_the_latest_winner(home, walk, rolling):
    config = json.loads((home / "rolling" / "config.json").read_text(encoding="utf-8"))
    assert config["parameters"].items() >= rolling.windows[-1].best.parameters.items()


def test_it_comes_back_from_its_folder(home, rolling, tmp_path):
    again = read_walk_forward(home / "rolling")
    assert walk_forward_dict(again) == walk_forward_dict(rolling)
    assert again.to_html() == rolling.to_html()
    for one, other in zip(again.windows, rolling.windows, strict=True):
        assert one.returns.tobytes() == other.returns.tobytes()
        np.testing.assert_array_equal(one.days, other.days)
    again.save(tmp_path)
    assert (tmp_path / "windows.json").read_bytes() == (home / "rolling" / "windows.json").read_bytes()


def test_again_and_with_workers_it_is_the_same_bytes(home, walk, rolling):
    before = (home / "rolling" / "windows.json").read_bytes()
    walk("rolling")
    walk("elsewhere", workers=2, store=home / "other")
    assert (home / "rolling" / "windows.json").read_bytes() == (home / "elsewhere" / "windows.json").read_bytes() == before


def test_anchored_searches_all_begin_on_the_first_day_and_trade_the_same_days(walk, rolling):
    anchored = walk("anchored", mode="anchored")
    assert {w.window.is_start for w in anchored.windows} == {FIRST}
    assert [(w.window.oos_start, w.window.oos_end) for w in anchored.windows] == [
        (w.window.oos_start, w.window.oos_end) for w in rolling.windows
    ]
    assert anchored.windows[0].best == rolling.windows[0].best
    assert anchored.id != rolling.id


def test_random_splits_repeat_with_their_seed(walk):
    said = {"mode": "random", "runs": 2, "out": None, "space": {"every": [2, 3]}}
    one, same, other = (walk("", seed=seed, **said) for seed in (1, 1, 2))
    assert walk_forward_dict(one) == walk_forward_dict(same)
    assert [w.window for w in one.windows] != [w.window for w in other.windows]
    for result in one.windows:
        w = result.window
        assert w.oos_start == w.is_end + timedelta(days=1)
        assert (w.is_end - w.is_start).days + 1 == pytest.approx(0.6 * ((w.oos_end - w.is_start).days + 1), abs=1.0)
    days = one.curve.index
    assert days.is_unique
    assert set(days.astype(str)) == {day for w in one.windows for day in w.days.astype(str)}


def test_what_the_choice_was_worth_is_the_winner_against_all_out_of_sample(walk, rolling):
    found = walk("", all_oos=True, out=None)
    assert [w.oos_value for w in found.windows] == [w.oos_value for w in rolling.windows]
    w = found.windows[0]
    values = []
    for parameters in ({"share": s, "every": e} for s in ("0.2", "0.8") for e in ("2", "3")):
        said = {"parameters": parameters, "start": w.window.oos_start, "end": w.window.oos_end, "details": False}
        values.append(run_strategy(walk.path, three_years(), **said).statistics["Sharpe Ratio"])
    assert w.oos_median == pytest.approx(statistics.median(values), abs=1e-12)
    gains = [one.oos_value - one.oos_median for one in found.windows]
    assert found.figures.selection_out_of_sample.mean == pytest.approx(statistics.mean(gains), abs=1e-12)
    assert rolling.figures.selection_out_of_sample == (None, None, 0)


def test_of_random_splits_assets_may_be_drawn(home, walk):
    with pytest.raises(ParameterError, match="assets"):
        walk("", mode="random", runs=1, n_assets=99, out=None)
    found = walk("", mode="random", runs=2, n_assets=1, out=None, space={"every": [2]})
    assert all(len(w.window.assets) == 1 for w in found.windows)


def test_a_window_without_a_feasible_trial_trades_nothing(home, walk):
    found = walk("none", constraints=["Total Orders > 1000"])
    assert (found.figures, found.curve.empty) == (None, True)
    assert found.notes == tuple(f"window {n}: no trial was feasible in sample, so nothing was traded" for n in (1, 2, 3))
    document = told(home, "none")
    check(document, DOCUMENT)
    for window in document["windows"]:
        check(window, WINDOW)
    assert not (home / "none" / "config.json").exists()
    assert "no window had a feasible trial" in repr(found)
    assert len(found.table()) == 3
    assert walk_forward_dict(read_walk_forward(home / "none")) == walk_forward_dict(found)


def test_a_winner_that_fails_out_of_sample_is_told(tmp_path):
    text = HOLD.replace(
        "        wanted",
        "        if self.time.year > 2010 and self.start_date.year > 2010:\n            raise ValueError('late')\n        wanted",
        1,
    )
    found = walk_forward(
        write_strategy(tmp_path, text),
        {"every": [2]},
        data=three_years(),
        start=FIRST,
        end=date(2011, 12, 31),
        method="grid",
        workers=1,
        store=None,
        out=tmp_path / "out",
    )
    assert [w.oos.status for w in found.windows] == ["failed"]
    assert "late" in found.windows[0].oos.error
    assert (found.windows[0].oos_value, found.figures.missing) == (None, (1,))
    assert found.figures.verdict.answer == "undecided"
    check(told(tmp_path, "out"), DOCUMENT)


def test_the_table_the_picture_and_what_it_says(rolling):
    table = rolling.table()
    assert table.index.tolist() == [1, 2, 3]
    assert table["param_every"].isin(["2", "3"]).all()
    assert table["oos_return"].tolist() == [w.oos_return for w in rolling.windows]
    assert rolling.figures.verdict.answer in repr(rolling)
    assert len(rolling.plot().data) >= 2
    assert rolling.figures.verdict.reasons[0] in rolling._repr_html_().replace("&#x27;", "'")


def test_it_is_frozen_and_picklable(rolling):
    again = pickle.loads(pickle.dumps(rolling))
    assert walk_forward_dict(again) == walk_forward_dict(rolling)
    with pytest.raises(FrozenInstanceError):
        rolling.windows = ()


def test_progress_counts_windows_and_trials(walk):
    seen = []
    walk("", out=None, progress=lambda *told: seen.append((*told[:2], told[2] is not None, *told[3:])))
    assert seen == [
        (w, 3, done, n, 4) for w in (1, 2, 3) for done, n in [(False, 1), (False, 2), (False, 3), (False, 4), (True, 4)]
    ]


def test_another_walk_in_the_folder_is_refused(walk, rolling):
    for said, differs in (
        ({"oos_months": 3}, "oos_months was 6 and is 3"),
        ({"mode": "anchored"}, "mode was 'rolling'"),
        ({"seed": 1}, "seed was 0"),
    ):
        with pytest.raises(StudyError, match=f"holds another study: .*{differs}"):
            walk("rolling", **said)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"is_months": 31}, "is_months.*at most the 35 whole months of the data"), ({"is_months": 0}, "is_months = 0"), ({"oos_months": 1.5}, "oos_months"),
        ({"mode": "sideways"}, "mode = 'sideways': expected one of rolling, anchored, random"), ({"mode": "random", "train": 1.0}, "train = 1.0"),
        ({"mode": "random", "runs": 0}, "runs = 0"), ({"objective": ["Drawdown", "Sharpe Ratio"]}, "one: a window has one winner"),
        ({"objective": Objective("Sharpe")}, "Did you mean Sharpe Ratio"), ({"n_trials": 0}, "n_trials = 0"), ({"space": {}}, "at least one parameter"),
        ({"space": {"shar": "1:2:1"}}, "Did you mean share"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told(home, walk, said, expected):
    with pytest.raises(ParameterError, match=expected):
        walk("never", **said)
    assert not (home / "never").exists()


def spec_of(path, data, **asked):
    setup = make_setup(path, data, **asked)
    return make_spec(setup, {"every": [2]}, watch(setup), "grid", 1, as_objectives("Sharpe Ratio"), (), 0, 8, None, fixed={})


def test_days_are_those_asked_for_or_the_strategys_own_or_those_of_the_data(tmp_path):
    path, plan = write_strategy(tmp_path, HOLD), Plan(is_months=6, oos_months=3)
    dates = three_years().load("SYN_MARKET").dates
    windows = plan.windows(spec_of(path, three_years()))
    assert windows[0].is_start == dates[260]  # it sets none
    assert dates[-100] < windows[-1].oos_end <= dates[-1]
    own = "def initialize(self):\n        self.set_start_date(2010, 7, 1)\n        self.set_end_date(2011, 6, 30)"
    path.write_text(HOLD.replace("def initialize(self):", own), encoding="utf-8")
    windows = plan.windows(spec_of(path, three_years()))
    assert (windows[0].is_start, windows[-1].oos_end) == (date(2010, 7, 1), date(2011, 6, 30))
    windows = plan.windows(spec_of(path, three_years(), start=date(2010, 10, 1), end=date(2011, 6, 30)))
    assert (windows[0].is_start, windows[-1].oos_end) == (date(2010, 10, 1), date(2011, 6, 30))
    with pytest.raises(ParameterError, match="whole months"):
        Plan(is_months=48).windows(spec_of(path, three_years()))


def test_holding_is_told_of_the_same_days(rolling):
    assert rolling.hold is not None
    held = np.concatenate([w.held for w in rolling.windows])
    assert rolling.hold.n_days == len(held) == sum(len(w.days) for w in rolling.windows)
    assert rolling.hold.annual_sharpe == pytest.approx(held.mean() / held.std(ddof=1) * 252**0.5)
    assert all(w.held[0] == 0.0 for w in rolling.windows)
