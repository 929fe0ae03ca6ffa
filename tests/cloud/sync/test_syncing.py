"""Push and pull against the practice cloud, with somebody else at work there, and with what breaks in the middle."""

from __future__ import annotations

import json
import re

import pytest

from hidden_regime.cloud import BudgetExceeded, NotFound, RequestRefused, RunFailed
from hidden_regime.cloud.budget.budget import Budget
from hidden_regime.cloud.errors import QCError
from hidden_regime.cloud.fake import FakeCloud, Settings
from hidden_regime.cloud.sync.local import digest
from hidden_regime.cloud.sync.merging import Conflict
from hidden_regime.cloud.sync.syncing import compiled, pull, push
from hidden_regime.cloud.sync.there import digest_of_build
from hidden_regime.exceptions import ParameterError
from tests.cloud.practice import client, write_project
from tests.cloud.scripted import Scripted

WRITING = ("projects/create", "projects/update", "files/create", "files/update", "files/delete")


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with FakeCloud(tmp_path_factory.mktemp("cloud"), settings=Settings(workers=1)) as cloud:
        yield cloud
        assert cloud.unexpected == []


@pytest.fixture
def cloud(shared):
    shared.faults.clear()
    return shared


@pytest.fixture
def qc(cloud):
    with client(cloud) as qc:
        yield qc


@pytest.fixture
def folder(tmp_path, request):
    """A project's folder, named after the test so that each has a project of its own."""
    return write_project(tmp_path / re.sub(r"\W+", " ", request.node.name).strip(), "x = 1\n", tools="y = 1\n")


def there(qc, number):
    return {file.name: file.content for file in qc.files.list(number)}


def here(folder):
    kept = (folder / ".qc", folder / "config.json")
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode()
        for path in folder.rglob("*")
        if path.is_file() and path not in kept and kept[0] not in path.parents
    }


def written(cloud, since=0):
    """What was asked of the cloud that changes it."""
    return [call.endpoint for call in cloud.calls[since:] if call.endpoint in WRITING]


def test_a_push_creates_updates_and_deletes(qc, cloud, folder):
    project, changes = push(qc, folder)
    number = project.project_id
    assert (changes.created, changes.updated, changes.deleted) == (("tools.py",), ("main.py",), ())
    assert there(qc, number) == here(folder)
    (folder / "main.py").write_text("x = 2\n")
    (folder / "part").mkdir()
    (folder / "part" / "more.py").write_text("z = 1\n")
    (folder / "tools.py").unlink()
    again, changes = push(qc, folder, delete=True)
    assert again.project_id == number
    assert (changes.created, changes.updated, changes.deleted) == (("part/more.py",), ("main.py",), ("tools.py",))
    assert there(qc, number) == here(folder)
    before = len(cloud.calls)
    assert push(qc, folder)[1].count == 0 and written(cloud, before) == []


def test_deletion_is_asked_for(qc, folder):
    number = push(qc, folder)[0].project_id
    (folder / "tools.py").unlink()
    for _ in range(2):
        changes = push(qc, folder)[1]
        assert (changes.kept, changes.count) == (("tools.py",), 0)
    assert "tools.py" in there(qc, number)
    assert push(qc, folder, delete=True)[1].deleted == ("tools.py",)
    assert set(there(qc, number)) == {"main.py"}


def test_what_was_deleted_here_and_changed_there_is_not_deleted_by_the_next_push_either(qc, folder):
    number = push(qc, folder)[0].project_id
    (folder / "tools.py").unlink()
    qc.files.update(number, "tools.py", "somebody's\n")
    assert push(qc, folder)[1].kept == ("tools.py",)
    with pytest.raises(Conflict, match=r"tools\.py was changed in the cloud"):
        push(qc, folder, delete=True)
    assert there(qc, number)["tools.py"] == "somebody's\n"


def test_a_foreign_change_is_refused_on_both_sides_and_nothing_is_written(qc, cloud, folder):
    number = push(qc, folder)[0].project_id
    qc.files.update(number, "main.py", "theirs\n")
    qc.files.create(number, "new.py", "theirs\n")
    (folder / "main.py").write_text("mine\n")
    (folder / "tools.py").write_text("mine\n")
    before, mine, theirs = len(cloud.calls), here(folder), there(qc, number)
    for move in (lambda **how: push(qc, folder, **how), lambda **how: pull(qc, number, folder, **how)):
        with pytest.raises(Conflict, match=r"main\.py was changed .*Nothing was written.*--force") as told:
            move(delete=True)
        assert "main.py" in told.value.names
    assert written(cloud, before) == [] and (here(folder), there(qc, number)) == (mine, theirs)
    assert push(qc, folder, force=True)[1].foreign == ("new.py",)
    assert there(qc, number) == {"main.py": "mine\n", "tools.py": "mine\n", "new.py": "theirs\n"}
    qc.files.update(number, "main.py", "theirs\n")
    (folder / "main.py").write_text("mine again\n")
    pull(qc, number, folder, force=True)
    assert here(folder) == {"main.py": "theirs\n", "tools.py": "mine\n", "new.py": "theirs\n"}


def test_a_pull_brings_what_changed_and_leaves_what_is_here_alone(qc, folder, tmp_path):
    number = push(qc, folder)[0].project_id
    qc.files.update(number, "main.py", "theirs\n")
    qc.files.delete(number, "tools.py")
    qc.files.create(number, "deep/er.py", "theirs\n")
    (folder / "own.py").write_text("mine\n")
    changes = pull(qc, number, folder)[1]
    assert (changes.created, changes.updated, changes.kept, changes.foreign) == (
        ("deep/er.py",), ("main.py",), ("tools.py",), ("own.py",)
    )  # fmt: skip
    assert pull(qc, number, folder, delete=True)[1].deleted == ("tools.py",)
    assert here(folder) == {"main.py": "theirs\n", "deep/er.py": "theirs\n", "own.py": "mine\n"}
    found, _ = pull(qc, qc.projects.read(number).name, tmp_path / "elsewhere")
    assert found.project_id == number and here(tmp_path / "elsewhere") == there(qc, number)
    assert push(qc, folder)[1].created == ("own.py",)


def test_a_file_with_any_other_ending_is_pulled_once_and_goes_along_from_then_on(qc, folder):
    number = push(qc, folder)[0].project_id
    qc.files.create(number, "notes.md", "theirs\n")
    assert pull(qc, number, folder)[1].created == ("notes.md",)
    assert pull(qc, number, folder)[1].count == 0
    assert push(qc, folder, delete=True)[1].count == 0
    (folder / "notes.md").write_text("mine\n")
    assert push(qc, folder)[1].updated == ("notes.md",)
    (folder / "own.md").write_text("mine\n")  # lean-cli doesn't push such a one either
    assert push(qc, folder)[1].count == 0


def test_ends_of_lines_make_no_difference_and_stay_as_they_are(qc, folder):
    (folder / "main.py").write_bytes(b"x = 1\r\ny = 2\r\n")
    number = push(qc, folder)[0].project_id
    qc.files.update(number, "main.py", "x = 1\ny = 2")
    assert push(qc, folder)[1].count == 0 and pull(qc, number, folder)[1].count == 0
    assert (folder / "main.py").read_bytes() == b"x = 1\r\ny = 2\r\n"
    qc.files.update(number, "main.py", "x = '1\x0cy' = 2\n")  # a form feed ends no line
    assert pull(qc, number, folder)[1].updated == ("main.py",)


def parameters(qc, number):
    return {one.name: one.value for one in qc.projects.read(number).parameters}


def test_parameters_go_both_ways_as_a_file_does(qc, cloud, folder, tmp_path):
    write_project(folder, "x = 1\n", {"fast": 5, "slow": "20"})
    project, changes = push(qc, folder)
    number = project.project_id
    assert "config.json" in changes.created and parameters(qc, number) == {"fast": "5", "slow": "20"}
    assert "config.json" not in there(qc, number)
    before = len(cloud.calls)
    assert push(qc, folder)[1].count == 0 and written(cloud, before) == []
    qc.projects.update(number, parameters={"fast": "7"})
    write_project(folder, "x = 1\n", {"fast": 6})
    for move in (lambda: push(qc, folder), lambda: pull(qc, number, folder)):
        with pytest.raises(Conflict, match=r"config\.json was changed"):
            move()
    assert parameters(qc, number) == {"fast": "7"}
    pull(qc, number, folder, force=True)
    assert json.loads((folder / "config.json").read_text()) == {"parameters": {"fast": "7"}, "local-id": 1}
    pull(qc, number, tmp_path / "other")
    assert json.loads((tmp_path / "other" / "config.json").read_text()) == {"parameters": {"fast": "7"}}
    write_project(folder, "x = 1\n", {})
    assert push(qc, folder)[1].kept == ("config.json",)
    assert push(qc, folder, delete=True)[1].deleted == ("config.json",) and parameters(qc, number) == {}


@pytest.mark.parametrize(
    ("endpoint", "kind", "times"),
    [
        ("files/update", "closed", 5), ("files/update", "lost reply", 5), ("files/create", "closed", 9),
        ("files/create", "lost reply", 1), ("files/read", "closed", 5), ("projects/create", "closed", 3),
        ("projects/create", "lost reply", 1), ("projects/update", "lost reply", 5),
    ],
)  # fmt: skip
def test_a_push_that_dies_in_the_middle_is_repeated_into_the_same_project(qc, cloud, folder, endpoint, kind, times):
    write_project(folder, "x = 1\n", {"fast": "5"}, tools="y = 1\n", more="z = 1\n")
    cloud.faults.add(endpoint, kind, times=times)
    died = kind == "closed" or times > 1
    if died:
        with pytest.raises(QCError):
            push(qc, folder)
        (folder / "tools.py").write_text("y = 2\n")  # what was half sent may go on changing here
    cloud.faults.clear()
    project, _ = push(qc, folder)
    assert there(qc, project.project_id) == here(folder)
    assert parameters(qc, project.project_id) == {"fast": "5"}
    assert [one.name for one in qc.projects.list()].count(folder.name) == 1
    assert [one.name for one in qc.projects.list() if one.name.startswith(folder.name)] == [folder.name]
    assert push(qc, folder)[1].count == 0


def test_what_a_new_project_begins_with_goes_also_where_the_first_push_died(qc, cloud, folder):
    cloud.faults.add("files/read", "closed", times=5)
    with pytest.raises(QCError):
        push(qc, folder)
    (number,) = [one.project_id for one in qc.projects.list() if one.name == folder.name]
    qc.files.create(number, "research.ipynb", "{}")  # QuantConnect's own projects begin with one
    cloud.faults.add("files/delete", "closed", times=5)
    with pytest.raises(QCError):
        push(qc, folder)
    cloud.faults.clear()
    push(qc, folder)
    assert there(qc, number) == here(folder)
    qc.files.create(number, "research.ipynb", "{}")  # from here on it is somebody's work
    assert push(qc, folder, delete=True)[1].foreign == ("research.ipynb",)


def test_a_change_in_the_cloud_since_a_push_died_is_refused_too(qc, cloud, folder):
    cloud.faults.add("files/update", "closed", times=5)
    with pytest.raises(QCError):
        push(qc, folder)
    (number,) = [one.project_id for one in qc.projects.list() if one.name == folder.name]
    qc.files.update(number, "main.py", "theirs\n")
    with pytest.raises(Conflict, match=r"main\.py was changed in the cloud"):
        push(qc, folder)
    assert there(qc, number)["main.py"] == "theirs\n"


def test_files_that_the_cloud_refused_are_pushed_when_they_are_right(qc, folder):
    (folder / "tools.py").write_text("# " + "x" * 40_000)
    with pytest.raises(RequestRefused, match="too large"):
        push(qc, folder)
    (folder / "tools.py").write_text("y = 3\n")
    (folder / "main.py").write_text("x = 3\n")
    number = push(qc, folder)[0].project_id
    assert there(qc, number) == here(folder)


def test_limits_are_held_before_anything_is_sent(qc, cloud, folder, tmp_path):
    budget, before = Budget(qc.account_name, tmp_path / "budget.sqlite"), len(cloud.calls)
    for limit in ("files", "file_bytes"):
        budget.set(limit, 1, source="the test")
        with pytest.raises(BudgetExceeded, match="Nothing was sent"):
            push(qc, folder, budget=budget)
        budget.unset(limit)
    assert len(cloud.calls) == before


def test_a_project_that_is_gone_is_told_with_where_it_is_written_down(qc, folder):
    number = push(qc, folder)[0].project_id
    qc.projects.delete(number)
    with pytest.raises(NotFound, match=rf"belongs to project {number} of .*pushed\.json"):
        push(qc, folder)
    (folder / ".qc" / "pushed.json").unlink()
    assert push(qc, folder)[0].project_id != number


def test_a_folder_is_of_one_project(qc, folder, tmp_path):
    push(qc, folder)
    other = push(qc, write_project(tmp_path / f"{folder.name} 2", "x = 1\n"))[0].project_id
    with pytest.raises(ParameterError, match="This one belongs to project"):
        pull(qc, other, folder, force=True)


@pytest.mark.parametrize("name", ["none", "file", "empty", "without main.py"])
def test_what_is_no_project_is_not_pushed(qc, cloud, tmp_path, name):
    before = len(cloud.calls)
    if name == "file":
        (tmp_path / name).write_text("x = 1\n")
    elif name != "none":
        (tmp_path / name).mkdir()
    if name == "without main.py":
        (tmp_path / name / "helper.py").write_text("x = 1\n")
    with pytest.raises(ParameterError, match="folder"):
        push(qc, tmp_path / name)
    assert len(cloud.calls) == before


def test_a_file_that_is_no_text_is_named(qc, folder):
    (folder / "tools.py").write_bytes(b"x = '\xff'")
    with pytest.raises(ParameterError, match=r"tools\.py.*0xff"):
        push(qc, folder)


def test_a_name_that_nothing_has_is_told_with_those_that_there_are(qc, folder, tmp_path):
    push(qc, folder)
    with pytest.raises(NotFound, match=r"no project is called 'nowhere'\. There are: "):
        pull(qc, "nowhere", tmp_path / "x")
    (tmp_path / "file").write_text("")
    with pytest.raises(ParameterError, match="a folder, or a name that nothing has yet"):
        pull(qc, folder.name, tmp_path / "file")


HOSTILE = ["../x.py", "/etc/x.py", "a/../../x.py", "..\\x.py", "C:x.py", ".qc/pushed.json", ".git/hooks/x", "a//b.py", "", "config.json",
           "a\x00.py"]  # fmt: skip


def of_files(*files, **project):
    """A cloud with a project of these files."""
    return Scripted({
        "projects/read": {"success": True, "projects": [{"projectId": 7, "name": "p", **project}]},
        "files/read": lambda fields: {"success": True, "files": [one for one in files if fields.get("name") in (None, one["name"])]},
    })  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_from_the_cloud_that_leads_out_of_the_folder_is_refused(tmp_path, name):
    server = of_files({"name": "main.py", "content": "x = 1\n"}, {"name": name, "content": "x = 1\n"})
    with pytest.raises(RequestRefused, match="expected a name below the project's folder"):
        pull(server.client(), 7, tmp_path / "in" / "p", force=True)
    assert list(tmp_path.iterdir()) == []


def test_files_of_libraries_belong_to_projects_of_their_own(tmp_path):
    server = of_files({"name": "main.py", "content": "x = 1\n"}, {"name": "lib.py", "content": "", "isLibrary": True})
    assert pull(server.client(), 7, tmp_path / "p")[1].created == ("main.py",)


@pytest.mark.parametrize("second", [{}, {"content": None}])
def test_a_list_without_contents_empties_no_file(tmp_path, second):
    write_project(tmp_path / "p", "mine\n")
    server = of_files({"name": "main.py", **second})
    with pytest.raises(RequestRefused, match=r"no content of 'main\.py'"):
        pull(server.client(), 7, tmp_path / "p", force=True)
    assert (tmp_path / "p" / "main.py").read_text() == "mine\n"


def test_contents_that_a_list_leaves_out_are_read_one_by_one(tmp_path):
    server = of_files({"name": "main.py"})
    server.answers["files/read"] = [
        lambda fields: {"success": True, "files": [{"name": "main.py"} | ({"content": "x = 1\n"} if "name" in fields else {})]}
    ]
    pull(server.client(), 7, tmp_path / "p")
    assert (tmp_path / "p" / "main.py").read_text() == "x = 1\n"


def test_lean_cli_and_this_package_mean_the_same_project(tmp_path):
    server = of_files({"name": "main.py", "content": "x = 1\n"}, organizationId="a" * 32)
    pull(server.client(), 7, tmp_path / "p")
    config = {"cloud-id": 7, "organization-id": "a" * 32}
    assert json.loads((tmp_path / "p" / "config.json").read_text()) == config
    write_project(tmp_path / "q", "x = 1\n")
    (tmp_path / "q" / "config.json").write_text(json.dumps(config))  # as lean-cli leaves it
    project, changes = push(server.client(), tmp_path / "q")
    assert (project.project_id, changes.unchanged) == (7, ("main.py",))
    (tmp_path / "q" / ".qc" / "pushed.json").unlink()
    (tmp_path / "q" / "main.py").write_text("x = 2\n")
    with pytest.raises(Conflict, match=r"main\.py is in the cloud too, with another content"):
        push(server.client(), tmp_path / "q")


def test_a_compilation_is_shared_by_equal_files_and_made_anew_for_others(qc, cloud, folder):
    def builds():
        return sum(call.endpoint == "compile/create" for call in cloud.calls)

    write_project(folder, "from AlgorithmImports import *\nclass A(QCAlgorithm): pass\n", tools="x = 1\n")
    number = push(qc, folder)[0].project_id
    first, before = compiled(qc, folder), builds()
    assert first[0] == number and compiled(qc, folder) == first and builds() == before
    (folder / "tools.py").write_text("x = 2\n")
    push(qc, folder)
    second = compiled(qc, folder)
    assert second != first and builds() == before + 1
    (folder / "tools.py").write_text("x = 1\n")
    push(qc, folder)
    assert compiled(qc, folder) == first and builds() == before + 1
    qc.files.create(number, "theirs.py", "y = 1\n")  # a build takes it too
    push(qc, folder)
    third = compiled(qc, folder)
    assert third not in (first, second) and builds() == before + 2
    write_project(folder, (folder / "main.py").read_text(), {"fast": "5"})
    push(qc, folder)
    assert compiled(qc, folder) == third  # parameters are no part of it


def test_a_compilation_that_the_server_has_forgotten_is_made_anew(qc, folder):
    write_project(folder, "from AlgorithmImports import *\nclass A(QCAlgorithm): pass\n")
    push(qc, folder)
    first = compiled(qc, folder)
    path = folder / ".qc" / "pushed.json"
    path.write_text(path.read_text().replace(first[1], "forgotten"))
    second = compiled(qc, folder)
    assert "forgotten" not in (second[1], path.read_text()) and compiled(qc, folder) == second


def test_files_that_do_not_compile_are_told_by_the_compiler_each_time(qc, folder):
    push(qc, write_project(folder, "x = (\n"))
    for _ in range(2):
        with pytest.raises(RunFailed, match=r"main\.py Line:1"):
            compiled(qc, folder)


def test_a_folder_that_was_never_pushed_has_no_compilation(qc, folder):
    with pytest.raises(ParameterError, match="a folder that was pushed"):
        compiled(qc, folder)


def test_a_build_is_told_by_all_that_it_takes():
    told = digest("x = 1\n")
    builds = [
        digest_of_build({"a.py": told}, {}), digest_of_build({"b.py": told}, {}), digest_of_build({"a.py": digest("x = 2\n")}, {}),
        digest_of_build({}, {"a.py": "x = 1\n"}), digest_of_build({"a.py": told}, {"b.py": "x = 1\n"}), digest_of_build({}, {}),
    ]  # fmt: skip
    assert len(set(builds)) == len(builds)
    assert digest_of_build({"a.py": told, "config.json": digest("{}")}, {}) == builds[0]
