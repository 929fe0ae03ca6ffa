"""Who one is, what there is of credits, and on which nodes things run."""

from __future__ import annotations

from hidden_regime.cloud.fake import ledger, nodes
from hidden_regime.cloud.fake.dates import plain
from hidden_regime.cloud.fake.requests import Request
from hidden_regime.cloud.fake.state import Cloud, Endpoints, Reply, endpoint


def authenticate(cloud: Cloud, ask: Request) -> Reply:
    """That the signature is right was seen before."""
    return {}


def account(cloud: Cloud, ask: Request) -> Reply:
    """Balance of credits; where it is a quirk without `success`."""
    cloud.check_organization(ask)
    told = {
        "organizationId": cloud.account.organization, "creditBalance": cloud.quirks.number(ledger.balance(cloud.store)),
        "card": {"brand": "visa", "expiration": "12/30", "last4": "4242"},
    }  # fmt: skip
    return told | ({"success": None} if cloud.quirks.silent else {})


def organizations(cloud: Cloud, ask: Request) -> Reply:
    """The only organization."""
    own = cloud.account
    told = {
        "id": own.organization, "name": own.organization_name, "type": own.type, "ownerName": "You", "members": 1,
        "preferred": True,
    }  # fmt: skip
    return {"organizations": [told]}


def organization(cloud: Cloud, ask: Request) -> Reply:
    """The organization with its ledger."""
    cloud.check_organization(ask)
    own, store = cloud.account, cloud.store
    movements = [
        {
            "date": plain(one.moment), "description": one.description, "type": one.type, "subtype": one.subtype,
            "amount": cloud.quirks.number(one.amount), "balance": one.balance,
        }
        for one in store.movements.find(newest_first=True)
    ]  # fmt: skip
    return {
        "organization": {
            "id": own.organization, "name": own.organization_name, "type": own.type, "seats": 1,
            "credit": {"balance": cloud.quirks.number(ledger.balance(store)), "movements": movements},
            "products": [], "data": {"signedTime": None, "current": False},
            "members": [{"id": int(cloud.user_id), "name": own.name, "isAdmin": True, "email": own.email}],
        }
    }  # fmt: skip


def user(cloud: Cloud, ask: Request) -> Reply:
    """The user."""
    return {"user": {"name": cloud.account.name, "profile": "", "badge": None}}


def all_nodes(cloud: Cloud, ask: Request) -> Reply:
    """Nodes of the organization."""
    cloud.check_organization(ask)
    return dict(nodes.told(cloud))


def project_nodes(cloud: Cloud, ask: Request) -> Reply:
    """Nodes that a project may use."""
    chosen = cloud.project(ask).nodes
    told = nodes.told(cloud)
    for kind in told.values():
        for node in kind:
            node["active"] = not chosen or node["id"] in chosen
    return {"nodes": told, "autoSelectNode": not chosen}


def choose_nodes(cloud: Cloud, ask: Request) -> Reply:
    """Choose the nodes that a project may use; none: whichever is free."""
    project = cloud.project(ask)
    project.nodes = [str(one) for one in ask.several("nodes")]
    cloud.store.projects.put(project)
    return project_nodes(cloud, ask)


def versions(cloud: Cloud, ask: Request) -> Reply:
    """The only version of LEAN."""
    version = {
        "id": -1, "created": plain(0), "description": "The embedded engine", "leanHash": "", "leanCloudHash": "",
        "name": "master", "ref": "refs/heads/master", "public": cloud.quirks.truth(True),
    }  # fmt: skip
    return {"versions": [version], "success": "true" if cloud.quirks.silent else True}


def environments(cloud: Cloud, ask: Request) -> Reply:
    """The only environment."""
    return {"environments": [{"id": 1, "name": "Default", "path": None, "description": "Python", "public": True}]}


def news(cloud: Cloud, ask: Request) -> Reply:
    """No news."""
    return {"news": []}


ENDPOINTS: Endpoints = {
    "authenticate": endpoint(authenticate),
    "account/read": endpoint(account, "organizationId"),
    "organizations/list": endpoint(organizations),
    "organizations/read": endpoint(organization, "organizationId"),
    "user/read": endpoint(user, "organizationId"),
    "nodes/read": endpoint(all_nodes, "organizationId!"),
    "projects/nodes/read": endpoint(project_nodes, "projectId!"),
    "projects/nodes/update": endpoint(choose_nodes, "projectId! nodes"),
    "lean/versions/read": endpoint(versions),
    "lean/environments/read": endpoint(environments),
    "services/terminal-news": endpoint(news),
}
