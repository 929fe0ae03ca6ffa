"""Today's answers are those that were kept, whatever kernel gives them."""

from __future__ import annotations

import math
from itertools import groupby

import pytest

from hidden_regime import RegimeDetector, kernels
from tests.golden.__main__ import main
from tests.golden.answers import ANSWERS, KEPT, changes, path_of
from tests.golden.keys import ARITHMETICS
from tests.golden.markets import hidden_for_years
from tests.golden.tables import Difference, differences, pack, read, same, summary, unpack


@pytest.mark.parametrize("backend", kernels.available())
@pytest.mark.parametrize("name", ANSWERS)
def test_answers_are_those_that_were_kept(name, backend):
    with kernels.using(backend):
        found = changes(name, ANSWERS[name]())
    assert not found, f"{name}, {backend}: {summary(found, most=6)}\nWhere this is meant: tests/golden/README.md."


def test_every_file_is_of_an_answer():
    assert sorted(KEPT.iterdir()) == sorted(path_of(name) for name in ANSWERS)


def test_the_files_hold_what_a_mistake_would_change():
    """Notes, errors, every name, states that change their name, signals that are held back."""
    kept = {name: read(path_of(name)) for name in ANSWERS}
    notes = {row["notes"] for row in kept["default"]}
    assert {"", "states 0 and 1 can't be told apart", "renamed: Bear is Sideways now"} < notes
    assert any(text.startswith("no regimes in 1008 bars") for text in notes)
    assert any("states 0 and 2 can't be told apart" in row["notes"] for row in kept["without_memory"])
    assert "state 0 is empty" in {row["notes"] for row in kept["challengers"]}
    assert sum("has no value in any" in row["error"] or "can't train" in row["error"] for row in kept["halted"]) > 10
    assert {row["regime"] for row in kept["four_states"]} == {"Crisis", "Bear", "Sideways", "Bull"}
    assert len({row["names"] for row in kept["four_states"]}) == 3
    assert {row["suppressed"] for row in kept["signals"]} == {"", "True"}
    assert {row["direction"] for row in kept["signals"]} == {"LONG", "NEUTRAL", "SHORT"}


def test_two_keys_are_equal_where_the_training_is():
    """The first window knows nothing of the schedule and the memory yet."""
    names: dict[str, list[str]] = {}
    for row in read(path_of("keys")):
        names.setdefault(row["digest"], []).append(row["key"])
    shared = [[f"detector, {name}, 1, {a}" for name in ("default", "without memory", "weekly")] for a in ARITHMETICS]
    assert [some for some in names.values() if len(some) > 1] == shared


def test_the_hidden_regime_is_known_again_after_years():
    """What the files can't say of themselves: that their numbers are right."""
    made = hidden_for_years()
    assert [(name, len(list(some))) for name, some in groupby(made.truth)] == [
        ("Bull", 455), ("Bear", 163), ("Bull", 1303), ("Bear", 69), ("Bull", 10)]  # fmt: skip
    found = [row["regime"] for row in read(path_of("hidden_for_years"))]
    met = len(found) - 1382  # from where its Bear has been seen once
    right = [a == b for a, b in zip(found, made.truth[-len(found) :], strict=True)]
    assert sum(right[met:]) > 0.985 * 1382
    assert found[-79:-10].count("Bear") >= 67
    forgetful = RegimeDetector(2, memory=0.0).run(made.market.load("HIDDEN").frame())["regime"]
    assert (forgetful.iloc[1000:1900] == "Bear").mean() > 0.3 > 0.02 > found[748:1648].count("Bear") / 900


ROWS = [
    {"day": "a", "regime": "Bull", "prob": 0.123456789012, "notes": ""},
    {"day": "b", "regime": "Bear", "prob": math.nan, "notes": 'x, "y"'},
    {"day": "c", "regime": "Bear", "prob": math.inf, "notes": ""},
]


def test_a_table_comes_back_with_nine_digits():
    kept = unpack(pack(ROWS))
    assert kept[0] == {"day": "a", "regime": "Bull", "prob": "0.123456789", "notes": ""}
    assert kept[1] == {"day": "b", "regime": "Bear", "prob": "nan", "notes": 'x, "y"'}
    assert differences(kept, ROWS) == []
    with pytest.raises(ValueError, match="come twice"):
        pack([ROWS[0], ROWS[0]])
    with pytest.raises(ValueError, match="in every row"):
        pack([ROWS[0], {"day": "b"}])


@pytest.mark.parametrize(
    ("place", "column", "value"),
    [(0, "regime", "Bear"), (0, "prob", 0.123457), (0, "prob", math.nan), (0, "prob", "0.123456789 "), (1, "prob", 0.0), (2, "prob", -math.inf),
     (2, "prob", 1e308), (1, "notes", ""), (0, "notes", "state 2 is empty")],
)  # fmt: skip
def test_every_other_value_is_a_difference(place, column, value):
    now = [dict(row) for row in ROWS]
    now[place][column] = value
    ((key, where, _, _),) = differences(unpack(pack(ROWS)), now)
    assert (key, where) == (ROWS[place]["day"], column)


def test_rows_and_columns_that_come_and_go_are_differences():
    kept = unpack(pack(ROWS))
    assert differences(kept, ROWS[:2]) == [Difference("c", "", "", None)]
    assert differences(kept[1:], ROWS) == [Difference("a", "", None, "")]
    assert differences([], ROWS[:1]) == [Difference("a", "", None, "")]
    assert differences(kept[:1], [{**ROWS[0], "new": 1}]) == [Difference("a", "new", None, "1")]
    assert differences(kept[:1], [{"day": "a", "regime": "Bull", "notes": ""}]) == [Difference("a", "prob", "0.123456789", None)]


def test_the_tolerance_is_an_option():
    assert same("0.5", 0.5 + 4e-7)
    assert not same("0.5", 0.5 + 4e-7, rtol=1e-8, atol=0.0)
    assert not same("0.5", 0.51)
    assert same("0.5", 0.51, rtol=0.1)
    assert same("1e-30", 2e-30)
    assert not same("1e-30", 2e-30, atol=0.0)
    assert not same("5", 6) and not same("5", 5.1) and same("5", 5)


def test_the_command_says_what_changed_and_writes_it(tmp_path, capsys, monkeypatch):
    now = [dict(row) for row in ROWS]
    monkeypatch.setitem(ANSWERS, "weights", lambda: now)

    def said(*arguments):
        code = main(arguments, tmp_path)
        return code, capsys.readouterr().out.splitlines()[1:]

    path = path_of("weights", tmp_path)
    assert said("weights") == (1, ["weights: new, 3 rows", "1 of 1 differ."])
    assert not path.exists()
    assert said("weights", "--write")[0] == 0
    assert said("weights") == (0, ["weights: unchanged"])
    now[0]["prob"], now[1]["regime"], now[1]["notes"] = 0.2, "Bull", "state 1 is empty"
    now.append({"day": "d", "regime": "Bull", "prob": 1.0, "notes": ""})
    assert said("weights") == (1, [
        "weights: 3 rows differ (prob 1, regime 1, notes 1, whole rows 1)",
        "    a prob: kept '0.123456789', now '0.2'",
        "    b regime: kept 'Bear', now 'Bull'",
        "    b notes: kept 'x, \"y\"', now 'state 1 is empty'",
        "    ...",
        "1 of 1 differ.",
    ])  # fmt: skip
    code, lines = said("--write", "weights")
    assert (code, lines[-1]) == (0, "1 of 1 written: say in CHANGELOG.md what changed and why.")
    now[0]["prob"] = 0.2 + 1e-9
    before = path.read_bytes()
    assert said("weights", "--write") == (0, ["weights: unchanged"])
    assert path.read_bytes() == before
    with pytest.raises(SystemExit):
        main(["nonsense"], tmp_path)
    assert "'nonsense' is none of default" in capsys.readouterr().err
