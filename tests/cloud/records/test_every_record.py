"""No reader rejects a reply, and none loses anything in silence, whatever is missing or of another type."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import MISSING, fields

import pytest

from hidden_regime.cloud import records
from hidden_regime.cloud.records import backtests, charts, optimizations, projects
from hidden_regime.cloud.records.record import Record, folded
from tests.cloud.records.golden import GOLDEN

for module in pkgutil.iter_modules(records.__path__):
    importlib.import_module(f"{records.__name__}.{module.name}")
KINDS = sorted(Record.__subclasses__(), key=lambda kind: kind.__name__)
DEEP = [[]]
for _ in range(90):
    DEEP = [DEEP]
ODD = {
    "a text": "odd", "a number": 3, "a fraction": 2.5, "a truth": True, "a mapping": {"x": 1}, "a list": [1, "x", None, {}, []],
    "a list of one text": ["odd"], "pairs that are texts": ["12", "34"], "400 digits": 10**400, "-400 digits": -(10**400),
    "400 digits in a text": "1" * 400, "no number": "NaN", "infinity": "Infinity", "beyond numbers": float("inf"), "a huge number": 1e300,
    "a lone surrogate": "\ud800", "another year": "99999-01-01 00:00:00", "no date": "0001-01-01T00:00:00+14:00", "a clock": "nan:inf:0",
    "nested": DEEP, "mappings in a mapping": {"a": {"b": {"c": [None]}}}, "nulls": [None, None], "a null in a mapping": {"x": None},
    "no mapping": {"x": "odd", "y": 3, "z": [1]},
}  # fmt: skip
NOTHING = ([None, None], {"x": None})
EMPTY = {"an empty list": [], "an empty mapping": {}, "an empty text": ""}


def field_of(kind, name):
    """The field that a name on the wire belongs to."""
    return next(one for one in kind.told_fields() if folded(name) in {folded(n) for n in (one.name, *one.metadata["names"])})


def default_of(one):
    return one.default if one.default_factory is MISSING else one.default_factory()


def came(kind):
    return {name: value for name, (value, _) in GOLDEN[kind].items()}


CASES = [pytest.param(kind, name, id=f"{kind.__name__}.{name}") for kind in KINDS for name in GOLDEN.get(kind, ())]


def test_there_is_a_whole_reply_of_each_kind():
    assert len(KINDS) > 30 and set(GOLDEN) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_reply_is_read_whole(kind):
    reply = came(kind)
    found = kind.read(reply)
    assert found.unread == {} and found.extra == {} and found.raw is reply
    assert {field_of(kind, name).name for name in reply} == {one.name for one in kind.told_fields()}
    for name, (_, meant) in GOLDEN[kind].items():
        one = field_of(kind, name).name
        assert (one, getattr(found, one)) == (one, meant) and meant != default_of(field_of(kind, name))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reply", [None, [], {}, "odd", 3, True, [1, 2], [{}], float("nan"), 10**400], ids=str)
def test_what_is_no_mapping_has_every_default(kind, reply):
    found = kind.read(reply)
    assert found == kind()
    assert (found.unread == {}) is (reply is None or reply in ([], {}))


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_a_field_may_be_missing_or_null(kind, name):
    whole = kind.read(came(kind))
    for reply in ({key: value for key, value in came(kind).items() if key != name}, came(kind) | {name: None}):
        found = kind.read(reply)
        assert found.unread == {} and changed(found, whole) == {field_of(kind, name).name}
        assert getattr(found, field_of(kind, name).name) == default_of(field_of(kind, name))


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_a_field_may_be_anything_and_is_read_or_stands_in_unread(kind, name):
    whole, one = kind.read(came(kind)), field_of(kind, name)
    for what, odd in (ODD | EMPTY).items():
        reply = came(kind) | {name: odd}
        found = kind.read(reply)
        assert found.raw is reply and changed(found, whole) <= {one.name}, what
        value, default = getattr(found, one.name), default_of(one)
        if one.name in found.unread:
            assert found.unread == {one.name: odd} and (value == default or isinstance(odd, (list, dict))), what
        elif what not in EMPTY and odd not in NOTHING:  # what was read is not as if nothing had come
            assert value != default or complains(value), (what, value)


def test_what_can_be_read_of_a_list_or_a_mapping_is():
    found = backtests.Backtest.read(
        {"statistics": {"Sharpe Ratio": 1, "New": {"a": [1, None]}}, "parameterSet": {"fast": "10", "odd": []}}
    )
    assert (
        found.statistics == {"Sharpe Ratio": "1"}
        and found.parameter_set == {"fast": "10"}
        and set(found.unread) == {"statistics", "parameter_set"}
    )
    series = charts.Series.read({"values": [[1, 2], "odd", [3, None], {"x": 4, "y": []}, [5, 6]]})
    assert series.values == ((1.0, 2.0), (5.0, 6.0)) and set(series.unread) == {"values"}
    assert projects.Compile.read({"logs": ["a", None, "b"]}).logs == ("a", "b")
    assert optimizations.OptimizationBacktest.read({"parameterSet": {"fast": 10, "new": {}}}).parameter_set == {"fast": "10"}


def changed(found, whole):
    return {one.name for one in fields(found) if one.compare and getattr(found, one.name) != getattr(whole, one.name)}


def complains(value):
    """Whether a record, or one within it, says that it couldn't read something, or doesn't know it."""
    if isinstance(value, Record):
        return bool(value.unread or value.extra)
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
    return any(map(complains, parts))


@pytest.mark.parametrize("kind", KINDS)
def test_new_fields_are_kept_and_names_come_in_any_spelling(kind):
    reply = {name.upper().replace("-", "_"): value for name, value in came(kind).items()} | {"aFieldOfTomorrow": {"a": [1, None]}}
    found = kind.read(reply)
    assert found == kind.read(came(kind)) and found.extra == {"aFieldOfTomorrow": {"a": [1, None]}}


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_of_two_spellings_the_one_that_says_something_counts(kind, name):
    """The server has `targetValue` null beside `target-value` of something."""
    for reply in ({name.upper(): None} | came(kind), came(kind) | {name.upper(): None}):
        assert kind.read(reply) == kind.read(came(kind))
