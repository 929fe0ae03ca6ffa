"""The regimes of an algorithm's assets: one plain object that holds all state of the library inside an algorithm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from time import perf_counter
from typing import Any, Protocol

import numpy as np

from hidden_regime.bars.bar import Bar
from hidden_regime.cache.policy import CachingTrainer, Trainer
from hidden_regime.detection.accept import renames
from hidden_regime.detection.detector import RegimeDetector
from hidden_regime.detection.schedule import Frequency, Schedule
from hidden_regime.detection.several import step_all
from hidden_regime.detection.step import Offer
from hidden_regime.exceptions import ParameterError, TrainingError
from hidden_regime.models.training import Task, Trained, train
from hidden_regime.quantconnect._lean import SecurityType
from hidden_regime.quantconnect.bar_length import DAYS, BarLength
from hidden_regime.quantconnect.bars_from_lean import observed
from hidden_regime.quantconnect.profiling import PerformanceProfiler
from hidden_regime.quantconnect.scale import Scale
from hidden_regime.regimes.state import RegimeState
from hidden_regime.signals.signal import TradingSignal, make_signal

HOUR = timedelta(hours=1)
PAIRS = (SecurityType.FOREX, SecurityType.CRYPTO)
"""Whose tickers several markets may have."""
ChangeHook = Callable[[str, str, float, str], None]
RenameHook = Callable[[str, str, str], None]


def ticker_of(asset: Any) -> str:
    """Ticker of a string or of LEAN's Symbol."""
    return str(getattr(asset, "value", asset)).upper()


class BarTaker(Protocol):
    """Takes an asset's bars beside its detector; see `hidden_regime.quantconnect.learned.rows`."""

    bars: list[Bar]

    def take(self, bar: Bar) -> None:
        """Take the next bar."""
        ...

    def rescale(self, factor: float) -> None:
        """Bring the bars so far to the scale after an event."""
        ...


class Standing(Enum):
    """Whether a universe holds an asset. Bars of one that it let go are taken as long as they come."""

    CHOSEN = 1
    LET_GO = 2
    RETURNED = 3
    """Chosen again, and not set up anew by the strategy since."""


class Window(Enum):
    """How far an asset's window reaches."""

    LIVE = 1
    READ = 2
    """As far as history: no bar has come since."""
    BEHIND = 3
    """A day was left out that history didn't have yet."""


@dataclass
class Tracked:
    """One asset: its detector, what to hold in which regime, and every state so far."""

    ticker: str
    symbol: Any
    detector: RegimeDetector
    allocations: dict[str, float]
    min_confidence: float
    scale: Scale = field(default_factory=Scale)
    states: list[RegimeState] = field(default_factory=list)
    offer: Offer | None = None
    """The bar that isn't answered yet."""
    seen: datetime | None = None
    """End of the latest bar that LEAN gave, observed or not."""
    standing: Standing = Standing.CHOSEN
    window: Window = Window.LIVE
    since: datetime | None = None
    """When bars were asked for."""
    close: float | None = None
    """Close of the latest bar as LEAN gave it."""
    consolidator: Any = None
    opening: Any = None
    length: BarLength = DAYS
    rows: BarTaker | None = None
    """What else takes its bars."""
    origin: datetime | None = None
    """Where its history begins, if that is before its window."""
    is_pair: bool = False
    """Whether it is a pair, whose ticker another market may have, too."""

    @property
    def is_held(self) -> bool:
        """Whether it hasn't been let go."""
        return self.standing is not Standing.LET_GO


class Keeper(Protocol):
    """Where assets are kept for a restart; see `hidden_regime.quantconnect.restart`."""

    def restore(self, ticker: str, fresh: RegimeDetector, length: BarLength = DAYS) -> RegimeDetector | None:
        """The kept detector of an asset."""
        ...

    def save(self, assets: Iterable[Tracked]) -> None:
        """Write all assets."""
        ...


class Tracker:
    """Regimes of several assets, kept in step.

    `trainer` trains what the kernels' step doesn't, and all where it does so `elsewhere`: from a cache, or on a cluster.

    Bars of one moment are collected and answered together, once all assets that are watched in bars of that length have
    theirs, before anybody reads a regime, before the strategy's `on_data`, or when a later bar comes. So the trainings of a
    day are one batch, and whether they are done one by one, in a batch or from a cache changes when nothing and what nothing.
    """

    def __init__(self) -> None:
        self.assets: dict[str, Tracked] = {}
        self.trainer: Trainer = train
        self.elsewhere = False
        self.profiler = PerformanceProfiler(enabled=False)
        self.on_change: ChangeHook | None = None
        self.on_rename: RenameHook | None = None
        self.frequency: Frequency | None = None
        self.keeper: Keeper | None = None
        self.saves_always = self.logs_changes = False
        self.seconds = 0.0
        self.trainings = 0
        """Models trained so far: what came from a cache, or before a restart, is none."""
        self._flushing = False
        self._waits_for: datetime | None = None
        self._lacking: Tracked | None = None

    def close(self) -> None:
        """The run is over: save assets for a restart, and what a cache's store holds back."""
        if self.keeper is not None:
            self.flush()
            self.keeper.save(self.assets.values())
        if isinstance(self.trainer, CachingTrainer):
            self.trainer.flush()

    def get(self, asset: Any = None) -> Tracked:
        """State of an asset, of the first one by default, up to date."""
        self.flush()
        if not self.assets:
            raise ParameterError("ticker", asset, "an asset", "Call initialize_regime_detection for it in initialize.")
        if asset is None:
            return next(iter(self.assets.values()))
        name = ticker_of(asset)
        if name not in self.assets:
            raise ParameterError(
                "ticker", name, f"one of {list(self.assets)}", "Call initialize_regime_detection for it in initialize."
            )
        tracked = self.assets[name]
        if tracked.is_pair and hasattr(asset, "value") and asset != tracked.symbol:
            raise ParameterError(
                "ticker", f"{name} at {asset.id.market}", f"{name} at {tracked.symbol.id.market}, which is watched",
                "Ask by the symbol that initialize_regime_detection was given.")  # fmt: skip
        return tracked

    def add(self, tracked: Tracked) -> None:
        """Watch an asset."""
        if self.frequency is not None:
            self.reschedule(tracked, self.frequency)
        self.assets[tracked.ticker] = tracked

    def use_frequency(self, frequency: Frequency) -> None:
        """Retrain every asset by another schedule."""
        Schedule(frequency)
        self.frequency = frequency
        for tracked in self.assets.values():
            self.reschedule(tracked, frequency)

    @staticmethod
    def reschedule(tracked: Tracked, frequency: Frequency) -> None:
        """Retrain one asset by another schedule."""
        tracked.detector.set_schedule(frequency)

    def feed(self, tracked: Tracked, bar: Any, traded: Bar | None = None, *, is_filled: bool = False) -> None:
        """Take LEAN's bar, or what was `traded` of it. One that was seen before, or is filled forward, is no observation."""
        end = bar.end_time
        if tracked.seen is not None and (end <= tracked.seen or bar.time < tracked.seen - _overlap(tracked.length)):
            return  # the second: a longer bar, made of some that were seen
        if self._waits_for is not None and self._waits_for < end:
            self.flush()
        begin = perf_counter()
        tracked.seen = end
        found = None if is_filled else observed(bar, tracked.detector, tracked.close)
        if found is not None:
            tracked.offer = tracked.detector.offer(traded or found)
            if tracked.rows is not None:
                tracked.rows.take(traded or found)
            if self.profiler.enabled:
                self.profiler.add("read", perf_counter() - begin)
            self._waits_for = end if self._waits_for is None else min(self._waits_for, end)
        self.seconds += perf_counter() - begin
        if self._lacks(self._lacking, end, tracked.length):
            return
        # From the end: bars come in the assets' order, so that one is the last to have its own.
        lacking = (other for other in reversed(self.assets.values()) if self._lacks(other, end, tracked.length))
        self._lacking = next(lacking, None)
        if self._lacking is None:
            self.flush()

    def _lacks(self, asset: Tracked | None, end: datetime, length: BarLength) -> bool:
        """Whether a bar of this moment and length is still to come for an asset."""
        if asset is None or asset.seen == end or asset.length is not length or not asset.is_held:
            return False
        return self.assets.get(asset.ticker) is asset

    def flush(self) -> None:
        """Answer the bars that wait: train what is due, filter, and tell of changes."""
        if self._flushing:
            return
        waiting = [tracked for tracked in self.assets.values() if tracked.offer is not None]
        self._waits_for = None
        if not waiting:
            return
        begin = perf_counter()
        self._flushing = True
        changed: list[tuple[Tracked, str]] = []
        renamed: list[tuple[str, str, str]] = []
        try:
            with self.profiler.time_block("update"):
                before = [tracked.detector.state for tracked in waiting]
                for tracked, old, state in zip(waiting, before, self._step(waiting), strict=True):
                    if state is None:
                        continue
                    tracked.states.append(state)
                    renamed += [(*names, tracked.ticker) for names in renames(old, state, tracked.detector.order_by)]
                    if old is not None and state.changed:
                        changed.append((tracked, old.regime))
        finally:
            self._flushing = False
            self.seconds += perf_counter() - begin
        if self.on_change is not None:
            if self.on_rename is not None:
                for names in renamed:
                    self.on_rename(*names)
            for tracked, regime in changed:
                state = tracked.states[-1]
                self.on_change(regime, state.regime, state.confidence, tracked.ticker)
        if self.saves_always and self.keeper is not None and self.on_change is not None:  # not while history is replayed
            self.keeper.save(self.assets.values())

    def _step(self, waiting: Sequence[Tracked]) -> list[RegimeState | None]:
        """State of each asset after its bar."""
        offers: list[Offer] = []
        for tracked in waiting:
            assert tracked.offer is not None
            offers.append(tracked.offer)
            tracked.offer = None
        detectors = [tracked.detector for tracked in waiting]
        if all(detector.is_playing for detector in detectors):
            return [detector.tape.play() for detector in detectors]  # nothing is reckoned: nothing to measure and to count
        cache = self.trainer if isinstance(self.trainer, CachingTrainer) else None
        found = 0 if cache is None else cache.hits
        spent = np.zeros(3)
        # On a tape a model is found again without a cache, and the kernels train without one in a fraction of the time.
        spared = cache is not None and not cache.lasts and all(detector.tape is not None for detector in detectors)
        elsewhere = self.elsewhere and not spared
        states = step_all(detectors, offers, self._train, elsewhere=elsewhere, spent=spent)
        if self.profiler.enabled:
            for name, seconds in zip(("train", "identity", "filter"), spent.tolist(), strict=True):
                self.profiler.add(name, seconds)
        fresh = (state is not None and state.trained_at == state.time for state in states)
        self.trainings += sum(is_new and not detector.is_playing for is_new, detector in zip(fresh, detectors, strict=True))
        self.trainings -= 0 if cache is None else cache.hits - found
        return states

    def _train(self, tasks: Sequence[Task]) -> Sequence[Trained | TrainingError]:
        with self.profiler.time_block("train"):
            return self.trainer(tasks)

    def rescale(self, tracked: Tracked, factor: float) -> None:
        """Correct an asset's bars for an event."""
        self.flush()
        tracked.detector.rescale(factor)
        if tracked.rows is not None:
            tracked.rows.rescale(factor)
        tracked.scale.told *= factor

    @property
    def first_state(self) -> RegimeState | None:
        """State of the first asset; None before there is one."""
        return self.get().detector.state if self.assets else None

    def signal(self, asset: Any) -> TradingSignal:
        """Signal of an asset."""
        tracked = self.get(asset)
        state = tracked.detector.state
        if state is None:
            raise ParameterError(
                "ticker",
                tracked.ticker,
                "an asset whose regime is known",
                "Ask regime_is_ready(ticker) first: its window isn't full.",
            )
        if tracked.detector.naming is not None and not tracked.allocations:
            raise ParameterError(
                "regime_allocations", None, "a share for each name that your naming rule gives",
                "Pass them to initialize_regime_detection: allocations and signals need them.")  # fmt: skip
        with self.profiler.time_block("signal"):
            mean, sd = tracked.detector.expected_moments
            facts = {"expected_return": mean, "expected_volatility": sd}
            return make_signal(state, tracked.allocations, tracked.min_confidence, facts)

    def log_changes(self, say: Callable[[str], None]) -> None:
        """Have a line written for each change of a regime, before the strategy is told of it."""
        if self.logs_changes:
            return
        self.logs_changes, told = True, self.on_change

        def tell(old: str, new: str, confidence: float, ticker: str) -> None:
            say(f"{ticker}: {old} -> {new} ({confidence:.2f})")
            if told is not None:
                told(old, new, confidence, ticker)

        self.on_change = tell


def _overlap(length: BarLength) -> timedelta:
    """How much earlier than the end of the one before a bar may begin: days of UTC overlap where a clock is set back."""
    return HOUR if length.is_daily else timedelta(0)


def trackers_of(*owners: Any) -> list[Tracker]:
    """Where regimes are kept by a strategy's object, and by models of LEAN's framework; other objects keep none."""
    found = [vars(owner).get("_hr") for owner in owners]
    return [tracker for tracker in found if isinstance(tracker, Tracker)]
