"""HiddenRegimeAlgorithm: a QCAlgorithm that knows the regimes of its assets."""

from __future__ import annotations

import itertools
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any, Self

from hidden_regime.detector import RegimeDetector
from hidden_regime.exceptions import ParameterError
from hidden_regime.quantconnect._lean import PRIVATE, DataNormalizationMode, QCAlgorithm, Resolution, TradeBar
from hidden_regime.quantconnect.tracking import Tracked, Tracker, ticker_of
from hidden_regime.schedule import Frequency
from hidden_regime.signals import TradingSignal, check_allocations

sys.modules.setdefault(PRIVATE, sys.modules[__name__])  # so that inspect finds the source of our classes


def users_hook(algorithm: QCAlgorithm, *names: str) -> Callable[..., Any] | None:
    """The user's own hook, by LEAN's rule: the first spelling wins wherever it stands in the chain of classes."""
    chain = list(itertools.takewhile(lambda cls: cls is not QCAlgorithm, type(algorithm).__mro__))
    for name in names:
        for cls in chain:
            if name in vars(cls):
                return vars(cls)[name]  # type: ignore[no-any-return]
    return None


class HiddenRegimeAlgorithm(QCAlgorithm):
    """Base class of strategies that trade on regimes, in LEAN and in the embedded engine.

    Subscribe assets with `add_equity`, then call `initialize_regime_detection` for each. Bars arrive by themselves, from
    history first; read `current_regime` or `get_regime_signal(ticker)` wherever you trade, or override
    `on_regime_change`.
    """

    __module__ = PRIVATE
    _hr: Tracker

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Hide Python bases that stand in the user's own file: LEAN would run one of them instead."""
        super().__init_subclass__(**keywords)
        for ancestor in cls.__mro__[1:]:
            if ancestor is QCAlgorithm:
                break
            if ancestor.__module__ == cls.__module__ and ancestor.__module__ != PRIVATE:
                ancestor.__module__ = f"_hidden.{ancestor.__module__}"

    def __new__(cls, *args: Any, **keywords: Any) -> Self:
        """State is made here and not in `__init__`: a user's `__init__` may forget `super()`."""
        self = super().__new__(cls, *args, **keywords)
        tracker = Tracker()
        self._hr = tracker
        self._hr_bind(("on_data", "OnData"), lambda data: tracker.flush())
        self._hr_bind(("on_splits", "OnSplits"), self._hr_split)
        self._hr_bind(("on_dividends", "OnDividends"), self._hr_dividend)
        tracker.on_change = lambda *facts: self.on_regime_change(*facts)
        return self

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
        if name in self._hr.assets:
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
        mode = security.data_normalization_mode
        sees_splits = mode == DataNormalizationMode.RAW
        sees_dividends = sees_splits or mode == DataNormalizationMode.SPLIT_ADJUSTED
        tracked = Tracked(name, security.symbol, detector, allocations, float(min_confidence), sees_splits, sees_dividends)
        self._hr.add(tracked)
        self._hr_seed(tracked, lookback_days + 1)
        self.consolidate(security.symbol, Resolution.DAILY, lambda bar: self._hr.feed(tracked, bar))

    def _hr_seed(self, tracked: Tracked, bars: int) -> None:
        """Fill the window from history: adjusted, for in raw prices an old split would be a crash that no event explains."""
        options = {"data_normalization_mode": DataNormalizationMode.ADJUSTED} if tracked.sees_dividends else {}
        history = self.history[TradeBar](tracked.symbol, bars, Resolution.DAILY, **options)
        told, self._hr.on_change = self._hr.on_change, None
        last = None
        for last in history:
            self._hr.feed(tracked, last)
            self._hr.flush()
        self._hr.on_change = told
        if tracked.sees_dividends and last is not None:
            for own in self.history[TradeBar](tracked.symbol, 1, Resolution.DAILY):
                tracked.detector.rescale(float(own.close) / float(last.close))

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

    def _hr_bind(self, names: tuple[str, str], first: Callable[[Any], None]) -> None:
        """Do something of ours before the user's hook. Bound on the instance: a hook in a base would shadow the user's."""
        own = users_hook(self, *names)

        def call(algorithm: HiddenRegimeAlgorithm, data: Any) -> None:
            first(data)
            if own is not None:
                own(algorithm, data)

        setattr(self, names[0], types.MethodType(call, self))

    def _hr_split(self, splits: Any) -> None:
        for tracked in self._hr.assets.values():
            split = splits.get(tracked.symbol) if tracked.sees_splits else None
            if split is not None and split.type == 1:
                self._hr.rescale(tracked, self.time, float(split.split_factor))

    def _hr_dividend(self, dividends: Any) -> None:
        for tracked in self._hr.assets.values():
            dividend = dividends.get(tracked.symbol) if tracked.sees_dividends else None
            if dividend is not None and dividend.reference_price > 0:
                self._hr.rescale(tracked, self.time, 1.0 - float(dividend.distribution) / float(dividend.reference_price))
