"""Clouds of these tests, which share a worker since it takes seconds to start."""

from __future__ import annotations

import time

import pytest

from hidden_regime.cloud.fake import FakeCloud, Pool
from tests.cloud.fake.asking import Asker


@pytest.fixture(scope="session")
def pool(tmp_path_factory):
    with Pool(1, "us_stocks", tmp_path_factory.mktemp("pool") / "log") as pool:
        yield pool


@pytest.fixture(scope="session")
def shared(pool, tmp_path_factory):
    with FakeCloud(tmp_path_factory.mktemp("cloud"), pool=pool) as cloud:
        yield cloud


@pytest.fixture
def ask(shared):
    """Asks the shared cloud, without faults at the beginning."""
    shared.faults.clear()
    return Asker(shared)


@pytest.fixture
def serve(pool, tmp_path):
    """Makes clouds that end with the test."""
    made = []

    def make(name: str = "own", **options):
        cloud = FakeCloud(tmp_path / name, pool=pool, **options).start()
        made.append(cloud)
        return Asker(cloud, options.get("clock", time.time))

    yield make
    for cloud in made:
        cloud.close()
