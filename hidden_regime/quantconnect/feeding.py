"""LEAN's bars and events into detectors: subscription, history, splits and dividends, and universes that come and go."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from hidden_regime.detection.detector import RegimeDetector
from hidden_regime.exceptions import ParameterError
from hidden_regime.quantconnect._lean import DataNormalizationMode, Resolution, SecurityType
from hidden_regime.quantconnect.adding import adder_of_kind, adder_of_ticker
from hidden_regime.quantconnect.bar_length import DAYS, BarLength
from hidden_regime.quantconnect.bars_from_lean import ask, catch_up, is_stub, latest_days
from hidden_regime.quantconnect.bars_of_length import bars_since, latest_bars
from hidden_regime.quantconnect.currency_days import QuotedDays, consolidate
from hidden_regime.quantconnect.opening import Opening
from hidden_regime.quantconnect.pieces import Pieces
from hidden_regime.quantconnect.scale import Scale
from hidden_regime.quantconnect.tracking import PAIRS, BarTaker, Standing, Tracked, Tracker, Window, ticker_of
from hidden_regime.signals.signal import check_allocations, check_probability

MAKES_DETECTORS = "_hr_detector"
"""Attribute of an algorithm whose detectors somebody else makes."""


class Feeder:
    """Feeds a tracker from an algorithm: the strategy's own object, or what LEAN hands to the models of its framework.

    Parameters
    ----------
    algorithm : QCAlgorithm
    tracker : Tracker
    """

    def __init__(self, algorithm: Any, tracker: Tracker) -> None:
        self.algorithm, self.tracker = algorithm, tracker

    def watch(self, ticker: Any, options: dict[str, Any], allocations: Mapping[str, float] | None = None,
              min_confidence: float = 0.0, *, trades: bool = True, length: BarLength = DAYS, rows: BarTaker | None = None,
              origin: datetime | None = None) -> None:  # fmt: skip
        """Watch an asset; `options` are those of `RegimeDetector`, where `stagger` may be True. Signals need `trades`.

        `rows` takes its bars too, and begins, as the detector then does, with the history since `origin`.
        """
        name = ticker_of(ticker)
        security = self._find(ticker)
        if security is None:
            raise ParameterError(
                "ticker", name, "a subscribed asset", f"Call self.{adder_of_ticker(name)}({name!r}, Resolution.DAILY) first."
            )
        known = self.tracker.assets.get(name)
        if known is not None and security.type in PAIRS and known.symbol != security.symbol:
            raise ParameterError(
                "ticker", f"{name} at {security.symbol.id.market}",
                f"one market of each pair: {name} at {known.symbol.id.market} is watched, and regimes go by ticker",
                "Watch one of them, and trade both by its regime.",
            )  # fmt: skip
        if known is not None and known.standing is Standing.CHOSEN:
            raise ParameterError(
                "ticker", name, "an asset that isn't watched yet", "Call initialize_regime_detection once for each."
            )
        length.check(security, name)
        least = check_probability("min_confidence", min_confidence)
        if isinstance(options.get("stagger"), bool):
            options = options | {"stagger": name if options["stagger"] else None}
        # Where trials share what detectors like these have answered, this makes them; LEAN's algorithms have no such thing.
        make = RegimeDetector if self.tracker.keeper is not None else getattr(self.algorithm, MAKES_DETECTORS, RegimeDetector)
        detector = make(**options)
        shares = _allocations(detector, allocations) if trades else {}
        has_rows = known is not None and (rows is None or known.rows is not None)
        if known is not None and has_rows and known.detector.options == detector.options and known.length == length:
            # A universe chose it again: it was resumed by itself, with the model that it had.
            known.allocations, known.min_confidence = shares, least
            if known.standing is Standing.LET_GO:
                self.resume(known, security)
            known.standing = Standing.CHOSEN
            return
        tracked = Tracked(name, security.symbol, detector, shares, least, length=length, rows=rows, origin=origin)
        tracked.is_pair = security.type in PAIRS
        self.tracker.add(tracked)
        if self.tracker.keeper is not None and rows is None:  # rows need all bars since their origin
            tracked.detector = self.tracker.keeper.restore(name, detector, length) or detector
        self.seed(tracked)
        self.subscribe(tracked)

    def _find(self, ticker: Any) -> Any:
        """The security of a symbol, or of a ticker; None where there is none, and an error where pairs of several markets are it.

        LEAN's `symbol` raises an error of its own for a ticker that was never added, and knows no member of a universe by it,
        so the subscribed ones are searched. An order by an unknown ticker leaves one without data among them.
        """
        found = [item.value for item in self.algorithm.securities if ticker_of(item.key) == ticker_of(ticker)]
        if hasattr(ticker, "value"):
            exact = [security for security in found if security.symbol == ticker]
        else:
            exact = []
            markets = sorted({str(security.symbol.id.market) for security in found if security.type in PAIRS})
            if len(markets) > 1:
                raise ParameterError(
                    "ticker", ticker, f"a Symbol, for {ticker_of(ticker)} is subscribed at {' and '.join(markets)}",
                    f"Give the symbol of one: self.{adder_of_kind(found[0].type)}(...).symbol.")  # fmt: skip
        traded = [security for security in found if security.type != SecurityType.BASE]
        return next(iter([*exact, *traded, *found]), None)

    def subscribe(self, tracked: Tracked) -> None:
        """Ask for each completed bar. LEAN takes a handler of exactly one argument."""
        if tracked.consolidator is not None:
            self.algorithm.subscription_manager.remove_consolidator(tracked.symbol, tracked.consolidator)
            tracked.opening.stop()
        take = self.take if tracked.length.is_daily else self.take_made
        security = self.algorithm.securities[tracked.symbol]
        if not tracked.length.is_daily:
            tracked.opening = Pieces(self.algorithm, tracked.symbol, tracked.length)
        elif security.type == SecurityType.FOREX and security.resolution != Resolution.DAILY:
            tracked.opening = QuotedDays(self.algorithm, tracked.symbol)
        else:
            tracked.opening = Opening(self.algorithm, tracked.symbol)
        tracked.opening.watch()
        # Days are those of the exchange, whatever the algorithm's clock shows.
        tracked.since = security.local_time if security.type in PAIRS else self.algorithm.time
        tracked.consolidator = consolidate(self.algorithm, tracked.symbol, tracked.length, lambda bar: take(tracked, bar))

    def take(self, tracked: Tracked, bar: Any) -> None:
        """Take a completed day. An asset that was let go gets days as long as they come; one that is watched anew gets none."""
        if self.tracker.assets.get(tracked.ticker) is not tracked:
            return
        security = self.algorithm.securities[tracked.symbol]
        # Beside finer data LEAN repeats a pair's day by day's hours: that is no day, and would hide the next one.
        if security.type in PAIRS and (bar.is_fill_forward or is_stub(security, bar) or tracked.opening.is_empty(bar)):
            return
        traded = tracked.opening.traded(bar)
        if tracked.window is Window.BEHIND:
            self.seed(tracked)
        if tracked.window is Window.READ:
            self._look_again(tracked)
            tracked.window = Window.LIVE
            if self._is_partial(tracked, bar):
                whole = [day for day in self._days(tracked, 1, own=True) if day.end_time == bar.end_time]
                if not whole:
                    tracked.window = Window.BEHIND
                    tracked.opening.watch()
                    return
                bar, traded = whole[0], None
        if tracked.scale.is_unsure:
            self._find_event(tracked, bar, float(bar.open))
        self.tracker.feed(tracked, bar, traded)
        tracked.close = float(bar.close)
        tracked.opening.watch()

    def take_made(self, tracked: Tracked, bar: Any) -> None:
        """Take a completed bar of another length than a day."""
        if self.tracker.assets.get(tracked.ticker) is not tracked:
            return
        pieces = tracked.opening
        if tracked.window is Window.BEHIND:
            self.seed(tracked)
        if tracked.window is Window.READ:
            self._look_again(tracked)
            if self._has_missed(tracked, bar):
                self.seed(tracked, until=bar.time)
            tracked.window = Window.LIVE
        is_filled = pieces.is_filled(bar)
        made, later = (None, 1.0) if is_filled else pieces.made(bar)
        if made is None and not is_filled:
            tracked.window = Window.BEHIND
            return
        if tracked.scale.is_unsure and made is not None:
            self._find_event(tracked, bar, made.open, later)
        self.tracker.feed(tracked, bar, made, is_filled=is_filled)
        tracked.close = float(bar.close)
        pieces.forget(bar)

    def _has_missed(self, tracked: Tracked, bar: Any) -> bool:
        """Whether a bar ended between history and the first one that came: of one whose rest has no data LEAN makes none."""
        seen = tracked.seen
        if seen is None or seen >= bar.time or tracked.opening.since > bar.time:
            return False
        return any(seen < old.end_time <= bar.time for old in self._since(tracked, seen))

    def _is_partial(self, tracked: Tracked, bar: Any) -> bool:
        """Whether the watch began within this bar's day: an hourly subscription then makes a day of what is left of it."""
        since = tracked.since
        if since is not None and self.algorithm.securities[tracked.symbol].type in PAIRS:
            return bool(bar.time < since < bar.end_time)
        return since is not None and since.date() == bar.end_time.date() and (since.hour, since.minute) != (0, 0)

    def _look_again(self, tracked: Tracked) -> None:
        """Whether prices are still those that history was read for: an option's subscription makes its stock's prices raw."""
        if self.algorithm.securities[tracked.symbol].data_normalization_mode != tracked.scale.mode:
            tracked.detector, tracked.seen = tracked.detector.clone(), None
            self.seed(tracked)

    def _find_event(self, tracked: Tracked, bar: Any, opened: float, later: float = 1.0) -> None:
        """Bring the window to the scale of the first bar after it, where a split or dividend came untold."""
        last = tracked.detector.latest_bar
        tracked.scale.is_unsure = False
        if last is None or tracked.seen is None:
            return
        adjusted, own = (
            {day.end_time: float(day.close) for day in self._between(tracked, bar.end_time, own=which)} for which in (False, True)
        )
        factor = tracked.scale.untold(adjusted, own, (tracked.seen, last.close), (bar.end_time, opened), later)
        if factor != 1.0:
            self.tracker.rescale(tracked, factor)

    def seed(self, tracked: Tracked, until: datetime | None = None) -> None:
        """Fill the window from history, or what a kept detector missed since its last bar.

        History is adjusted. Where bars come in other prices, the window is then brought to those of its last day.
        """
        self.tracker.flush()  # bars of others that wait: of their changes the strategy hears
        tracked.scale = Scale.of(self.algorithm, tracked.symbol)
        tracked.window, tracked.close = Window.READ, None
        read = partial(self._read, tracked) if tracked.origin is not None or not tracked.length.is_daily else None
        detector, history = catch_up(self.algorithm, tracked.symbol, tracked.ticker, tracked.detector, read)
        if until is not None:
            history = [bar for bar in history if bar.end_time <= until]
        if detector is not tracked.detector:
            tracked.detector, tracked.seen = detector, None
        elif detector.latest_bar is not None:
            tracked.seen = detector.latest_bar.end_time
        told, self.tracker.on_change = self.tracker.on_change, None
        for bar in history:
            self.tracker.feed(tracked, bar)
            self.tracker.flush()
        self.tracker.on_change = told
        if not tracked.scale.is_adjusted:
            tracked.scale.is_unsure = tracked.seen is not None
            if history and tracked.seen == history[-1].end_time:
                for own in self._between(tracked, tracked.seen, own=True):
                    if own.end_time == tracked.seen:
                        tracked.detector.rescale(float(own.close) / float(history[-1].close))
        self._align(tracked)

    @staticmethod
    def _align(tracked: Tracked) -> None:
        """Bring what else takes the bars to the scale of the detector's latest one."""
        last = tracked.detector.latest_bar
        bars = [] if tracked.rows is None else tracked.rows.bars
        if tracked.rows is None or last is None or not bars or bars[-1].end_time != last.end_time:
            return
        if not math.isclose(bars[-1].close, last.close, rel_tol=1e-12):
            tracked.rows.rescale(last.close / bars[-1].close)

    def _days(self, tracked: Tracked, count: int, *, own: bool = False) -> list[Any]:
        """The latest completed days, adjusted or in the prices in which bars come."""
        mode = tracked.scale.own if own else DataNormalizationMode.ADJUSTED
        return latest_days(self.algorithm, tracked.symbol, count, mode)

    def _between(self, tracked: Tracked, end: datetime, *, own: bool) -> list[Any]:
        """Completed bars from the latest one known on, that and one that ended at a time among them."""
        seen = tracked.seen or end
        if not tracked.length.is_daily:
            return self._since(tracked, seen, own=own)
        return self._days(tracked, 1 if seen == end else max(0, (end - seen).days) + 2, own=own)

    def _since(self, tracked: Tracked, end: datetime, *, own: bool = False) -> list[Any]:
        """Completed bars of a length from the one that ended at a time on."""
        mode = tracked.scale.own if own else DataNormalizationMode.ADJUSTED
        return bars_since(self.algorithm, tracked.symbol, tracked.length, end - tracked.length.span, mode)

    def _read(self, tracked: Tracked, count: int, end: datetime | None) -> list[Any]:
        """Adjusted history of a length: the latest bars, those since an origin, or those from a known one on."""
        if tracked.length.is_daily:
            if end is not None:
                return self._days(tracked, max(2, (self.algorithm.time - end).days) + 5)
            now, symbol = self.algorithm.time, tracked.symbol
            return ask(self.algorithm, symbol, tracked.origin, now, mode=DataNormalizationMode.ADJUSTED)
        if end is not None:
            return self._since(tracked, end)
        return latest_bars(self.algorithm, tracked.symbol, tracked.length, count, DataNormalizationMode.ADJUSTED)

    def change(self, changes: Any) -> None:
        """A universe let an asset go, or chose it again."""
        for security in changes.removed_securities:
            tracked = self.tracker.assets.get(ticker_of(security.symbol))
            if tracked is not None:
                tracked.standing = Standing.LET_GO
        for security in changes.added_securities:
            tracked = self.tracker.assets.get(ticker_of(security.symbol))
            if tracked is not None and tracked.standing is Standing.LET_GO:
                self.resume(tracked, security)
                tracked.standing = Standing.RETURNED

    def resume(self, tracked: Tracked, security: Any) -> None:
        """Go on with an asset that was let go."""
        tracked.symbol, tracked.standing = security.symbol, Standing.CHOSEN
        self.tracker.flush()
        self.seed(tracked)
        self.subscribe(tracked)

    def split(self, splits: Any) -> None:
        """Splits of a moment."""
        for tracked in self.tracker.assets.values():
            split = splits.get(tracked.symbol)
            if split is not None and split.type == 1 and self._is_new(tracked, "split", split.time) and tracked.scale.sees_splits:
                self._move(tracked, split.time, float(split.split_factor))

    def pay(self, dividends: Any) -> None:
        """Dividends of a moment."""
        for tracked in self.tracker.assets.values():
            paid = dividends.get(tracked.symbol)
            if paid is None or not self._is_new(tracked, "dividend", paid.time):
                continue
            if tracked.scale.sees_dividends and paid.reference_price > 0:
                self._move(tracked, paid.time, 1.0 - float(paid.distribution) / float(paid.reference_price))

    def _move(self, tracked: Tracked, time: datetime, factor: float) -> None:
        """Bring the window over an event, and what is being built of a bar."""
        self.tracker.rescale(tracked, factor)
        tracked.opening.tell(time, factor)

    def _is_new(self, tracked: Tracked, kind: str, time: Any) -> bool:
        """Whether an event is one that neither history nor an earlier look at the same slice knows."""
        if tracked.window is Window.READ:
            self._look_again(tracked)
        return tracked.scale.is_new(kind, time, tracked.seen)


def _allocations(detector: RegimeDetector, given: Mapping[str, float] | None) -> dict[str, float]:
    if detector.naming is None:
        return check_allocations(given, int(detector.n_states))
    if given is None:
        return {}  # which names the rule gives is its own affair; whoever asks for an allocation hears that there are none
    if given:
        return check_allocations(given, int(detector.n_states), tuple(given))
    raise ParameterError("regime_allocations", given, "a share for each name that your naming rule gives")
