"""A comparison as files: what it found, the returns of the common days, the runs, and the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import hidden_regime
from hidden_regime.experiments import folders
from hidden_regime.experiments.comparison.entrants import RESERVED
from hidden_regime.experiments.comparison.family import FamilyTests
from hidden_regime.experiments.comparison.figures import StrategyFigures
from hidden_regime.experiments.comparison.pairs import Pair
from hidden_regime.experiments.comparison.verdict import Verdict
from hidden_regime.experiments.folders import (
    ENDINGS,
    PAGE,
    check_same,
    days_of,
    intact,
    plain,
    read_json,
    read_table,
    table_files,
    to_json,
)
from hidden_regime.experiments.result import Result
from hidden_regime.experiments.run import TRADE_COLUMNS
from hidden_regime.files.whole import write_folder
from hidden_regime.research.tables import ORDER_COLUMNS

if TYPE_CHECKING:
    from hidden_regime.experiments.comparison.comparison import Comparison

SCHEMA = "hidden-regime/comparison/1"
COMPARISON = "comparison.json"
RETURNS = "returns"
TABLES = (RETURNS, "equity", "orders", "trades", "regimes")
OWNER = "strategy"
TIMES = {"equity": ("date",), "orders": ("time",), "trades": ("entry_time", "exit_time"), "regimes": ("time",)}
TEXTS = ("symbol", "type", "status", "tag", "direction", "ticker", "regime", OWNER)


def comparison_dict(found: Comparison) -> dict[str, Any]:
    """A comparison as what JSON can hold: the content of comparison.json."""
    family = found.family
    return {
        "schema": SCHEMA,
        "comparison_id": found.id,
        "version": hidden_regime.__version__,
        "question": found.question,
        "verdict": asdict(found.verdict) | {"reasons": list(found.verdict.reasons)},
        "benchmark": found.benchmark,
        "n_days": len(found.days),
        "first": str(found.days[0]),
        "last": str(found.days[-1]),
        "names": list(found.names),
        "figures": [plain(asdict(one)) for one in found.figures],
        "pairs": [plain(asdict(pair)) | {"told": pair.told} for pair in found.pairs],
        "family": None if family is None else _lists(asdict(family)),
        "notes": list(found.notes),
        "strategies": [_run(result) for result in found.results],
    }


def _run(result: Result) -> dict[str, Any]:
    return {
        "name": result.name, "error": result.error, "key": result.key, "data": result.data, "parameters": result.parameters,
        "statistics": result.texts,
    }  # fmt: skip


def _lists(told: dict[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}


def _tuples(told: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}


def expect_own(folder: Path, identity: str) -> None:
    """Raise unless a folder is new, empty, or that of the same comparison.

    Raises
    ------
    StudyError
    """
    folders.expect_own(folder, COMPARISON, SCHEMA, "comparison", identity)


def write_comparison(found: Comparison, folder: Path) -> list[Path]:
    """Write the files together.

    Raises
    ------
    StudyError
        The folder holds something else.
    """
    expect_own(folder, found.id)
    files: dict[str, str | bytes] = {COMPARISON: to_json(comparison_dict(found))}
    daily = pd.DataFrame(found.returns, columns=list(found.names))
    daily.insert(0, RESERVED, found.days.astype("datetime64[us]"))
    files |= table_files(RETURNS, daily)
    for name, table in _tables(found.results).items():
        files |= table_files(name, table)
    files[PAGE] = found.to_html()
    write_folder(folder, files, instead_of=(COMPARISON, PAGE, *(name + ending for name in TABLES for ending in ENDINGS)))
    return [folder / name for name in sorted(files)]


def _tables(results: Iterable[Result]) -> dict[str, pd.DataFrame]:
    """Tables of all runs, a row saying whose it is; those without a row are left out."""
    parts: dict[str, list[pd.DataFrame]] = {"equity": [], "orders": [], "trades": [], "regimes": []}
    for one in results:
        own = {"equity": one.equity.rename_axis("date").reset_index(), "orders": one.orders, "trades": one.trades}
        for name, table in own.items():
            if len(table):
                parts[name].append(table.assign(**{OWNER: one.name}))
        for ticker, states in one.regimes.items():
            shown = [column for column in states.columns if column in ("regime", "confidence") or _is_named(column)]
            parts["regimes"].append(states[shown].rename_axis("time").reset_index().assign(ticker=ticker, **{OWNER: one.name}))
    return {name: pd.concat(some, ignore_index=True) for name, some in parts.items() if some}


def _is_named(column: str) -> bool:
    """Whether it is the probability of a regime, and not of a state's number."""
    return column.startswith("prob_") and not column[len("prob_") :].isdigit()


def read_comparison(folder: Path) -> Comparison:
    """A comparison from its folder. Of its runs' regimes, it has their names and probabilities.

    Raises
    ------
    StudyError
    """
    from hidden_regime.experiments.comparison.comparison import Comparison

    content = read_json(folder / COMPARISON, SCHEMA)
    daily = read_table(folder, RETURNS)
    with intact(folder / COMPARISON):
        tables = {name: _table(folder, name) for name in TIMES}
        results = tuple(_result(told, tables) for told in content["strategies"])
        days = days_of(daily.pop(RESERVED))
        told = content["verdict"]
        verdict = Verdict(told["answer"], told["headline"], tuple(told["reasons"]), told["rule"])
        family = None if content["family"] is None else FamilyTests(**_tuples(content["family"]))
        figures = tuple(StrategyFigures(**one) for one in content["figures"])
        pairs = tuple(Pair(**{name: v for name, v in one.items() if name != "told"}) for one in content["pairs"])
        if [str(name) for name in daily.columns] != content["names"]:
            raise ValueError("the returns are those of other strategies")
        found = Comparison(
            content["question"], content["comparison_id"], results, content["benchmark"], days, tuple(content["names"]),
            daily.to_numpy(np.float64), figures, pairs, family, verdict, tuple(content["notes"]))  # fmt: skip
        found.table()  # whose columns say what a figure may be
        check_same(comparison_dict(found), content)
        return found


def _table(folder: Path, name: str) -> pd.DataFrame | None:
    """A table of all runs; None where no run has a row of it."""
    if not any((folder / f"{name}{ending}").is_file() for ending in ENDINGS):
        return None
    table = read_table(folder, name)
    for column in TIMES[name]:
        table[column] = pd.to_datetime(table[column])
    for column in table.columns.intersection(list(TEXTS)):
        if column != "regime":
            table[column] = table[column].astype(object).fillna("").astype(str)
    return table


def _result(told: dict[str, Any], tables: dict[str, pd.DataFrame | None]) -> Result:
    if not isinstance(told["name"], str):
        raise ValueError(f"a strategy's name is {told['name']!r}")

    def own(name: str, empty: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        table = tables[name]
        rows = None if table is None else table[table[OWNER] == told["name"]]
        return empty() if rows is None or not len(rows) else rows.drop(columns=OWNER).reset_index(drop=True)

    equity = own("equity", lambda: pd.DataFrame({"date": pd.DatetimeIndex([]), "equity": [], "benchmark": []}, dtype=None))
    equity = equity.set_index("date")[["equity", "benchmark"]].astype(np.float64)
    orders = own("orders", lambda: pd.DataFrame(columns=ORDER_COLUMNS))
    trades = own("trades", lambda: pd.DataFrame(columns=list(TRADE_COLUMNS)))
    rows = own("regimes", lambda: pd.DataFrame({"ticker": [], "time": []}))
    regimes = {str(ticker): one.drop(columns="ticker").set_index("time").dropna(axis=1, how="all")
               for ticker, one in rows.groupby("ticker", sort=False)}  # fmt: skip
    return Result(told["name"], told["parameters"], {}, told["statistics"], equity, orders, trades, regimes, 0, 0,
                  told["error"], told["data"], told["key"])  # fmt: skip
