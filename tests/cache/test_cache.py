"""The cache: exact keys, entries that survive anything, a policy that never trains twice."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime import kernels
from hidden_regime.cache import CachingTrainer, FolderStore, MemoryStore, task_key
from hidden_regime.cache.entry import BadEntryError, pack, unpack
from hidden_regime.exceptions import CacheWarning
from hidden_regime.models.parameters import Evidence, Parameters
from hidden_regime.models.training import Task, Trained, train


def make_task(seed: int = 0, **options: object) -> Task:
    return Task(np.random.default_rng(seed).normal(size=(60, 2)), 2, **options)  # type: ignore[arg-type]


CHANGED = {
    "observations": np.zeros((60, 2)), "n_states": 3, "covariance_type": "diag", "n_iter": 7, "tol": 1e-5, "min_covar": 0.5,
    "starts": ("kmeans",), "seed": 1, "margin": 1.0, "stay_duration": 2.0, "stay_weight": 1.0, "ranked_by": 1, "is_volatility": True,
    "warm": Parameters(np.ones(2), np.eye(2), np.zeros((2, 2)), np.ones((2, 2, 2))), "memory": Evidence.nothing(2, 2),
    "custom": Parameters(np.ones(2), np.eye(2), np.zeros((2, 2)), np.ones((2, 2, 2))),
    "emission": "student_t", "degrees": 5.0, "lengths": (30, 30), "weights": np.full(60, 0.5), "mask": np.triu(np.ones((2, 2))),
    "startprob_counts": np.ones(2), "transmat_counts": np.ones((2, 2)),
}  # fmt: skip


@pytest.mark.parametrize("name", [f.name for f in fields(Task)])
def test_any_option_changes_the_key(name):
    base = make_task()
    assert task_key(replace(base, **{name: CHANGED[name]})) != task_key(base)


@pytest.mark.parametrize("shape", [(120, 1), (30, 4), (40, 3)])
def test_equal_bytes_in_another_shape_are_another_key(shape):
    base, start = make_task(), CHANGED["warm"]
    assert task_key(replace(base, observations=base.observations.reshape(shape))) != task_key(base)
    assert task_key(make_task(warm=start._replace(covars=start.covars.reshape(2, 4)))) != task_key(make_task(warm=start))


def test_equal_bytes_of_another_type_are_another_key():
    base = make_task()
    keys = [task_key(replace(base, observations=base.observations.view(kind))) for kind in ("<f8", "<i8", "<u8", ">f8")]
    assert len(set(keys)) == 4
    assert keys[0] == task_key(base)


@pytest.mark.parametrize(
    ("one", "other", "value"),
    [("warm", "custom", Parameters(np.ones(2), np.eye(2), np.zeros((2, 2)), np.ones((2, 2, 2)))),
     ("mask", "transmat_counts", np.eye(2)), ("weights", "startprob_counts", np.ones(60)), ("mask", "weights", np.ones((60, 2)))],
)  # fmt: skip
def test_equal_bytes_in_another_table_are_another_key(one, other, value):
    assert task_key(make_task(**{one: value})) != task_key(make_task(**{other: value}))


def test_a_part_that_moves_within_its_table_changes_the_key():
    start = CHANGED["warm"]
    turned = start._replace(transmat=start.means, means=start.transmat)
    student = start._replace(degrees=np.full(2, 5.0))
    swapped = start._replace(startprob=np.full(2, 5.0), degrees=start.startprob)
    assert len({task_key(make_task(warm=some)) for some in (start, turned, student, swapped)}) == 4


def test_all_changes_have_keys_of_their_own():
    base = make_task()
    keys = [task_key(base), *(task_key(replace(base, **{name: value})) for name, value in CHANGED.items())]
    assert len(set(keys)) == len(CHANGED) + 1


def test_the_arithmetic_changes_the_key():
    base = make_task()
    keys = {name: task_key(base, name) for name in ("native", "native-portable", "numba")}
    assert len(set(keys.values())) == 3
    for backend in kernels.available():
        with kernels.using(backend):
            assert task_key(base) == keys[kernels.arithmetic()]


def test_the_kernels_version_changes_the_key(monkeypatch):
    before = task_key(make_task())
    monkeypatch.setattr(kernels, "VERSION", kernels.VERSION + 1)
    assert task_key(make_task()) != before


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 59), st.integers(0, 1))
def test_the_last_bit_of_one_observation_changes_the_key(row, column):
    base = make_task()
    x = base.observations.copy()
    x[row, column] = np.nextafter(x[row, column], np.inf)
    assert task_key(replace(base, observations=x)) != task_key(base)
    assert task_key(replace(base, observations=base.observations.copy())) == task_key(base)


def result_of(task: Task) -> Trained:
    out = train([task])[0]
    assert isinstance(out, Trained)
    return out


def assert_same(a: Trained, b: Trained) -> None:
    for x, y in zip(a.parameters, b.parameters, strict=True):
        np.testing.assert_array_equal(x, y)
    np.testing.assert_array_equal(a.history, b.history)
    assert (a.log_likelihood, a.objective, a.n_iter, a.converged, a.restarts) == (
        b.log_likelihood, b.objective, b.n_iter, b.converged, b.restarts)  # fmt: skip


def test_an_entry_gives_back_every_bit():
    result = result_of(make_task())
    assert_same(unpack("k", pack("k", result)), result)


def test_damage_is_noticed_wherever_it_is():
    content = pack("k", result_of(make_task()))
    for place in range(0, len(content), 37):
        damaged = bytearray(content)
        damaged[place] ^= 0x10
        with pytest.raises(BadEntryError):
            unpack("k", bytes(damaged))
    with pytest.raises(BadEntryError):
        unpack("k", b"[" * 200_000)
    for n in (0, 1, 50, len(content) // 2, len(content) - 1):
        with pytest.raises(BadEntryError):
            unpack("k", content[:n])
    with pytest.raises(BadEntryError, match="another key"):
        unpack("other", content)


def test_a_hit_is_what_training_would_have_returned(tmp_path):
    tasks = [make_task(0), make_task(1), Task(np.ones((20, 1)), 2), make_task(0)]
    plain = train(tasks)
    calls: list[int] = []

    def counting(some):
        calls.append(len(some))
        return train(some)

    first = CachingTrainer(counting, MemoryStore(10), FolderStore(tmp_path))
    second = CachingTrainer(counting, MemoryStore(10), FolderStore(tmp_path))
    for trainer in (first, first, second):
        for a, b in zip(trainer(tasks), plain, strict=True):
            if isinstance(b, Trained):
                assert_same(a, b)
            else:
                assert type(a) is type(b)
    assert calls == [4, 1, 1]  # errors aren't kept
    assert first.statistics()["hit_count"] == 3
    stats = second.statistics()
    assert (stats["hit_count"], stats["miss_count"], stats["trainings"], stats["hit_rate"]) == (3, 1, 0, 0.75)


def test_a_damaged_file_is_a_miss_with_one_warning(tmp_path):
    task = make_task()
    CachingTrainer(train, MemoryStore(10), FolderStore(tmp_path))([task])
    path = next(tmp_path.rglob("*.hr"))
    path.write_bytes(path.read_bytes()[:-7])
    trainer = CachingTrainer(train, MemoryStore(10), FolderStore(tmp_path))
    with pytest.warns(CacheWarning, match="trained anew"):
        again = trainer([task])[0]
    assert_same(again, result_of(task))
    assert trainer.statistics()["miss_count"] == 1


def test_saved_seconds_are_measured():
    ticks = iter([0.0, 1.0, 10.0, 16.0, 20.0, 20.5])
    trainer = CachingTrainer(train, MemoryStore(10), timer=lambda: next(ticks))
    trainer([make_task()])
    trainer([make_task()])
    assert trainer.statistics()["seconds_saved"] == pytest.approx(6.0 - 1.5)


class Failing:
    """A store that some call of does not work: full, read-only, or not to be reached."""

    def __init__(self, *failing):
        self.failing, self.calls = failing, []

    def _do(self, name):
        self.calls.append(name)
        if name in self.failing:
            raise OSError(28, "no space left on device")

    def get(self, key):
        self._do("get")

    def put(self, key, content):
        self._do("put")

    def flush(self):
        self._do("flush")

    def delete(self, key): ...

    def entries(self):
        return iter(())

    def __len__(self):
        return 0


@pytest.mark.parametrize("failing", ["get", "put", "flush"])
def test_a_store_that_fails_costs_one_warning_and_is_left_alone(failing, recwarn):
    store = Failing(failing)
    trainer = CachingTrainer(train, MemoryStore(10), store)
    tasks = [make_task(i) for i in range(4)]
    for task in tasks:
        assert_same(trainer([task])[0], result_of(task))
        trainer.flush()
    assert [str(w.message)[:18] for w in recwarn] == ["cache store <tests"]
    assert "no space left" in str(recwarn[0].message)
    assert store.calls.count(failing) == 1


def test_a_folder_that_cannot_be_made_is_a_miss(tmp_path, recwarn):
    (tmp_path / "file").write_text("")
    trainer = CachingTrainer(train, MemoryStore(10), FolderStore(tmp_path / "file" / "models"))
    for i in range(3):
        assert_same(trainer([make_task(i)])[0], result_of(make_task(i)))
    assert 1 <= len(recwarn) <= 2  # it can be neither read nor written


def test_a_lower_tier_helps_out_where_a_higher_one_is_damaged(tmp_path):
    near, far = FolderStore(tmp_path / "near"), FolderStore(tmp_path / "far")
    task = make_task()
    CachingTrainer(train, MemoryStore(10), near, far)([task])
    assert (len(near), len(far)) == (1, 1)
    path = next((tmp_path / "near").rglob("*.hr"))
    path.write_bytes(b"nonsense")
    trainer = CachingTrainer(train, MemoryStore(10), near, far)
    with pytest.warns(CacheWarning, match="its checksum is wrong"):
        assert_same(trainer([task])[0], result_of(task))
    assert trainer.statistics()["trainings"] == 0
    assert trainer.statistics()["unusable"] == 1


def test_an_entry_of_another_version_is_a_miss(tmp_path, monkeypatch):
    """Under this version's key, as a careless copy would leave it."""
    task = make_task()
    monkeypatch.setattr(kernels, "VERSION", kernels.VERSION + 1)
    content = pack(task_key(task), result_of(task))
    monkeypatch.undo()
    store = FolderStore(tmp_path)
    store.put(task_key(task), content)
    with pytest.warns(CacheWarning, match="another key or version"):
        assert_same(CachingTrainer(train, MemoryStore(10), store)([task])[0], result_of(task))


def test_results_of_the_other_backend_are_read_when_asked_for(tmp_path):
    if len(kernels.available()) < 2:
        pytest.skip("the C++ kernels were not built here")
    task, store = make_task(), FolderStore(tmp_path)
    with kernels.using("native"):
        CachingTrainer(train, MemoryStore(10), store)([task])
        native = kernels.arithmetic()
    with kernels.using("numba"):
        own, other = (CachingTrainer(train, MemoryStore(10), store, arithmetic=a) for a in (None, native))
        mine, theirs = own([task])[0], other([task])[0]
    assert (own.statistics()["trainings"], other.statistics()["trainings"]) == (1, 0)
    np.testing.assert_allclose(mine.parameters.means, theirs.parameters.means, atol=1e-9)
