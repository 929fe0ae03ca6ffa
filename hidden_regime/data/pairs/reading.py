"""A table of a pair as rows of trades and quotes: what its columns mean, and when its bars start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hidden_regime.bars.columns import ADJUSTED, CLOSES, DATES, TICKERS, plain
from hidden_regime.bars.frames import check_times
from hidden_regime.data.lean_rows import DAYS
from hidden_regime.data.pairs.bars import DAY, Floats, Minutes, Rows
from hidden_regime.data.pairs.naming import LENGTHS, Called, PairName
from hidden_regime.data.pairs.pair import PRICES, Pair
from hidden_regime.data.pairs.properties import FOREX
from hidden_regime.data.tidying import CHEAPEST, DEAREST, check_prices, numbers_of, timed
from hidden_regime.exceptions import DataError, InvalidPriceError, MissingColumnError, MissingValueError

if TYPE_CHECKING:
    import pandas as pd

SIDES = ("bid", "ask")
LONGEST_STEP = 4
"""Days from one daily bar to the next, at least once in a table: more, and the bars are of weeks or months."""
REMEDY = (
    "Resample them: frame.resample('1D').agg({'open': 'first', 'high': 'max', 'low': 'min', 'close': 'last', 'volume': 'sum'})."
)


def read_pair(called: Called, table: pd.DataFrame, what: str) -> Pair:
    """A pair of a table.

    Times are those at which bars start: without a zone they are UTC, with one they are turned into it. A day is one of UTC, and
    its time midnight.

    Parameters
    ----------
    called : Called
        As `pair_called` gives it.
    table : DataFrame
        With open, high, low, close and volume of trades, or bid and ask (bid_open, bid_high, bid_low, bid_close and bid_size, or
        bid alone; LEAN's bidopen too), or both. A currency has quotes alone: without bid and ask its prices are both.
    what : str
        What to call it in errors.

    Raises
    ------
    MissingColumnError, NonNumericError, MissingValueError, DuplicateDateError, UnsortedDataError, InvalidPriceError, DataError
    """
    import pandas as pd

    table = timed(table, what)
    check_times(table.index, what)
    if table.empty:
        raise DataError(f"{what} holds no rows: expected a line for each bar.")
    minutes, starts = _starts(pd.DatetimeIndex(table.index), called.minutes, what)
    quotes = _quotes(table, what)
    is_forex = called.pair.kind == FOREX
    given: dict[tuple[int, bool], Rows] = {}
    if quotes is not None:
        there = quotes[:, [0, 1, 2, 3, 5, 6, 7, 8]].any(axis=1)
        given[minutes, True] = starts[there], quotes[there]
    if quotes is None or (not is_forex and any(name in table.columns for name in CLOSES)):
        traded = _traded(table, what, among_quotes=quotes is not None)
        rows = starts[traded], _trades(table[traded], what)
        given[minutes, is_forex] = (rows[0], _as_quotes(rows[1])) if is_forex else rows
    given = {key: rows for key, rows in given.items() if len(rows[0])}
    pair = Pair(called.pair, given)
    if not given or not pair.asset().dates:
        raise DataError(f"{what} holds no price, or never a bid and an ask: expected some in each row.")
    return pair


def left_out(columns: Sequence[object], pair: PairName) -> list[str]:
    """What `read_pair` does not take of a table with some columns, and what it puts in the place of others."""
    names = {plain(name) for name in columns}
    told = {name.replace("_", "").replace(".", ""): name for name in names}
    quoted = {told[f"{side}{part}"] for side in SIDES for part in (*PRICES, "size", "price", "") if f"{side}{part}" in told}
    prices = names & {*PRICES, *CLOSES, "volume"}
    out = []
    unknown = sorted(names - quoted - prices - {*DATES, *TICKERS, "index"})
    if unknown:
        out.append(f"columns {unknown} are not known by these names, and were left out.")
    if quoted and prices and pair.kind == FOREX:
        out.append(f"{', '.join(sorted(prices))} stand beside bid and ask, which are all that LEAN has of currencies.")
    if not quoted and pair.kind == FOREX:
        out.append(f"{pair.ticker} has no bid and ask: its price is both, and trading costs no spread.")
    lacking = [name for name in PRICES if name not in names]
    if prices and lacking and not (quoted and pair.kind == FOREX):
        out.append(f"it has no {', '.join(lacking)}: the close stands for them, so that a bar has no range.")
    return out


# Times -------------------------------------------------------------------------------------------------------------------
def _starts(index: pd.DatetimeIndex, told: int | None, what: str) -> tuple[int, Minutes]:
    """Length of the bars, and their starts in minutes since 1970 (UTC)."""
    if index.year.min() < DAYS[0] // 10_000 or index.year.max() > DAYS[1] // 10_000:
        raise DataError(
            f"{what} has times from {index[0]} to {index[-1]}: expected years from {DAYS[0] // 10_000} to {DAYS[1] // 10_000}."
        )
    seconds = _seconds(index)
    days = seconds // 86_400
    if (seconds % 86_400 == 0).all() and len(np.unique(days)) == len(days):
        minutes = DAY
        _check_zone(index, what)
    else:
        seconds = _seconds(index if index.tz is None else index.tz_convert("UTC"))
        minutes = 60 if (seconds % 3600 == 0).all() else 1
    if (seconds % 60 != 0).any():
        odd = index[int(np.argmax(seconds % 60 != 0))]
        raise DataError(f"{what} has a bar that starts at {odd}: expected days, hours or whole minutes. {REMEDY}")
    _check_step(index, seconds, minutes, what)
    if told is not None and told != minutes:
        names = {length: name for name, length in LENGTHS.items()}
        raise DataError(f"{what} is called {names[told]}, and its bars are {names[minutes]}: expected one. Rename it.")
    return minutes, (seconds // 60).astype(np.int64)


def _seconds(index: pd.DatetimeIndex) -> npt.NDArray[np.int64]:
    """Seconds since 1970 as the clock of the times' own zone shows them; parts of one are left to `_starts` to find."""
    naive = index if index.tz is None else index.tz_localize(None)
    exact: npt.NDArray[np.int64] = naive.to_numpy().astype("datetime64[ns]").astype(np.int64)
    return np.where(exact % 1_000_000_000 == 0, exact // 1_000_000_000, 1)


def _check_zone(index: pd.DatetimeIndex, what: str) -> None:
    """Days keep their date; those of a zone west of UTC end after the day of UTC, and would be known too early."""
    if index.tz is None:
        return
    behind = index.tz_convert("UTC").tz_localize(None) > index.tz_localize(None)
    if behind.any():
        raise DataError(
            f"{what} has days of {index.tz}, such as {index[int(np.argmax(behind))]}: expected days of UTC. A day that ends "
            "later than that of UTC would be known before its end. Make days of hours: frame.tz_convert('UTC').resample('1D')."
        )


def _check_step(index: pd.DatetimeIndex, seconds: npt.NDArray[np.int64], minutes: int, what: str) -> None:
    """Bars of other lengths would be known before they end."""
    if len(index) < 2:
        return
    step = int(np.diff(seconds).min()) // 60
    longest = LONGEST_STEP * DAY if minutes == DAY else minutes
    if step <= longest:
        return
    if minutes == 60 and step % DAY == 0:
        raise DataError(
            f"{what} has days that start at {index[0]:%H:%M}: expected days of UTC, whose time is midnight. If the time says "
            "nothing: frame.set_axis(frame.index.normalize())."
        )
    shown = f"{step // DAY} days" if step % DAY == 0 else f"{step} minutes"
    raise DataError(f"{what} has bars of {shown}: expected days, hours or minutes. {REMEDY}")


# Prices ------------------------------------------------------------------------------------------------------------------
def _traded(table: pd.DataFrame, what: str, *, among_quotes: bool) -> Any:
    """Rows with a trade: beside quotes others may have none."""
    named = [name for name in (*PRICES, *CLOSES) if name in table.columns]
    if not among_quotes or not named:
        return np.ones(len(table), dtype=bool)
    return np.logical_or.reduce([numbers_of(table, name, what).notna().to_numpy() for name in dict.fromkeys(named)])


def _trades(table: pd.DataFrame, what: str) -> Floats:
    others = [name for name in ADJUSTED if "close" in table.columns and name in table.columns]
    checked = check_prices(table.drop(columns=others), what)
    return np.ascontiguousarray(checked[[*PRICES, "volume"]].to_numpy(dtype=np.float64))


def _as_quotes(trades: Floats) -> Floats:
    """Bid and ask where nobody told them: both are the price. Nothing is known of sizes."""
    side = trades.copy()
    side[:, 4] = 0.0
    return np.hstack([side, side])


def _quotes(table: pd.DataFrame, what: str) -> Floats | None:
    """Bids and asks, zeros where there was none; None without such columns."""
    columns = {name.replace("_", "").replace(".", ""): name for name in map(str, table.columns)}
    told = [side for side in SIDES if _close_of(columns, side) is not None]
    if not told:
        return None
    if len(told) == 1:
        missing = next(side for side in SIDES if side not in told)
        raise MissingColumnError(
            f"{what} has {told[0]} prices and no {missing} prices: its columns are {list(table.columns)}; expected both or none."
        )
    return np.hstack([_side(table, columns, side, what) for side in SIDES])


def _close_of(columns: dict[str, str], side: str) -> str | None:
    return next((columns[name] for name in (f"{side}close", f"{side}price", side) if name in columns), None)


def _side(table: pd.DataFrame, columns: dict[str, str], side: str, what: str) -> Floats:
    close = _close_of(columns, side)
    assert close is not None
    sources = [columns.get(f"{side}{name}", close) for name in PRICES]
    prices = np.column_stack([numbers_of(table, source, what).to_numpy(dtype=np.float64, na_value=np.nan) for source in sources])
    gone = (np.isnan(prices) | (prices == 0.0)).all(axis=1)
    prices[gone] = 1.0
    for place, source in enumerate(sources):
        column = prices[:, place]
        if np.isnan(column).any():
            when = table.index[int(np.argmax(np.isnan(column)))]
            raise MissingValueError(f"{what}: {source} has no value at {when}, other {side} prices have: expected all or none.")
        sound = (column > CHEAPEST) & (column < DEAREST)
        if not sound.all():
            at = int(np.argmin(sound))
            raise InvalidPriceError(f"{what}: {source} at {table.index[at]} is {column[at]:g}: expected a positive finite price.")
    if (prices[:, 1] < prices[:, 2]).any():
        when = table.index[int(np.argmax(prices[:, 1] < prices[:, 2]))]
        raise InvalidPriceError(f"{what}: the {side}'s high is below its low at {when}: expected low <= high.")
    prices[gone] = 0.0
    size = np.zeros(len(table))
    if f"{side}size" in columns:
        size = numbers_of(table, columns[f"{side}size"], what).fillna(0.0).to_numpy(dtype=np.float64)
    wrong = ~(np.isfinite(size) & (size >= 0.0))
    if wrong.any():
        at = int(np.argmax(wrong))
        raise InvalidPriceError(
            f"{what}: {side}_size at {table.index[at]} is {size[at]:g}: expected a finite number, none below zero."
        )
    return np.column_stack([prices, size])
