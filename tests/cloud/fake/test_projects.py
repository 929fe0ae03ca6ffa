"""Projects, their files, and what a request may not have."""

from __future__ import annotations

import pytest

from tests.cloud.fake.asking import STRATEGY


def test_a_project_is_made_read_changed_and_deleted(ask):
    number = ask.good("projects/create", name="Life", language="Py")["projects"][0]["projectId"]
    ask.good("projects/update", projectId=number, name="Folder/Life", description="of one", parameters=[{"key": "a", "value": 1}])
    found = ask.good("projects/read", projectId=number)["projects"][0]
    assert (found["name"], found["description"], found["language"]) == ("Folder/Life", "of one", "Py")
    assert [(one["key"], one["value"]) for one in found["parameters"]] == [("a", "1")]
    assert number in [one["projectId"] for one in ask.good("projects/read")["projects"]]
    ask.good("projects/delete", projectId=number)
    assert ask("projects/read", projectId=number) == {
        "success": False, "errors": ["Project not found or permission denied."]}  # fmt: skip


def test_a_name_that_is_taken_gets_a_number(ask):
    names = [ask.good("projects/create", name="Twin", language="Py")["projects"][0]["name"] for _ in range(3)]
    assert names == ["Twin", "Twin 1", "Twin 2"]


def test_files_are_made_read_renamed_and_deleted(ask):
    number = ask.project("Files", helper="X = 1\n")

    def files():
        return {one["name"]: one["content"] for one in ask.good("files/read", projectId=number)["files"]}

    assert files() == {"main.py": STRATEGY, "helper.py": "X = 1\n"}
    assert "already exists" in ask("files/create", projectId=number, name="helper.py", content="")["errors"][0]
    ask.good("files/update", projectId=number, name="helper.py", newName="lib/other.py")
    ask.good("files/update", projectId=number, name="lib/other.py", content="X = 2\n")
    assert files() == {"main.py": STRATEGY, "lib/other.py": "X = 2\n"}
    assert ask.good("files/read", projectId=number, name="lib/other.py")["files"][0]["content"] == "X = 2\n"
    ask.good("files/delete", projectId=number, name="lib/other.py")
    assert files() == {"main.py": STRATEGY}
    assert "not found" in ask("files/read", projectId=number, name="lib/other.py")["errors"][0]


def test_a_form_with_files_leaves_no_others(ask):
    number = ask.project("Push", gone="X = 1\n")
    before = ask.good("files/read", projectId=number, name="main.py")["files"][0]["modified"]
    told = ask.form(
        "projects/update", **{
            "projectId": number, "files[0][name]": "main.py", "files[0][content]": STRATEGY, "files[1][name]": "new.py",
            "files[1][content]": "Y = 'ä'\n", "parameters": "", "encryptionKey": "", "codeSourceId": "cli",
        })  # fmt: skip
    assert told["success"] is True
    files = ask.good("files/read", projectId=number)["files"]
    assert {one["name"]: one["content"] for one in files} == {"main.py": STRATEGY, "new.py": "Y = 'ä'\n"}
    assert files[0]["modified"] == before


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"name": "big.py", "content": "#" * 32_001}, "too large"),
        ({"name": "../up.py", "content": ""}, "no name of a file"),
        ({"name": "/etc/x.py", "content": ""}, "no name of a file"),
    ],
)
def test_files_that_cannot_be_are_refused(ask, fields, error):
    number = ask.project("Refusals")
    assert error in ask("files/create", projectId=number, **fields)["errors"][0]
    ask.good("files/create", projectId=number, name="full.py", content="#" * 32_000)


def test_a_project_has_25_files_at_most(ask):
    number = ask.project("Many")
    for place in range(24):
        ask.good("files/create", projectId=number, name=f"f{place}.py", content="")
    assert "too many files" in ask("files/create", projectId=number, name="one_more.py", content="")["errors"][0]
    assert len(ask.good("files/read", projectId=number)["files"]) == 25


@pytest.mark.parametrize(
    ("endpoint", "fields", "error"),
    [
        ("projects/nonsense", {}, "Unknown endpoint"),
        ("projects/create", {"name": "x"}, "missing field 'language'"),
        ("projects/read", {"projectID": 1}, "unknown field 'projectID'"),
    ],
)
def test_what_no_client_should_send_is_refused_and_remembered(serve, endpoint, fields, error):
    ask = serve()
    told = ask(endpoint, **fields)
    assert told["success"] is False
    assert error in told["errors"][0]
    assert len(ask.cloud.unexpected) == 1
    assert error in ask.cloud.unexpected[0]


def test_wrong_values_are_refused_without_being_unexpected(serve):
    ask = serve()
    assert "whole number" in ask("projects/read", projectId=1.5)["errors"][0]
    assert "not found" in ask("projects/read", organizationId="0" * 32)["errors"][0]
    assert ask.cloud.unexpected == []
    assert [one.endpoint for one in ask.cloud.calls] == ["projects/read", "projects/read"]


def test_a_library_belongs_to_what_is_built(ask):
    library = ask.project("Library/Tools", "VALUE = 5\n")
    number = ask.project("User", STRATEGY.replace("import *\n", "import *\nfrom Tools.main import VALUE\n"))
    assert "ModuleNotFoundError" in ask.end(number, ask.begin(number))["error"]
    ask.good("projects/library/create", projectId=number, libraryId=library)
    assert ask.good("projects/read", projectId=number)["projects"][0]["libraries"][0]["libraryName"] == "Library/Tools"
    assert ask.end(number, ask.begin(number))["error"] is None


def test_what_belongs_to_a_project_goes_with_it(ask):
    library, number = ask.project("Shelf", "VALUE = 5\n"), ask.project("Gone")
    ask.good("projects/library/create", projectId=number, libraryId=library)
    ask.good("projects/library/delete", projectId=number, libraryId=library)
    assert ask.good("projects/read", projectId=number)["projects"][0]["libraries"] == []
    assert "not found" in ask("projects/library/create", projectId=number, libraryId=1)["errors"][0]
    backtest = ask.begin(number)
    ask.good("projects/delete", projectId=number)
    again = ask.project("Gone")
    assert again != number
    assert "not found" in ask("backtests/read", projectId=number, backtestId=backtest)["errors"][0]
    assert "not found" in ask("backtests/read", projectId=again, backtestId=backtest)["errors"][0]


@pytest.mark.parametrize(
    ("endpoint", "fields", "error"),
    [
        ("projects/create", {"name": "x", "language": "Java"}, "language"),
        ("projects/create", {"name": "/", "language": "Py"}, "name must not be empty"),
        ("projects/update", {"projectId": 1}, "Project not found"),
        ("projects/update", {"parameters": [{"key": "a"}]}, "key and a value"),
        ("projects/update", {"parameters": "a"}, "must be a list"),
        ("files/update", {"name": "main.py"}, "content or newName"),
        ("files/update", {"name": "main.py", "newName": "other.py"}, "already exists"),
        ("files/read", {"name": ["main.py"]}, "must be a text"),
        ("compile/read", {"compileId": "none"}, "Compile not found"),
    ],
)
def test_arguments_that_cannot_be_are_refused(ask, endpoint, fields, error):
    number = ask.project("Arguments", other="X = 1\n")
    told = ask(endpoint, **({} if endpoint == "projects/create" else {"projectId": number}) | fields)
    assert error in told["errors"][0]


def test_projects_keep_version_environment_and_parameters_as_an_object(ask):
    number = ask.project("Kept")
    ask.good("projects/update", projectId=number, versionId="15223", leanEnvironment=4, parameters={"a": 1}, libraries=[])
    told = ask.good("projects/read", projectId=number)["projects"][0]
    assert (told["leanVersionId"], told["leanPinnedToMaster"], told["leanEnvironment"]) == (15223, False, 4)
    assert told["parameters"][0]["key"] == "a"
    every = ask.good("projects/read")["projects"]
    assert ask.good("projects/read", start=1, end=3)["projects"] == every[1:3]
