"""One object in several threads: its calls take turns, and none of its numbers is half of one."""

from __future__ import annotations

import copy
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from hidden_regime import RegimeDetector, load_dataset
from hidden_regime.cache.policy import CachingTrainer
from hidden_regime.cache.stores import FolderStore, MemoryStore
from hidden_regime.exceptions import ParameterError
from hidden_regime.guards import Turns, fix, option_defaults
from hidden_regime.models.task import Task
from hidden_regime.models.training import train
from hidden_regime.quantconnect.indicators import RegimeIndicator, RegimeStrengthIndicator
from hidden_regime.quantconnect.performance import RegimeModelCache


def test_a_copy_has_turns_of_its_own():
    turns = Turns()
    for other in (copy.copy(turns), copy.deepcopy(turns), pickle.loads(pickle.dumps(turns))):
        with turns, ThreadPoolExecutor(1) as pool:
            assert pool.submit(other.acquire, False).result(timeout=5)
            assert not pool.submit(turns.acquire, False).result(timeout=5)


def test_options_are_ones_own_and_where_they_are_passed_on_those_of_the_bases():
    class Base:
        def __init__(self, size, *rest, colour="red", **more): ...

    class Middle(Base):
        def __init__(self, weight=2.0, **options): ...

    class Heir(Middle):
        pass

    class Closed(Middle):
        def __init__(self, *, colour="blue"): ...

    assert next(iter(option_defaults(Heir).items())) == ("weight", 2.0)
    assert list(option_defaults(Heir)) == ["weight", "size", "colour"]
    assert option_defaults(Closed) == {"colour": "blue"}


def test_a_detector_of_ones_own_without_options_is_cloned_and_restored():
    class Weekly(RegimeDetector):
        def __init__(self):
            super().__init__(2, lookback=60, retrain="weekly")

    detector = Weekly()
    detector.run(load_dataset("sp500").iloc[:100])
    assert detector.clone().retrain == "weekly"
    assert Weekly.from_dict(detector.to_dict()).to_dict() == detector.to_dict()


def test_fixed_options_can_be_set_until_the_object_is_made():
    class Thing:
        def __init__(self, size):
            self.size = size
            self.size = size + 1
            self._is_made = True

    fix(Thing, ["size"])
    thing = Thing(1)
    assert thing.size == 2
    with pytest.raises(ParameterError, match="size = 5: expected what this Thing was made with, 2"):
        thing.size = 5
    thing.other = 5
    assert (thing.size, thing.other) == (2, 5)


def tasks(count):
    rng = np.random.default_rng(0)
    return [Task(observations=rng.normal(size=(60, 1)), n_states=2, n_iter=3, starts=("volatility",)) for _ in range(count)]


def test_threads_share_a_cache_without_a_wrong_model(tmp_path):
    given = tasks(24)
    right = [train([task])[0].parameters.means for task in given]
    memory = MemoryStore(5)
    trainer = CachingTrainer(train, memory, FolderStore(tmp_path))
    order = np.random.default_rng(1).permutation(np.repeat(np.arange(24), 6))
    with ThreadPoolExecutor(6) as pool:
        for i, found in zip(order, pool.map(lambda i: trainer([given[i]])[0], order), strict=True):
            np.testing.assert_array_equal(found.parameters.means, right[i])
    assert trainer.hits + trainer.misses == len(order)
    assert len(memory) == 5
    assert trainer.trainings == trainer.misses >= 24


def test_threads_share_the_small_caches():
    memory, models = MemoryStore(3), RegimeModelCache(3)

    def use(seed):
        rng = np.random.default_rng(seed)
        for _ in range(1500):
            key = int(rng.integers(8))
            memory.put(str(key), key)
            assert memory.get(str(key)) in (None, key)
            models.put("SPY", 2, np.arange(1.0), {"k": key}, key)
            assert models.get("SPY", 2, np.arange(1.0), {"k": key}) in (None, key)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(use, range(4)))
    assert len(memory) <= 3
    stats = models.get_stats()
    assert stats["total_requests"] == 6000
    assert stats["cache_size"] <= 3


@pytest.mark.parametrize("kind", [RegimeIndicator, RegimeStrengthIndicator])
def test_threads_that_feed_one_indicator_take_turns(kind):
    rng = np.random.default_rng(0)
    closes = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 200)))
    bars = [
        SimpleNamespace(end_time=datetime(2020, 1, 1) + timedelta(days=i), open=c, high=c, low=c, close=c, volume=1.0, value=c, is_fill_forward=False,
                        time=datetime(2020, 1, 1) + timedelta(days=i - 1))
        for i, c in enumerate(closes)
    ]  # fmt: skip
    alone, shared = kind(window_size=50, n_states=2), kind(window_size=50, n_states=2)
    for bar in bars:
        alone.update(bar)
    place, lock, seen = iter(bars), threading.Lock(), []

    def feed():
        while True:
            with lock:  # in order, and the next one while this is still at work
                bar = next(place, None)
                if bar is None:
                    return
                shared.update(bar)
            seen.append(shared.update(bar))  # one that was seen is no observation

    threads = [threading.Thread(target=feed) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == len(bars)  # none raised
    assert (shared.state, shared.value) == (alone.state, alone.value)
