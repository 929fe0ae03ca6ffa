"""What is done with a file, by what it was and is on both sides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hidden_regime.cloud.sync.merging import Changes, Conflict, merge

CASES = {
    # (mine, theirs, last): what is done; with delete; with force; with both
    ("a", "a", None): ("unchanged",) * 4,
    ("a", "a", "a"): ("unchanged",) * 4,
    ("a", "a", "b"): ("unchanged",) * 4,
    ("a", None, None): ("created",) * 4,
    ("a", None, "a"): ("conflict", "conflict", "created", "created"),
    ("a", None, "b"): ("conflict", "conflict", "created", "created"),
    ("a", "b", None): ("conflict", "conflict", "updated", "updated"),
    ("a", "b", "a"): ("conflict", "conflict", "updated", "updated"),
    ("a", "b", "b"): ("updated",) * 4,
    ("a", "b", "c"): ("conflict", "conflict", "updated", "updated"),
    (None, "b", None): ("foreign",) * 4,
    (None, "b", "b"): ("kept", "deleted", "kept", "deleted"),
    (None, "b", "c"): ("kept", "conflict", "kept", "deleted"),
    (None, None, "a"): (None,) * 4,
}
OPTIONS = ((False, False), (True, False), (False, True), (True, True))


def side(digest):
    return {} if digest is None else {"f.py": digest}


def group_of(changes: Changes, name: str) -> str | None:
    return next((group for group, names in vars(changes).items() if name in names), None)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("place", range(4))
def test_every_case_has_its_answer(case, place):
    delete, force = OPTIONS[place]
    expected = CASES[case][place]
    sides = [side(digest) for digest in case]
    if expected == "conflict":
        with pytest.raises(Conflict, match=r"f\.py") as told:
            merge(*sides, delete=delete, force=force)
        assert told.value.names == ("f.py",)
    else:
        assert group_of(merge(*sides, delete=delete, force=force), "f.py") == expected


def test_the_cases_are_all_that_there_are():
    """Three digests are told apart by which of them are equal and which are not there."""

    def shape(case):
        letters = dict(zip(dict.fromkeys(one for one in case if one), "xyz", strict=False))
        return tuple(letters.get(one) for one in case)

    values = (None, "a", "b", "c")
    shapes = {shape((my, their, last)) for my in values for their in values for last in values} - {(None,) * 3}
    assert {shape(case) for case in CASES} == shapes


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (("a", "b", "c"), "f.py was changed in the cloud since both were equal"),
        ((None, "b", "c"), "f.py was changed in the cloud since both were equal"),
        (("a", None, "a"), "f.py was deleted in the cloud since both were equal"),
        (("a", "b", None), "f.py is in the cloud too, with another content"),
    ],
)
def test_a_conflict_says_what_the_other_side_did(case, said):
    with pytest.raises(Conflict) as told:
        merge(*map(side, case), delete=True, force=False, there="in the cloud")
    assert told.value.text == f"{said}. Nothing was written."


FILES = st.dictionaries(st.sampled_from([f"{n}.py" for n in range(6)]), st.sampled_from("abc"))


@given(FILES, FILES, FILES, st.booleans(), st.booleans())
def test_nothing_of_somebody_elses_is_overwritten_and_the_rest_becomes_mine(mine, theirs, last, delete, force):
    changes, conflicts = Changes(), ()
    try:
        changes = merge(mine, theirs, last, delete=delete, force=force)
    except Conflict as error:
        conflicts = error.names
    for name in conflicts:  # each is a change of theirs that mine would undo
        assert not force and theirs.get(name) != last.get(name) and theirs.get(name) != mine.get(name)
    if conflicts:
        return
    after = {name: digest for name, digest in theirs.items() if name not in changes.deleted}
    after |= {name: mine[name] for name in (*changes.created, *changes.updated)}
    left = {*changes.kept, *changes.foreign}
    assert {name: digest for name, digest in after.items() if name not in left} == mine
    assert {name: after[name] for name in left} == {name: theirs[name] for name in left}
    assert changes.count == sum(after.get(name) != theirs.get(name) for name in {*after, *theirs})
    if not force:
        assert all(theirs.get(name) == last.get(name) for name in changes.written)
    if not delete:
        assert not changes.deleted
    assert not {*changes.foreign} & {*last}  # what both once had is never called theirs alone
    again = merge(mine, after, mine | {name: last[name] for name in changes.kept}, delete=False, force=False)
    assert again.count == 0 and again.kept == changes.kept and again.foreign == changes.foreign
