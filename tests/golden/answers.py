"""What is kept, by name, and where."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.golden import detectors, forecasts, keys, signals
from tests.golden.tables import Difference, Row, differences, read

KEPT = Path(__file__).parent / "kept"

ANSWERS: dict[str, Callable[[], list[Row]]] = {
    **{name: partial(detectors.rows, name) for name in detectors.DETECTORS},
    "signals": signals.signal_rows,
    "weights": signals.weight_rows,
    "forecasts": forecasts.forecast_rows,
    "keys": keys.key_rows,
}


def path_of(name: str, folder: Path = KEPT) -> Path:
    """File of an answer."""
    return folder / f"{name}.csv.xz"


def changes(name: str, now: list[Row], folder: Path = KEPT, **tolerance: float) -> list[Difference]:
    """Where today's answer is another one than was kept."""
    return differences(read(path_of(name, folder)), now, **tolerance)
