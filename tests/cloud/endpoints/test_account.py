"""Account, organisations and machines: what is asked, and how the contradictions of the replies are read."""

from __future__ import annotations

import pytest

from hidden_regime.cloud import AuthenticationFailed, ServerError
from tests.cloud.scripted import Scripted

CALLS = {
    "authenticate": (lambda qc: qc.account.authenticate(), {}),
    "account/read": (lambda qc: qc.account.read(), {}),
    "organizations/list": (lambda qc: qc.account.organizations(), {}),
    "organizations/read": (lambda qc: qc.account.credit("o1"), {"organizationId": "o1"}),
    "lean/versions/read": (lambda qc: qc.account.lean_versions(), {}),
    "projects/nodes/read": (lambda qc: qc.nodes.read(7), {"projectId": 7}),
    "projects/nodes/update": (lambda qc: qc.nodes.choose(7, ["n1"]), {"projectId": 7, "nodes": ["n1"]}),
    "nodes/read": (lambda qc: qc.nodes.of_organization("o1"), {"organizationId": "o1"}),
}  # fmt: skip


@pytest.mark.parametrize("endpoint", CALLS)
def test_what_is_asked(endpoint):
    call, fields = CALLS[endpoint]
    server = Scripted({endpoint: {"success": True}})
    call(server.client())
    assert server.asked == [(endpoint, fields)]


def test_choosing_no_node_lets_the_server_choose():
    server = Scripted({"projects/nodes/update": {"success": True, "nodes": [], "autoSelectNode": "true"}})
    assert server.client().nodes.choose(7, []).auto_select_node is True
    assert server.asked == [("projects/nodes/update", {"projectId": 7, "nodes": []})]


def test_an_account_may_come_without_success():
    found = (
        Scripted({"account/read": {"organizationId": "o1", "creditBalance": "9,876.50", "card": {"last4": "4242"}}})
        .client()
        .account.read("o1")
    )
    assert (found.organization_id, found.credit_balance, found.extra) == ("o1", 9876.5, {"card": {"last4": "4242"}})


@pytest.mark.parametrize("reply", [{"organization": {"credit": {"balance": "5", "movements": [{"amount": "-$0.02", "date": "2026-08-01"}]}}},
                                   {"credit": {"balance": 5, "movements": {"0": {"amount": -0.02, "date": "2026-08-01T00:00:00Z"}}}}])  # fmt: skip
def test_the_ledger_of_an_organisation(reply):
    found = Scripted({"organizations/read": reply}).client().account.credit("o1")
    assert found.balance == 5.0 and [one.amount for one in found.movements] == [-0.02]


def test_nodes_with_what_they_cost():
    node = {"id": "n1", "busy": True, "price": {"monthly": 24, "yearly": 240}}
    kinds = {"backtest": [node], "research": [], "live": {"0": node}}
    qc = Scripted(
        {"nodes/read": {"success": True, **kinds}, "projects/nodes/read": {"nodes": kinds, "autoSelectNode": False}}
    ).client()
    for found in (qc.nodes.of_organization("o1"), qc.nodes.read(7).nodes):
        assert found.backtest == found.live and found.backtest[0].price.monthly == 24.0 and found.research == ()


LISTS = {"organizations/list": "organizations", "lean/versions/read": "versions"}


@pytest.mark.parametrize("endpoint", LISTS)
@pytest.mark.parametrize("odd", ["odd", 3, True])
def test_a_list_that_is_none_is_told(endpoint, odd):
    with pytest.raises(ServerError, match=r"expected a list\. Ask again later"):
        CALLS[endpoint][0](Scripted({endpoint: {"success": True, LISTS[endpoint]: odd}}).client())


@pytest.mark.parametrize("endpoint", LISTS)
@pytest.mark.parametrize("nothing", [{}, {"organizations": None, "versions": None}, {"organizations": [], "versions": {}}])
def test_a_list_may_be_missing_null_or_a_mapping(endpoint, nothing):
    assert CALLS[endpoint][0](Scripted({endpoint: {"success": True, **nothing}}).client()) == ()


def test_wrong_credentials_are_told():
    with pytest.raises(AuthenticationFailed, match="Check user id and token"):
        Scripted({"authenticate": {"success": False, "errors": ["UserID not valid"]}}).client().account.authenticate()
