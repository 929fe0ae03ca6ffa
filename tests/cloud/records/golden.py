"""A whole reply of each kind of record, each value as the server has it beside what it means."""

from __future__ import annotations

from datetime import UTC, datetime

from hidden_regime.cloud.records import account, backtests, charts, live, objects, optimizations, orders, projects

AT, NOON = "2026-08-01 12:00:00", datetime(2026, 8, 1, 12, tzinfo=UTC)
SHARPE = "TotalPerformance.PortfolioStatistics.SharpeRatio"
PATH = "['TotalPerformance'].['PortfolioStatistics'].['SharpeRatio']"
MARKET = {"value": "SPY", "id": "SPY R735QTJ8XC9X", "permtick": "SPY"}

NODE = {
    "id": ("n1", "n1"), "name": ("B4-12 node 1", "B4-12 node 1"), "sku": ("B4-12", "B4-12"), "busy": ("true", True),
    "usedBy": ("Jane", "Jane"), "projectName": ("grid", "grid"), "speed": ("3.1", 3.1), "cpu": (4, 4), "ram": ("12", 12.0),
    "assets": ("10", 10), "hasGpu": (1, True),
    "price": ({"monthly": 24, "yearly": "$240"}, account.NodePrice(monthly=24.0, yearly=240.0)),
}  # fmt: skip
NODES = {"id": "n1", "cpu": 4}
EVENT = {
    "orderId": (1, 1), "orderEventId": ("2", 2), "time": (1785585600, NOON), "status": (3, "Filled"), "fillPrice": ("$99.50", 99.5),
    "fillQuantity": (-5, -5.0), "orderFeeAmount": ("1", 1.0), "message": ("sold", "sold"),
}  # fmt: skip
TRADE = {
    "symbols": ([MARKET], ("SPY",)), "symbol": ("SPY", "SPY"), "direction": (1, "Short"), "quantity": ("5", 5.0), "entryTime": (AT, NOON),
    "entryPrice": (100, 100.0), "exitTime": ("2026-08-01T12:00:00Z", NOON), "exitPrice": ("99.5", 99.5), "profitLoss": ("$-4.94", -4.94),
    "totalFees": ("2", 2.0),
}  # fmt: skip
STATISTIC = {
    "name": ("fast=10", "fast=10"), "id": ("b1", "b1"), "progress": ("1", 1.0), "exitCode": ("1", 1),
    "parameterSet": ({"fast": 10}, {"fast": "10"}), "startDate": (AT, NOON), "endDate": (AT, NOON), "outOfSampleMaxEndDate": (AT, NOON),
    "outOfSampleDays": ("30", 30), "statistics": ([None] * 7 + ["17.8"], {"Drawdown": 0.178}),
    "equity": ([[1785585600, 1e5], {"x": 1785585601, "y": "2"}, [1, None]], ((1785585600.0, 1e5), (1785585601.0, 2.0))),
}  # fmt: skip
GOLDEN = {
    account.Account: {"organizationId": ("o1", "o1"), "creditBalance": ("9,876.50", 9876.5)},
    account.Organization: {
        "id": ("o1", "o1"), "name": ("Mine", "Mine"), "type": ("Researcher", "Researcher"), "ownerName": ("You", "You"),
        "members": ("3", 3), "preferred": ("true", True),
    },
    account.Movement: {
        "date": (AT, NOON), "description": ("Optimization", "Optimization"), "type": ("debit", "debit"), "amount": ("-$24.70", -24.7),
        "balance": (100, 100.0),
    },
    account.Credit: {
        "balance": ("100", 100.0), "movements": ([{"amount": "-2"}], (account.Movement(amount=-2.0),)),
    },
    account.NodePrice: {"monthly": ("24", 24.0), "yearly": (240, 240.0)},
    account.Node: NODE,
    account.Nodes: {name: ([NODES], (account.Node(id="n1", cpu=4),)) for name in ("backtest", "research", "live")},
    account.ProjectNodes: {
        "nodes": ({"live": [NODES]}, account.Nodes(live=(account.Node(id="n1", cpu=4),))), "autoSelectNode": ("true", True),
    },
    account.LeanVersion: {
        "id": ("-1", -1), "created": (AT, NOON), "description": ("x", "x"), "leanHash": ("f00", "f00"), "name": ("master", "master"),
        "public": ("true", "true"),
    },
    backtests.Performance: {
        "portfolioStatistics": ({"sharpeRatio": "0.8"}, {"sharpeRatio": "0.8"}), "tradeStatistics": ({"a": None}, {"a": None}),
        "closedTrades": ([{"quantity": 5}], (orders.Trade(quantity=5.0),)),
    },
    backtests.Backtest: {
        "backtestId": ("b1", "b1"), "projectId": ("7", 7), "name": ("mine #0a1b2c3d", "mine #0a1b2c3d"), "note": ("x", "x"),
        "created": (AT, NOON), "completed": ("true", True), "progress": ("0.37", 0.37), "status": ("Running: 37%", "Running: 37%"),
        "error": ("Runtime Error", "Runtime Error"), "stacktrace": ("at line 3", "at line 3"),
        "statistics": ({"Total Orders": 97, "Drawdown": "17.8%"}, {"Total Orders": "97", "Drawdown": "17.8%"}),
        "runtimeStatistics": ({"Equity": "$1"}, {"Equity": "$1"}),
        "totalPerformance": ({"portfolioStatistics": {"beta": 1}}, backtests.Performance(portfolio_statistics={"beta": 1})),
        "parameterSet": ({"fast": 10}, {"fast": "10"}), "charts": ({"a": {"name": "a"}}, {"a": {"name": "a"}}),
        "rollingWindow": ({"M1": {}}, {"M1": {}}), "backtestStart": ("2026-08-01T12:00:00", NOON), "backtestEnd": (AT, NOON),
        "tradeableDates": ("252", 252), "snapShotId": (33, "33"), "optimizationId": ("O-1", "O-1"), "sharpeRatio": ("0.8", 0.8),
        "analysis": ([{"a": 1}], [{"a": 1}]),
    },
    backtests.LogPage: {"logs": (["a", 1], ("a", "1")), "length": ("2", 2), "deploymentOffset": (5, 5)},
    charts.Series: {"Name": ("Equity", "Equity"), "Unit": ("$", "$"), "Values": ([[1, 2], {"x": 3, "y": "4"}, [5, 1, 2, 3, 4]],
                                                                       ((1.0, 2.0), (3.0, 4.0), (5.0, 1.0, 2.0, 3.0, 4.0)))},
    charts.Chart: {
        "Name": ("a", "a"), "Status": ("loading", "loading"),
        "Series": ({"E": {"Name": "E", "Values": [[1, 2]]}}, {"E": charts.Series(name="E", values=((1.0, 2.0),))}),
    },
    live.Deployment: {
        "projectId": ("7", 7), "deployId": ("L-1", "L-1"), "status": ("running", live.LiveStatus.RUNNING), "launched": (AT, NOON),
        "stopped": (AT, NOON), "brokerage": ("PaperBrokerage", "PaperBrokerage"), "error": ("x", "x"),
    },
    live.Holding: {
        "a": ("99.5", 99.5), "q": ("5", 5.0), "p": (100, 100.0), "v": ("$500", 500.0), "u": (2.5, 2.5), "up": ("0.5%", 0.5),
    },
    live.Cash: {
        "symbol": ("USD", "USD"), "amount": ("$1,000", 1000.0), "conversionRate": ("1", 1.0), "valueInAccountCurrency": (1000, 1000.0),
    },
    live.Portfolio: {
        "holdings": ({"SPY": {"q": 5}}, {"SPY": live.Holding(quantity=5.0)}), "cash": ({"USD": {"amount": 1}}, {"USD": live.Cash(amount=1.0)}),
    },
    objects.StoredObject: {
        "key": ("a/b", "a/b"), "name": ("b", "b"), "size": ("5", 5), "md5": ("f00", "f00"), "modified": (AT, NOON), "mime": ("text/plain", "text/plain"),
        "folder": ("true", True),
    },
    objects.ObjectPage: {
        "path": ("/a", "/a"), "objects": ([{"key": "a/b"}], (objects.StoredObject(key="a/b"),)), "page": ("2", 2), "totalPages": ("3", 3),
        "objectStorageUsed": ("5", 5),
    },
    optimizations.Target: {
        "target": (PATH, SHARPE), "extremum": ("MAX", optimizations.TargetTo.MAX), "target-value": ("0.5", 0.5),
    },
    optimizations.Constraint: {
        "target": (PATH, SHARPE), "operator": ("greater", optimizations.ConstraintOperator.GREATER), "targetValue": ("0.25", 0.25),
    },
    optimizations.Parameter: {
        "key": ("fast", "fast"), "min": ("10", 10.0), "max": (20, 20.0), "step": ("5", 5.0), "min-step": (1, 1.0), "value": (50, "50"),
    },
    optimizations.RuntimeStatistics: {
        "Completed": ("2", 2), "Failed": ("1", 1), "Running": ("1", 1), "In Queue": ("3", 3), "Total": ("7", 7),
        "Average Length": ("00:00:26", 26.0), "Total Runtime": ("1.00:01:18", 86478.0), "Consumed": ("$0.02", 0.02),
    },
    optimizations.OptimizationBacktest: STATISTIC,
    optimizations.GridChart: {
        "chartName": ("c", "c"), "width": ("4", 4), "height": (3, 3), "row": (1, 1), "column": ("1", 1), "sort": (2, 2),
        "definition": (["fast"], ("fast",)),
    },
    optimizations.Optimization: {
        "optimizationId": ("O-1", "O-1"), "snapshotId": (33, "33"), "projectId": ("7", 7), "name": ("grid", "grid"),
        "status": ("completed", optimizations.OptimizationStatus.COMPLETED), "nodeType": ("o2-8", optimizations.NodeType.O2_8),
        "parallelNodes": ("2", 2), "criterion": ({"target": PATH, "extremum": "min"},
                                                 optimizations.Target(target=SHARPE, extremum=optimizations.TargetTo.MIN)),
        "optimizationTarget": (PATH, SHARPE), "extremum": ("max", optimizations.TargetTo.MAX), "targetValue": ("1", 1.0),
        "runtimeStatistics": ({"Total": "4"}, optimizations.RuntimeStatistics(total=4)),
        "constraints": ([{"target-value": 1}], (optimizations.Constraint(target_value=1.0),)),
        "parameters": ([{"key": "fast"}], (optimizations.Parameter(name="fast"),)),
        "backtests": ({"b1": {"name": "a"}}, {"b1": optimizations.OptimizationBacktest(id="b1", name="a")}),
        "strategy": ("QuantConnect.Optimizer.Strategies.GridSearchOptimizationStrategy", optimizations.Strategy.GRID_SEARCH),
        "requested": (AT, NOON), "created": (AT, NOON), "gridLayout": ([{"row": 1}], (optimizations.GridChart(row=1),)),
        "outOfSampleMaxEndDate": (AT, NOON), "outOfSampleDays": ("30", 30), "psr": ("0.4", 0.4), "sharpeRatio": ("0.8", 0.8),
        "trades": ("12", 12), "cloneId": ("5", 5),
    },
    optimizations.Estimate: {"estimateId": ("e", "e"), "time": ("26", 26.0), "balance": ("500", 500.0)},
    orders.OrderEvent: EVENT,
    orders.Order: {
        "id": ("1", 1), "type": (11, "TrailingStop"), "symbol": (MARKET, "SPY"), "createdTime": (AT, NOON), "quantity": ("-5", -5.0),
        "price": ("99.5", 99.5), "status": (3, "Filled"), "direction": (1, "Sell"), "tag": ("x", "x"), "lastFillTime": (AT, NOON),
        "limitPrice": (1, 1.0), "stopPrice": ("2", 2.0), "value": ("-$497.50", -497.5),
        "events": ([{"orderId": 1}], (orders.OrderEvent(order_id=1),)),
    },
    orders.Trade: TRADE,
    orders.Insight: {
        "id": ("i", "i"), "symbol": ("SPY", "SPY"), "direction": ("up", "up"), "generatedTime": (1785585600.0, NOON), "closeTime": (AT, NOON),
        "confidence": ("0.5", 0.5), "magnitude": (0.1, 0.1), "weight": (1, 1.0), "sourceModel": ("m", "m"),
    },
    projects.ProjectParameter: {
        "key": ("fast", "fast"), "value": (10, "10"), "min": ("5", 5.0), "max": (20, 20.0), "step": ("5", 5.0),
    },
    projects.Collaborator: {
        "name": ("Jane", "Jane"), "owner": ("true", True), "permission": ("write", "write"), "liveControl": (1, True),
    },
    projects.Project: {
        "projectId": ("7", 7), "name": ("mine", "mine"), "organizationId": ("o1", "o1"), "description": ("x", "x"), "language": ("Py", "Py"),
        "created": (AT, NOON), "modified": (AT, NOON), "parameters": ({"fast": "10"}, (projects.ProjectParameter(name="fast", value="10"),)),
        "collaborators": ([{"name": "Jane"}], (projects.Collaborator(name="Jane"),)), "leanVersionId": ("-1", -1),
        "leanPinnedToMaster": ("true", True), "leanEnvironment": (1, 1), "encrypted": ("true", True),
    },
    projects.ProjectFile: {"name": ("main.py", "main.py"), "content": ("x = 1", "x = 1"), "modified": (AT, NOON), "isLibrary": ("true", True)},
    projects.Compile: {
        "compileId": ("c", "c"), "state": ("buildsuccess", projects.CompileState.BUILD_SUCCESS), "projectId": ("7", 7),
        "logs": (["a"], ("a",)), "signature": ("f00", "f00"),
    },
}  # fmt: skip
"""By kind: name on the wire, what came, what it is read as."""
