"""The practice cloud as the target of an operated strategy: begun once, watched, stopped, and sold by the kill switch."""

from __future__ import annotations

import pytest

from hidden_regime.operation.deploying import deploy
from hidden_regime.operation.errors import TargetError
from hidden_regime.operation.journal import journal_of
from hidden_regime.operation.panic import panic
from hidden_regime.operation.running.following import Follower
from hidden_regime.operation.running.runner import Outside
from hidden_regime.operation.targets.base import RUNS, STOPPED
from hidden_regime.operation.targets.cloud import CloudTarget
from tests.cloud.working import LONG
from tests.operation.strategies import TURNING
from tests.operation.worlds import NOW, WALL, strategy_at


@pytest.fixture
def target(work):
    return CloudTarget(work.qc, work.project, work.budget, patience=LONG)


def trades(work):
    return [one for one in work.plain.live.list() if not one.ended and one.project_id == work.project]


def test_it_is_begun_once_watched_and_stopped(tmp_path, work, target):
    journal = journal_of(tmp_path)
    path = strategy_at(tmp_path / "mine", TURNING)
    deploy(journal, "one", path, data=None, now=NOW, at=WALL, target=f"cloud:{work.project}")
    looks = []
    outside = Outside(wall=lambda: WALL, pause=looks.append, asked=lambda: "stopped" if len(looks) > 3 else "")
    assert target.state() == STOPPED and target.portfolio().is_flat and not target.orders()
    assert Follower(journal, "one", target, outside=outside).run() == "stopped"
    assert len(looks) == 4 and target.state() == STOPPED and not trades(work)
    assert any(line.kind == "holds" for line in journal.told("one"))
    assert journal.deployment("one").state == "stopped"


def test_started_twice_it_trades_once_and_the_kill_switch_leaves_it_flat(work, target):
    target.start()
    target.start()
    assert target.state() == RUNS and len(trades(work)) == 1
    outcome = panic(target, deadline=1e9, pause=work.qc.transport.sleep, seconds=work.qc.transport.clock)
    assert outcome.is_flat and not trades(work) and work.plain.live.portfolio(work.project).flat


def test_an_answer_that_is_an_error_is_never_flat(work, target):
    target.start()
    work.cloud.faults.add("live/portfolio/read", "empty 500", times=None)
    try:
        with pytest.raises(TargetError):
            target.portfolio()
    finally:
        work.cloud.faults.clear()
        target.stop()
    assert target.state() == STOPPED
