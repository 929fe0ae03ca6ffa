"""What ends something may be sent again, and what an earlier try ended whose reply was lost is ended."""

from __future__ import annotations

import pytest

from hidden_regime.cloud import NotFound, RequestRefused, ServerError, Unclear
from tests.cloud.scripted import EMPTY_500, HTML, LOST, UNREACHED, Scripted

GONE = {"success": False, "errors": ["Not found or permission denied."]}
DELETES = {
    "projects/delete": lambda qc: qc.projects.delete(7),
    "files/delete": lambda qc: qc.files.delete(7, "a.py"),
    "backtests/delete": lambda qc: qc.backtests.delete(7, "b"),
    "optimizations/delete": lambda qc: qc.optimizations.delete("O"),
    "object/delete": lambda qc: qc.objects.delete("o", "k"),
}


@pytest.mark.parametrize("endpoint", DELETES)
@pytest.mark.parametrize("failure", [LOST, HTML, EMPTY_500])
def test_what_a_lost_call_deleted_is_deleted(endpoint, failure):
    server = Scripted({endpoint: [failure, GONE]})
    DELETES[endpoint](server.client())
    assert server.times(endpoint) == 2


@pytest.mark.parametrize("endpoint", DELETES)
@pytest.mark.parametrize("before", [[], [UNREACHED]])
def test_what_was_not_there_at_the_first_try_is_told(endpoint, before):
    server = Scripted({endpoint: [*before, GONE]})
    with pytest.raises(NotFound):
        DELETES[endpoint](server.client())


def test_a_file_that_a_lost_call_renamed_is_renamed():
    def server(*names):
        return Scripted({"files/update": [LOST, GONE], "files/read": {"files": [{"name": name} for name in names]}})

    server("new.py").client().files.rename(7, "old.py", "new.py")
    for names in ([], ["old.py"], ["old.py", "new.py"]):
        with pytest.raises(NotFound):
            server(*names).client().files.rename(7, "old.py", "new.py")


ABORTED = {"success": False, "errors": ["The optimization is aborted."]}


@pytest.mark.parametrize(("answers", "status", "fine"), [
    ([LOST, ABORTED], "aborted", True), ([LOST, ABORTED], "running", False), ([ABORTED], "aborted", False), ([LOST, {"success": True}], "", True),
])  # fmt: skip
def test_an_abort_that_was_lost_is_one(answers, status, fine):
    server = Scripted(
        {"optimizations/abort": answers, "optimizations/read": {"optimization": {"optimizationId": "O", "status": status}}}
    )
    if fine:
        server.client().optimizations.abort("O")
    else:
        with pytest.raises(RequestRefused):
            server.client().optimizations.abort("O")


NOT_LIVE = {"success": False, "errors": ["No live deployment found for this project."]}


@pytest.mark.parametrize("endpoint", ["live/update/stop", "live/update/liquidate"])
@pytest.mark.parametrize(("answers", "status", "fine"), [
    ([LOST, NOT_LIVE], "Liquidated", True), ([LOST, NOT_LIVE], "Running", False), ([NOT_LIVE], "Stopped", False),
])  # fmt: skip
def test_a_panic_that_was_lost_is_one(endpoint, answers, status, fine):
    server = Scripted({
        endpoint: answers, "live/read": {"deployId": "L", "status": status}, "live/portfolio/read": {"portfolio": {"holdings": []}},
    })  # fmt: skip
    live = server.client().live
    end = live.stop if endpoint.endswith("stop") else live.liquidate
    if fine:
        end(7)
    else:
        with pytest.raises(NotFound):
            end(7)


@pytest.mark.parametrize("failure", [LOST, HTML, EMPTY_500])
def test_a_command_is_never_sent_twice(failure):
    server = Scripted({"live/commands/create": failure})
    with pytest.raises(Unclear, match="look at the strategy's log before you send it again"):
        server.client().live.command(7, {"target": "SPY"})
    assert server.asked == [("live/commands/create", {"projectId": 7, "command": {"target": "SPY"}})]


def test_a_command_that_never_left_is_told_so():
    server = Scripted({"live/commands/create": UNREACHED})
    with pytest.raises(ServerError, match="Nothing was sent"):
        server.client().live.command(7, {"target": "SPY"})
