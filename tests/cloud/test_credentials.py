"""Signing by the documents, and a token that no text shows."""

from __future__ import annotations

import base64
import json
import pickle

import pytest

from hidden_regime.cloud import AuthenticationFailed, Credentials, find_credentials
from hidden_regime.exceptions import ParameterError


def test_headers_of_a_fixed_token_and_time():
    found = Credentials("42", "abc123").headers(1_700_000_000)
    # echo -n abc123:1700000000 | sha256sum
    digest = "cdd1f05a92a5fc9d067fabcb999f341ed9bf5cdd342c71a93254e3c4789d08a4"
    assert found == {"Authorization": "Basic " + base64.b64encode(f"42:{digest}".encode()).decode(), "Timestamp": "1700000000"}


def test_the_token_is_in_no_text():
    one = Credentials("42", "abc123")
    assert "abc123" not in f"{one!r}{one}"
    assert one.hidden_in("the server says abc123 is wrong") == "the server says *** is wrong"
    assert one == Credentials("42", "abc123") != Credentials("42", "other")
    assert len({one, Credentials("42", "abc123")}) == 1
    assert pickle.loads(pickle.dumps(one)) == one


def test_the_environment_has_more_say_than_the_file(tmp_path):
    path = tmp_path / "credentials"
    path.write_text(json.dumps({"user-id": 7, "api-token": "of the file"}))
    assert find_credentials({}, path) == Credentials("7", "of the file")
    assert find_credentials({"QC_USER_ID": "8", "QC_API_TOKEN": "t"}, path) == Credentials("8", "t")


@pytest.mark.parametrize("missing", ["QC_USER_ID", "QC_API_TOKEN"])
def test_half_of_the_environment_is_refused(missing, tmp_path):
    both = {"QC_USER_ID": "8", "QC_API_TOKEN": "hush"}
    with pytest.raises(AuthenticationFailed, match=f"{missing} is not set") as told:
        find_credentials({name: value for name, value in both.items() if name != missing}, tmp_path / "none")
    assert "hush" not in str(told.value)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"user-id": "7"}', '{"user-id": "7", "api-token": }', '{"api-token": "hush"}']
)
def test_a_damaged_file_is_named_and_not_quoted(content, tmp_path):
    path = tmp_path / "credentials"
    path.write_text(content)
    with pytest.raises(AuthenticationFailed, match="credentials that can be read") as told:
        find_credentials({}, path)
    assert "hush" not in str(told.value) and str(path) in str(told.value)


def test_without_any_the_message_says_both_ways(tmp_path):
    with pytest.raises(AuthenticationFailed, match=r"QC_USER_ID.*lean login"):
        find_credentials({}, tmp_path / "none")


@pytest.mark.parametrize(
    ("user", "token"), [("", "t"), ("7", " "), ("a:b", "t"), (7, "t"), ("7", None), ("seven", "t"), ("\u0667", "t")]
)
def test_credentials_that_can_not_be_are_refused(user, token):
    with pytest.raises(ParameterError):
        Credentials(user, token)


def test_a_token_in_the_place_of_the_user_is_refused_and_not_shown(tmp_path):
    path = tmp_path / "credentials"
    path.write_text(json.dumps({"user-id": "f00dcafe" * 8, "api-token": "7"}))
    for make in (lambda: Credentials("f00dcafe" * 8, "7"), lambda: find_credentials({}, path)):
        with pytest.raises((ParameterError, AuthenticationFailed)) as told:
            make()
        assert "f00dcafe" not in str(told.value)
