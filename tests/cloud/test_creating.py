"""What must not be made twice is made once, whatever is lost on the way."""

from __future__ import annotations

import re

import httpx
import pytest

from hidden_regime.cloud import CapacityBusy, NotFound, RequestRefused, ServerError, Unclear
from hidden_regime.cloud.creating import unique_name
from hidden_regime.cloud.transport import Unsent
from hidden_regime.exceptions import ParameterError
from tests.cloud.scripted import EMPTY_500, HTML, LOST, UNREACHED, Scripted

NONE = {"success": True, "backtests": []}


class Backtests:
    """Begins a backtest at each call and loses as many replies as it is told, after or before the work."""

    def __init__(self, lost, *, worked, late=0):
        self.begun, self.lost, self.worked, self.late = [], list(lost), worked, late

    def create(self, fields):
        failure = self.lost.pop(0) if self.lost else None
        if failure is None or self.worked:
            self.begun.append(fields["backtestName"])
        return failure or {"success": True, "backtest": {"backtestId": "b1", "name": fields["backtestName"]}}

    def list(self, _):
        if self.late:
            self.late -= 1
            return NONE
        return {"success": True, "backtests": [{"backtestId": f"b{i}", "name": name} for i, name in enumerate(self.begun, 1)]}

    def script(self):
        return Scripted({"backtests/create": self.create, "backtests/list": self.list})


@pytest.mark.parametrize(
    "failure", [EMPTY_500, HTML, LOST, httpx.Response(503, text="<html>"), httpx.RemoteProtocolError("closed")]
)
@pytest.mark.parametrize("late", [0, 2])
def test_a_lost_reply_is_looked_up_and_not_sent_again(failure, late):
    cloud = Backtests([failure], worked=True, late=late)
    server = cloud.script()
    found = server.client().backtests.create(7, "c", "mine")
    assert found.backtest_id == "b1" and len(cloud.begun) == 1
    assert server.times("backtests/create") == 1 and server.times("backtests/list") == late + 1


def test_what_did_not_arrive_is_sent_again_after_three_looks():
    cloud = Backtests([LOST], worked=False)
    server = cloud.script()
    assert server.client().backtests.create(7, "c", "mine").backtest_id == "b1"
    assert len(cloud.begun) == 1 and server.times("backtests/create") == 2 and server.times("backtests/list") == 3


def test_a_call_that_never_arrives_ends_in_an_error():
    cloud = Backtests([LOST] * 9, worked=False)
    server = cloud.script()
    with pytest.raises(ServerError):
        server.client().backtests.create(7, "c", "mine")
    assert server.times("backtests/create") == 3 and cloud.begun == []


def test_where_no_connection_was_made_nothing_arrived_so_it_is_sent_again():
    cloud = Backtests([UNREACHED, UNREACHED], worked=False)
    server = cloud.script()
    server.client().backtests.create(7, "c", "mine")
    assert len(cloud.begun) == 1 and server.times("backtests/list") == 0


def test_a_lost_reply_whose_list_is_lost_too_is_unclear_and_says_what_to_look_for():
    server = Scripted({"backtests/create": LOST, "backtests/list": EMPTY_500})
    with pytest.raises(Unclear) as told:
        server.client().backtests.create(7, "c", "mine")
    assert re.fullmatch(r"mine #[0-9a-f]{8}", told.value.name)
    assert server.times("backtests/create") == 1


NAMELESS = [
    {"success": True},
    {"success": True, "backtest": []},
    {"success": True, "backtest": "odd"},
    {"backtest": {"backtestId": None}},
]


@pytest.mark.parametrize("reply", NAMELESS)
def test_a_reply_that_names_nothing_is_looked_up_and_not_sent_again(reply):
    cloud = Backtests([reply], worked=True, late=2)
    server = cloud.script()
    assert server.client().backtests.create(7, "c", "mine").backtest_id == "b1"
    assert len(cloud.begun) == 1


@pytest.mark.parametrize("reply", NAMELESS)
def test_a_yes_without_a_name_and_without_a_trace_is_unclear(reply):
    server = Scripted({"backtests/create": reply, "backtests/list": NONE})
    with pytest.raises(Unclear, match="The list doesn't have 'mine #"):
        server.client().backtests.create(7, "c", "mine")
    assert server.times("backtests/create") == 1


@pytest.mark.parametrize("odd", ["odd", 3, True, 2.5])
def test_a_list_that_is_none_is_not_taken_for_an_empty_one(odd):
    server = Scripted({"backtests/create": LOST, "backtests/list": {"success": True, "backtests": odd}})
    with pytest.raises(Unclear, match="expected a list"):
        server.client().backtests.create(7, "c", "mine")
    assert server.times("backtests/create") == 1


def test_where_no_connection_ever_comes_about_nothing_was_sent_and_nothing_is_looked_for():
    server = Scripted({"backtests/create": UNREACHED, "backtests/list": NONE})
    with pytest.raises(Unsent, match="Nothing was sent: check the address"):
        server.client().backtests.create(7, "c", "mine")
    assert server.times("backtests/list") == 0


def test_a_second_try_that_is_refused_because_the_first_one_arrived_late_is_none():
    """So it is with what there may be one of, a deployment say."""
    refused = {"success": False, "errors": ["It is there already."]}
    cloud = Backtests([LOST, refused], worked=True, late=3)
    server = cloud.script()
    assert server.client().backtests.create(7, "c", "mine").backtest_id == "b1"
    with pytest.raises(RequestRefused):
        Scripted({"backtests/create": [LOST, refused], "backtests/list": NONE}).client().backtests.create(7, "c", "mine")


@pytest.mark.parametrize(
    ("said", "kind"),
    [("Invalid argument", RequestRefused), ("project not found", NotFound), ("no spare nodes available", CapacityBusy)],
)
def test_a_refusal_is_no_lost_call(said, kind):
    server = Scripted({"backtests/create": {"success": False, "errors": [said]}, "backtests/list": NONE})
    with pytest.raises(kind):
        server.client().backtests.create(7, "c", "mine")
    assert server.times("backtests/list") == 0


def test_the_same_key_finds_what_a_killed_process_began():
    cloud = Backtests([], worked=True)
    server = cloud.script()
    first = server.client().backtests.create(7, "c", "mine", key="0a1b2c3d")
    again = server.client().backtests.create(7, "c", "mine", key="0a1b2c3d")
    other = server.client().backtests.create(7, "c", "mine", key="0a1b2c3e")
    assert (first.name, len(cloud.begun)) == ("mine #0a1b2c3d", 2)
    assert again.name == first.name and other.name != first.name


def test_names_are_unique_and_keys_are_digits():
    assert len({unique_name("a") for _ in range(50)}) == 50
    for key in ("", "xyz", "0A1B2C3D", "0a1b2c3d4"):
        with pytest.raises(ParameterError, match="key"):
            unique_name("a", key)
    with pytest.raises(ParameterError, match="name"):
        unique_name(" ")


def test_a_file_whose_creation_lost_its_reply_is_written_once():
    names: list[str] = []

    def create(fields):
        names.append(fields["name"])
        return LOST

    server = Scripted({"files/create": create, "files/read": lambda _: {"success": True, "files": [{"name": n} for n in names]},
                       "files/update": {"success": True}})  # fmt: skip
    server.client().files.create(7, "main.py", "x = 1\n")
    assert names == ["main.py"] and server.asked[-1] == (
        "files/update",
        {"projectId": 7, "name": "main.py", "content": "x = 1\n"},
    )


def test_a_file_whose_creation_loses_every_reply_is_written_once_and_one_that_never_arrives_is_told():
    server = Scripted({"files/create": LOST, "files/read": {"success": True, "files": []}})
    with pytest.raises(ServerError, match=r"It was sent 3 times, and the list never had 'main.py': nothing was made"):
        server.client().files.create(7, "main.py", "x = 1\n")
    assert server.times("files/create") == 3

    names: list[str] = []

    def create(fields):  # the first one doesn't arrive, the second does, and neither is answered
        names.append(fields["name"])
        return LOST

    def read(_):
        return {"success": True, "files": [{"name": name} for name in names[1:]]}

    server = Scripted({"files/create": create, "files/read": read, "files/update": {"success": True}})
    server.client().files.create(7, "main.py", "x = 1\n")
    assert server.times("files/create") == 2 and server.asked[-1][0] == "files/update"


@pytest.mark.parametrize("reply", [HTML, {"success": True}, {"projects": []}, {"projects": "odd"}])
def test_a_project_that_was_created_under_another_name_is_found(reply):
    """Where the name is taken the server puts a number behind it."""
    made = [{"projectId": 1, "name": "mine"}, {"projectId": 2, "name": "mine 1"}]

    def create(fields):
        made.append({"projectId": 3, "name": f"{fields['name']} 2"})
        return reply

    server = Scripted({"projects/create": create, "projects/read": lambda _: {"success": True, "projects": list(made)}})
    assert server.client().projects.create("mine").project_id == 3
    assert server.times("projects/create") == 1


def test_a_project_that_was_created_though_the_reply_was_lost_is_found():
    made: list[dict] = [{"projectId": 1, "name": "mine"}]

    def create(fields):
        made.append({"projectId": 2, "name": fields["name"]})
        return HTML

    server = Scripted({"projects/create": create, "projects/read": lambda _: {"success": True, "projects": list(made)}})
    assert server.client().projects.create("mine").project_id == 2
    assert server.times("projects/create") == 1
