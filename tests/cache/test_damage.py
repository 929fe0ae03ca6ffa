"""Entries that arrived whole and make no sense, and packs that did not arrive whole."""

from __future__ import annotations

import hashlib
import json
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.cache import CachingTrainer, MemoryStore, ObjectPacks, clear, inspect, task_key
from hidden_regime.cache.entry import BadEntryError, pack, unpack
from hidden_regime.exceptions import CacheWarning
from hidden_regime.models.training import Task, Trained, train
from hidden_regime.simulator.object_store import ObjectStore

TASK = Task(np.random.default_rng(0).normal(size=(60, 2)), 2)
(RESULT,) = train([TASK])
ENTRY = pack("k", RESULT)
HEAD, NUMBERS = ENTRY[65:].split(b"\n", 1)


def closed(head: object, numbers: bytes = NUMBERS) -> bytes:
    """An entry whose checksum fits, whatever is in it."""
    content = (head if isinstance(head, bytes) else json.dumps(head).encode()) + b"\n" + numbers
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def wrong(result: Trained) -> None:
    with pytest.raises(BadEntryError, match="makes no sense"):
        unpack("k", pack("k", result), TASK)


def changed(name: str, place: tuple[int, ...], value: float) -> Trained:
    array = getattr(RESULT.parameters, name).copy()
    array[place] = value
    return RESULT._replace(parameters=RESULT.parameters._replace(**{name: array}))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -1.0, 2.0, 1e200, -1e200])
@pytest.mark.parametrize(("name", "place"), [("startprob", (0,)), ("transmat", (1, 0)), ("covars", (0, 1, 0)), ("means", (0, 1))])
def test_numbers_that_no_training_gives_are_no_entry(name, place, value):
    if name == "means" and abs(value) < 1e100:
        return
    wrong(changed(name, place, value))


@pytest.mark.parametrize("variance", [0.0, -1.0, 1e-320, 1e308, np.nan])
def test_a_variance_that_no_density_has_is_no_entry(variance):
    wrong(changed("covars", (1, 1, 1), variance))


def test_results_that_contradict_themselves_are_no_entry():
    p = RESULT.parameters
    wrong(RESULT._replace(parameters=p._replace(degrees=np.full(2, 5.0))))  # the task asks for Gaussians
    wrong(RESULT._replace(parameters=p.reordered([0])))
    wrong(RESULT._replace(objective=np.nan))
    wrong(RESULT._replace(objective=RESULT.objective + 1.0))
    wrong(RESULT._replace(history=RESULT.history[:-1]))
    wrong(RESULT._replace(n_iter=10**9, history=RESULT.history))
    wrong(RESULT._replace(restarts=()))
    three = Task(np.random.default_rng(0).normal(size=(60, 3)), 2)
    with pytest.raises(BadEntryError):
        unpack("k", ENTRY, three)


BAD = st.one_of(
    st.none(), st.booleans(), st.floats(), st.integers(), st.integers(10**300, 10**310), st.text(max_size=5), st.just("0x1p9999"),
    st.lists(st.one_of(st.integers(-5, 10**20), st.none(), st.text(max_size=3)), max_size=3), st.just({}), st.just([[]]),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_head_is_an_entry_of_this_task_or_none(data):
    head = json.loads(HEAD)
    inner = data.draw(st.sampled_from([(), ("arrays",), ("restarts",), ("restarts", 0)]))
    place = head
    for step in inner:
        place = place[step]
    keys = list(place) if isinstance(place, dict) else list(range(len(place)))
    place[data.draw(st.sampled_from(keys))] = data.draw(BAD)
    try:
        found = unpack("k", closed(head), TASK)
    except BadEntryError:
        return
    assert found.parameters.covars.shape == (2, 2, 2)
    assert len(found.history) == found.n_iter + 1
    assert type(found.converged) is bool


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(NUMBERS) // 8 - 1), st.floats(width=64))
def test_any_numbers_are_a_model_or_no_entry(place, value):
    numbers = np.frombuffer(NUMBERS, "<f8").copy()
    numbers[place] = value
    try:
        p = unpack("k", closed(HEAD, numbers.tobytes()), TASK).parameters
    except BadEntryError:
        return
    np.testing.assert_allclose(p.transmat.sum(axis=1), 1.0, atol=1e-5)
    assert (np.linalg.eigvalsh(p.covars) > 0).all()


def test_every_training_is_an_entry():
    rng = np.random.default_rng(1)
    tasks = [Task(rng.normal(size=(80, d)) * 10.0**e, k, covariance_type=kind, starts=("volatility", "random"), n_iter=n,
                  emission=emission, mask=mask)
             for d, k, kind, e, n, emission, mask in [
                 (1, 1, "full", 0, 50, "gaussian", None), (2, 3, "diag", -8, 3, "gaussian", None),
                 (3, 2, "tied", 8, 50, "student_t", None), (1, 2, "spherical", 0, 1, "gaussian", np.triu(np.ones((2, 2)))),
                 (2, 2, "full", -4, 200, "student_t", None)]]  # fmt: skip
    for task, result in zip(tasks, train(tasks), strict=True):
        assert isinstance(result, Trained)
        assert unpack("k", pack("k", result), task).objective == result.objective


def trainer(folder: object) -> CachingTrainer:
    return CachingTrainer(train, MemoryStore(10), ObjectPacks(ObjectStore(folder)))


def test_an_entry_that_makes_no_sense_is_a_miss_with_one_warning(tmp_path):
    key = task_key(TASK)
    store = ObjectPacks(ObjectStore(tmp_path))
    store.put(key, pack(key, changed("covars", (0, 0, 0), -1.0)))
    store.flush()
    with pytest.warns(CacheWarning, match="covars: expected positive definite") as told:
        (found,) = trainer(tmp_path)([TASK])
    assert len(told) == 1
    assert found.objective == RESULT.objective
    assert list(inspect(ObjectPacks(ObjectStore(tmp_path)), verify=True).damaged) == [key]


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_flipped_bit_of_a_pack_costs_one_warning_and_no_model(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("objects")
    trainer(folder)([TASK])
    flushed = trainer(folder)
    flushed([TASK])
    flushed.flush()
    path = folder / "hidden-regime-models-0.txt"
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(bytes(content))
    report = inspect(ObjectPacks(ObjectStore(folder)), verify=True)
    assert (report.entries, report.sound, list(report.damaged)) == (0, 0, [path.name])
    damaged = trainer(folder)
    with pytest.warns(CacheWarning, match=r"hidden-regime-models-0\.txt") as told:
        (found,) = damaged([TASK])
    assert len(told) == 1
    assert found.objective == RESULT.objective
    damaged.flush()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = trainer(folder)
        again([TASK])
    assert (again.hits, again.trainings) == (1, 0)


def test_a_damaged_pack_can_be_cleared_away(tmp_path):
    objects = ObjectStore(tmp_path)
    objects.save_bytes("hidden-regime-models-0.txt", b"\xff\x80")
    for away in (clear, lambda store: store.delete("hidden-regime-models-0.txt")):
        objects.save_bytes("hidden-regime-models-0.txt", b"\xff\x80")
        assert ObjectPacks(objects).damaged() == {"hidden-regime-models-0.txt": "it is no text"}
        away(ObjectPacks(objects))
        assert ObjectPacks(objects).damaged() == {}


@pytest.mark.parametrize("error", [ValueError, TypeError, RuntimeError, OSError])
@pytest.mark.parametrize("method", ["contains_key", "read", "save"])
def test_whatever_a_store_raises_costs_one_warning(tmp_path, monkeypatch, error, method):
    trainer(tmp_path)([TASK])

    def refuse(*_):
        raise error("no")

    first = trainer(tmp_path)
    first([TASK])
    first.flush()
    monkeypatch.setattr(ObjectStore, method, refuse)
    other = Task(TASK.observations + 1.0, 2)
    told: list[str] = []
    broken = CachingTrainer(train, MemoryStore(10), ObjectPacks(ObjectStore(tmp_path)), report=told.append)
    (found,) = broken([other])
    broken.flush()
    assert isinstance(found, Trained)
    assert told
    assert len(told) <= 2  # it can neither be read nor written
