"""Projects, files and compilations: what is asked, and that a compilation is waited for until it is one."""

from __future__ import annotations

import pytest

from hidden_regime.cloud import NotFound, RequestRefused, RunFailed, ServerError, Waiting
from hidden_regime.exceptions import ParameterError
from tests.cloud.scripted import EMPTY_500, HTML, LOST, Scripted

PROJECT = {"success": True, "projects": [{"projectId": 7, "name": "mine"}]}
CALLS = [
    ("projects/read", lambda qc: qc.projects.read(7), {"projectId": 7}), ("projects/read", lambda qc: qc.projects.list(), {}),
    ("projects/update", lambda qc: qc.projects.update(7, name="n", description="d", parameters={"fast": 10}),
     {"projectId": 7, "name": "n", "description": "d", "parameters": [{"key": "fast", "value": "10"}]}),
    ("projects/update", lambda qc: qc.projects.update(7, parameters={}), {"projectId": 7, "parameters": []}),
    ("projects/delete", lambda qc: qc.projects.delete(7), {"projectId": 7}), ("files/read", lambda qc: qc.files.list(7), {"projectId": 7}),
    ("files/read", lambda qc: qc.files.read(7, "main.py"), {"projectId": 7, "name": "main.py"}),
    ("files/create", lambda qc: qc.files.create(7, "a.py", "é\n"), {"projectId": 7, "name": "a.py", "content": "é\n"}),
    ("files/update", lambda qc: qc.files.update(7, "a.py", ""), {"projectId": 7, "name": "a.py", "content": ""}),
    ("files/update", lambda qc: qc.files.rename(7, "a.py", "b.py"), {"projectId": 7, "name": "a.py", "newName": "b.py"}),
    ("files/delete", lambda qc: qc.files.delete(7, "a.py"), {"projectId": 7, "name": "a.py"}),
    ("compile/create", lambda qc: qc.compiles.create(7), {"projectId": 7}),
    ("compile/read", lambda qc: qc.compiles.read(7, "c"), {"projectId": 7, "compileId": "c"}),
]  # fmt: skip


@pytest.mark.parametrize(("endpoint", "call", "fields"), CALLS)
def test_what_is_asked(endpoint, call, fields):
    server = Scripted({endpoint: PROJECT | {"files": [{"name": "main.py", "content": "x"}]}})
    call(server.client())
    assert server.asked == [(endpoint, fields)]


def test_a_project_is_made():
    server = Scripted({"projects/read": {"projects": []}, "projects/create": PROJECT})
    assert server.client().projects.create("mine", language="C#", organization_id="o1").project_id == 7
    assert server.asked == [
        ("projects/read", {}),
        ("projects/create", {"name": "mine", "language": "C#", "organizationId": "o1"}),
    ]
    with pytest.raises(ParameterError, match="language"):
        server.client().projects.create("mine", language="Rust")


@pytest.mark.parametrize(
    "reply",
    [{"success": True}, {"projects": []}, {"projects": None}, {"projects": [{}]}, {"projects": ["odd"]}, {"project": "odd"}],
)
def test_a_reply_without_the_project_is_no_project(reply):
    with pytest.raises(NotFound, match="names no project 7"):
        Scripted({"projects/read": reply}).client().projects.read(7)


def test_one_project_may_come_by_itself():
    assert Scripted({"projects/read": {"project": {"projectId": "7"}}}).client().projects.read(7).project_id == 7


@pytest.mark.parametrize("odd", ["odd", 3, True])
def test_a_list_that_is_none_is_told(odd):
    qc = Scripted({"projects/read": {"projects": odd}, "files/read": {"files": odd}}).client()
    for call in (qc.projects.list, lambda: qc.projects.read(7), lambda: qc.files.list(7), lambda: qc.files.read(7, "a.py")):
        with pytest.raises(ServerError, match="expected a list"):
            call()


def test_a_file_that_is_not_there_is_told():
    with pytest.raises(NotFound, match=r"project 7 has no file 'a.py'"):
        Scripted({"files/read": {"files": [{"name": "b.py"}]}}).client().files.read(7, "a.py")


def test_somebody_elses_lock_is_told_at_once():
    said = "You don't have write permission: the project is being edited by another collaborator."
    server = Scripted({"files/create": {"success": False, "errors": [said]}})
    with pytest.raises(RequestRefused, match="edited by another collaborator"):
        server.client().files.create(7, "a.py", "")
    assert server.times("files/create") == 1


def compiling(*states):
    return Scripted({"compile/create": {"success": True, "compileId": "c-1", "state": "InQueue"}, "compile/read": list(states)})


@pytest.mark.parametrize(
    "waiting", [{"state": "InQueue", "compileId": "c-1", "logs": []}, {"success": True}, {"state": None}, {"state": "inqueue"}]
)
def test_one_in_the_queue_is_waited_for(waiting):
    server = compiling(waiting, waiting, {"state": "BuildSuccess", "compileId": "c-1", "logs": ["fine"]})
    assert server.client().compiles.run(7).logs == ("fine",)
    assert server.asked == [("compile/create", {"projectId": 7})] + [("compile/read", {"projectId": 7, "compileId": "c-1"})] * 3
    assert server.slept == [1.0, 1.0]


@pytest.mark.parametrize(
    ("logs", "said"),
    [
        (["Build Error: File: main.py Line:1", "second"], "Line:1\nsecond"),
        ([], "without a line of log"),
        (None, "without a line"),
    ],
)
def test_one_that_fails_shows_the_compilers_own_lines(logs, said):
    server = compiling({"state": "InQueue"}, {"state": "BuildError", "logs": logs})
    with pytest.raises(RunFailed, match=f"ended as BuildError. Mend its files and push them again.\n.*{said}") as told:
        server.client().compiles.run(7)
    assert told.value.errors == tuple(logs or ())


def test_one_that_ends_as_something_of_tomorrow_is_no_success():
    with pytest.raises(RunFailed, match="ended as Cancelled"):
        compiling({"state": "Cancelled"}).client().compiles.run(7)


def test_one_that_never_ends_goes_on_without_us():
    server = compiling({"state": "InQueue"})
    with pytest.raises(Waiting, match="compile c-1 isn't over after 60 s and goes on in the cloud"):
        server.client().compiles.run(7, timeout=60)
    assert sum(server.slept) <= 60


@pytest.mark.parametrize("failure", [HTML, LOST, EMPTY_500])
def test_a_glitch_while_it_waits_is_outlived(failure):
    assert (
        compiling({"state": "InQueue"}, failure, failure, {"state": "BuildSuccess", "compileId": "c-1"})
        .client()
        .compiles.run(7)
        .compile_id
        == "c-1"
    )


def test_one_that_is_gone_is_told():
    with pytest.raises(NotFound):
        compiling(
            {"state": "InQueue"}, {"success": False, "errors": ["Compile not found or permission denied."]}
        ).client().compiles.run(7)


@pytest.mark.parametrize("reply", [{"success": True}, {"compileId": None}, {"compileId": []}])
def test_a_compilation_without_a_name_can_not_be_waited_for(reply):
    server = Scripted({"compile/create": reply})
    with pytest.raises(ServerError, match="the reply doesn't name the compilation"):
        server.client().compiles.run(7)
