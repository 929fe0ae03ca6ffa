"""HiddenRegimeAlgorithm: a QCAlgorithm that knows the regimes of its assets."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Self

from hidden_regime.detector import RegimeDetector
from hidden_regime.exceptions import ParameterError
from hidden_regime.quantconnect._lean import (
    PRIVATE,
    DataNormalizationMode,
    QCAlgorithm,
    QuoteBar,
    Resolution,
    SecurityType,
    TradeBar,
)
from hidden_regime.quantconnect.hooks import bind_before, hide_bases
from hidden_regime.quantconnect.restart import Keeper
from hidden_regime.quantconnect.tracking import Tracked, Tracker, ticker_of
from hidden_regime.schedule import Frequency
from hidden_regime.signals import TradingSignal, check_allocations

sys.modules.setdefault(PRIVATE, sys.modules[__name__])  # so that inspect finds the source of our classes


class HiddenRegimeAlgorithm(QCAlgorithm):
    """Base class of strategies that trade on regimes, in LEAN and in the embedded engine.

    Subscribe assets with `add_equity`, then call `initialize_regime_detection` for each. Bars arrive by themselves, from
    history first; read `current_regime` or `get_regime_signal(ticker)` wherever you trade, or override
    `on_regime_change`.
    """

    __module__ = PRIVATE
    _hr: Tracker

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
        bind_before(self, ("on_data", "OnData"), lambda data: tracker.flush())
        bind_before(self, ("on_splits", "OnSplits"), self._hr_split)
        bind_before(self, ("on_dividends", "OnDividends"), self._hr_dividend)
        bind_before(self, ("on_securities_changed", "OnSecuritiesChanged"), self._hr_securities)
        bind_before(self, ("on_end_of_algorithm", "OnEndOfAlgorithm"), self._hr_end)
        tracker.on_change = lambda *facts: self.on_regime_change(*facts)

    def initialize_regime_detection(self, ticker: Any, n_states: int = 3, lookback_days: int = 252,
                                    retrain_frequency: Frequency = "weekly",
                                    regime_allocations: Mapping[str, float] | None = None, min_confidence: float = 0.0,
                                    **options: Any) -> None:  # fmt: skip
        """Watch the regimes of an asset.

        Parameters
        ----------
        ticker : str or Symbol
            An asset that `add_equity` has subscribed.
        n_states : int
            Number of regimes: 2 are Bear and Bull, 3 Bear, Sideways and Bull, from 4 on one is Crisis.
        lookback_days : int
            Trading days in the training window.
        retrain_frequency : str, int or callable
            "never", "daily", "weekly", "monthly", "quarterly", a number of bars, "adaptive" (when the model no longer fits), or
            a callable of (now, trained_at).
        regime_allocations : mapping of regime to share, optional
            What to hold in each regime. Default: Bull 1, Sideways 0.5, Bear and Crisis 0.
        min_confidence : float
            Below this confidence hold nothing.
        **options
            Further options of `RegimeDetector`. `stagger=True` spreads the trainings of different assets over a period.

        Raises
        ------
        ParameterError, RegimeNameError
        """
        name = ticker_of(ticker)
        # LEAN's `symbol` raises an error of its own for a ticker that was never added, so the subscribed ones are searched.
        security = next((item.value for item in self.securities if ticker_of(item.key) == name), None)
        if security is None:
            raise ParameterError("ticker", name, "a subscribed asset", f"Call self.add_equity({name!r}, Resolution.DAILY) first.")
        known = self._hr.assets.get(name)
        if known is not None and known.active and not known.returned:
            raise ParameterError(
                "ticker", name, "an asset that isn't watched yet", "Call initialize_regime_detection once for each."
            )
        if isinstance(min_confidence, bool) or not 0.0 <= float(min_confidence) <= 1.0:
            raise ParameterError("min_confidence", min_confidence, "a probability from 0 to 1")
        if isinstance(options.get("stagger"), bool):
            options["stagger"] = name if options["stagger"] else None
        detector = RegimeDetector(n_states, lookback=lookback_days, retrain=retrain_frequency, **options)
        if detector.naming is None:
            allocations = check_allocations(regime_allocations, n_states)
        elif regime_allocations:
            allocations = check_allocations(regime_allocations, n_states, tuple(regime_allocations))
        else:
            raise ParameterError("regime_allocations", regime_allocations, "a share for each name that your naming rule gives")
        if known is not None and known.detector.options == detector.options:
            # A universe chose it again: it was resumed by itself, with the model that it had.
            known.returned, known.allocations, known.min_confidence = False, allocations, float(min_confidence)
            if not known.active:
                self._hr_resume(known, security)
            return
        mode = security.data_normalization_mode
        sees_splits = mode == DataNormalizationMode.RAW
        sees_dividends = sees_splits or mode == DataNormalizationMode.SPLIT_ADJUSTED
        tracked = Tracked(name, security.symbol, detector, allocations, float(min_confidence), sees_splits, sees_dividends)
        self._hr.add(tracked)
        if self.live_mode and self._hr.keeper is None:
            self.enable_restarts()
        if self._hr.keeper is not None:
            tracked.detector = self._hr.keeper.restore(name, detector) or detector
        self._hr_seed(tracked)
        self._hr_subscribe(tracked)

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

    def _hr_subscribe(self, tracked: Tracked) -> None:
        self.consolidate(tracked.symbol, Resolution.DAILY, lambda bar: self._hr_take(tracked, bar))

    def _hr_take(self, tracked: Tracked, bar: Any) -> None:
        if tracked.unsure:
            self._hr_find_event(tracked, bar)
        self._hr.feed(tracked, bar)

    def _hr_find_event(self, tracked: Tracked, bar: Any) -> None:
        """LEAN tells of no split or dividend on a run's first day: history's two scales of the same bars show it."""
        tracked.unsure = False
        adjusted, own = (self._hr_history(tracked, 2, adjusted=which) for which in (True, False))
        times = [tracked.seen, bar.end_time]
        if [b.end_time for b in adjusted] == times and [b.end_time for b in own] == times:
            before, now = (float(a.close) / float(b.close) for a, b in zip(adjusted, own, strict=True))
            if abs(before / now - 1.0) > 1e-4:  # prices are rounded
                self._hr.flush()
                tracked.detector.rescale(before / now)

    def _hr_seed(self, tracked: Tracked) -> None:
        """Fill the window from history, or what a kept detector missed since its last bar.

        Adjusted prices, for in raw ones an old split would be a crash that no event explains. A kept detector's latest bar
        is brought to the same scale by the bar of the same day: dividends since then have changed what adjusted means.
        """
        kept = tracked.detector.latest_bar
        bars = int(tracked.detector.lookback) + 1
        if kept is not None:
            bars = max(2, (self.time - kept.end_time).days) + 5
        history = self._hr_history(tracked, bars, adjusted=tracked.sees_dividends)
        if kept is not None:
            same = next((bar for bar in history if bar.end_time == kept.end_time), None)
            if same is None:
                self.log(f"hidden_regime: {tracked.ticker}: history has no bar of {kept.end_time}: starting from history.")
                tracked.detector = tracked.detector.clone()
                tracked.seen = None
                self._hr_seed(tracked)
                return
            tracked.seen = kept.end_time
            if same.close != kept.close:
                tracked.detector.rescale(float(same.close) / kept.close)
        told, self._hr.on_change = self._hr.on_change, None
        for bar in history:
            self._hr.feed(tracked, bar)
            self._hr.flush()
        self._hr.on_change = told
        if tracked.sees_dividends and history:
            for own in self._hr_history(tracked, 1, adjusted=False):
                tracked.detector.rescale(float(own.close) / float(history[-1].close))
                tracked.unsure = True

    def _hr_history(self, tracked: Tracked, bars: int, *, adjusted: bool) -> list[Any]:
        options = {"data_normalization_mode": DataNormalizationMode.ADJUSTED} if adjusted else {}
        quoted = self.securities[tracked.symbol].type in (SecurityType.FOREX, SecurityType.CFD)
        return list(self.history[QuoteBar if quoted else TradeBar](tracked.symbol, bars, Resolution.DAILY, **options))

    def _hr_securities(self, changes: Any) -> None:
        """A universe let an asset go, or chose it again."""
        for security in changes.removed_securities:
            tracked = self._hr.assets.get(ticker_of(security.symbol))
            if tracked is not None:
                tracked.active = False
        for security in changes.added_securities:
            tracked = self._hr.assets.get(ticker_of(security.symbol))
            if tracked is not None and not tracked.active:
                self._hr_resume(tracked, security)
                tracked.returned = True

    def _hr_resume(self, tracked: Tracked, security: Any) -> None:
        tracked.symbol, tracked.active = security.symbol, True
        self._hr_seed(tracked)
        self._hr_subscribe(tracked)

    def _hr_end(self) -> None:
        if self._hr.keeper is not None:
            self._hr.flush()
            self._hr.keeper.save(self._hr.assets.values())

    def on_tradebar(self, ticker: Any, bar: Any) -> None:
        """Give a bar by hand. Bars come by themselves: one that was seen before changes nothing."""
        self._hr.feed(self._hr.get(ticker), bar)

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

    @property
    def current_regime(self) -> str | None:
        """Regime of the first asset; None until it is known."""
        state = self._hr.first_state
        return None if state is None else state.regime

    @property
    def regime_confidence(self) -> float:
        """Probability of that regime; 0 until it is known."""
        state = self._hr.first_state
        return 0.0 if state is None else state.confidence

    @property
    def regime_state(self) -> int | None:
        """State that bears that regime; None until it is known."""
        state = self._hr.first_state
        return None if state is None else state.state

    def _hr_split(self, splits: Any) -> None:
        for tracked in self._hr.assets.values():
            split = splits.get(tracked.symbol) if tracked.sees_splits and tracked.active else None
            if split is not None and split.type == 1:
                self._hr.rescale(tracked, self.time, float(split.split_factor))

    def _hr_dividend(self, dividends: Any) -> None:
        for tracked in self._hr.assets.values():
            dividend = dividends.get(tracked.symbol) if tracked.sees_dividends and tracked.active else None
            if dividend is not None and dividend.reference_price > 0:
                self._hr.rescale(tracked, self.time, 1.0 - float(dividend.distribution) / float(dividend.reference_price))
