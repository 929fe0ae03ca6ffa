"""The data sets that come with the package: real daily bars, a synthetic market and a synthetic coin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hidden_regime.data.bitcoin import BITCOIN, make_bitcoin
from hidden_regime.data.lean_folder import LeanFolder
from hidden_regime.data.lean_writing import LABEL
from hidden_regime.data.market import MarketData
from hidden_regime.data.pairs.folder import PairFolder
from hidden_regime.data.pairs.naming import LENGTHS
from hidden_regime.data.synthetic import SyntheticMarket, make_market
from hidden_regime.data.tables import TableMarket, read_market, read_table
from hidden_regime.exceptions import ParameterError, UnknownDataError
from hidden_regime.files.paths import given_path

if TYPE_CHECKING:
    import pandas as pd

FOLDER = Path(__file__).parent / "sets"
_ARCH = "figures as carried by the arch package; an index, which can't be traded"
_BOKEH = "as carried by bokeh_sampledata"


class Dataset(NamedTuple):
    """A packaged set: its files by ticker, the ticker to measure against, and where its figures come from."""

    title: str
    files: Mapping[str, str]
    benchmark: str
    assets: tuple[str, ...]
    origin: str


DATASETS: dict[str, Dataset] = {
    "sp500": Dataset("S&P 500 index, 1999-2018", {"SP500": "sp500"}, "SP500", ("SP500",), _ARCH),
    "nasdaq": Dataset("NASDAQ Composite index, 1999-2018", {"NASDAQ": "nasdaq"}, "NASDAQ", ("NASDAQ",), _ARCH),
    "aapl": Dataset("Apple, 2000-2013", {"AAPL": "aapl"}, "AAPL", ("AAPL",), _BOKEH),
    "ibm": Dataset("IBM, 2000-2013", {"IBM": "ibm"}, "IBM", ("IBM",), _BOKEH),
    "msft": Dataset("Microsoft, 2000-2013", {"MSFT": "msft"}, "MSFT", ("MSFT",), _BOKEH),
    "us_indices": Dataset(
        "S&P 500 and NASDAQ Composite, 1999-2018", {"SP500": "sp500", "NASDAQ": "nasdaq"}, "SP500", ("SP500", "NASDAQ"), _ARCH
    ),
    "us_stocks": Dataset(
        "Apple, IBM and Microsoft, 2000-2013, with the S&P 500 as benchmark",
        {"AAPL": "aapl", "IBM": "ibm", "MSFT": "msft", "SP500": "sp500"}, "SP500", ("AAPL", "IBM", "MSFT"),
        "stocks as carried by bokeh_sampledata, the index as carried by the arch package",
    ),
}  # fmt: skip
DEFAULT = "us_stocks"


class Invented(NamedTuple):
    """A set that is drawn anew each time: what it is, its assets as one would list them, and what draws it."""

    title: str
    assets: str
    make: Callable[[], SyntheticMarket]


INVENTED: dict[str, Invented] = {  # asked for by name each time: a check for look-ahead puts others in their place
    "synthetic": Invented("SYNTHETIC: invented prices with known regimes", "SYN_*", lambda: make_market()),
    "synthetic_bitcoin": Invented(
        "SYNTHETIC: two years of hours of a coin, invented, with known regimes", str(BITCOIN), lambda: make_bitcoin()
    ),
}


def names() -> list[str]:
    """Names that `open_market` and `load_dataset` know."""
    return [*DATASETS, *INVENTED]


def open_market(name_or_path: str | Path) -> MarketData:
    """A packaged set by name, a LEAN data folder, or files of prices.

    Raises
    ------
    UnknownDataError
        No such set and no such path.
    """
    name = str(name_or_path)
    if name in INVENTED:
        return INVENTED[name].make().market
    if name in DATASETS:
        chosen = DATASETS[name]
        frames = {ticker: read_table(FOLDER / f"{file}.csv.gz") for ticker, file in chosen.files.items()}
        return TableMarket(
            frames, name=name, origin=f"real daily bars: {chosen.title}, {chosen.origin}", benchmark=chosen.benchmark,
            assets=chosen.assets)  # fmt: skip
    path = given_path("data", name_or_path)
    if not path.exists():
        raise UnknownDataError(
            f"data {name!r}: neither a packaged set ({', '.join(names())}) nor a file or folder. See `hidden-regime data list`."
        )
    if path.is_dir() and ((path / "equity").is_dir() or PairFolder.is_one(path)):
        return LeanFolder(path, synthetic=(path / LABEL).exists())
    return read_market(path)


def load_dataset(name: str, *, adjusted: bool = True, resolution: str = "daily") -> pd.DataFrame | dict[str, pd.DataFrame]:
    """Bars of a packaged set.

    Parameters
    ----------
    name : str
        "sp500", "nasdaq", "aapl", "ibm", "msft", "us_indices", "us_stocks", "synthetic" or "synthetic_bitcoin".
    adjusted : bool
        Prices adjusted for dividends and splits, or raw.
    resolution : str
        "daily", or "hour" of "synthetic_bitcoin": by the hours' starts, in UTC.

    Returns
    -------
    DataFrame or dict of ticker to DataFrame
        Open, high, low, close and volume by date; a dict where the set has several assets.

    Examples
    --------
    >>> float(load_dataset("sp500").loc["2008-10-15", "close"])
    907.84
    >>> len(load_dataset("synthetic_bitcoin")), len(load_dataset("synthetic_bitcoin", resolution="hour"))
    (730, 17520)
    """
    if name not in names():
        raise UnknownDataError(f"data set {name!r}: expected one of {', '.join(names())}.")
    market = open_market(name)
    if resolution != "daily":
        pair = market.pairs.find(market.benchmark) if isinstance(market, TableMarket) else None
        if pair is None or LENGTHS.get(resolution) not in pair.lengths:
            raise ParameterError("resolution", resolution, "'daily'" + ("" if pair is None else " or 'hour'"), f"({name})")
        return pair.frame(LENGTHS[resolution])
    frames = {ticker: market.load(ticker).frame(adjusted=adjusted) for ticker in market.tickers()}
    return frames if len(frames) > 1 else next(iter(frames.values()))


def load_series(name_or_path: str, asset: str | None = None) -> tuple[str, pd.DataFrame]:
    """One asset's adjusted bars from a packaged set or a file, with a title that says what it is."""
    market = open_market(name_or_path)
    pairs = market.pairs.listed() if isinstance(market, LeanFolder) else []
    tickers = [asset.upper()] if asset else list(market.assets) or [*market.tickers(), *(pair.ticker for pair in pairs)]
    if len(tickers) != 1:
        raise UnknownDataError(
            f"data {name_or_path!r} holds {len(tickers)} assets ({', '.join(tickers[:8])}): expected one. Choose it: "
            f"--asset {tickers[0]}."
        )
    label = f"{tickers[0]} (SYNTHETIC)" if market.synthetic else tickers[0]
    found = [pair for pair in pairs if pair.ticker == tickers[0]]
    if isinstance(market, LeanFolder) and len(found) == 1 and not market.has(tickers[0]):
        return label, market.pairs.pair(found[0]).asset().frame()
    return label, market.load(tickers[0]).frame()


__all__ = ["DATASETS", "DEFAULT", "INVENTED", "Dataset", "Invented", "load_dataset", "load_series", "names", "open_market"]
