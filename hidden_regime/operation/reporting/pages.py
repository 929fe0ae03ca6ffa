"""A month as a page and as Markdown: equal journals give equal bytes."""

from __future__ import annotations

from pathlib import Path

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.pages.page import MACROS
from hidden_regime.files.whole import write_folder
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.reporting import pictures
from hidden_regime.operation.reporting.days import days_of
from hidden_regime.operation.reporting.markdown import plain, table
from hidden_regime.operation.reporting.monthly import Month, month_of
from hidden_regime.operation.reporting.tearsheet import TearSheet, tear_sheet
from hidden_regime.operation.reporting.template import MONTH, OWN_SHELL

TRADE_HEADS = ("Market time", "Asset", "Shares", "Price", "Dollars", "Fee")
DAY_HEADS = ("Day", "Value", "Change", "%")
TOLD_HEADS = ("Market time", "Level", "What", "")


def sheet_of(journal: Journal, found: Month) -> TearSheet | None:
    """The tear sheet from the first day to the end of a month; None where there are too few nights."""
    last = next(reversed([one.day for one in days_of(journal, found.name) if f"{one.day:%Y-%m}" == found.month]))
    after = [time for time, _ in journal.equity(found.name) if time[:10] > last.isoformat()]
    try:
        return tear_sheet(journal, found.name, until=after[0])
    except ParameterError:
        return None


def _tiles(found: Month) -> list[tuple[str, str, str]]:
    return [
        ("Value", f"{found.value:,.2f}", f"{found.before:,.2f} at its beginning"),
        ("The month brought", f"{found.change:+,.2f}", f"{found.share:+.2%}"),
        ("Bought", f"{found.bought:,.2f}", _counted(sum(one.quantity > 0 for one in found.fills), "fill")),
        ("Sold", f"{found.sold:,.2f}", _counted(sum(one.quantity < 0 for one in found.fills), "fill")),
        ("Fees", f"{found.fees:,.2f}", _counted(found.orders, "order")),
    ]


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def _trades(found: Month) -> list[tuple[str, ...]]:
    return [(one.time[:16].replace("T", " "), one.ticker, f"{one.quantity:+,g}", f"{one.price:,.10g}", f"{one.amount:+,.2f}",
             f"{one.fee:,.2f}") for one in found.fills]  # fmt: skip


def _days(found: Month) -> list[tuple[str, ...]]:
    return [(str(one.day), f"{one.value:,.2f}", f"{one.change:+,.2f}", f"{one.share:+.2%}") for one in found.days]


def _shares(found: Month, ticker: str) -> str:
    bars = len(found.regimes[ticker])
    return ", ".join(f"{regime} {count} of {bars} bars" for regime, count in found.shares(ticker))


def _told(found: Month) -> list[tuple[str, ...]]:
    return [(one.market_time[:16].replace("T", " "), one.level, one.kind, one.said) for one in found.told]


def month_page(found: Month, sheet: TearSheet | None) -> str:
    """HTML of a month: opens without a network, and no text of it is markup."""
    import jinja2
    import markupsafe

    from hidden_regime import __version__

    environment = jinja2.Environment(
        loader=jinja2.DictLoader({"shell": OWN_SHELL, "macros": MACROS, "month": MONTH}), autoescape=True,
        undefined=jinja2.StrictUndefined, trim_blocks=True,
    )  # fmt: skip
    labels = [str(one.day) for one in found.days]
    strips = []
    for ticker, rows in found.regimes.items():
        picture = pictures.strip([time[:10] for time, _, _ in rows], [regime for _, regime, _ in rows])
        strips.append({"ticker": ticker, "picture": markupsafe.Markup(picture), "said": _shares(found, ticker)})
    return environment.get_template("month").render(
        plotly="", version=__version__, title=f"{found.name}: {found.month}",
        lead=f"{len(found.days)} trading days, {found.days[0].day} to {found.days[-1].day}", whole=found.is_whole,
        last=str(found.days[-1].day), tiles=_tiles(found), strips=strips,
        curve=markupsafe.Markup(pictures.curve(labels, [float(one.value) for one in found.days])),
        trades=_trades(found), trade_heads=TRADE_HEADS, days=_days(found), day_heads=DAY_HEADS, told=_told(found),
        told_heads=TOLD_HEADS, statistics=[] if sheet is None else list(sheet.statistics.items()),
        notes=[] if sheet is None else sheet.notes, id=f"{found.name} {found.month}",
    )  # fmt: skip


def month_markdown(found: Month, sheet: TearSheet | None) -> str:
    """The same as Markdown, without the pictures."""
    parts = [f"# {plain(found.name)}: {found.month}\n", table(("What", "Dollars", ""), _tiles(found))]
    if not found.is_whole:
        parts.insert(1, f"The month isn't over: this is what it came to until {found.days[-1].day}.\n")
    parts += ["## Regimes\n", table(("Asset", "Bars"), [(ticker, _shares(found, ticker)) for ticker in found.regimes])]
    parts += ["## Trades\n", table(TRADE_HEADS, _trades(found)) if found.fills else "None.\n"]
    parts += ["## Days\n", table(DAY_HEADS, _days(found))]
    parts += ["## What the journal says\n", table(TOLD_HEADS, _told(found)) if found.told else "Nothing.\n"]
    if sheet is not None:
        parts += ["## Tear sheet\n", table(("Statistic", "Value"), sheet.statistics.items())]
        parts += ["".join(f"- {plain(one)}\n" for one in sheet.notes)]
    return "\n".join(parts)


def write_month(journal: Journal, name: str, month: str, folder: Path) -> tuple[Path, Path]:
    """Write NAME-MONTH.html and NAME-MONTH.md; equal journals give equal files.

    Raises
    ------
    ParameterError
        The month is none of the deployment's.
    """
    found = month_of(journal, name, month)
    sheet, stem = sheet_of(journal, found), f"{name}-{month}"
    write_folder(folder, {f"{stem}.html": month_page(found, sheet), f"{stem}.md": month_markdown(found, sheet)})
    return folder / f"{stem}.html", folder / f"{stem}.md"
