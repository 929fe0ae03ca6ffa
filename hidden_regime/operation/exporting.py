"""A journal's deployment as tables in files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from hidden_regime.files.whole import write_folder
from hidden_regime.operation.journal import Journal


def csv_text(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows under their heads as CSV; lines end as on Unix."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(rows)
    return text.getvalue()


def write_tables(journal: Journal, name: str, folder: Path) -> list[Path]:
    """Write orders.csv, equity.csv, regimes.csv, journal.csv and log.txt of a deployment; equal journals give equal files."""
    journal.deployment(name)
    events = journal.order_events(name)
    heads = [
        "market_time",
        "order",
        "event",
        "ticker",
        "type",
        "status",
        "quantity",
        "fill_quantity",
        "fill_price",
        "fee",
        "message",
    ]
    files: dict[str, str | bytes] = {
        "orders.csv": csv_text(heads, ([getattr(row, head) for head in heads] for row in events)),
        "equity.csv": csv_text(["time_utc", "equity"], journal.equity(name)),
        "regimes.csv": csv_text(["time", "ticker", "regime", "confidence"], journal.regimes(name)),
        "journal.csv": csv_text(
            ["at", "market_time", "level", "kind", "said"],
            ([one.at, one.market_time, one.level, one.kind, one.said] for one in journal.told(name)),
        ),
        "log.txt": "".join(f"{line}\n" for line in journal.lines(name)),
    }
    write_folder(folder, files)
    return [folder / file for file in sorted(files)]
