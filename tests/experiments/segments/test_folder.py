"""A run in parts is a value: frozen, picklable, written with equal bytes and read back equal."""

from __future__ import annotations

import builtins
import json
import pickle
from dataclasses import FrozenInstanceError
from datetime import date

import pytest

from hidden_regime.exceptions import StudyError
from hidden_regime.experiments import Segments, run_strategy, segment
from hidden_regime.experiments.segments import read_segments
from tests.experiments.segments.made import calls, planted, run
from tests.experiments.small import HOLD, three_years, write_strategy

MADE = {
    "regimes": lambda: segment(planted(12), n_resamples=100),
    "few": lambda: segment(run([0.01, -0.02, 0.01]), regimes=calls(["Bull", "Bear", "Bear"])),
    "eras": lambda: segment(run([0.01, 0.0, 0.02], [0.0, 0.1, 0.0]), by="era", eras={"a": ("2020-01-02", "2020-01-03")}),
    "years": lambda: segment(run([0.001] * 300), by="year"),
}


@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
def test_it_reads_back_equal_and_equal_ones_have_equal_bytes(tmp_path, make):
    found = make()
    found.write(tmp_path / "a")
    make().write(tmp_path / "b")
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["days.parquet", "report.html", "segments.json"]
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
    again = read_segments(tmp_path / "a")
    assert again == found and again.days.equals(found.days)
    assert again.to_html() == (tmp_path / "a" / "report.html").read_text(encoding="utf-8")
    content = json.loads((tmp_path / "a" / "segments.json").read_text(encoding="utf-8"))
    assert content["schema"] == "hidden-regime/segments/1"
    assert [part["name"] for part in content["parts"]] == [part.name for part in found.parts]


def test_without_pyarrow_it_is_a_csv(tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name == "pyarrow":
            raise ImportError(name)
        return real(name, *rest)

    found = MADE["regimes"]()
    found.write(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(builtins, "__import__", without)
        found.write(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["days.csv", "report.html", "segments.json"]
    assert read_segments(tmp_path) == found


def edited(folder, change):
    path = folder / "segments.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_damaged_files_are_told(tmp_path):
    with pytest.raises(StudyError, match=r"segments\.json"):
        read_segments(tmp_path)
    changes = [
        lambda c: c.update(schema="other"),
        lambda c: c.pop("whole"),
        lambda c: c["parts"][0].pop("days"),
        lambda c: c["parts"][0].update(days=1),
        lambda c: c["parts"][0]["own"].update(total_return=5.0),
        lambda c: c["parts"].pop(),
        lambda c: c["question"].update(seed=9),
    ]
    for i, change in enumerate(changes):
        folder = tmp_path / str(i)
        MADE["eras"]().write(folder)
        edited(folder, change)
        with pytest.raises(StudyError, match=r"segments\.json"):
            read_segments(folder)
    MADE["eras"]().write(tmp_path / "days")
    (tmp_path / "days" / "days.parquet").write_bytes(b"no")
    with pytest.raises(StudyError, match=r"days\.parquet"):
        read_segments(tmp_path / "days")


def test_it_is_frozen_and_comes_back_from_a_pickle():
    found = MADE["regimes"]()
    assert pickle.loads(pickle.dumps(found)) == found
    with pytest.raises(FrozenInstanceError):
        found.notes = ()
    assert found != 3 and found["Bull"].name == "Bull"
    with pytest.raises(KeyError, match="the parts are Bear, Bull"):
        found["Crisis"]
    assert "Bull" in found._repr_html_() and repr(found).startswith("Segments('mine' by regime: It earned its return in Bull")
    assert len(found.plot().layout.shapes) == 2


def test_a_strategy_is_run(tmp_path):
    path = write_strategy(tmp_path / "hold", HOLD, "hold.py")
    found = segment(path, by="year", data=three_years(), end=date(2011, 6, 30), store=None, out=tmp_path / "out", name="held")
    assert isinstance(found, Segments) and found.spec["name"] == "held"
    assert read_segments(tmp_path / "out") == found


def test_a_templates_own_regimes_are_those_of_the_evening_before():
    result = run_strategy("basic_regime_switching", end=date(2002, 3, 28))
    found = segment(result, n_resamples=100)
    states = result.regimes["AAPL"]["regime"]
    assert found.spec["asset"] == "AAPL" and found.notes == ()
    before = states.shift(1).reindex(found.days.index)
    assert found.days["part"].tolist() == before.tolist()
    assert found.days["return"].tolist() == pytest.approx(result.returns.tolist())
