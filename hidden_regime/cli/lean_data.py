"""The `data to-lean` and `data check` commands: own prices for LEAN, and what is wrong with a folder of them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from hidden_regime.cli.messages import Debug, messages, path_argument, path_option, say
from hidden_regime.exceptions import DataError, ParameterError

COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}


class Prices(StrEnum):
    """What prices are."""

    RAW = "raw"
    SPLIT_ADJUSTED = "split-adjusted"
    ADJUSTED = "adjusted"


def to_lean(
    files: Annotated[list[str], typer.Argument(help="Files or folders of prices (CSV, Parquet), or a packaged set.")],
    out: Annotated[Path, path_argument("Folder to write.")],
    prices: Annotated[Prices, typer.Option(help="As traded, or adjusted for splits, or for all.")] = Prices.RAW,
    events: Annotated[
        Path | None,
        path_option("Table: date, ticker, dividend, split. Such columns of FILES count too."),
    ] = None,
    benchmark: Annotated[str | None, typer.Option(help="Ticker that LEAN measures against. Default: SPY, or the first.")] = None,
    rates: Annotated[Path | None, path_option("Table of risk-free rates: date, percent a year.")] = None,
    rate: Annotated[float, typer.Option(help="Percent a year, where no table is given.")] = 0.0,
    delisted: Annotated[list[str] | None, typer.Option(help="Ticker whose last bar is its last day listed; may repeat.")] = None,
    debug: Debug = False,
) -> None:
    """Write prices as a LEAN data folder: bars, map and factor files, an hourly benchmark, interest rates.

    Example: [bold]hidden-regime data to-lean prices.csv lean_data --events events.csv[/]
    """
    from hidden_regime.data.checking import check_folder
    from hidden_regime.data.events import Event, read_events
    from hidden_regime.data.lean_writing import write_lean_data

    with messages(debug):
        market, tables, left = _market(files)
        if any((out / kind).is_dir() for kind in ("equity", "crypto", "forex")):
            say(f"note: {out} holds data already: files of the same tickers are replaced, others stay.", "cyan")
        known: dict[str, list[Event]] = {}
        for path, ticker in tables:
            for name, found in read_events(path, ticker).items():
                known.setdefault(name, []).extend(found)
        if events is not None:
            for name, found in read_events(events, required=True).items():
                known.setdefault(name, []).extend(found)
        chosen = benchmark or ("SPY" if "SPY" in market.tickers() else None)
        made = write_lean_data(
            market, out, events=known, prices=prices.value, benchmark=chosen, rates=_rates(rates), rate=rate,
            delisted=delisted or ())  # fmt: skip
        for ticker, counts in made.bars.items():
            more = len(known.get(ticker, []))
            said = ", ".join(f"{count:,} {kind} bars" for kind, count in counts.items())
            say(f"{ticker}: {said}" + (f", {more} dividends and splits" if more else ""))
        for note in [*_unread([path for path, _ in tables]), *left, *made.notes]:
            say(f"note: {note}", "cyan")
        others = check_folder(out, chosen or market.benchmark)
        wrong = [finding for finding in others if not (finding.kind == "note" and finding.message.startswith("missing"))]
        for finding in wrong:
            say(str(finding), COLOURS[finding.kind])
        say(f"{out}: {'written and checked' if not wrong else f'written, {len(wrong)} findings'}.")


def check(
    folder: Annotated[Path, path_argument("A data folder in LEAN's format.")],
    benchmark: Annotated[str, typer.Option(help="Ticker that strategies are measured against.")] = "SPY",
    debug: Debug = False,
) -> None:
    """Say what is wrong with a LEAN data folder, by file and line.

    Example: [bold]hidden-regime data check lean_data[/]
    """
    from hidden_regime.data.checking import check_folder

    with messages(debug):
        found = check_folder(folder, benchmark)
        for finding in found:
            say(str(finding), COLOURS[finding.kind])
        counts = {kind: sum(1 for finding in found if finding.kind == kind) for kind in COLOURS}
        said = ", ".join(f"{n} {kind}{'s' if n != 1 else ''}" for kind, n in counts.items() if n)
        say(f"{folder}: {said or 'nothing found'}.")
    if counts["error"]:
        raise typer.Exit(1)


def _market(files: list[str]) -> tuple[Any, list[tuple[Path, str | None]], list[str]]:
    """One market of all files, the tables in which events may stand, and what was not read of tables of pairs."""
    from hidden_regime.data.packaged import names, open_market
    from hidden_regime.data.pairs.markets import PairMarkets
    from hidden_regime.data.pairs.naming import root_of
    from hidden_regime.data.pairs.pair import Pair
    from hidden_regime.data.pairs.reading import left_out
    from hidden_regime.data.tables import TableMarket, files_of, open_table, read_parts

    if len(files) == 1 and files[0].lower() in names():
        return open_market(files[0]), [], []
    frames: dict[str, Any] = {}
    tables: list[tuple[Path, str | None]] = []
    notes: list[str] = []
    for given in files:
        for file, name in files_of(Path(given)).items():
            parts = read_parts(file, name)
            pairs = [part for part in parts.values() if isinstance(part, Pair)]
            if pairs:
                notes += [f"{file.name}: {said}" for said in left_out(list(open_table(file).columns), pairs[0].name)]
            if len(pairs) < len(parts):
                tables.append((file, name if name in parts else None))
            for ticker, part in parts.items():
                if ticker.upper() in (known.upper() for known in frames):
                    raise DataError(f"{file}: {ticker.upper()} stands in an earlier file too: expected each ticker once.")
                frames[ticker] = part
    if not frames:
        raise ParameterError("FILES", files, "files of prices", "The folder holds none.")
    return TableMarket(frames, name="files", origin="files", pair_markets=PairMarkets(root_of(Path(files[0])))), tables, notes


def _unread(paths: list[Path]) -> list[str]:
    """What of the files was not read, and what they lack."""
    from hidden_regime.data.events import unused_columns

    out = []
    for path in paths:
        unused, lacking = unused_columns(path)
        if unused:
            out.append(f"{path.name}: columns {unused} are not known by these names, and were left out.")
        if lacking:
            out.append(f"{path.name} has no {', '.join(lacking)}: the close stands for them, so that a day has no range.")
    return out


def _rates(path: Path | None) -> list[tuple[date, float]]:
    from hidden_regime.data.events import plain_table

    if path is None:
        return []
    table = plain_table(path)
    if len(table.columns) < 2:
        raise DataError(f"{path}: columns {list(table.columns)}: expected a date and a percentage.")
    out = []
    for number, (day, percent) in enumerate(table.iloc[:, :2].itertuples(index=False), 2):
        try:
            out.append((date.fromisoformat(str(day)[:10]), float(percent)))
        except ValueError:
            raise DataError(f"{path} line {number}: {day}, {percent}: expected yyyy-mm-dd and a percentage.") from None
    return out
