"""Live deployments on a market's clock, against the run that they show."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest

from hidden_regime.cloud.fake import FakeCloud, Settings
from hidden_regime.cloud.fake.deployments import Position
from hidden_regime.data.packaged import open_market
from tests.cloud.fake.asking import FAILING, STRATEGY, Asker
from tests.cloud.fake.oracle import direct, fills

MIDNIGHT = 1_325_394_000
"""2012-01-01 00:00 in New York."""
FREE = STRATEGY.replace("        self.set_end_date(2012, 4, 30)\n", "")
COMMANDED = (
    FREE
    + """
    def on_command(self, data):
        self.log(f"told {data.word} {data['word']} {data.other}")
        self.liquidate()
        self.quit("commanded")
"""
)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = float(int(time.time()))

    def __call__(self) -> float:
        return self.now


class Live:
    """A strategy to be deployed, and a clock on which an hour of the market is a second."""

    def __init__(self, ask: Asker, clock: Clock, text: str = FREE) -> None:
        self.ask, self.clock = ask, clock
        self.number = self.ask.project("Live", text)
        self.build = self.ask.build(self.number)["compileId"]
        self.organization = self.ask.cloud.account.organization
        nodes = self.ask.good("nodes/read", organizationId=self.organization)["live"]
        self.node = next(one for one in nodes if not one["busy"])

    def deploy(self, **more) -> dict:
        fields = {
            "projectId": self.number, "compileId": self.build, "nodeId": self.node["id"], "versionId": "-1",
            "brokerage": {"id": "QuantConnectBrokerage"}, "dataProviders": {"QuantConnectBrokerage": {"id": "QuantConnectBrokerage"}},
            "automaticRedeploy": False, **more,
        }  # fmt: skip
        return self.ask("live/create", **fields)

    def wait(self) -> None:
        self.ask.until("live/read", lambda told: told["status"] not in ("InQueue", "Initializing"), projectId=self.number)

    def days(self, days: float) -> None:
        """Let the market go on."""
        self.clock.now += days * 24

    def read(self, endpoint: str, **fields) -> dict:
        return self.ask.good(endpoint, projectId=self.number, **fields)

    def orders(self) -> list:
        for _ in range(2):
            told = self.read("live/orders/read", start=0, end=1000)
            if "orders" in told:
                return told["orders"]
        raise AssertionError(told)

    def portfolio(self) -> tuple[float, dict]:
        told = self.read("live/portfolio/read")["portfolio"]
        return told["cash"]["USD"]["amount"], dict(told["holdings"])


SETTINGS = Settings(speed=3600.0)


@pytest.fixture(scope="module")
def world(pool, tmp_path_factory):
    """A cloud with nodes enough for all, and its clock."""
    clock = Clock()
    with FakeCloud(tmp_path_factory.mktemp("live"), nodes={"live": 50}, clock=clock, settings=SETTINGS, pool=pool) as cloud:
        yield Asker(cloud, clock), clock


@pytest.fixture
def live(world):
    made = Live(*world)
    assert made.deploy()["success"] is True
    made.wait()
    return made


@pytest.fixture
def own(serve):
    """A cloud with one node, and its clock."""
    clock = Clock()
    return serve(clock=clock, settings=SETTINGS), clock


@pytest.fixture(scope="module")
def right(tmp_path_factory):
    last = open_market("us_stocks").load("AAPL").dates[-1]
    return direct(tmp_path_factory.mktemp("direct"), FREE, live=True, end=last)


def test_orders_come_as_the_markets_clock_goes_on(live, right):
    assert live.read("live/read")["status"] == "Running"
    assert live.orders() == []
    assert live.portfolio() == (100_000.0, {})
    live.days(19)
    some = live.orders()
    assert 1 <= len(some) < 6
    assert fills(some[:1]) == fills([right["orders"]["1"]])
    live.days(500)
    assert fills(live.orders()) == fills(right["orders"].values())


def test_orders_wait_until_they_are_filled(live, right):
    filled = right["orders"]["1"]["lastFillTime"]
    assert right["orders"]["1"]["createdTime"] < filled == "2012-01-18T21:00:00Z"
    live.days(17)  # 2012-01-18 00:00 in New York; the order came the evening before
    first = live.orders()[0]
    assert (first["status"], first["price"], "lastFillTime" in first) == (1, 0.0, False)
    assert live.portfolio()[1] == {}
    live.days(0.8)
    assert live.orders()[0]["status"] == 3
    cash, held = live.portfolio()
    order = right["orders"]["1"]
    assert held["AAPL"]["q"] == order["quantity"]
    assert held["AAPL"]["a"] == pytest.approx(order["price"])
    assert 0 < 100_000 - order["value"] - cash < 20  # the fee


def test_what_is_held_adds_up_to_the_equity_of_the_run(live, right):
    points = right["charts"]["Strategy Equity"]["series"]["Equity"]["values"]
    begun = live.clock.now
    for time_then, *_, equity in points[20::40]:
        live.clock.now = begun + (time_then - MIDNIGHT) / 3600
        cash, held = live.portfolio()
        assert cash + sum(one["v"] for one in held.values()) == pytest.approx(equity)
        assert all(one["u"] == pytest.approx(one["q"] * (one["p"] - one["a"])) for one in held.values())


def test_snapshots_are_old(live):
    live.days(17.7)  # 16:48 in New York, the order is filled since 16:00
    assert live.orders()[0]["status"] == 3
    before, held = live.portfolio()
    live.ask.good("live/update/liquidate", projectId=live.number)
    assert live.read("live/read")["status"] == "Liquidated"
    assert live.portfolio() == (before, held)
    assert held["AAPL"]["q"] > 0
    live.clock.now += 600 / 3600
    cash, rest = live.portfolio()
    assert rest["AAPL"]["q"] == 0
    last = live.orders()[-1]
    assert (last["tag"], last["status"], last["direction"]) == ("Liquidated", 3, 1)
    assert cash == pytest.approx(before + held["AAPL"]["v"])


def test_stopping_keeps_what_is_held(live):
    live.days(17.7)
    before = live.portfolio()
    live.ask.good("live/update/stop", projectId=live.number)
    told = live.read("live/read")
    assert told["status"] == "Stopped"
    assert told["stopped"] is not None
    live.days(100)
    assert live.portfolio() == before
    for endpoint in ("live/update/stop", "live/update/liquidate"):
        assert "No live deployment found" in live.ask(endpoint, projectId=live.number)["errors"][0]


def test_the_log_goes_as_far_as_the_clock(live):
    live.days(30)
    which = {"format": "json", "algorithmId": live.read("live/read")["deployId"]}
    told = live.read("live/logs/read", **which, startLine=0, endLine=250)
    assert told["length"] == len(told["logs"]) > 1
    assert all(line[:10] <= "2012-01-31" for line in told["logs"])
    assert live.read("live/logs/read", **which, startLine=1, endLine=2)["logs"] == told["logs"][1:2]
    assert live.ask("live/logs/read", projectId=live.number, **which, startLine=0, endLine=251)["success"] is False
    assert live.read("live/read/log", algorithmId=which["algorithmId"])["logs"] == told["logs"]
    live.days(90)
    assert live.read("live/logs/read", **which, startLine=0, endLine=250)["length"] > told["length"]


def test_charts_go_as_far_as_the_clock(live):
    live.days(30)
    fields = {"name": "Strategy Equity", "count": 1000, "start": 0, "end": 2e9}
    assert live.read("live/chart/read", **fields)["status"] == "loading"
    points = live.read("live/chart/read", **fields)["chart"]["Series"]["Equity"]["Values"]
    assert 10 < len(points) < 60
    assert live.read("live/insights/read", start=0, end=10)["insights"] == []


def test_a_command_reaches_the_strategy_after_it_was_sent(world):
    live = Live(*world, COMMANDED)
    live.deploy()
    live.wait()
    live.days(20.7)
    before = live.orders()
    live.ask.good("live/commands/create", projectId=live.number, command={"word": "sell"})
    live.ask.good(
        "live/commands/broadcast", organizationId=live.organization, command={"word": "x"}, excludeProjectId=live.number
    )
    live.days(20)
    which = {"format": "json", "algorithmId": live.read("live/read")["deployId"], "startLine": 0, "endLine": 250}
    told = live.ask.until("live/logs/read", lambda told: "told" in str(told["logs"]), projectId=live.number, **which)
    assert [line for line in told["logs"] if "told" in line] == ["2012-01-23 16:00:00 told sell sell None"]
    assert fills(live.orders()[: len(before) - 1]) == fills(before[:-1])
    assert "object" in live.ask("live/commands/create", projectId=live.number, command="sell")["errors"][0]


def test_a_strategy_that_fails_does_so_when_its_time_comes(world):
    live = Live(*world, FAILING)
    live.deploy()
    live.wait()
    assert live.read("live/read")["status"] == "Running"
    live.days(60)
    told = live.read("live/read")
    assert told["status"] == "RuntimeError"
    assert "no more" in told["error"]
    assert live.deploy()["success"] is True  # the node is free again


def test_what_cannot_be_deployed_is_refused(own):
    live = Live(*own)
    assert "No live deployment found" in live.ask("live/read", projectId=live.number)["errors"][0]
    for fields, error in (
        ({"nodeId": "none"}, "Node not found"),
        ({"brokerage": {}}, "brokerage needs an id"),
        ({"brokerage": {"id": "x", "holdings": [{"symbol": "AAPL"}]}}, "without holdings"),
        ({"brokerage": {"id": "x", "cash": [{"currency": "EUR", "amount": 1}]}}, "USD"),
        ({"compileId": "none"}, "Compile not found"),
    ):
        assert error in live.deploy(**fields)["errors"][0]
    assert (
        live.deploy(brokerage={"id": "QuantConnectBrokerage", "cash": [{"currency": "USD", "amount": 5000}]})["success"] is True
    )
    assert "no spare nodes" in live.deploy()["errors"][0]
    live.wait()
    assert live.portfolio()[0] == 5000.0
    assert [one["status"] for one in live.ask.good("live/list", status="Running")["live"]] == ["Running"]
    assert live.ask.good("live/list", status="Stopped")["live"] == []
    assert live.ask.good("nodes/read", organizationId=live.organization)["live"][0]["busy"] is True


def test_a_deployment_can_end_before_it_runs(world):
    live = Live(*world, FREE.replace("self.set_cash", "import time; time.sleep(1)\n        self.set_cash"))
    assert live.deploy()["status"] == "InQueue"
    assert live.portfolio() == (0.0, {})
    live.ask.good("live/update/liquidate", projectId=live.number)
    assert live.read("live/read")["status"] == "Liquidated"
    assert live.orders() == []


def test_a_strategy_without_data_is_no_deployment(world):
    live = Live(*world, FREE.replace('"AAPL"', '"NOPE"'))
    live.deploy()
    live.wait()
    told = live.read("live/read")
    assert told["status"] == "DeployError"
    assert "NOPE" in told["error"]
    assert "No live deployment found" in live.ask("live/update/stop", projectId=live.number)["errors"][0]


def test_a_deployment_goes_on_after_its_cloud_ended(own):
    live = Live(*own)
    live.deploy()
    live.wait()
    live.days(30)
    before = live.orders()
    live.ask.cloud.close()
    live.ask.cloud.start()
    assert live.orders() == before != []


def test_deployments_begin_on_the_day_that_is_wanted(serve):
    clock = Clock()
    live = Live(serve(clock=clock, settings=replace(SETTINGS, live_from=date(2012, 9, 4))), clock)
    live.deploy()
    live.wait()
    live.days(200)
    assert live.orders()[0]["createdTime"][:7] == "2012-09"


@pytest.mark.parametrize(
    ("start", "filled", "end"),
    [
        ((0, 0), (10, 5), (10, 5)), ((10, 5), (10, 7), (20, 6)), ((10, 5), (-4, 7), (6, 5)), ((10, 5), (-15, 7), (-5, 7)),
        ((-10, 5), (-10, 7), (-20, 6)), ((10, 5), (-10, 7), (0, 5)),
    ],
)  # fmt: skip
def test_averages_move_with_what_is_bought(start, filled, end):
    position = Position(*start, 1.0)
    position.fill(*filled)
    assert (position.quantity, position.average, position.price) == (*end, filled[1])
