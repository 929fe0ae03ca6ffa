"""Folders of backtests: by the id, of any age, and damaged ones named."""

from __future__ import annotations

import json

import pytest

from hidden_regime.local_lean import LeanResultsError, find_backtests, read_backtest

RESULT = {
    "statistics": {"Sharpe Ratio": "0.154", "Drawdown": "19.300%", "Total Orders": "2", "Net Profit": "-$24.70"},
    "runtimeStatistics": {"Equity": "$107,342.00"},
    "orders": {str(n): {"id": n, "quantity": 1.0} for n in (10, 9, 1)},
    "charts": {"Strategy Equity": {"name": "Strategy Equity", "series": {"Equity": {"name": "Equity", "values": [[1, 2]]}}}},
    "state": {"Status": "Completed", "RuntimeError": "", "Name": "first one"},
    "algorithmConfiguration": {"parameters": {"fast": "5", "Slow": "40"}},
    "totalPerformance": {"portfolioStatistics": {"sharpeRatio": "0.1541"}},
}
OLD = {
    "Statistics": RESULT["statistics"],
    "RuntimeStatistics": RESULT["runtimeStatistics"],
    "Orders": {"1": {"Id": 1, "Symbol": {"Value": "SPY", "ID": "SPY R735QTJ8XC9X", "Permtick": "SPY"}, "Quantity": 2.0}},
    "Charts": {"Strategy Equity": {"Name": "Strategy Equity", "ChartType": 0, "Series": {
        "Equity": {"Name": "Equity", "SeriesType": 0, "Values": [{"x": 1, "y": 2.0}]}}}},
    "TotalPerformance": {"TradeStatistics": {"StartDateTime": None}, "PortfolioStatistics": {"SharpeRatio": "0.1541"},
                         "ClosedTrades": [{"MAE": -1.0, "EntryTime": "2010-01-04T21:00:00Z"}]},
    "AlgorithmConfiguration": {"Parameters": {"fast": "5", "Slow": "40"}, "AccountCurrency": "USD"},
}  # fmt: skip
EVENT = {"id": "1-1-1", "orderId": 1, "status": "filled", "fillPrice": 171.6}


def write(folder, content=RESULT, identity=1812054491, config=None, stem=None):
    folder.mkdir(parents=True)
    if config is not False:
        told = {"id": identity, "container": "lean_cli_0", **(config or {})}
        (folder / "config").write_text(json.dumps(told), encoding="utf-8")
    if content is not None:
        stem = str(identity) if stem is None else stem
        (folder / f"{stem}.json").write_text(json.dumps(content), encoding="utf-8")
        (folder / f"{stem}-summary.json").write_text("{}", encoding="utf-8")
        (folder / f"{stem}-order-events.json").write_text(json.dumps([EVENT]), encoding="utf-8")
        (folder / f"{stem}-log.txt").write_text("2010-01-04 16:00:00 é\nb\n", encoding="utf-8")
    (folder / "code").mkdir()
    (folder / "log.txt").write_text("2026-08-22T10:00:00.1Z ERROR:: Engine.Run(): no such file\n", encoding="utf-8")
    return folder


def test_a_backtest_is_read_by_the_id_that_stands_in_its_folder(tmp_path):
    folder = write(tmp_path / "a", config={"backtest-name": "mine"})
    (folder / "1999999999.json").write_text("{}", encoding="utf-8")  # newer, and another's
    run = read_backtest(folder)
    assert (run.id, run.name, run.status, run.error) == ("1812054491", "mine", "Completed", "")
    assert run.parameters == {"fast": "5", "Slow": "40"}
    assert run.figures == {"Sharpe Ratio": 0.154, "Drawdown": 0.193, "Total Orders": 2.0, "Net Profit": -24.70}
    assert [order["id"] for order in run.orders] == [1, 9, 10]
    assert run.order_events == (EVENT,)
    assert run.log == ("2010-01-04 16:00:00 é", "b")


def test_a_trials_folder_is_read_by_its_name(tmp_path):
    run = read_backtest(write(tmp_path / "2be50bb8-c03f-4481-9a4d-d8837ed9f9ee", config=False,
                              identity="2be50bb8-c03f-4481-9a4d-d8837ed9f9ee"))  # fmt: skip
    assert (run.id, run.name) == ("2be50bb8-c03f-4481-9a4d-d8837ed9f9ee", "first one")


def test_a_result_of_before_2023_is_read_as_one_of_today(tmp_path):
    run = read_backtest(write(tmp_path / "a", OLD, stem="main"))
    assert (run.id, run.status) == ("1812054491", "Completed")
    assert run.statistics == RESULT["statistics"]
    assert run.parameters == {"fast": "5", "Slow": "40"}
    assert run.orders == [{"id": 1, "symbol": {"value": "SPY", "id": "SPY R735QTJ8XC9X", "permtick": "SPY"}, "quantity": 2.0}]
    assert run.result["charts"]["Strategy Equity"]["series"]["Equity"]["values"] == [{"x": 1, "y": 2.0}]
    assert run.result["totalPerformance"]["portfolioStatistics"] == {"sharpeRatio": "0.1541"}
    assert run.result["totalPerformance"]["closedTrades"] == [{"mae": -1.0, "entryTime": "2010-01-04T21:00:00Z"}]


@pytest.mark.parametrize("field", RESULT)
@pytest.mark.parametrize("value", [None, [], {}, 3, "x", "absent"])
def test_a_field_that_is_missing_null_or_of_another_type_is_read(tmp_path, field, value):
    content = {key: one for key, one in RESULT.items() if key != field} | ({} if value == "absent" else {field: value})
    run = read_backtest(write(tmp_path / "a", content))
    assert run.id == "1812054491"
    if field == "statistics":
        assert run.statistics == {}
    else:
        assert run.figures["Drawdown"] == 0.193
    assert isinstance(run.orders, list) and isinstance(run.parameters, dict) and repr(run)


def test_numbers_that_are_no_texts_are_read_alike(tmp_path):
    content = {**RESULT, "statistics": {"Sharpe Ratio": 0.154, "Total Orders": 2}}
    assert read_backtest(write(tmp_path / "a", content)).figures == {"Sharpe Ratio": 0.154, "Total Orders": 2.0}


@pytest.mark.parametrize(
    ("content", "status"),
    [({**RESULT, "state": {"Status": "Running"}}, "Running"), ({"statistics": {}, "totalPerformance": None}, "Running"),
     ({"statistics": {"Sharpe Ratio": "0"}, "totalPerformance": []}, "Running"),
     ({**RESULT, "state": {"Status": "RuntimeError"}}, "RuntimeError"), ({**RESULT, "state": []}, "Completed")],
)  # fmt: skip
def test_how_a_run_stands_is_what_its_result_says(tmp_path, content, status):
    assert read_backtest(write(tmp_path / "a", content)).status == status


def test_a_folder_without_a_result_says_what_leans_log_says(tmp_path):
    with pytest.raises(LeanResultsError, match=r"holds no result.*no such file"):
        read_backtest(write(tmp_path / "a", None))


@pytest.mark.parametrize("ending", [".json", "-order-events.json"])
@pytest.mark.parametrize("cut", [0, 1, 20])
def test_a_file_that_is_half_written_is_named(tmp_path, ending, cut):
    folder = write(tmp_path / "a")
    path = folder / f"1812054491{ending}"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(LeanResultsError, match=rf"1812054491{ending} can't be read"):
        read_backtest(folder)


@pytest.mark.parametrize(("ending", "text"), [(".json", "[]"), ("-order-events.json", "{}"), (".json", "\udcff")])
def test_a_file_that_holds_something_else_is_named(tmp_path, ending, text):
    folder = write(tmp_path / "a")
    (folder / f"1812054491{ending}").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(LeanResultsError, match=rf"1812054491{ending}"):
        read_backtest(folder)


def test_a_run_without_orders_has_no_events(tmp_path):
    folder = write(tmp_path / "a")
    (folder / "1812054491-order-events.json").unlink()
    (folder / "1812054491-log.txt").unlink()
    run = read_backtest(folder)
    assert (run.order_events, run.log) == ((), ())


def test_what_is_no_folder_is_refused(tmp_path):
    with pytest.raises(LeanResultsError, match="is no folder"):
        read_backtest(tmp_path / "none")


def test_backtests_are_found_by_what_stands_in_them(tmp_path):
    write(tmp_path / "p" / "backtests" / "b", identity=1000000002)
    write(tmp_path / "p" / "backtests" / "a", identity=1000000001, config={"backtest-name": "mine"})
    write(tmp_path / "p" / "live" / "c", identity=3000000001, config={"brokerage": "PaperBrokerage"})
    (write(tmp_path / "p" / "optimizations" / "d", identity=2000000001) / "optimizer-config.json").write_text(
        "{}", encoding="utf-8"
    )
    damaged = write(tmp_path / "p" / "backtests" / "e")
    (damaged / "config").write_text('{"id": 1', encoding="utf-8")
    (tmp_path / "p" / "settings").mkdir()
    (tmp_path / "p" / "settings" / "config").write_text("[core]", encoding="utf-8")
    found = find_backtests(tmp_path)
    assert [(one.folder.name, one.id, one.name) for one in found] == [
        ("a", "1000000001", "mine"),
        ("b", "1000000002", ""),
        ("e", "", ""),
    ]
    assert "can't be read" in found[2].error
