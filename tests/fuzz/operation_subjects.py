"""Readers of running strategies: fills, rates, plans, rules, and the queue of alerts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hidden_regime.exceptions import RegimeError
from hidden_regime.operation.alerts import AlertQueue, read_alert_rules
from hidden_regime.operation.portfolio import read_plan
from hidden_regime.operation.tax import read_rates, tax_lots

FILLS = b"time,symbol,quantity,price,fee,split\n2024-03-01,X,100,10.00,0.5,\n2024-05-01,X,,,,2\n2024-06-03 10:00,X,-150,3.75,1,\n2024-06-20,X,50,4,,\n"
RATES = b'dated = 2024-01-02\nsource = "me"\n[[rates]]\nfrom = 2020\nto = 2030\nshort = 0.35\nlong = 0.15\n'
PLAN = b'[[strategy]]\nname = "a"\nshare = 0.6\n[[strategy]]\nname = "b"\nshare = 0.3\n'
RULES = b'[alerts]\nper_hour = 5\n[[alerts.sink]]\nname = "mail"\nurl = "json://localhost/x"\nkinds = ["daily"]\n'


def records() -> Mapping[str, bytes]:
    """Fills in both forms, rates, a plan and rules."""
    event = {"symbol": "X", "symbolValue": "X", "time": 1.7e9, "status": "filled", "fillQuantity": 10.0, "fillPrice": 5.5,
             "orderFeeAmount": 1.0, "orderId": 1}  # fmt: skip
    events = [
        event,
        event | {"fillQuantity": -4.0, "time": 1.71e9, "orderId": 2},
        event | {"status": "submitted", "fillQuantity": 0.0},
    ]
    return {
        "fills.csv": FILLS,
        "x-order-events.json": json.dumps(events).encode(),
        "rates.toml": RATES,
        "plan.toml": PLAN,
        "rules.toml": RULES,
    }


def read_records(folder: Path, name: str) -> None:
    """Read the one that was changed."""
    if name == "plan.toml":
        read_plan(folder / name)
    elif name == "rules.toml":
        read_alert_rules(folder / name, {})
    else:
        source = folder if name.endswith("json") else folder / "fills.csv"
        tax_lots(source, "hifo", read_rates(folder / "rates.toml")).to_html()


@cache
def queues() -> Mapping[str, bytes]:
    """A queue with alerts and tries."""
    with TemporaryDirectory() as folder:
        queue = AlertQueue(Path(folder) / "w.sqlite")
        for number in range(4):
            queue.post("drawdown", f"s{number}", "x", 1.7e9 + number)
        queue.begin("mail", queue.unsent("mail", 0.0)[:2], "aa", 1.7e9)
        queue.end("aa", "")
        return {"w.sqlite": (Path(folder) / "w.sqlite").read_bytes()}


def read_queue(folder: Path, name: str) -> None:
    """Use it as a sender does."""
    queue = AlertQueue(folder / name)
    for use in (
        lambda: queue.judge(60.0),
        lambda: queue.unsent("mail", 0.0),
        queue.tries,
        queue.alerts,
        queue.undelivered,
        queue.bury,
    ):
        try:
            use()
        except RegimeError:
            continue
