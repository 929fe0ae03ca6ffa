"""Who the user is, what there is to spend, and what to run on."""

from __future__ import annotations

from hidden_regime.cloud.endpoints.group import Group, several, under
from hidden_regime.cloud.records.account import Account, Credit, LeanVersion, Nodes, Organization, ProjectNodes


class AccountGroup(Group):
    """Account and organisations."""

    def authenticate(self) -> None:
        """Return where the credentials are good.

        Raises
        ------
        AuthenticationFailed
        """
        self.call("authenticate")

    def read(self, organization_id: str | None = None) -> Account:
        """Balance of an organisation; of the user's own by default."""
        return Account.read(self.call("account/read", organizationId=organization_id))

    def organizations(self) -> tuple[Organization, ...]:
        """Organisations that the user belongs to."""
        return several("organizations/list", self.call("organizations/list"), Organization.read, "organizations")

    def credit(self, organization_id: str) -> Credit:
        """Balance and bookings of an organisation, in QCC."""
        reply = self.call("organizations/read", organizationId=organization_id)
        return Credit.read(under(under(reply, "organization"), "credit"))

    def lean_versions(self) -> tuple[LeanVersion, ...]:
        """Versions of LEAN that a project may be pinned to."""
        return several("lean/versions/read", self.call("lean/versions/read"), LeanVersion.read, "versions")


class NodesGroup(Group):
    """Machines."""

    def read(self, project_id: int) -> ProjectNodes:
        """Nodes that a project may use, with what is busy and what it costs."""
        return ProjectNodes.read(self.call("projects/nodes/read", projectId=project_id))

    def choose(self, project_id: int, nodes: list[str]) -> ProjectNodes:
        """Let a project use these nodes only; none given, the server chooses."""
        return ProjectNodes.read(self.call("projects/nodes/update", projectId=project_id, nodes=nodes))

    def of_organization(self, organization_id: str) -> Nodes:
        """All nodes of an organisation."""
        reply = self.call("nodes/read", organizationId=organization_id)
        return Nodes.read(under(reply, "nodes"))
