"""What lies beside a data set: what each column is, where it comes from, and why none of it looks ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hidden_regime.experiments.folders import table_files
from hidden_regime.experiments.pages.written import inline

if TYPE_CHECKING:
    from hidden_regime.learning.features.making import Features

SCHEMA = "hidden-regime/features/1"


def dictionary(features: Features, origin: str = "") -> dict[str, Any]:
    """The data dictionary.

    Parameters
    ----------
    features : Features
    origin : str
        Where the bars come from.
    """
    table = features.table
    columns = []
    for one in features.spec.columns:
        values = table[one.name]
        columns.append({
            "name": one.name, "column": one.text, "what": one.formula, "source": "regimes" if one.is_of_regimes else "bars",
            "first": _day(values.first_valid_index()), "missing": int(values.isna().sum()), "from_bar": one.bars or None,
        })  # fmt: skip
    columns += [
        {"name": name, "column": None, "what": "a function of one's own, checked for looks ahead", "source": "own",
         "first": _day(table[name].first_valid_index()), "missing": int(table[name].isna().sum()), "from_bar": None}
        for name in features.own
    ]  # fmt: skip
    return {
        "schema": SCHEMA, "origin": origin, "rows": len(table), "complete_rows": len(features.complete),
        "first": _day(table.index[0]) if len(table) else None, "last": _day(table.index[-1]) if len(table) else None,
        "columns": columns, "regimes": dict(features.spec.regimes) if features.spec.needs_regimes else None,
        "regimes_at_all": features.answer or None, "digest": features.spec.digest,
    }  # fmt: skip


def dictionary_page(told: dict[str, Any]) -> str:
    """The dictionary as Markdown, for the README beside the data set."""
    origin = f", {inline(told['origin'])}" if told["origin"] else ""
    rows = [
        [one["name"], one["column"] or "-", one["what"], one["source"], one["first"], one["missing"]] for one in told["columns"]
    ]
    lines = [
        "# Features", "",
        f"{told['rows']} bars from {told['first']} to {told['last']}{origin}; every column has a value in "
        f"{told['complete_rows']} of them.", "",
        "| column | written as | what it is | made of | first value | missing |", "|---|---|---|---|---|---|",
        *(f"| {' | '.join(inline(cell) for cell in row)} |" for row in rows),
        "", "## Why nothing looks ahead", "",
        "Each value is made when its bar has ended, of that bar and those before it, by the object that makes a strategy's rows: "
        "a data set is a strategy's rows, written down. Regimes are filtered, never smoothed. Nothing is scaled here: scaling is "
        "a part of the model, fitted in each fold.",
    ]  # fmt: skip
    if told["regimes_at_all"]:
        lines += ["", f"Regimes at all: {told['regimes_at_all']}."]
    return "\n".join(lines) + "\n"


def feature_files(features: Features, origin: str = "") -> dict[str, str | bytes]:
    """Files of a data set: the table, the dictionary, the README. Equal features give equal bytes."""
    from hidden_regime.experiments.folders import to_json

    told = dictionary(features, origin)
    table = features.table.rename_axis("time").reset_index()
    csv = {"features.csv": table.to_csv(index=False, lineterminator="\n")}
    return {**table_files("features", table), **csv, "features.json": to_json(told), "README.md": dictionary_page(told)}


def _day(time: Any) -> str | None:
    return None if time is None else str(time)[:10]
