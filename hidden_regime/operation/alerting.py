"""Whether the alerts of a deployment can be sent, asked before it is begun."""

from __future__ import annotations

import os

from hidden_regime.exceptions import ParameterError
from hidden_regime.operation.alerts.rules import alert_rules
from hidden_regime.operation.alerts.sending import check_installed
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import RUNNING
from hidden_regime.quantconnect.guards.rules import read_rules


def check_alerts(journal: Journal, name: str, rules: str) -> None:
    """Raise where alerts would go nowhere, or elsewhere than a deployment's rules say.

    Parameters
    ----------
    journal : Journal
    name : str
        Of the deployment.
    rules : str
        Text of its rules.toml.

    Raises
    ------
    ParameterError
        A sink can't be, an environment variable isn't set, an address stands in the rules themselves, or another deployment that
        runs has another table [alerts]: one sender serves a workspace.
    MissingDependencyError
        apprise isn't installed.
    """
    told = read_rules(rules).get("alerts")
    if told is None:
        return
    alert_rules(told, os.environ)
    for row in told["sink"]:
        if "url" in row:  # what it holds would lie in the journal
            raise ParameterError(
                "alerts.sink.url", f"that of {row.get('name')}", "url_from, the name of an environment variable",
                "An address is a secret, and rules are kept in the journal.",
            )  # fmt: skip
    check_installed()
    for other in journal.deployments():
        if other.name != name and other.state == RUNNING and read_rules(other.spec.rules).get("alerts", told) != told:
            raise ParameterError(
                "alerts", f"a table of {name}'s own",
                f"the table [alerts] of {other.name}, which runs: one sender serves a workspace",
                "Give both the same sinks, or take another --workspace.",
            )  # fmt: skip
