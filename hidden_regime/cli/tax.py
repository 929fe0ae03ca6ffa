"""The `tax` command: lots of a record of trading."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from hidden_regime.cli import options, show, telling
from hidden_regime.cli.messages import Debug, messages, path_option
from hidden_regime.cli.options import Json, Quiet
from hidden_regime.exceptions import DataError, ParameterError

if TYPE_CHECKING:
    from decimal import Decimal

    import pandas as pd

    from hidden_regime.operation.tax.report import TaxReport

tax_app = typer.Typer(
    no_args_is_help=True,
    help="Tax lots: what sales gained, and what counts. No advice.\n\nExample: [bold]hidden-regime tax lots results/mine[/]",
)
Record = Annotated[str, typer.Argument(help="The folder of a backtest or of a live export, or a CSV of fills.")]
Rates = Annotated[Path | None, path_option("A TOML file of rates by year. Without one, nothing is said of tax.")]


@tax_app.command()
def lots(
    result: Record,
    method: Annotated[str, typer.Option(help="fifo, hifo (highest cost first) or specific (lots of --chosen).")] = "fifo",
    rates: Rates = None,
    chosen: Annotated[Path | None, path_option("Of specific: a CSV with sale, lot (orders) and quantity.")] = None,
    splits: Annotated[Path | None, path_option("A CSV of splits with time, symbol and split, new shares for an old one.")] = None,
    at: Annotated[str | None, typer.Option(help="Last day that counts, yyyy-mm-dd.")] = None,
    price: Annotated[list[str] | None, typer.Option(help="ASSET=DOLLARS, for what is unrealised; may repeat.")] = None,
    out: Annotated[Path | None, path_option("Folder for the tables and the page. Default: results/NAME-taxes.")] = None,
    quiet: Quiet = False, as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Find the lots of a backtest or of any fills: gains, wash sales, what is open, and the tax at rates of yours.

    Example: [bold]hidden-regime tax lots results/basic_regime_switching --method hifo[/]
    """
    from hidden_regime.operation.tax.folder import report_dict
    from hidden_regime.operation.tax.page import ADVICE
    from hidden_regime.operation.tax.reckoning import tax_lots

    console = Console(quiet=quiet or as_json)
    with messages(debug):
        if not Path(result).exists():
            raise ParameterError("RESULT", result, "the folder of a backtest, or a CSV of fills")
        report = tax_lots(
            result, method, rates, splits=splits, chosen=None if chosen is None else _table(chosen),
            at=options.parse_day("--at", at), prices=options.parse_parameters(list(price or ()), "--price"))  # fmt: skip
        folder = out or Path("results") / f"{Path(result).stem or report.name}-taxes"
        report.write(folder, _equity(Path(result)))
        _show(console, report)
        console.print(show.said(ADVICE, "dim"), highlight=False)
        telling.end(console, folder, report_dict(report) if as_json else None, "Lots")


def _table(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.read_csv(path, dtype=str)
    except ValueError as error:
        raise DataError(f"{path} can't be read ({str(error)[:200]}): expected a CSV with sale, lot and quantity.") from error


def _equity(source: Path) -> pd.Series | None:
    """The curve of a backtest, where its folder has one."""
    from hidden_regime.experiments.sources import EQUITY, RUN, read_result

    if source.is_dir() and (source / RUN).is_file() and (source / EQUITY).is_file():
        return read_result(source).equity["equity"]
    return None


def _show(console: Console, report: TaxReport) -> None:
    from hidden_regime.operation.tax.page import money

    title = f"{len(report.closed):,} rows closed, {len(report.open):,} lots open, {report.method}"
    table = Table(title=show.said(title), title_justify="left", box=None, pad_edge=False, header_style="dim")
    table.add_column("year")
    columns = ("short", "long", "taxed_short", "taxed_long", "tax")
    for name in columns:
        table.add_column(name.replace("_", ", "), justify="right", no_wrap=True)
    for one in report.years:
        table.add_row(str(one.year), *(money(getattr(one, name)) for name in columns))
    console.print()
    console.print(table)
    told: dict[str, Decimal | None] = {"realised": report.realised, "put off by wash sales": report.disallowed}
    told |= {"unrealised": report.unrealised} if report.open else {}
    told |= {"tax": report.tax} if report.tax is not None else {}
    console.print(show.said("; ".join(f"{name} {money(value)}" for name, value in told.items())), highlight=False)
    for note in report.notes:
        console.print(show.said(f"note: {note}", "yellow"), highlight=False)
