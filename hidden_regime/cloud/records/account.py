"""Account, organisations, credit and nodes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hidden_regime.cloud.reading import anything, flag, integer, listing, moment, number, text
from hidden_regime.cloud.records.record import Record, told


@dataclass(frozen=True, kw_only=True)
class Account(Record):
    """What the user's organisation has: `credit_balance` in QuantConnect Credits, 100 to the dollar."""

    organization_id: str = told(text, default="")
    credit_balance: float | None = told(number)


@dataclass(frozen=True, kw_only=True)
class Organization(Record):
    """One of the user's organisations."""

    id: str = told(text, "organizationId", default="")
    name: str = told(text, default="")
    type: str = told(text, default="")
    owner_name: str = told(text, default="")
    members: int | None = told(integer)
    preferred: bool = told(flag, default=False)


@dataclass(frozen=True, kw_only=True)
class Movement(Record):
    """One booking of credit, in QCC."""

    date: datetime | None = told(moment)
    description: str = told(text, default="")
    type: str = told(text, default="")
    amount: float | None = told(number)
    balance: float | None = told(number)


@dataclass(frozen=True, kw_only=True)
class Credit(Record):
    """Balance and movements in QCC: the only ledger that the server keeps."""

    balance: float | None = told(number)
    movements: tuple[Movement, ...] = told(listing(Movement.read), default=())


@dataclass(frozen=True, kw_only=True)
class NodePrice(Record):
    """Dollars of a node."""

    monthly: float | None = told(number)
    yearly: float | None = told(number)


@dataclass(frozen=True, kw_only=True)
class Node(Record):
    """A machine that jobs run on."""

    id: str = told(text, default="")
    name: str = told(text, default="")
    sku: str = told(text, default="")
    busy: bool = told(flag, default=False)
    used_by: str = told(text, default="")
    project_name: str = told(text, default="")
    speed: float | None = told(number)
    cpu: int | None = told(integer)
    ram: float | None = told(number)
    assets: int | None = told(integer)
    has_gpu: bool = told(flag, default=False)
    price: NodePrice | None = told(NodePrice.read)


@dataclass(frozen=True, kw_only=True)
class Nodes(Record):
    """Nodes by what they are for."""

    backtest: tuple[Node, ...] = told(listing(Node.read), default=())
    research: tuple[Node, ...] = told(listing(Node.read), default=())
    live: tuple[Node, ...] = told(listing(Node.read), default=())


@dataclass(frozen=True, kw_only=True)
class ProjectNodes(Record):
    """Nodes that a project may use."""

    nodes: Nodes = told(Nodes.read, factory=Nodes)
    auto_select_node: bool | None = told(flag)


@dataclass(frozen=True, kw_only=True)
class LeanVersion(Record):
    """A version of LEAN that projects may be pinned to."""

    id: int | None = told(integer)
    created: datetime | None = told(moment)
    description: str = told(text, default="")
    lean_hash: str = told(text, default="")
    name: str = told(text, default="")
    public: object = told(anything)
