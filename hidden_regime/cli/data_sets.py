"""The `data list` and `data info` commands: what is packaged, and what a set, file or folder holds."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from hidden_regime.cli import show
from hidden_regime.cli.messages import Debug, messages


def data_list() -> None:
    """List the packaged sets.

    Example: [bold]hidden-regime data list[/]
    """
    from hidden_regime.data.packaged import DATASETS, DEFAULT, INVENTED

    table = _table("name", "assets", "what")
    for name, chosen in DATASETS.items():
        table.add_row(name + (" (default)" if name == DEFAULT else ""), ", ".join(chosen.assets), chosen.title)
    for name, invented in INVENTED.items():
        table.add_row(name, invented.assets, invented.title)
    Console().print(table)


def data_info(name: Annotated[str, typer.Argument(help="A packaged set, a file or a folder.")], debug: Debug = False) -> None:
    """Say what a set holds and where it comes from.

    Example: [bold]hidden-regime data info us_stocks[/]
    """
    from hidden_regime.data.packaged import open_market

    with messages(debug):
        market = open_market(name)
        console = Console()
        label = "SYNTHETIC " if market.synthetic and "SYNTHETIC" not in market.origin else ""
        console.print(show.said(market.name, "bold") + show.said(f": {label}{market.origin}"), highlight=False)
        table = _table("asset", "first day", "last day", "bars", "prices")
        pairs: Any = getattr(market, "pairs", None)
        listed = pairs.listed() if pairs is not None else []
        own = {pair.ticker for pair in listed} & set(getattr(pairs, "by_ticker", ()))  # a market of tables has them as assets too
        for ticker in market.tickers():
            if ticker in own:
                continue
            asset = market.load(ticker)
            kinds = "raw and adjusted" if asset.adjusted_scale is not None or asset.factors.rows else "raw"
            note = " (benchmark)" if ticker == market.benchmark else ""
            first, last = (str(asset.dates[0]), str(asset.dates[-1])) if asset.dates else ("none", "none")
            table.add_row(show.said(ticker + note), first, last, str(len(asset.dates)), kinds)
        for pair in listed:
            note = " (benchmark)" if pair.ticker == market.benchmark else ""
            table.add_row(show.said(f"{pair}{note}"), *_of_pair(pairs, pair))
        console.print(table)


def _of_pair(pairs: Any, pair: Any) -> list[str]:
    """First and last day of UTC of a pair's bars, of which lengths they are, and whether of trades or quotes."""
    from hidden_regime.data.pairs.naming import LENGTHS

    found = {
        (length, quotes): bars.days
        for length, minutes in LENGTHS.items() for quotes in (False, True)
        if (bars := pairs.bars(*pair, minutes, quotes=quotes)) is not None and bars.days is not None
    }  # fmt: skip
    if not found:
        return ["none", "none", "none", ""]
    lengths = dict.fromkeys(length for length, _ in found)
    kinds = [kind for quotes, kind in ((False, "trades"), (True, "quotes")) if any(of == quotes for _, of in found)]
    first, last = min(days[0] for days in found.values()), max(days[1] for days in found.values())
    return [str(first), str(last), ", ".join(lengths), " and ".join(kinds)]


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for place, column in enumerate(columns):
        table.add_column(column, no_wrap=place == 0)
    return table
