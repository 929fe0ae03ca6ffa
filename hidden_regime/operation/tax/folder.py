"""Tax lots as files: what was found, the rows of Form 8949, open lots, and the page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import hidden_regime
from hidden_regime.experiments.folders import PAGE, to_json
from hidden_regime.files.whole import write_folder

if TYPE_CHECKING:
    import pandas as pd

    from hidden_regime.operation.tax.report import TaxReport

SCHEMA = "hidden-regime/tax-lots/1"
FILE, ROWS, OPEN = "taxes.json", "lots.csv", "open.csv"


def report_dict(report: TaxReport) -> dict[str, Any]:
    """A report as what JSON can hold: the content of taxes.json. Money is text, so that no cent is lost."""
    rates = report.rates
    return {
        "schema": SCHEMA,
        "version": hidden_regime.__version__,
        "name": report.name,
        "method": report.method,
        "at": None if report.at is None else report.at.isoformat(),
        "rates": None if rates is None else {"dated": rates.dated.isoformat(), "source": rates.source},
        "realised": str(report.realised),
        "disallowed": str(report.disallowed),
        "unrealised": _money(report.unrealised),
        "tax": _money(report.tax),
        "years": [
            {name: value if name == "year" else _money(value) for name, value in vars(one).items()} for one in report.years
        ],
        "n_closed": len(report.closed),
        "positions": {symbol: float(shares) for symbol, shares in report.positions.items()},
        "notes": list(report.notes),
    }


def _money(value: object) -> str | None:
    return None if value is None else str(value)


def write_report(report: TaxReport, folder: Path, equity: pd.Series | None = None) -> list[Path]:
    """Write the files together."""
    files = {
        FILE: to_json(report_dict(report)),
        ROWS: report.table().to_csv(index=False, lineterminator="\n"),
        OPEN: report.open_table().to_csv(index=False, lineterminator="\n"),
        PAGE: report.to_html(equity),
    }
    write_folder(folder, files)
    return [folder / name for name in sorted(files)]
