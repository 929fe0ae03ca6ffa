"""What the engine says without any cloud."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from hidden_regime.data.packaged import open_market
from hidden_regime.simulator import result, run_file

market = cache(open_market)


def direct(folder: Path, text: str, parameters: dict[str, str] | None = None, **options: Any) -> dict[str, Any]:
    """LEAN's result of a run in this process."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "main.py"
    path.write_text(text, encoding="utf-8")
    return result.build(run_file(path, market("us_stocks"), parameters=parameters, **options), "direct")


def fills(orders: Any) -> list[tuple[Any, ...]]:
    """What matters of orders."""
    return [(one["symbol"]["value"], one["time"], one["quantity"], one["price"], one["status"], one["type"]) for one in orders]
