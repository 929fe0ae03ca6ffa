"""Writes a data folder in LEAN's format from anybody's prices."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hidden_regime.data.events import END, Event, factor_rows, raw_scale
from hidden_regime.data.factors import FactorRow
from hidden_regime.data.intraday import BarRows, IntradayBars, Row
from hidden_regime.data.map_files import is_file_name
from hidden_regime.data.market import Asset
from hidden_regime.data.pairs.folder import PairFolder
from hidden_regime.data.pairs.markets import PairMarkets
from hidden_regime.data.pairs.pair import Pair
from hidden_regime.data.pairs.writing import files_of, write_pair
from hidden_regime.data.scaling import PER_DOLLAR
from hidden_regime.data.tables import TableMarket
from hidden_regime.data.zips import zip_lines
from hidden_regime.exceptions import DataError, ParameterError
from hidden_regime.files.paths import given_path
from hidden_regime.files.whole import written_together

KINDS = ("raw", "split-adjusted", "adjusted")
LABEL = "SYNTHETIC.txt"
"""A file that says of a folder that its prices are invented."""


class Written(NamedTuple):
    """What was written: bars by ticker and kind of file, and what the reader of the folder should know."""

    bars: dict[str, dict[str, int]]
    notes: tuple[str, ...]


def bar_line(start: str, row: Sequence[float]) -> str:
    """A line of LEAN's: prices in ten-thousandths of a dollar."""
    return f"{start}," + ",".join(str(round(price * PER_DOLLAR)) for price in row[:4]) + f",{round(row[4])}"


def write_lean_data(market: TableMarket, folder: str | Path, *, events: Mapping[str, Sequence[Event]] | None = None,
                    prices: str = "raw", benchmark: str | None = None, rates: Sequence[tuple[date, float]] = (),
                    rate: float = 0.0, delisted: Sequence[str] = (), exchange: str = "P") -> Written:  # fmt: skip
    """Write a market as a LEAN data folder: daily bars, hourly and minute ones where it has them, map and factor files.

    Pairs go into `crypto` and `forex`, as they are, with times in UTC; what is said of events and prices is of equities.

    Parameters
    ----------
    market : TableMarket
        As `read_market` gives it.
    folder : str or Path
    events : mapping of ticker to sequence of Event, optional
        Dividends and splits.
    prices : str
        "raw": as they were traded. "split-adjusted": older prices, volumes and dividends in today's shares, as many vendors
        give them; they are made raw. "adjusted": for splits and dividends; written as they are, and without events.
    benchmark : str, optional
        Ticker that gets an hourly file where it has none, of one bar a session with the day's close: LEAN reads its
        benchmark hourly, and without that file alpha and beta are 0. Default: the market's.
    rates : sequence of (date, percent)
        Risk-free rates a year, each from its date on.
    rate : float
        Percent a year, where no `rates` are given.
    delisted : sequence of str
        Tickers whose last bar is the last day of their listing.
    exchange : str
        LEAN's letter of the exchange in map files.

    Returns
    -------
    Written

    Raises
    ------
    DataError, ParameterError
        An argument or a price that can't be. The folder is then as it was.
    """
    if prices not in KINDS:
        raise ParameterError("prices", prices, f"one of {list(KINDS)}")
    known = {ticker.upper(): list(found) for ticker, found in (events or {}).items()}
    pairs = market.pairs.by_ticker
    tickers = [ticker for ticker in market.tickers() if ticker not in pairs]
    for name, given in (("events", known), ("delisted", [t.upper() for t in delisted])):
        unknown = [ticker for ticker in given if ticker not in tickers]
        if unknown:
            among = "the prices of equities" if pairs else "the prices"
            raise ParameterError(name, unknown[0], f"a ticker among {among} ({', '.join(tickers) or 'none'})")
    if prices == "adjusted" and any(known.values()):
        raise ParameterError(
            "prices", prices, "'raw' or 'split-adjusted' beside dividends and splits", "Adjusted prices contain them already."
        )
    chosen = (benchmark or market.benchmark).upper()
    if chosen not in market.tickers():
        raise ParameterError("benchmark", chosen, f"a ticker among the prices ({', '.join(market.tickers())})")
    keys = [ticker.lower() for ticker in tickers]
    unfit = [key for key in keys if not is_file_name(key)]
    if unfit:
        raise DataError(f"ticker {unfit[0]!r}: expected one that files can be named after. Rename it, or leave it out.")
    notes: list[str] = []
    # Of an earlier writing: what is here now is what there is.
    earlier = [f"equity/usa/{name}" for key in keys for name in (f"hour/{key}.zip", f"minute/{key}")]
    earlier += [name for pair in pairs.values() for name in files_of(pair.name)]
    with written_together(given_path("folder", folder), instead_of=earlier) as new:
        usa = new / "equity" / "usa"
        bars: dict[str, dict[str, int]] = {}
        for ticker, key in zip(tickers, keys, strict=True):
            own = _events(market.load(ticker), known.get(ticker, []), prices, notes)
            asset, scale = _raw(market.load(ticker), own, prices)
            if prices == "split-adjusted":
                own = _dividends_then(asset, own)
            bars[ticker] = _write_bars(usa, asset, market, scale, ticker == chosen, notes)
            last = asset.dates[-1] if ticker in [t.upper() for t in delisted] else END
            _write_lines(usa / "map_files" / f"{key}.csv", [f"{day:%Y%m%d},{key},{exchange}" for day in (asset.dates[0], last)])
            rows = factor_rows(asset.dates, asset.close.tolist(), own, ticker)
            _write_lines(usa / "factor_files" / f"{key}.csv", [factor_line(row) for row in rows])
        # Facts of markets are those of the folder, where LEAN will read them, and else those of the prices' own.
        has_facts = (Path(folder) / "market-hours" / "market-hours-database.json").exists()
        into = PairFolder(new, PairMarkets(Path(folder)) if has_facts else market.pair_markets)
        for ticker, pair in pairs.items():
            bars[ticker] = write_pair(into, pair, hourly=ticker == chosen, notes=notes)
        if chosen != "SPY":
            notes.append(
                f"LEAN measures against SPY unless told otherwise: call self.set_benchmark({_how_to_name(chosen, pairs)}) in "
                "initialize."
            )
        _write_rates(new, rates, rate, min(market.load(t).dates[0] for t in market.tickers()), notes)
        if market.synthetic:
            (new / LABEL).write_text(market.origin + "\n", encoding="utf-8")
    notes.append(
        "LEAN also needs market-hours/market-hours-database.json and symbol-properties/symbol-properties-database.csv: copy them "
        "from the Data folder of LEAN, or from the one that `lean init` makes."
    )
    return Written(bars, tuple(dict.fromkeys(notes)))


def _how_to_name(ticker: str, pairs: Mapping[str, Pair]) -> str:
    """What `set_benchmark` takes for a ticker."""
    return f"SecurityType.{pairs[ticker].name.kind.upper()}, {ticker!r}" if ticker in pairs else repr(ticker)


def _events(asset: Asset, given: Sequence[Event], prices: str, notes: list[str]) -> list[Event]:
    """Events given, and where they hold no split those that adjusted closes betray."""
    found = asset.factors.splits() if prices == "raw" else []
    if not found or any(event.split != 1.0 for event in given):
        return list(given)
    following = dict(zip(asset.dates, asset.dates[1:], strict=False))
    notes.append(f"{asset.ticker}: {len(found)} splits from its adjusted closes; dividends can't be told from them: --events.")
    return sorted([*given, *(Event(following[split.previous], 0.0, 1.0 / split.factor) for split in found)])


def _dividends_then(asset: Asset, events: Sequence[Event]) -> list[Event]:
    """Dividends of a share as it was then: vendors who divide prices by later splits divide dividends as well."""
    scale = raw_scale(asset.dates, events)
    places = [bisect_left(asset.dates, event.day) for event in events]
    return [
        event._replace(dividend=event.dividend * scale[place - 1]) if 0 < place < len(scale) else event
        for event, place in zip(events, places, strict=True)
    ]


def _raw(asset: Asset, events: Sequence[Event], prices: str) -> tuple[Asset, dict[date, float]]:
    """The asset in the prices that were traded, and by what each day was multiplied."""
    scale = np.ones(len(asset.dates))
    if prices == "split-adjusted":
        scale = np.array(raw_scale(asset.dates, events))
    raw = Asset(
        asset.ticker, asset.dates, asset.open * scale, asset.high * scale, asset.low * scale, asset.close * scale,
        asset.volume / scale)  # fmt: skip
    return raw, dict(zip(asset.dates, scale.tolist(), strict=True))


def _write_bars(usa: Path, asset: Asset, market: TableMarket, scale: Mapping[date, float], hourly: bool,
                notes: list[str]) -> dict[str, int]:  # fmt: skip
    key = asset.ticker.lower()
    columns = [getattr(asset, name).tolist() for name in ("open", "high", "low", "close", "volume")]
    rows = list(zip(*columns, strict=True))
    _check_prices(asset.ticker, asset.dates, rows, notes)
    zip_lines(usa / "daily" / f"{key}.zip", f"{key}.csv",
              (bar_line(f"{day:%Y%m%d} 00:00", row) for day, row in zip(asset.dates, rows, strict=True)))  # fmt: skip
    count = {"daily": len(rows)}
    hours, minutes = market.intraday(asset.ticker, 60), market.intraday(asset.ticker, 1)
    if minutes is not None:
        for day in minutes.days:
            name = f"{day:%Y%m%d}_{key}_minute_trade.csv"
            starts = [bar_line(str(row[0] * 60_000), _scaled(row, scale[day])) for row in minutes.rows(day)]
            zip_lines(usa / "minute" / key / f"{day:%Y%m%d}_trade.zip", name, starts)
        count["minute"] = sum(len(minutes.rows(day)) for day in minutes.days)
    within = hours or (None if minutes is None else _hours_of(minutes))
    if within is not None:
        lines = [
            bar_line(f"{day:%Y%m%d} {row[0] // 60:02}:00", _scaled(row, scale[day]))
            for day in within.days for row in within.rows(day)
        ]  # fmt: skip
    elif hourly:
        lines = _closing_hours(asset)
        notes.append(
            f"{asset.ticker} has no hourly bars: its hourly file holds one bar a session, at the close, for LEAN's benchmark. A "
            "strategy that subscribes it hourly sees no more."
        )
    else:
        return count
    zip_lines(usa / "hour" / f"{key}.zip", f"{key}.csv", lines)
    return count | {"hour": len(lines)}


def _scaled(row: Row, scale: float) -> tuple[float, ...]:
    return (*(price * scale for price in row[1:5]), row[5] / scale)


def _hours_of(minutes: IntradayBars) -> IntradayBars:
    """Hours of minutes; the first begins at 09:00, as in LEAN's files."""

    def read(day: date) -> BarRows:
        by_hour: dict[int, list[Row]] = {}
        for row in minutes.rows(day):
            by_hour.setdefault(row[0] // 60 * 60, []).append(row)
        values = [
            (rows[0][1], max(r[2] for r in rows), min(r[3] for r in rows), rows[-1][4], sum(r[5] for r in rows))
            for rows in by_hour.values()
        ]  # fmt: skip
        return BarRows(np.array(list(by_hour), np.int64), np.array(values))

    return IntradayBars(60, list(minutes.days), read)


def _closing_hours(asset: Asset) -> list[str]:
    """One bar a session that ends when the market closes."""
    import exchange_calendars

    first, last = asset.dates[0], asset.dates[-1]
    calendar = exchange_calendars.get_calendar("XNYS", start=f"{first.year}-01-01", end=f"{last.year}-12-31")
    early = {day.date() for day in calendar.early_closes}
    closes, volumes = asset.close.tolist(), asset.volume.tolist()
    return [
        bar_line(f"{day:%Y%m%d} {12 if day in early else 15}:00", (close, close, close, close, volume))
        for day, close, volume in zip(asset.dates, closes, volumes, strict=True)
    ]


def _check_prices(ticker: str, dates: Sequence[date], rows: Sequence[Sequence[float]], notes: list[str]) -> None:
    """Prices finer than LEAN's ten-thousandths are rounded: say so, and refuse where that would say something else."""
    prices = np.array([row[:4] for row in rows])
    stored = np.round(prices * PER_DOLLAR) / PER_DOLLAR
    away = np.abs(stored / prices - 1.0).max(axis=1)
    if (stored <= 0.0).any() or (away > 0.01).any():
        at = int(np.argmax(away))
        raise DataError(
            f"{ticker}: a price of {prices[at].min():g} on {dates[at]} can't be written: LEAN's files hold ten-thousandths of a "
            "dollar. Multiply the series, or leave it out."
        )
    if (away > 1e-5).any():
        notes.append(f"{ticker}: prices are rounded to ten-thousandths of a dollar, by up to {away.max():.2%}.")
    if not any(row[4] for row in rows):
        notes.append(f"{ticker} has no volumes: LEAN sees 0, and orders that are limited by volume don't fill.")


def factor_line(row: FactorRow) -> str:
    """A line of a factor file."""
    return f"{row.date:%Y%m%d},{row.price_factor:.7g},{row.split_factor:.8g},{row.reference_price:.7g}"


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_rates(folder: Path, rates: Sequence[tuple[date, float]], rate: float, first: date, notes: list[str]) -> None:
    given = list(rates) or [(first, float(rate))]
    if not rates:
        notes.append(f"The risk-free rate is {rate:g}% throughout: LEAN's Sharpe ratio and alpha are measured against it.")
    lines = [f"{day:%Y-%m-%d},{percent:g}" for day, percent in sorted(given)]
    _write_lines(folder / "alternative" / "interest-rate" / "usa" / "interest-rate.csv", ["DATE,PCREDIT8", *lines])
