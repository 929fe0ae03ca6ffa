"""Alerts, off the trading path: a row in a file, which a process of its own sends by mail, chat or webhook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.lazily import lazily

if TYPE_CHECKING:
    from hidden_regime.operation.alerts.queue import AlertQueue
    from hidden_regime.operation.alerts.rules import AlertRules, Sink, alert_rules, read_alert_rules
    from hidden_regime.operation.alerts.sender import Sender
    from hidden_regime.operation.alerts.trial import Outcome, send_test

HOMES = {
    "AlertQueue": "hidden_regime.operation.alerts.queue", "AlertRules": "hidden_regime.operation.alerts.rules",
    "Outcome": "hidden_regime.operation.alerts.trial", "Sender": "hidden_regime.operation.alerts.sender",
    "Sink": "hidden_regime.operation.alerts.rules", "alert_rules": "hidden_regime.operation.alerts.rules",
    "read_alert_rules": "hidden_regime.operation.alerts.rules", "send_test": "hidden_regime.operation.alerts.trial",
}  # fmt: skip

__all__ = ["AlertQueue", "AlertRules", "Outcome", "Sender", "Sink", "alert_rules", "read_alert_rules", "send_test"]

__getattr__ = lazily(__name__, HOMES)
