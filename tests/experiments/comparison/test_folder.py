"""A comparison's folder: equal bytes, what was written is what is read, and what is damaged or another's."""

from __future__ import annotations

import builtins
import json
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hidden_regime.exceptions import StudyError

pytest.importorskip("arch")

from hidden_regime.experiments import compare_strategies
from hidden_regime.experiments.comparison.folder import COMPARISON, SCHEMA, read_comparison
from hidden_regime.experiments.folders import read_table
from tests.experiments.small import HOLD, three_years, write_strategy

FEW = {"n_resamples": 199}
IMPORT = builtins.__import__


def luck(seed, n=120):
    return pd.Series(np.random.default_rng(seed).normal(0.0005, 0.01, n), pd.bdate_range("2015-01-01", periods=n))


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    options = {"data": three_years(), "end": date(2011, 6, 30), "workers": 1, "store": None, **FEW}
    given = {"hold, twice": write_strategy(folder / "a", HOLD, "hold.py"), "basic": "basic_regime_switching", "gone": "nowhere"}
    return lambda out: compare_strategies(given, out=out, **options)


@pytest.fixture(scope="module")
def written(runs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("written") / "out"
    return runs(folder), folder


def _no_pyarrow(name, *rest, **options):
    if name.partition(".")[0] == "pyarrow":
        raise ImportError(name)
    return IMPORT(name, *rest, **options)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_question_twice_gives_equal_bytes(written, runs, tmp_path):
    _, folder = written
    before = contents(folder)
    runs(tmp_path / "again")
    assert contents(tmp_path / "again") == before
    runs(folder)
    assert contents(folder) == before


@pytest.mark.parametrize("without_pyarrow", [False, True])
def test_what_was_written_is_what_is_read(written, tmp_path, monkeypatch, without_pyarrow):
    found, folder = written
    if not without_pyarrow:
        pytest.importorskip("pyarrow")
    else:
        monkeypatch.setattr(builtins, "__import__", _no_pyarrow)
        folder = tmp_path / "csv"
        found.write(folder)
        monkeypatch.undo()  # some releases of pandas ask for it to read a CSV
        assert (folder / "returns.csv").is_file()
    again = read_comparison(folder)
    assert again.to_dict() == found.to_dict() == json.loads((folder / COMPARISON).read_text(encoding="utf-8"))
    assert again.to_html() == found.to_html() == (folder / "report.html").read_text(encoding="utf-8")
    assert (again.days == found.days).all() and (again.returns == found.returns).all()
    for one, other in zip(found.results, again.results, strict=True):
        pd.testing.assert_frame_equal(one.equity, other.equity, check_freq=False, check_index_type=False)
        for table in ("orders", "trades"):
            pd.testing.assert_frame_equal(getattr(one, table), getattr(other, table), check_dtype=False)
        assert list(one.regimes) == list(other.regimes)
        for ticker, states in other.regimes.items():
            assert states["regime"].tolist() == one.regimes[ticker]["regime"].tolist()
            np.testing.assert_array_equal(states["prob_Bull"], one.regimes[ticker]["prob_Bull"])
    assert again.result("basic").regimes


def test_what_is_in_it(written):
    found, folder = written
    content = json.loads((folder / COMPARISON).read_text(encoding="utf-8"))
    assert (content["schema"], content["verdict"]["answer"], content["n_days"]) == (SCHEMA, found.verdict.answer, len(found.days))
    assert content["pairs"][0]["told"] is found.pairs[0].told
    assert str(folder.parent) not in json.dumps(content)
    assert list(read_table(folder, "returns").columns) == ["date", *found.names]


def test_another_comparison_is_refused_before_anything_runs(tmp_path):
    out = tmp_path / "out"
    compare_strategies([luck(1), luck(2)], out=out, **FEW)
    before = contents(out)
    with pytest.raises(StudyError, match="another comparison"):
        compare_strategies([luck(1), luck(3)], out=out, **FEW)
    with pytest.raises(StudyError, match="another comparison"):
        compare_strategies([luck(1), luck(2)], out=out, seed=1, **FEW)
    assert contents(out) == before
    other = tmp_path / "other"
    other.mkdir()
    (other / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(StudyError, match=r"notes\.txt and no comparison"):
        compare_strategies([luck(1), luck(2)], out=other, **FEW)
    with pytest.raises(StudyError, match="is a file"):
        compare_strategies([luck(1), luck(2)], out=other / "notes.txt", **FEW)


@pytest.mark.parametrize("change", ["figure", "pair", "names", "torn", "schema", "table", "missing"])
def test_damage_is_told(tmp_path, change):
    out = tmp_path / "out"
    compare_strategies([luck(1), luck(2)], out=out, **FEW)
    path = out / COMPARISON
    content = json.loads(path.read_text(encoding="utf-8"))
    if change == "figure":
        del content["figures"][0]["name"]
    elif change == "pair":
        content["pairs"][0]["told"] = not content["pairs"][0]["told"]
    elif change == "names":
        content["names"] = ["a", "b"]
    elif change == "schema":
        content["schema"] = "x"
    text = json.dumps(content)
    path.write_text(text[:100] if change == "torn" else text, encoding="utf-8")
    (table,) = out.glob("returns.*")
    if change == "table":
        table.write_bytes(b"no table")
    if change == "missing":
        table.unlink()
    with pytest.raises(StudyError):
        read_comparison(out)
