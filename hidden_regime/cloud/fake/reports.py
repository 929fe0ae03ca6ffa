"""The page that the cloud makes of a backtest."""

from __future__ import annotations

from html import escape

from hidden_regime.cloud.fake.records import Backtest


def page(backtest: Backtest) -> str:
    """A page with the table of statistics."""
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>"
        for name, value in backtest.summary.get("statistics", {}).items()
    )
    title = escape(backtest.name)
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1><table>{rows}</table></body></html>"
