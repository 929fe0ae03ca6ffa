"""HiddenRegimeAlgorithm: a QCAlgorithm that knows the regimes of its assets."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Self

from hidden_regime.detection.schedule import Frequency
from hidden_regime.exceptions import ParameterError, StrategyError
from hidden_regime.quantconnect._lean import PRIVATE, QCAlgorithm
from hidden_regime.quantconnect.bar_length import BarLength
from hidden_regime.quantconnect.feeding import Feeder
from hidden_regime.quantconnect.hooks import bind_before, hide_bases
from hidden_regime.quantconnect.options import detector_options
from hidden_regime.quantconnect.restart import Keeper
from hidden_regime.quantconnect.tracking import Tracker
from hidden_regime.regimes.state import RegimeState
from hidden_regime.signals.signal import TradingSignal

sys.modules.setdefault(PRIVATE, sys.modules[__name__])  # so that inspect finds the source of our classes


class HiddenRegimeAlgorithm(QCAlgorithm):
    """Base class of strategies that trade on regimes, in LEAN and in the embedded engine.

    Subscribe assets with `add_equity`, `add_crypto` or `add_forex`, then call `initialize_regime_detection` for each. Bars
    arrive by themselves, from history first; read `current_regime` or `get_regime_signal(ticker)` wherever you trade, or
    override `on_regime_change`.
    """

    __module__ = PRIVATE
    _hr: Tracker
    _hr_feeder: Feeder

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Hide Python bases that stand in the user's own file."""
        super().__init_subclass__(**keywords)
        hide_bases(cls)

    def __new__(cls, *args: Any, **keywords: Any) -> Self:
        """State is made here and not in `__init__`: a user's `__init__` may forget `super()`."""
        self = super().__new__(cls, *args, **keywords)
        self._hr_attach()
        return self

    def _hr_attach(self) -> None:
        tracker = Tracker()
        self._hr = tracker
        feeder = self._hr_feeder = Feeder(self, tracker)
        bind_before(self, ("on_data", "OnData"), lambda data: tracker.flush())
        bind_before(self, ("on_splits", "OnSplits"), feeder.split)
        bind_before(self, ("on_dividends", "OnDividends"), feeder.pay)
        bind_before(self, ("on_securities_changed", "OnSecuritiesChanged"), feeder.change)
        bind_before(self, ("on_end_of_algorithm", "OnEndOfAlgorithm"), tracker.close)
        tracker.on_change = lambda *facts: self.on_regime_change(*facts)
        tracker.on_rename = lambda *facts: self.on_rename(*facts)

    def initialize_regime_detection(self, ticker: Any, n_states: int = 3, lookback_days: int = 252,
                                    retrain_frequency: Frequency = "weekly",
                                    regime_allocations: Mapping[str, float] | None = None, min_confidence: float = 0.0,
                                    *, bars: Any = "daily", **options: Any) -> None:  # fmt: skip
        """Watch the regimes of an asset.

        Parameters
        ----------
        ticker : str or Symbol
            An asset that `add_equity`, `add_crypto` or `add_forex` has subscribed. Pairs go by ticker: one market of each.
        n_states : int
            Number of regimes: 2 are Bear and Bull, 3 Bear, Sideways and Bull, from 4 on one is Crisis.
        lookback_days : int
            Bars in the training window: trading days, unless `bars` says otherwise.
        retrain_frequency : str, int or callable
            "never", "daily", "weekly", "monthly", "quarterly", a number of bars, "adaptive" (when the model no longer fits), or
            a callable of (now, trained_at).
        regime_allocations : mapping of regime to share, optional
            What to hold in each regime. Default: Bull 1, Sideways 0.5, Bear and Crisis 0.
        min_confidence : float
            Below this confidence hold nothing.
        bars : str, Resolution, timedelta or Calendar
            Length of the bars whose regimes are found, made of the subscription's as LEAN consolidates them: "daily",
            `Resolution.MINUTE`, `HOUR` or `DAILY`, a timedelta below a day, "weekly" or `Calendar.WEEKLY`.
        **options
            Further options of `RegimeDetector`. `stagger=True` spreads the trainings of different assets over a period.

        Raises
        ------
        ParameterError, RegimeNameError
        """
        options = detector_options(options, n_states=n_states, lookback_days=lookback_days, retrain_frequency=retrain_frequency)
        if self.live_mode and self._hr.keeper is None:
            self.enable_restarts()
        self._hr_feeder.watch(ticker, options, regime_allocations, min_confidence, length=BarLength.of(bars))

    def enable_restarts(self, key: str | None = None) -> None:
        """Keep models, latest bars and the identity of regimes in the object store, and go on from what is kept there.

        In live trading this is on by itself, and everything is saved after each bar. In a backtest it is saved at the end, so
        that a backtest can hand over to live trading. Call it before `initialize_regime_detection`.

        Parameters
        ----------
        key : str, optional
            Of the one object, by default "hidden_regime/regimes_{project_id}": the store belongs to a whole organisation.
        """
        if self._hr.assets and self._hr.keeper is None and not self.live_mode:
            raise ParameterError(
                "enable_restarts", "a call after initialize_regime_detection", "one before it", "Move it to the front."
            )
        chosen = f"hidden_regime/regimes_{self.project_id}" if key is None else key
        self._hr.keeper = Keeper(self.object_store, chosen, self.log)
        self._hr.saves_always = bool(self.live_mode)

    def _hr_first_state(self) -> RegimeState | None:
        try:
            return self._hr.first_state
        except AttributeError as error:  # of the user's hook: out of a property it would say that the property is missing
            raise StrategyError(f"on_regime_change failed: {error}.") from error

    def on_tradebar(self, ticker: Any, bar: Any) -> None:
        """Give a bar by hand. Bars come by themselves: one that was seen before, or is shorter than those, changes nothing."""
        tracked = self._hr.get(ticker)
        if tracked.length.takes(bar):
            self._hr.feed(tracked, bar)

    def update_regime(self, ticker: Any = None) -> bool:
        """Bring an asset's regime up to date; True if it is known."""
        return self._hr.get(ticker).detector.state is not None

    def regime_is_ready(self, ticker: Any = None) -> bool:
        """Whether an asset's regime is known."""
        return bool(self._hr.assets) and self.update_regime(ticker)

    def get_regime_signal(self, ticker: Any) -> TradingSignal:
        """Signal of an asset: regime, confidence and the allocation wished."""
        return self._hr.signal(ticker)

    def get_regime_allocation(self, ticker: Any) -> float:
        """Share of the portfolio wished for an asset."""
        return self._hr.signal(ticker).allocation

    def on_regime_change(self, old_regime: str, new_regime: str, confidence: float, ticker: str) -> None:
        """Override: an asset's regime changed."""

    def on_rename(self, old_name: str, new_name: str, ticker: str) -> None:
        """Override: a training calls a state of an asset otherwise, because what has come since says more of what it is."""

    @property
    def current_regime(self) -> str | None:
        """Regime of the first asset; None until it is known."""
        state = self._hr_first_state()
        return None if state is None else state.regime

    @property
    def regime_confidence(self) -> float:
        """Probability of that regime; 0 until it is known."""
        state = self._hr_first_state()
        return 0.0 if state is None else state.confidence

    @property
    def regime_seconds(self) -> float:
        """Seconds of wall time that regimes have taken so far. For the log: nothing that trades may read it."""
        return self._hr.seconds

    @property
    def regime_state(self) -> int | None:
        """State that bears that regime; None until it is known."""
        state = self._hr_first_state()
        return None if state is None else state.state
