"""A cloud that tests share, since its worker takes seconds to start."""

from __future__ import annotations

import pytest

from hidden_regime.cloud.fake import FakeCloud, Settings
from tests.cloud.fake.asking import Asker


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    with FakeCloud(tmp_path_factory.mktemp("cloud"), settings=Settings(workers=1)) as cloud:
        yield cloud


@pytest.fixture
def ask(shared):
    """Asks the shared cloud, without faults at the beginning."""
    shared.faults.clear()
    return Asker(shared)


@pytest.fixture
def serve(tmp_path):
    """Makes clouds that end with the test."""
    made = []

    def make(name: str = "own", **options):
        options.setdefault("settings", Settings(workers=1))
        cloud = FakeCloud(tmp_path / name, **options).start()
        made.append(cloud)
        return Asker(cloud, options.get("clock", Asker.__init__.__defaults__[0]))

    yield make
    for cloud in made:
        cloud.close()
