"""A workspace without `lean init`."""

from __future__ import annotations

import json

import pytest

from hidden_regime.exceptions import ParameterError
from hidden_regime.local_lean import LeanError, make_workspace
from hidden_regime.local_lean.workspace import data_folder, keep_quiet, read_workspace


def test_a_workspace_names_its_data_and_an_organization(tmp_path):
    place = make_workspace(tmp_path / "w", tmp_path)
    content = json.loads((place / "lean.json").read_text(encoding="utf-8"))
    assert data_folder(place) == tmp_path.resolve()
    assert len(content["organization-id"]) == 32
    assert content["environments"]["backtesting"]["live-mode"] is False


def test_a_workspace_that_is_one_stays_as_it_is(tmp_path):
    (tmp_path / "lean.json").write_text('{"data-folder": "data", // own\n "ib-host": "x"}', encoding="utf-8")
    (tmp_path / "data").mkdir()
    make_workspace(tmp_path, tmp_path / "data")
    assert "// own" in (tmp_path / "lean.json").read_text(encoding="utf-8")
    assert read_workspace(tmp_path)["ib-host"] == "x"


def test_a_workspace_with_other_data_is_refused(tmp_path):
    make_workspace(tmp_path / "w", tmp_path)
    (tmp_path / "other").mkdir()
    with pytest.raises(LeanError, match="names the data"):
        make_workspace(tmp_path / "w", tmp_path / "other")


@pytest.mark.parametrize(("data", "organization"), [("none", "0" * 32), (".", "0" * 31), (".", "G" * 32), (".", 1)])
def test_what_can_not_be_is_refused(tmp_path, data, organization):
    with pytest.raises(ParameterError):
        make_workspace(tmp_path / "w", tmp_path / data, organization)
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize("text", ["{", "[]", '{"organization-id": "0"}', '{"data-folder": 3}'])
def test_a_damaged_workspace_is_named(tmp_path, text):
    (tmp_path / "lean.json").write_text(text, encoding="utf-8")
    with pytest.raises(LeanError, match=r"lean\.json"):
        read_workspace(tmp_path)


def test_a_folder_that_is_no_workspace_is_told_how_to_become_one(tmp_path):
    with pytest.raises(LeanError, match=r"holds no lean\.json.*make_workspace"):
        read_workspace(tmp_path)


def test_a_home_of_its_own_keeps_other_settings(tmp_path):
    (tmp_path / ".lean").mkdir()
    (tmp_path / ".lean" / "config").write_text('{"engine-image": "my/lean:1"}', encoding="utf-8")
    keep_quiet(tmp_path)
    content = json.loads((tmp_path / ".lean" / "config").read_text(encoding="utf-8"))
    assert content == {"engine-image": "my/lean:1", "database-update-frequency": "-"}


def test_a_damaged_home_is_named(tmp_path):
    (tmp_path / ".lean").mkdir()
    (tmp_path / ".lean" / "config").write_text("{", encoding="utf-8")
    with pytest.raises(LeanError, match="config can't be read"):
        keep_quiet(tmp_path)
