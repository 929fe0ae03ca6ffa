"""The regimes of one price series, to look at."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hidden_regime.bars.by_asset import ByAsset, labels_of, ticker_of
from hidden_regime.bars.jumps import warn_of_doubtful_prices
from hidden_regime.bars.prices import Prices, read_prices
from hidden_regime.data.packaged import DATASETS, load_dataset
from hidden_regime.data.tables import SUFFIXES, read_table
from hidden_regime.data.tidying import check_prices
from hidden_regime.detection.detector import RegimeDetector
from hidden_regime.detection.several import check_zones, run_prices
from hidden_regime.display import table
from hidden_regime.exceptions import ParameterError
from hidden_regime.regimes.naming import regime_names
from hidden_regime.regimes.statistics import check_year, regime_table
from hidden_regime.research import figures, pictures

if TYPE_CHECKING:
    import pandas as pd

BACKENDS = ("plotly", "matplotlib")


def open_prices(data: Any) -> Prices:
    """Prices of frames, series and bars, in whatever form; of a file (CSV or Parquet); or of a packaged set of one series."""
    import pandas as pd

    if isinstance(data, str) and data.lower() in DATASETS:
        found = load_dataset(data.lower())
        if isinstance(found, pd.DataFrame):
            return _one(data.upper(), found)
    if isinstance(data, (str, Path)) and Path(data).expanduser().is_file():
        path = Path(data).expanduser()
        table = read_table(path)
        if "ticker" in table.columns:
            tickers = sorted(set(table["ticker"].astype(str)))
            if len(tickers) > 1:
                raise ParameterError(
                    "data", str(data), "prices of one asset", f"It holds {', '.join(tickers)}: choose one, or use run_many."
                )
            return _one(tickers[0].upper(), check_prices(table.drop(columns="ticker"), str(path)))
        return _one(path.name.split(".")[0].upper(), table)
    if isinstance(data, (str, Path)) or data is None:
        single = [name for name, dataset in DATASETS.items() if len(dataset.files) == 1]
        is_path = isinstance(data, Path) or (data is not None and (data.endswith(SUFFIXES) or "/" in data))
        raise ParameterError(
            "data",
            data,
            f"a frame, the path of a CSV or Parquet file, or one of {single}",
            "This file doesn't exist." if is_path else "",
        )
    return read_prices(data, "data")


def _one(name: str, frame: pd.DataFrame) -> Prices:
    return Prices(ByAsset({name: frame}), ByAsset(), True)


def open_frame(data: Any, ticker: object = None) -> tuple[str, pd.DataFrame]:
    """Name and frame of the prices of one asset; of several, those of the ticker."""
    key, frame = open_prices(data).one("data", ticker)
    return title_of(data, key), frame


def title_of(data: Any, key: Any) -> str:
    """What to call an asset: its ticker, or the name that its frame or series has."""
    own = getattr(data, "attrs", {}).get("name") or (getattr(data, "name", None) if hasattr(data, "to_frame") else None)
    return ticker_of(key) or str(own or "prices")


class RegimeResult:
    """Regimes of a price series, point in time, with everything to look at them.

    Attributes
    ----------
    name : str
    prices : DataFrame
    states : DataFrame
        As `RegimeDetector.run` gives it; `regime` is a category, ordered from worst to best where the names are the usual ones.
    now : RegimeState
        After the last bar.
    detector : RegimeDetector
        `detector.update(bar)` and `detector.extend(frame)` go on from there; the result stays as it is.
    bars_per_year : float
        What annual figures are scaled by: counted from the times, or as `find_regimes` was told.

    Examples
    --------
    >>> from hidden_regime import find_regimes
    >>> result = find_regimes("sp500", n_states=3)
    >>> result.now.regime, result.statistics.shape[0]
    ('Bear', 3)
    """

    def __init__(self, name: str, prices: pd.DataFrame, states: pd.DataFrame, detector: RegimeDetector,
                 bars_per_year: float | None = None) -> None:  # fmt: skip
        import pandas as pd

        seen = set(states["regime"].dropna())
        order = [n for n in regime_names(int(detector.n_states)) if n in seen]
        kind = pd.CategoricalDtype([*order, *sorted(seen - set(order))], ordered=seen == set(order))
        self.name, self.prices, self.detector = name, prices.copy(), detector
        assert detector.state is not None  # `run` raises where nothing could be trained
        self.now, self.n_trainings = detector.state, detector.n_trainings
        self.states = states.assign(regime=states["regime"].astype(kind))
        self.bars_per_year = check_year(bars_per_year, states.index)

    @property
    def close(self) -> pd.Series:
        """Closing prices."""
        names = {str(column).lower(): column for column in self.prices.columns}
        return self.prices[names["close"]].astype("float64")

    @property
    def statistics(self) -> pd.DataFrame:
        """What followed each regime, worst first: see `hidden_regime.regimes.statistics.regime_table`."""
        found = regime_table(self.states.assign(regime=self.states["regime"].astype(object)), self.close, self.bars_per_year)
        return found.loc[[name for name in self.states["regime"].cat.categories if name in found.index]]

    @property
    def summary(self) -> dict[str, Any]:
        """One line of figures: what `compare` puts side by side."""
        known = self.states[self.states["regime"].notna()]
        changes = int(known["changed"].sum())
        return {
            "bars": len(self.states),
            "known": len(known),
            "trainings": self.n_trainings,
            "bars_per_year": self.bars_per_year,
            "changes_per_year": changes * self.bars_per_year / max(len(known), 1),
            "mean_confidence": float(known["confidence"].mean()),
            "mean_log_likelihood": float(known["log_likelihood"].mean()),
            "regime": self.now.regime,
            "confidence": self.now.confidence,
            "since": known.index[-int(self.now.duration)] if self.now.duration <= len(known) else known.index[0],
        }

    def positions(self, holdings: Mapping[str, float], *, lag: int = 1) -> pd.Series:
        """What to hold at each bar, as numbers: of the regime that was known `lag` bars before.

        Parameters
        ----------
        holdings : mapping of str to float
            What to hold in each regime that occurred.
        lag : int
            1, the default, earns a bar's return by what was known at the bar before.

        Returns
        -------
        Series of float
            By the bars' times; NaN where no regime was known.

        Examples
        --------
        >>> from hidden_regime import find_regimes
        >>> result = find_regimes("sp500")
        >>> wealth = (1 + result.positions({"Bull": 1, "Sideways": 0.5, "Bear": 0}) * result.close.pct_change()).prod()
        """
        missing = [name for name in self.states["regime"].cat.categories if name not in holdings]
        if missing:
            raise ParameterError("holdings", dict(holdings), f"a number for each regime; {', '.join(missing)} has none")
        if isinstance(lag, bool) or not isinstance(lag, int) or lag < 0:
            raise ParameterError("lag", lag, "a number of bars of at least 0")
        try:
            held = {name: float(value) for name, value in holdings.items()}
        except (TypeError, ValueError):
            raise ParameterError("holdings", dict(holdings), "a number for each regime") from None
        return self.states["regime"].astype(object).map(held).astype("float64").shift(lag).rename("position")

    def save(self, path: str | Path) -> None:
        """Write prices, states and detector to a file: a checksum and a line of JSON; no pickle.

        Raises
        ------
        ParameterError
            `retrain` or `naming` of the detector is a function of your own, which no file can hold.
        """
        from hidden_regime.research.saved_result import save

        save(self, path)

    @classmethod
    def load(cls, path: str | Path, like: RegimeDetector | None = None) -> RegimeResult:
        """Result that `save` wrote. `like` is a detector made with the functions of your own, as of `RegimeDetector.load`.

        Raises
        ------
        SavedModelError
            Damaged, no result, or of a newer version; or `like` is missing, or has other functions.
        """
        from hidden_regime.research.saved_result import load

        return load(path, like)

    def plot(self, backend: str = "plotly") -> Any:
        """Price shaded by regime, over the filtered probabilities.

        Parameters
        ----------
        backend : str
            "plotly" gives a `plotly.graph_objects.Figure`, "matplotlib" a `matplotlib.figure.Figure` (extra `plot`).
        """
        if backend not in BACKENDS:
            raise ParameterError("backend", backend, f"one of {list(BACKENDS)}")
        states = self.states.assign(regime=self.states["regime"].astype(object))
        draw = figures if backend == "plotly" else pictures
        return draw.price_and_probabilities(self.name, self.close, states)

    def to_frame(self) -> pd.DataFrame:
        """Prices and states side by side; a column of states that the prices have too ends in `_found`."""
        import pandas as pd

        twice = {name: f"{name}_found" for name in self.states.columns.intersection(self.prices.columns)}
        return pd.concat([self.prices, self.states.rename(columns=twice)], axis=1)

    @property
    def _at(self) -> str:
        """Time of the last bar, with the hour where a day has several."""
        return f"{self.now.time:%Y-%m-%d %H:%M}" if self.bars_per_year > 366 else f"{self.now.time:%Y-%m-%d}"

    def __repr__(self) -> str:
        now = self.now
        return f"<RegimeResult {self.name}: {len(self.states)} bars, {now.regime} ({now.confidence:.0%}) at {self._at}>"

    def _repr_html_(self) -> str:
        now, found = self.now, self.statistics
        title = f"{self.name}: {now.regime} with {now.confidence:.0%} at {self._at}, for {now.duration} bars"
        title += f" (p.a. of {self.bars_per_year:,.0f} bars)"
        rows = [
            (row["regime"], f"{row['share']:.0%}", f"{math.expm1(row['annual_return']):.1%}", f"{row['annual_volatility']:.1%}",
             int(row["runs"]), f"{row['mean_run']:.0f}")
            for _, row in found.reset_index().iterrows()
        ]  # fmt: skip
        columns = ("what followed each regime", "share", "return p.a.", "volatility p.a.", "runs", "mean run")
        return table(title, columns, rows)


def find_regimes(data: Any, detector: RegimeDetector | None = None, *, name: str | None = None,
                 bars_per_year: float | None = None, **options: Any) -> Any:  # fmt: skip
    """Regimes of a price series, and everything to look at them: the one call for a notebook.

    Parameters
    ----------
    data : DataFrame, Series, list of bars, path or str
        A row a bar, indexed by the time when it ended, with a column `close` and, where known, `open`, `high`, `low` and
        `volume`; or what LEAN and QuantBook give, as `RegimeDetector.run` takes it; or the path of a CSV or Parquet file; or the
        name of a packaged set such as "sp500".
    detector : RegimeDetector, optional
        Whose options serve; it is not changed.
    name : str, optional
        For titles.
    bars_per_year : float, optional
        What annual figures are scaled by; by default the bars are counted, see `hidden_regime.regimes.statistics.bars_per_year`.
    **options
        Of `RegimeDetector`, where no detector is given.

    Returns
    -------
    RegimeResult, or ByAsset of RegimeResult
        Of several assets, or of a mapping, one for each, by its symbol or ticker; `errors` says why others have none.
    """
    if detector is not None and options:
        raise ParameterError("options", sorted(options), "none beside a detector", "Give them to the detector.")
    prices = open_prices(data)
    if detector is not None and type(detector) is not RegimeDetector:
        raise ParameterError(
            "detector", detector, "a RegimeDetector", "A MarketDetector runs over a mapping of frames: detector.run."
        )
    chosen = RegimeDetector(**options) if detector is None else detector.clone()
    if prices.is_one:
        key, frame = prices.one("data")
        states = chosen.run(frame)
        warn_of_doubtful_prices(frame)
        return RegimeResult(title_of(data, key) if name is None else name, frame, states, chosen, bars_per_year)
    found = run_prices(prices, chosen)
    for key in found:
        warn_of_doubtful_prices(prices.frames[key])
    titles = {key: label if name is None else f"{name} {label}" for label, key in labels_of(prices.frames).items()}
    return ByAsset(
        {key: RegimeResult(titles[key], prices.frames[key], found[key], found.detectors[key], bars_per_year) for key in found},
        found.errors,
    )


def compare(results: Sequence[RegimeResult] | Mapping[Any, RegimeResult]) -> pd.DataFrame:
    """Results side by side, a row each; `agreement` is the share of common bars in the first one's regime, NaN without
    any.

    Parameters
    ----------
    results : sequence, or mapping of name or asset to RegimeResult
        Of one series with several options, or of several series, such as `find_regimes` gives of several symbols.

    Examples
    --------
    >>> from hidden_regime import compare, find_regimes
    >>> table = compare({"2 states": find_regimes("sp500", n_states=2), "3 states": find_regimes("sp500")})
    >>> list(table.index), float(table.loc["2 states", "agreement"])
    (['2 states', '3 states'], 1.0)
    """
    import pandas as pd

    if isinstance(results, RegimeResult):
        results = [results]
    results = results if isinstance(results, Mapping) else list(results)
    given = list(results.values() if isinstance(results, Mapping) else results)
    if not given or not all(isinstance(result, RegimeResult) for result in given):
        raise ParameterError("results", results, "at least one RegimeResult, as find_regimes gives")
    named = {label: results[key] for label, key in labels_of(results).items()} if isinstance(results, Mapping) else {}
    if not isinstance(results, Mapping):
        for result in results:
            label, n = result.name, 1
            while label in named:
                n += 1
                label = f"{result.name} ({n})"
            named[label] = result
    check_zones({name: result.states for name, result in named.items()})
    first = next(iter(named.values())).states["regime"].astype(object).dropna()
    rows = []
    for result in named.values():
        own = result.states["regime"].astype(object).dropna()
        both = own.index.intersection(first.index)
        agreement = float((own[both] == first[both]).mean()) if len(both) else float("nan")
        rows.append({**result.summary, "agreement": agreement})
    return pd.DataFrame(rows, index=pd.Index(list(named), name="result")).astype({"regime": "object"})
