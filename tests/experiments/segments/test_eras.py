"""Eras are fixed beforehand: from a file or a mapping, each with errors that name it."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pytest

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.segments import Era, read_eras, segment
from tests.experiments.segments.made import run

GOOD = """[[era]]
name = "late"
start = 2020-01-08
end = 2020-01-09
[[era]]
name = "early"
start = 2020-01-02
end = "2020-01-03"
why = "a reason"
"""


def test_a_file_and_a_mapping_say_the_same(tmp_path):
    path = tmp_path / "eras.toml"
    path.write_text(GOOD, encoding="utf-8")
    found = read_eras(path)
    assert found == (
        Era("early", date(2020, 1, 2), date(2020, 1, 3), "a reason"),
        Era("late", date(2020, 1, 8), date(2020, 1, 9)),
    )
    other = read_eras({"late": (date(2020, 1, 8), "2020-01-09"), "early": [datetime(2020, 1, 2, 9), "2020-01-03"]})
    assert [(e.name, e.start, e.end) for e in other] == [(e.name, e.start, e.end) for e in found]
    assert read_eras(found) == found


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("x", "TOML"),
        ("", "at least one era"),
        ("[era]\nname = 'a'", "two brackets"),
        ("eras = 1", "nothing but tables"),
        (GOOD + "color = 'red'", r"era\[1\] 'early' = 'color': expected a key that an era has"),
        ("[[era]]\nname = 'a'\nstart = 2020-01-01", r"era\[0\] 'a'.*a line end"),
        (
            "[[era]]\nname = 'a'\nstart = 2020-01-02\nend = 2020-01-01",
            r"era\[0\] 'a' = '2020-01-02 to 2020-01-01'.*after the start",
        ),
        ("[[era]]\nname = 'a'\nstart = 'soon'\nend = 2020-01-01", r"era\[0\] 'a', start = 'soon'"),
        ("[[era]]\nname = 5\nstart = 2020-01-02\nend = 2020-01-03", r"era\[0\].*a text"),
        ("[[era]]\nname = 'all days'\nstart = 2020-01-02\nend = 2020-01-03", r"'all days'.*another name"),
        ("[[era]]\nname = 'a'\nwhy = 3\nstart = 2020-01-02\nend = 2020-01-03", r"era\[0\] 'a' = 3.*reason"),
        (GOOD + GOOD.replace("late", "x").replace("2020", "2021"), "eras = 'early'.*each name once"),
        (GOOD.replace("2020-01-03", "2020-01-08"), "'late' begins on 2020-01-08, and 'early' ends on 2020-01-08.*share no day"),
    ],
)
def test_files_that_cant_be(tmp_path, text, match):
    path = tmp_path / "eras.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError, match=match):
        read_eras(path)


@pytest.mark.parametrize(
    ("eras", "match"),
    [
        ({}, "at least one"),
        ({"a": "2020-01-01"}, "first and its last day"),
        ({"a": ("2020-01-01",)}, "first and its last day"),
        ({"a": ("2020-01-01", 5)}, r"eras\['a'\], end = 5"),
        ({"outside the eras": ("2020-01-01", "2020-01-02")}, "another name"),
        (7, "a TOML file"),
        ("nowhere.toml", "a file"),
    ],
)
def test_mappings_that_cant_be(eras, match):
    with pytest.raises(ParameterError, match=match):
        read_eras(eras)


def test_days_of_eras_and_outside(tmp_path):
    path = tmp_path / "eras.toml"
    path.write_text(GOOD, encoding="utf-8")
    found = segment(run([0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07]), by="era", eras=path)
    assert found.days["part"].tolist() == ["early"] * 2 + ["outside the eras"] * 2 + ["late"] * 2 + ["outside the eras"]
    assert [part.name for part in found.parts] == ["early", "late", "outside the eras"]
    assert found["outside the eras"].spells == 2
    assert all(part.too_few and part.mean_interval is None for part in found.parts)
    assert found.spec["eras"][0]["why"] == "a reason"
    alone = segment(run([0.01, 0.02]), by="era", eras=path)
    assert alone.notes == ("The run has no day of 'late', 2020-01-08 to 2020-01-09.",)


def test_years():
    found = segment(run(np.full(600, 0.001)), by="year")
    assert [part.name for part in found.parts] == ["2020", "2021", "2022"]
    assert found["2021"].days == 261


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ({"by": "decade"}, "one of regime, era, year"),
        ({"by": "era"}, "eras = None"),
        ({"by": "year", "eras": {"a": ("2020-01-01", "2020-01-02")}}, "nothing with by='year'"),
        ({"by": "year", "asset": "SPY"}, "asset"),
        ({"by": "year", "min_spells": 1}, "min_spells"),
        ({"by": "year", "n_resamples": 5}, "n_resamples"),
        ({"by": "year", "seed": -1}, "seed"),
    ],
)
def test_questions_that_cant_be(asked, match):
    with pytest.raises(ParameterError, match=match):
        segment(run([0.01] * 5), **asked)
