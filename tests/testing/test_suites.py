"""The suites for one's own parts: the package's parts pass them, and each way of being wrong is named."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import pytest

from hidden_regime.cache import CachingTrainer, FolderStore, MemoryStore, ObjectPacks
from hidden_regime.cache.stores.base import Kept
from hidden_regime.exceptions import ConformanceError, ParameterError
from hidden_regime.many.parallel import BatchTrainer
from hidden_regime.models.training import train
from hidden_regime.simulator.object_store import ObjectStore
from hidden_regime.testing import check_naming, check_store, check_trainer


class Plain:
    """A user's store over a dictionary that outlives it."""

    def __init__(self, kept: dict[str, bytes]) -> None:
        self.kept = kept

    def get(self, key):
        return self.kept.get(key)

    def put(self, key, content):
        self.kept[key] = content

    def delete(self, key):
        self.kept.pop(key, None)

    def entries(self):
        return iter([Kept(key, len(content), None) for key, content in self.kept.items()])

    def flush(self):
        pass

    def __len__(self):
        return len(self.kept)


class Forgetful(Plain):
    def __init__(self, kept):
        super().__init__({})


class First(Plain):
    def put(self, key, content):
        self.kept.setdefault(key, content)


class Text(Plain):
    def put(self, key, content):
        self.kept[key] = content.decode("utf-8", errors="replace").encode()


class Strict(Plain):
    def delete(self, key):
        del self.kept[key]


class Sizeless(Plain):
    def entries(self):
        return iter([Kept(key, 0, None) for key in self.kept])


@pytest.mark.parametrize("make", ["folder", "object store", "user's"])
def test_stores_keep_what_they_are_given(make, tmp_path):
    kept: dict[str, bytes] = {}
    check_store({
        "folder": lambda: FolderStore(tmp_path), "object store": lambda: ObjectPacks(ObjectStore(tmp_path)),
        "user's": lambda: Plain(kept),
    }[make])  # fmt: skip


@pytest.mark.parametrize(("kind", "words"), [
    (Forgetful, "put twice, of the store opened anew: came None: expected b'second'"),
    (First, "put twice, of the store that took them: came b'first'"),
    (Text, r"10,240 bytes of every value, .* \([\d,]+ of them\): expected b"),
    (Sizeless, "size = 0: expected 10240 bytes"),
])  # fmt: skip
def test_a_wrong_store_is_told_what_it_did(kind, words):
    kept: dict[str, bytes] = {}
    with pytest.raises(ConformanceError, match=words):
        check_store(lambda: kind(kept))


def test_what_a_store_lacks_raises_or_holds_is_named():
    with pytest.raises(ConformanceError, match="OrderedDict has no put, delete, entries, flush: expected the methods of Store"):
        check_store(OrderedDict)
    with pytest.raises(ParameterError, match="reopen"):
        check_store(lambda: Plain({"x": b""}))
    with pytest.raises(KeyError):
        check_store(lambda kept={}: Strict(kept))


@pytest.mark.parametrize(
    "trainer", [train, BatchTrainer("kernel", 1), BatchTrainer("threading", 2), CachingTrainer(train, MemoryStore(8))]
)
def test_trainers_find_the_same(trainer):
    check_trainer(trainer)


@pytest.mark.parametrize(("wrong", "words"), [
    (lambda tasks: train(tasks)[::-1], "all tasks: the result of task 0 "),
    (lambda tasks: train(tasks[:1]), "no task: the trainer raised|all tasks: 1 results: expected 6"),
    (lambda tasks: [result for result in train(tasks) if not isinstance(result, Exception)], "all tasks: 5 results"),
    (lambda tasks: [result._replace(n_iter=1) if hasattr(result, "n_iter") else result for result in train(tasks)], "has a n_iter"),
    (lambda tasks: [_raised(result) for result in train(tasks)], "all tasks: the trainer raised ConstantDataError"),
])  # fmt: skip
def test_a_wrong_trainer_is_told_what_it_did(wrong, words):
    with pytest.raises(ConformanceError, match=words):
        check_trainer(wrong)


def _raised(result):
    if isinstance(result, Exception):
        raise result
    return result


def test_parameters_may_be_off_by_the_tolerance_alone():
    def shifted(tasks):
        return [r if isinstance(r, Exception) else r._replace(log_likelihood=r.log_likelihood + 1e-6) for r in train(tasks)]

    check_trainer(shifted, atol=1e-5)
    with pytest.raises(ConformanceError, match="log_likelihood that is off by 1e-06: expected at most 1e-09"):
        check_trainer(shifted)


@pytest.mark.parametrize("n_states", [1, 2, 4])
def test_a_naming_rule_goes_by_what_states_are(n_states):
    check_naming(lambda moments: [f"rank {rank}" for rank in moments.sd.argsort().argsort()], n_states)


@pytest.mark.parametrize(("wrong", "words"), [
    (lambda moments: ["a", "b"], "expected 3 names, one for each state"),
    (lambda moments: None, "are named None: expected 3 names"),
    (lambda moments: [f"state {k}" for k in range(3)], "by their numbers"),
    (lambda moments: [str(np.random.default_rng().random()) for _ in range(3)], "other names when the rule is asked again"),
    (lambda moments: (moments.sd.sort(), ["a"] * 3)[1], "changed the moments"),
])  # fmt: skip
def test_a_wrong_naming_rule_is_told_what_it_did(wrong, words):
    with pytest.raises(ConformanceError, match=words):
        check_naming(wrong)
