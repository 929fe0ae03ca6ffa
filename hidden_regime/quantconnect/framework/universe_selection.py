"""Universes chosen by regime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from hidden_regime.detection.detector import RegimeDetector
from hidden_regime.detection.schedule import Frequency, Schedule
from hidden_regime.exceptions import ParameterError, RegimeNameError
from hidden_regime.quantconnect._lean import Market, ScheduledUniverse, SecurityType, Symbol, UniverseSelectionModel
from hidden_regime.quantconnect.bars_from_lean import catch_up, observed
from hidden_regime.quantconnect.options import detector_options, usual_names_only
from hidden_regime.quantconnect.tracking import ticker_of
from hidden_regime.regimes.naming import regime_names
from hidden_regime.regimes.state import RegimeState
from hidden_regime.signals.signal import check_probability


class _Candidates:
    """Regimes of assets that need not be subscribed, from history at each choice."""

    def __init__(self, tickers: Sequence[str], options: dict[str, Any]) -> None:
        if not tickers or isinstance(tickers, str):
            raise ParameterError("candidates", tickers, "a sequence of tickers such as ['SPY', 'TLT']")
        self.options = options
        self.detectors = {ticker_of(ticker): self._made(ticker_of(ticker)) for ticker in tickers}
        self.symbols: dict[str, Any] = {}

    def _made(self, ticker: str) -> RegimeDetector:
        stagger = self.options.get("stagger")
        return RegimeDetector(**self.options | ({"stagger": ticker if stagger else None} if isinstance(stagger, bool) else {}))

    def states(self, algorithm: Any) -> dict[str, RegimeState]:
        """State of each that has one, with what history has until now."""
        found = {}
        for ticker in self.detectors:
            symbol = self.symbols.setdefault(ticker, Symbol.create(ticker, SecurityType.EQUITY, Market.USA))
            self._catch_up(algorithm, ticker, symbol)
            state = self.detectors[ticker].state
            if state is not None:
                found[ticker] = state
        return found

    def _catch_up(self, algorithm: Any, ticker: str, symbol: Any) -> None:
        detector, history = catch_up(algorithm, symbol, ticker, self.detectors[ticker])
        self.detectors[ticker] = detector
        for day in history:
            latest = detector.latest_bar
            if latest is None or day.end_time > latest.end_time:
                bar = observed(day, detector)
                if bar is not None:
                    detector.update(bar)


class _RegimeUniverse(UniverseSelectionModel):
    """A universe that is chosen anew at the first midnight of each period."""

    _schedule: Schedule
    _chosen_at: datetime | None
    _chosen: list[Any]

    def create_universes(self, algorithm: Any) -> list[Any]:
        """One universe, looked at each midnight."""

        def select(utc: datetime) -> list[Any]:
            now = algorithm.time
            if self._chosen_at is None or self._schedule.is_due(now, self._chosen_at, 1):
                self._chosen, self._chosen_at = self._choose(algorithm), now
            return self._chosen

        rules = algorithm.date_rules.every_day(), algorithm.time_rules.midnight
        return [ScheduledUniverse(*rules, select, algorithm.universe_settings)]

    def _choose(self, algorithm: Any) -> list[Any]:
        raise NotImplementedError


class RegimeBasedUniverseSelection(_RegimeUniverse):
    """Of some candidates those in a favourable regime, the surest first.

    Parameters
    ----------
    favorable_regimes : sequence of str
        Default: Bull.
    min_confidence : float
        Least probability of the regime.
    max_securities : int
    n_states : int
    candidates : sequence of str
        Tickers to choose from. Their regimes come from history; they need not be subscribed.
    lookback_days : int
        Trading days in the training window.
    retrain_frequency : str, int or callable
        As in `HiddenRegimeAlgorithm.initialize_regime_detection`; models are only looked at when the universe is chosen.
    rebalance_frequency : str or callable
        When to choose anew: "daily", "weekly", "monthly", "quarterly", or a callable of (now, then).
    **options
        Further options of `RegimeDetector`.

    Examples
    --------
    >>> from hidden_regime.quantconnect import RegimeBasedUniverseSelection
    >>> RegimeBasedUniverseSelection(["Bull"], max_securities=2, candidates=["SPY", "QQQ", "TLT"]).max_securities
    2
    """

    def __init__(self, favorable_regimes: Sequence[str] = ("Bull",), min_confidence: float = 0.6, max_securities: int = 10,
                 n_states: int = 3, *, candidates: Sequence[str] = ("SPY", "QQQ", "IWM", "TLT", "GLD"), lookback_days: int = 252,
                 rebalance_frequency: Frequency = "weekly", retrain_frequency: Frequency = "monthly",
                 **options: Any) -> None:  # fmt: skip
        _check_names("favorable_regimes", favorable_regimes, n_states)
        self.min_confidence = check_probability("min_confidence", min_confidence)
        if isinstance(max_securities, bool) or not isinstance(max_securities, int) or max_securities < 1:
            raise ParameterError("max_securities", max_securities, "a number of at least 1")
        self.favorable_regimes, self.max_securities = tuple(favorable_regimes), max_securities
        typed = {"n_states": n_states, "lookback_days": lookback_days, "retrain_frequency": retrain_frequency}
        self._candidates = _Candidates(candidates, detector_options(usual_names_only(options), **typed))
        self._schedule, self._chosen_at, self._chosen = _periods(rebalance_frequency), None, []

    def _choose(self, algorithm: Any) -> list[Any]:
        states = self._candidates.states(algorithm)
        fit = [t for t, s in states.items() if s.regime in self.favorable_regimes and s.confidence >= self.min_confidence]
        best = sorted(fit, key=lambda ticker: (-states[ticker].confidence, ticker))[: self.max_securities]
        return [self._candidates.symbols[ticker] for ticker in best]


class MultiRegimeUniverseSelection(_RegimeUniverse):
    """A list of securities for each regime of the market.

    Parameters
    ----------
    universes : mapping of regime to sequence of str
        Tickers to hold in each. A regime without a list leaves the universe as it is.
    rebalance_frequency : str or callable
        When to look: "daily", "weekly", "monthly", "quarterly", or a callable of (now, then).
    market : str
        Ticker whose regime decides.
    n_states : int, optional
        Default: 4 if there is a list for Crisis, else 3.
    lookback_days : int
        Trading days in the training window.
    retrain_frequency : str, int or callable
        As in `HiddenRegimeAlgorithm.initialize_regime_detection`.
    **options
        Further options of `RegimeDetector`.
    """

    def __init__(self, universes: Mapping[str, Sequence[str]] | None = None, rebalance_frequency: Frequency = "weekly", *,
                 market: str = "SPY", n_states: int | None = None, lookback_days: int = 252,
                 retrain_frequency: Frequency = "monthly", **options: Any) -> None:  # fmt: skip
        lists = {"Bull": ["SPY", "QQQ", "IWM"], "Bear": ["TLT", "GLD", "SHY"], "Crisis": ["TLT", "GLD", "UUP"]}
        self.universes = {name: list(tickers) for name, tickers in (lists if universes is None else universes).items()}
        states = (4 if "Crisis" in self.universes else 3) if n_states is None else n_states
        _check_names("universes", list(self.universes), states)
        self.market, self.current_regime = ticker_of(market), None
        typed = {"n_states": states, "lookback_days": lookback_days, "retrain_frequency": retrain_frequency}
        self._candidates = _Candidates([market], detector_options(usual_names_only(options), **typed))
        self._schedule, self._chosen_at, self._chosen = _periods(rebalance_frequency), None, []

    current_regime: str | None

    def update_regime(self, new_regime: str) -> None:
        """Say the regime by hand: it holds until the next look."""
        _check_names("new_regime", [new_regime], int(self._candidates.options["n_states"]))
        self.current_regime = new_regime
        if new_regime in self.universes:
            self._chosen = self._symbols(new_regime)

    def _symbols(self, regime: str) -> list[Any]:
        return [Symbol.create(ticker, SecurityType.EQUITY, Market.USA) for ticker in self.universes[regime]]

    def _choose(self, algorithm: Any) -> list[Any]:
        state = self._candidates.states(algorithm).get(self.market)
        self.current_regime = self.current_regime if state is None else state.regime
        return self._symbols(self.current_regime) if self.current_regime in self.universes else self._chosen


def _check_names(parameter: str, names: Sequence[str], n_states: int) -> None:
    possible = regime_names(n_states)
    unknown = [name for name in names if name not in possible]
    if not names or isinstance(names, str) or unknown:
        raise RegimeNameError(
            parameter, unknown[0] if unknown else names, f"names of {list(possible)}, those of n_states = {n_states}"
        )


def _periods(frequency: Frequency) -> Schedule:
    if frequency == "adaptive" or (isinstance(frequency, int) and not isinstance(frequency, bool)):
        raise ParameterError("rebalance_frequency", frequency, "a period such as 'weekly', or a callable of (now, then)")
    return Schedule(frequency)
