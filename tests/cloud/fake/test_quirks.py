"""Habits of the real replies, and replies without them."""

from __future__ import annotations

from hidden_regime.cloud.fake.quirks import Quirks


def finished(ask):
    """Reads of a backtest from the one on that finds it complete."""
    number = ask.project("Quirks")
    backtest = ask.begin(number)
    told = [ask.until("backtests/read", lambda told: told["backtest"]["completed"], projectId=number, backtestId=backtest)]
    told += [ask.good("backtests/read", projectId=number, backtestId=backtest) for _ in range(2)]
    return number, [one["backtest"] for one in told]


def test_with_quirks(serve):
    ask = serve()
    number, (first, second, third) = finished(ask)
    assert (first["statistics"], first["totalPerformance"], first["parameterSet"]) == ([], None, [])
    assert second["statistics"]["Total Orders"] == third["statistics"]["Total Orders"] != "0"
    assert "snapShotId" in second
    assert (second["backtestStart"], second["backtestEnd"]) == ("2012-01-01T05:00:00", "2012-05-01T03:59:59Z")
    account = ask("account/read")
    assert ("success" in account, account["creditBalance"]) == (False, "10000.00")
    assert ask("lean/versions/read")["success"] == "true"
    assert ask("projects/read", projectId=number)["projects"][0]["liveForm"]["deployed"] == "false"


def test_without_quirks(serve):
    ask = serve(quirks=False)
    number, (first, second, _) = finished(ask)
    assert first == second
    assert (first["parameterSet"], first["rollingWindow"]) == ({}, {})
    assert "snapshotId" in first
    assert (first["backtestStart"], first["backtestEnd"]) == ("2012-01-01 05:00:00", "2012-05-01 03:59:59")
    account = ask("account/read")
    assert (account["success"], account["creditBalance"]) == (True, 10_000.0)
    chart = ask(
        "backtests/chart/read", projectId=number, backtestId=first["backtestId"], name="Drawdown", count=5, start=0, end=2e9
    )
    assert chart["chart"]["name"] == "Drawdown"
    assert len(chart["chart"]["series"]["Equity Drawdown"]["values"]) > 1


def test_single_quirks_are_chosen(serve):
    ask = serve(quirks=Quirks(loading=frozenset({"orders", "log"}), late_figures=0))
    number, (first, *_) = finished(ask)
    which = {"projectId": number, "backtestId": first["backtestId"], "start": 0, "end": 50}
    for endpoint, field in (("backtests/orders/read", "orders"), ("backtests/read/log", "logs")):
        assert ask.good(endpoint, **which)["status"] == "loading"
        assert len(ask.good(endpoint, **which)[field]) > 1
