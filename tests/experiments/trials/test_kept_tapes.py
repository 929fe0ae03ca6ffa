"""Tapes are held up to a number, written when a run ends, and never cost a run that can't read or write them."""

from __future__ import annotations

import errno

import pytest

from hidden_regime.cache.stores.memory import MemoryStore
from hidden_regime.experiments.trials import kept_tapes as module
from hidden_regime.experiments.trials.kept_tapes import KeptTapes


class Tape:
    """Stands for a tape: a length and bytes."""

    def __init__(self, content=b"tape"):
        self.content = content

    def __len__(self):
        return len(self.content)

    def to_bytes(self):
        return self.content

    @classmethod
    def from_bytes(cls, content):
        if content == b"damaged":
            raise ValueError("damaged")
        return cls(content)


@pytest.fixture(autouse=True)
def _tapes(monkeypatch):
    monkeypatch.setattr(module, "Tape", Tape)


class Broken:
    def __init__(self):
        self.tried = 0

    def get(self, key):
        raise OSError(errno.EIO, "unreadable")

    def put(self, key, content):
        self.tried += 1
        raise OSError(errno.ENOSPC, "full")


def test_what_is_put_is_got_and_counted():
    tapes, tape = KeptTapes(), Tape()
    assert tapes.get("a") is None
    tapes.put("a", tape)
    assert tapes.get("a") is tape
    assert (tapes.hits, tapes.misses) == (1, 1)


def test_a_tape_is_written_as_it_is_when_the_run_ends_and_once():
    store = MemoryStore()
    tapes, tape = KeptTapes(store), Tape(b"begun")
    tapes.put("a", tape)
    tapes.put("empty", Tape(b""))
    assert store.get("a") is None
    tape.content = b"complete"
    tapes.flush()
    assert (store.get("a"), store.get("empty")) == (b"complete", None)
    tape.content = b"later"
    tapes.flush()
    assert store.get("a") == b"complete"
    found = KeptTapes(store).get("a")
    assert found is not None
    assert found.content == b"complete"


def test_no_more_are_held_than_may_be_and_the_latest_used_stay(monkeypatch):
    monkeypatch.setattr(module, "MOST", 3)
    tapes = KeptTapes()
    for key in "abc":
        tapes.put(key, Tape(key.encode()))
    assert tapes.get("a") is not None
    tapes.put("d", Tape())
    assert [tapes.get(key) is None for key in "abcd"] == [False, True, False, False]


def test_what_cannot_be_read_is_recorded_anew():
    store = MemoryStore()
    store.put("a", b"damaged")
    for tapes in (KeptTapes(store), KeptTapes(Broken())):
        assert tapes.get("a") is None
        assert (tapes.hits, tapes.misses) == (0, 1)


def test_a_full_disk_is_no_error_of_the_run():
    store = Broken()
    tapes = KeptTapes(store)
    for key in "abc":
        tapes.put(key, Tape())
    tapes.flush()
    assert store.tried == 1  # one is enough to know
