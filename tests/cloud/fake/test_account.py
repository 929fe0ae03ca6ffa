"""Who one is, and on which nodes things run."""

from __future__ import annotations

import pytest

from hidden_regime.cloud.fake import Account, Settings
from hidden_regime.exceptions import ParameterError

OWN = Account(name="Ann", email="ann@example.com", organization="a" * 32, organization_name="Anns", type="Team", balance=12.5)


def test_an_account_is_what_was_asked_for(serve):
    ask = serve(account=OWN, user_id="42", nodes={"backtest": 3, "live": 0}, settings=Settings(queue_length=5))
    assert ask.cloud.settings.queue_length == 5
    assert ask.good("organizations/list")["organizations"] == [
        {"id": "a" * 32, "name": "Anns", "type": "Team", "ownerName": "You", "members": 1, "preferred": True}]  # fmt: skip
    told = ask.good("organizations/read", organizationId="a" * 32)["organization"]
    assert told["members"] == [{"id": 42, "name": "Ann", "isAdmin": True, "email": "ann@example.com"}]
    assert (told["credit"]["balance"], told["credit"]["movements"][0]["amount"]) == ("12.50", "12.50")
    assert ask.good("user/read")["user"]["name"] == "Ann"
    nodes = ask.good("nodes/read", organizationId="a" * 32)
    assert [len(nodes[kind]) for kind in ("backtest", "research", "live")] == [3, 1, 0]
    assert "not found" in ask("nodes/read", organizationId="b" * 32)["errors"][0]


def test_a_project_chooses_its_nodes(ask):
    number = ask.project("Nodes")
    told = ask.good("projects/nodes/read", projectId=number)
    assert told["autoSelectNode"] is True
    first, second = (one["id"] for one in told["nodes"]["backtest"])
    told = ask.good("projects/nodes/update", projectId=number, nodes=[second])
    assert told["autoSelectNode"] is False
    assert {one["id"]: one["active"] for one in told["nodes"]["backtest"]} == {first: False, second: True}


def test_there_is_one_version_and_no_news(ask):
    assert [one["id"] for one in ask.good("lean/versions/read")["versions"]] == [-1]
    assert [one["id"] for one in ask.good("lean/environments/read")["environments"]] == [1]
    assert ask.good("services/terminal-news")["news"] == []


def test_an_organization_has_32_hexadecimal_digits():
    with pytest.raises(ParameterError, match="32 hexadecimal digits"):
        Account(organization="mine")
