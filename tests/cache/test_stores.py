"""One suite for all lasting stores, and what each of them promises besides."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from hidden_regime.cache import FolderStore, FsspecStore, MemoryStore, ObjectPacks, Store, clear, inspect, open_store, prune
from hidden_regime.cache.entry import pack, unpack
from hidden_regime.cache.stores.base import DamagedError
from hidden_regime.exceptions import ParameterError
from hidden_regime.models.training import Task, train
from hidden_regime.simulator.object_store import ObjectStore

A, B, C = ("a" * 64, "b" * 64, "c" * 64)


def entry(key: str, seed: int = 0) -> bytes:
    (result,) = train([Task(np.random.default_rng(seed).normal(size=(60, 2)), 2)])
    return pack(key, result)


# Its client and its server leave threads behind, which other tests count: these run in a process of their own.
S3 = "HIDDEN_REGIME_TEST_S3"


@pytest.fixture(scope="module")
def bucket():
    import logging

    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(port=0)
    server.start()
    _, port = server.get_host_and_port()
    options = {"key": "x", "secret": "y", "client_kwargs": {"endpoint_url": f"http://127.0.0.1:{port}"}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        FsspecStore("s3://models", **options)._files.mkdir("models")
        yield options
    server.stop()


def test_s3_keeps_what_it_is_given():
    if not (importlib.util.find_spec("moto") and importlib.util.find_spec("s3fs")):
        pytest.skip("moto and s3fs are not installed: pip install 'moto[server]' s3fs")
    command = [sys.executable, "-m", "pytest", "-q", "-W", "default", "-k", "s3 and every", __file__]
    done = subprocess.run(command, env=os.environ | {S3: "1"}, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("..  ")


@pytest.fixture(params=["folder", "fsspec memory", "fsspec file", "object store", *(["s3"] if S3 in os.environ else [])])
def reopen(request, tmp_path):
    """Opens the same store again and again, as another process would."""
    if request.param == "folder":
        return lambda: FolderStore(tmp_path / "models")
    if request.param == "object store":
        return lambda: ObjectPacks(ObjectStore(tmp_path))
    pytest.importorskip("fsspec")
    if request.param == "s3":
        options = request.getfixturevalue("bucket")
        return lambda: FsspecStore(f"s3://models/{tmp_path.name}", **options)
    url = f"memory://{tmp_path.name}" if "memory" in request.param else f"file://{tmp_path}/models"
    return lambda: FsspecStore(url)


def test_every_store_keeps_what_it_is_given(reopen):
    store = reopen()
    assert isinstance(store, Store)
    assert store.get(A) is None
    assert len(store) == 0
    store.put(A, b"one")
    store.put(B, bytes(range(256)) * 40)
    store.put(A, b"three")
    store.flush()
    for same in (store, reopen()):
        assert (same.get(A), same.get(B), len(same)) == (b"three", bytes(range(256)) * 40, 2)
        sizes = {kept.key: kept.size for kept in same.entries()}
        assert sizes.keys() == {A, B}
        assert 10_000 < sizes[B] < 11_000
    store.delete(A)
    store.delete(A)
    assert (reopen().get(A), len(reopen())) == (None, 1)


def test_every_store_can_be_looked_after(reopen):
    store = reopen()
    for i, key in enumerate((A, B)):
        store.put(key, entry(key, i))
    store.put(C, entry(A))
    store.flush()
    report = inspect(reopen(), verify=True)
    assert (report.entries, list(report.damaged)) == (3, [C])
    assert "another key" in report.damaged[C]
    assert prune(reopen(), max_bytes=report.bytes - 1) == 1
    assert len(reopen()) == 2
    assert clear(reopen()) == 2
    assert len(reopen()) == 0


def test_a_store_is_opened_from_what_users_have(tmp_path):
    pytest.importorskip("fsspec")
    assert isinstance(open_store(tmp_path), FolderStore)
    assert isinstance(open_store(str(tmp_path)), FolderStore)
    assert isinstance(open_store("memory://x"), FsspecStore)
    assert isinstance(open_store(ObjectStore(tmp_path)), ObjectPacks)
    store = FolderStore(tmp_path)
    assert open_store(store) is store
    with pytest.raises(ParameterError, match=r"store = 7: expected a folder's path"):
        open_store(7)
    with pytest.raises(ParameterError, match="fsspec can open"):
        open_store("nonsense://x")
    (tmp_path / "file").write_text("")
    with pytest.raises(ParameterError, match="There is a file"):
        open_store(tmp_path / "file")
    with pytest.raises(ParameterError, match="max_bytes"):
        FolderStore(tmp_path, max_bytes=0)


def test_memory_drops_what_was_unused_for_longest():
    store = MemoryStore(2)
    store.put("a", b"1")
    store.put("b", b"2")
    store.get("a")
    store.put("c", b"3")
    assert (store.get("b"), store.get("a"), store.evictions) == (None, b"1", 1)
    with pytest.raises(ParameterError, match="max_cache_size"):
        MemoryStore(0)


def test_a_folder_stays_below_its_size_and_forgets_what_is_old(tmp_path, monkeypatch):
    monkeypatch.setattr("hidden_regime.cache.stores.folder.CHECK_EVERY", 1)
    small = FolderStore(tmp_path / "small", max_bytes=2_500)
    for i, key in enumerate((A, B, C)):
        small.put(key, bytes(1_000))
        os.utime(small._path(key), (i, i))
    assert {kept.key for kept in small.entries()} == {B, C}
    small.get(B)  # now C was unused for longest
    small.put(A, bytes(1_000))
    assert {kept.key for kept in small.entries()} == {A, B}

    monkeypatch.setattr("hidden_regime.cache.stores.folder.CHECK_EVERY", 64)
    small.put(C, bytes(1_000))
    assert len(small) == 3  # between two looks
    small.flush()
    assert len(small) == 2

    monkeypatch.setattr("hidden_regime.cache.stores.folder.CHECK_EVERY", 1)
    aged = FolderStore(tmp_path / "aged", max_age=2.0)
    for key in (A, B):
        aged.put(key, b"x")
    now = aged.now()
    os.utime(aged._path(A), (now - 3 * 86_400,) * 2)
    os.utime(aged._path(B), (now - 1 * 86_400,) * 2)
    aged.put(C, b"x")
    assert {kept.key for kept in aged.entries()} == {B, C}
    with pytest.raises(ParameterError, match="max_age"):
        prune(ObjectPacks(ObjectStore(tmp_path / "objects")), max_age=1.0)


def test_objects_are_few_and_their_keys_legal(tmp_path, monkeypatch):
    monkeypatch.setattr("hidden_regime.cache.stores.object_packs.WAIT", 10)
    monkeypatch.setattr("hidden_regime.cache.stores.object_packs.PACK_BYTES", 30_000)
    objects = ObjectStore(tmp_path)
    saves = []
    monkeypatch.setattr(
        ObjectStore, "save", lambda self, key, text, save=ObjectStore.save: saves.append(key) or save(self, key, text)
    )
    store = ObjectPacks(objects, "models")
    contents = {f"{i:064x}": os.urandom(1_000) for i in range(95)}
    for key, content in contents.items():
        store.put(key, content)
    assert len(saves) < 25
    store.flush()
    assert objects.keys == [f"models-{i}.txt" for i in range(len(objects.keys))]
    assert 3 <= len(objects.keys) <= 5
    again = ObjectPacks(objects, "models")
    assert {key: again.get(key) for key in contents} == contents
    with pytest.raises(ParameterError, match="one dot"):
        ObjectPacks(objects, "a.b.c")


def test_a_damaged_pack_loses_its_entries_and_no_others(tmp_path, monkeypatch):
    monkeypatch.setattr("hidden_regime.cache.stores.object_packs.PACK_BYTES", 2_000)
    objects = ObjectStore(tmp_path)
    store = ObjectPacks(objects, "models")
    for i in range(6):
        store.put(f"{i:064x}", bytes([i]) * 900)
    store.flush()
    text = objects.read("models-0.txt")
    objects.save("models-0.txt", text[:-30])
    left = ObjectPacks(objects, "models")
    assert left.get(f"{5:064x}") == bytes([5]) * 900
    with pytest.raises(DamagedError, match=r"models-0\.txt: its checksum"):
        left.get(f"{0:064x}")


WRITER = """
import sys, hashlib
from hidden_regime.cache import FolderStore
from hidden_regime.cache.entry import pack
from hidden_regime.models.training import Task, train
import numpy as np
store, name = FolderStore(sys.argv[1]), sys.argv[2]
results = train([Task(np.random.default_rng(s).normal(size=(60, 2)), 2) for s in range(7)])
print("ready", flush=True)
for i in range(10**6):
    # Every other key is one that the other writers write as well.
    key = hashlib.sha256(f"{name if i % 2 else ''}{i}".encode()).hexdigest()
    store.put(key, pack(key, results[i % 7]))
    print(key, flush=True)
"""


def test_writers_that_are_killed_lose_nothing_and_leave_no_wrong_model(tmp_path):
    """A thousand writes and more by four processes at once, each killed at a moment of its own."""
    rng = np.random.default_rng(0)
    folder, done = tmp_path / "models", set()
    for round_ in range(60):
        if round_ >= 3 and len(done) > 1_000:  # a busy machine needs more rounds
            break
        writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(folder), f"{round_}/{n}"], stdout=subprocess.PIPE, text=True,
                                    cwd=Path(__file__).parents[2]) for n in range(4)]  # fmt: skip
        for writer in writers:
            assert writer.stdout.readline() == "ready\n"
        for writer in writers:
            time.sleep(float(rng.uniform(0.0, 0.15)))
            writer.send_signal(signal.SIGKILL)
            told = writer.stdout.read().splitlines()
            writer.wait()
            writer.stdout.close()
            done |= {key for key in told if len(key) == 64}
    assert len(done) > 1_000
    store = FolderStore(folder)
    for key in done:  # what was said to be written is there
        unpack(key, store.get(key))
    report = inspect(store, verify=True)
    assert report.damaged == {}
    assert all(Path(name).name.startswith(".writing-") for name in report.strangers)  # no lock; swept when old
    store.sweep(older_than=-10.0)
    assert inspect(store).strangers == []
