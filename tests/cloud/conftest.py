"""The practice cloud of these tests: one for all of them, since its worker takes seconds to start."""

from __future__ import annotations

from datetime import date

import pytest

from hidden_regime.cloud.fake import FakeCloud, Pool, Settings
from tests.cloud.working import Work


@pytest.fixture(scope="session")
def worker(tmp_path_factory):
    with Pool(1, "us_stocks", tmp_path_factory.mktemp("pool") / "log") as pool:
        yield pool


@pytest.fixture(scope="session")
def practice(worker, tmp_path_factory):
    settings = Settings(live_from=date(2013, 2, 4))  # deployments run from there to the data's end
    with FakeCloud(tmp_path_factory.mktemp("cloud"), pool=worker, settings=settings) as cloud:
        yield cloud
        assert cloud.unexpected == []  # nothing that no client should send


@pytest.fixture(scope="session")
def session_work(practice, tmp_path_factory):
    made = Work(practice, tmp_path_factory.mktemp("work"))
    yield made
    made.close()


@pytest.fixture
def work(session_work, tmp_path):
    """The project that all share, with a key and a budget of the test's own."""
    session_work.renew(tmp_path)
    yield session_work
    session_work.cloud.faults.clear()
