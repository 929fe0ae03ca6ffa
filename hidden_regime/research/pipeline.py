"""The notebook's pipeline of the known shape: prices in, a frame of regimes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.bars.by_asset import ticker_of
from hidden_regime.bars.frames import check_times, frame_to_bars
from hidden_regime.bars.jumps import warn_of_doubtful_prices
from hidden_regime.data.packaged import DATASETS
from hidden_regime.data.tables import SUFFIXES
from hidden_regime.detection.detector import RegimeDetector
from hidden_regime.exceptions import EmptyRangeError, MissingDependencyError, ParameterError, TrainingError, UnknownDataError
from hidden_regime.regimes.palette import MIDDLE, PALETTE
from hidden_regime.regimes.table import states_to_frame
from hidden_regime.research.result import RegimeResult, open_frame

if TYPE_CHECKING:
    import pandas as pd


class FinancialPipeline:
    """Prices of one asset through a detector.

    Attributes
    ----------
    ticker : str
    frame : DataFrame
        Prices.
    detector : RegimeDetector
    result : RegimeResult or None
        Of the last `update`.
    """

    def __init__(self, ticker: str, frame: pd.DataFrame | None, detector: RegimeDetector) -> None:
        self.ticker, self.frame, self.detector = ticker, frame, detector
        self.result: RegimeResult | None = None

    def update(self, data: Any = None) -> pd.DataFrame:
        """Regimes of every bar, each from what was known at its end.

        Parameters
        ----------
        data : DataFrame, Series, list of bars or path, optional
            Instead of the pipeline's prices from now on. Of several assets, those of the pipeline's ticker.

        Returns
        -------
        DataFrame
            By time: predicted_state, confidence, state_0_prob .. of the states, regime_label, regime_type ("bullish",
            "bearish", "sideways", "crisis"), days_in_regime; of the state under the model of that bar expected_return and
            expected_volatility of the log return a bar, expected_duration in bars; win_rate, the share of rises among the
            bars so far in that regime. Rows before the first training hold no regime.
        """
        if data is not None:
            name, self.frame = open_frame(data, self.ticker)
            self.ticker = self.ticker if name == "prices" else name
        if self.frame is None:
            raise ParameterError("data", None, "a frame or the path of a file", "The pipeline was made without prices.")
        detector = self.detector = self.detector.clone()  # an earlier result keeps its own
        states, moments = [], []
        for bar in frame_to_bars(self.frame):
            states.append(detector.update(bar))
            moments.append(detector.expected_moments)
        if detector.model is None:
            raise detector.error or TrainingError(
                f"{len(self.frame)} bars can't fill the window: expected more than {detector.min_bars or detector.lookback}."
            )
        warn_of_doubtful_prices(self.frame)
        table = states_to_frame(states, self.frame.index, int(detector.n_states))
        self.result = RegimeResult(self.ticker, self.frame, table, detector)
        return _columns(table, moments, self.result.close, int(detector.n_states))

    def __repr__(self) -> str:
        bars = "no prices" if self.frame is None else f"{len(self.frame)} bars"
        return f"<FinancialPipeline {self.ticker}: {bars}, {self.detector!r}>"

    def plot(self, backend: str = "plotly") -> Any:
        """As `RegimeResult.plot`."""
        if self.result is None:
            self.update()
        assert self.result is not None
        return self.result.plot(backend)


def _columns(table: pd.DataFrame, moments: list[tuple[float, float]], close: pd.Series, n_states: int) -> pd.DataFrame:
    import pandas as pd

    label = table["regime"].astype(object)
    rose = (np.log(close).diff() > 0).astype("float64")
    wins = rose.groupby(label, dropna=True).expanding().mean().droplevel(0).reindex(table.index)
    out = {
        "predicted_state": table["state"],
        "confidence": table["confidence"],
        **{f"state_{k}_prob": table[f"prob_{k}"] for k in range(n_states)},
        "regime_label": label,
        "regime_type": label.map(_type_of),
        "days_in_regime": table["duration"],
        "expected_return": [mean for mean, _ in moments],
        "expected_volatility": [sd for _, sd in moments],
        "expected_duration": table["expected_duration"],
        "win_rate": wins,
    }
    return pd.DataFrame(out, index=table.index)


def _type_of(name: Any) -> str | None:
    """Kind of a regime of the usual names; None of one's own."""
    usual = MIDDLE if str(name).startswith("Sideways") else PALETTE.get(name)
    return None if usual is None else usual.kind


def _between(frame: pd.DataFrame, start: Any, end: Any, *, packaged: bool, name: str) -> pd.DataFrame:
    """The rows of some days; those that a packaged set doesn't have are not left out in silence."""
    import pandas as pd

    check_times(frame.index, name)
    index = pd.DatetimeIndex(frame.index)
    first, last = (None if day is None else pd.Timestamp(str(day)) for day in (start, end))
    plain = index.tz_localize(None)
    keep = np.ones(len(index), bool)
    if first is not None:
        keep &= plain >= first.tz_localize(None)
    if last is not None:
        whole = pd.Timedelta(days=1, nanoseconds=-1) if last == last.normalize() else pd.Timedelta(0)
        keep &= plain <= last.tz_localize(None) + whole
    slack = pd.Timedelta(days=7)
    outside = packaged and ((first is not None and first < plain[0] - slack) or (last is not None and last > plain[-1] + slack))
    if outside or not keep.any():
        raise EmptyRangeError(
            f"{name} has prices from {plain[0]:%Y-%m-%d} to {plain[-1]:%Y-%m-%d}: expected start_date = {start} and end_date = "
            f"{end} among them. Choose others, or give data of your own."
        )
    return frame[keep]


def _download(ticker: str, start: Any, end: Any) -> pd.DataFrame:
    try:
        import yfinance
    except ImportError as error:
        raise MissingDependencyError(
            f"{ticker!r} is a ticker, and yfinance, which could download it, isn't installed: pip install "
            "'hidden-regime[download]', or give a frame, the path of a file, or in lower case one of the packaged sets "
            f"({', '.join(DATASETS)}).") from error  # fmt: skip
    found = yfinance.download(ticker, start=start, end=end, auto_adjust=True, multi_level_index=False, progress=False)
    if found is None or not len(found):
        raise UnknownDataError(f"yfinance has no prices of {ticker!r}. Check the ticker, or give a frame or a file.")
    return found  # type: ignore[no-any-return]


def create_financial_pipeline(ticker: Any = "SPY", n_states: int = 3, start_date: Any = None, end_date: Any = None, *,
                              data: Any = None, **options: Any) -> FinancialPipeline:  # fmt: skip
    """A pipeline over the prices of an asset.

    Parameters
    ----------
    ticker : DataFrame, Series, list of bars, path or str
        Prices of one asset: a frame, what `self.history` gives for a symbol, the path of a CSV or Parquet file, the name of a
        packaged set in lower case; a ticker in capitals is downloaded (extra `download`), unless `data` are given.
    n_states : int
    start_date, end_date : date or str, optional
        First and last day.
    data : DataFrame, Series, list of bars or path, optional
        Prices, where `ticker` is just a name. Of several assets, those of `ticker`, its ticker or Symbol.
    **options
        Of `RegimeDetector`.

    Examples
    --------
    >>> from hidden_regime import create_financial_pipeline
    >>> regimes = create_financial_pipeline("sp500", n_states=3).update()
    >>> regimes.loc["2008-10-15", "regime_label"], regimes.loc["2008-10-15", "regime_type"]
    ('Bear', 'bearish')
    """
    detector = RegimeDetector(n_states, **options)
    packaged = False
    if data is not None:
        name, frame = ticker_of(ticker), open_frame(data, ticker)[1]
    elif isinstance(ticker, str) and ticker not in DATASETS and not ticker.endswith(SUFFIXES) and ticker == ticker.upper():
        name, frame = ticker, _download(ticker, start_date, end_date)
    else:
        name, frame = open_frame(ticker)
        packaged = isinstance(ticker, str) and ticker in DATASETS
    if start_date is not None or end_date is not None:
        frame = _between(frame, start_date, end_date, packaged=packaged, name=name)
    return FinancialPipeline(name, frame, detector)
