"""All that the practice cloud is made of, and which request goes to which part of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hidden_regime.cloud.fake.deployments import going_on
from hidden_regime.cloud.fake.jobs import Jobs
from hidden_regime.cloud.fake.quirks import Quirks
from hidden_regime.cloud.fake.records import Deployment, Project
from hidden_regime.cloud.fake.refusals import Refused, absent
from hidden_regime.cloud.fake.requests import Request
from hidden_regime.cloud.fake.settings import Account, Settings
from hidden_regime.cloud.fake.store import Store


@dataclass
class Cloud:
    """A cloud.

    `asked` is what was asked for once, and is ready when it is asked for again; `ready` are files to be downloaded, by their
    names. `base` is the address of the API.
    """

    account: Account
    user_id: str
    settings: Settings
    store: Store
    jobs: Jobs
    quirks: Quirks
    clock: Callable[[], float]
    asked: set[tuple[str, ...]] = field(default_factory=set)
    ready: dict[str, bytes] = field(default_factory=dict)
    base: str = ""

    def project(self, ask: Request) -> Project:
        """The project that a request names."""
        found = self.store.projects.get(ask.whole("projectId"))
        if found is None:
            raise absent("Project")
        return found

    def live(self) -> list[Deployment]:
        """Deployments that go on."""
        return going_on(self.store, self.settings.speed, self.clock())

    def is_loading(self, kind: str, *what: str) -> bool:
        """Whether something has yet to be prepared: where that is a quirk, when it is asked for first."""
        if kind not in self.quirks.loading or (kind, *what) in self.asked:
            return False
        self.asked.add((kind, *what))
        return True

    def check_organization(self, ask: Request) -> None:
        """Refuse another organization than the account's."""
        if ask.given("organizationId") and ask.text("organizationId") != self.account.organization:
            raise absent("Organization")


Reply = dict[str, Any]
Handler = Callable[[Cloud, Request], Reply]


@dataclass(frozen=True)
class Endpoint:
    """Who answers, and which fields a request may have."""

    answer: Handler
    required: frozenset[str]
    optional: frozenset[str]

    def check(self, ask: Request) -> None:
        """Refuse missing and unknown fields."""
        missing = sorted(name for name in self.required if name not in ask.fields)
        unknown = sorted(set(ask.fields) - self.required - self.optional)
        if missing or unknown:
            told = [f"Invalid argument: missing field '{name}'" for name in missing]
            raise Refused(*told, *(f"Invalid argument: unknown field '{name}'" for name in unknown), unexpected=True)


def endpoint(answer: Handler, fields: str = "") -> Endpoint:
    """An endpoint by a list of its fields; those with an exclamation mark are required.

    Examples
    --------
    >>> made = endpoint(lambda cloud, ask: {}, "projectId! name")
    >>> sorted(made.required), sorted(made.optional)
    (['projectId'], ['name'])
    """
    names = fields.split()
    required = frozenset(name[:-1] for name in names if name.endswith("!"))
    return Endpoint(answer, required, frozenset(name for name in names if not name.endswith("!")))


Endpoints = Mapping[str, Endpoint]
