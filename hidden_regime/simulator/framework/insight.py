"""Insights: predictions of a direction for a while."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.clock import TradingCalendar, to_utc
from hidden_regime.simulator.enums import InsightDirection, InsightType, Resolution
from hidden_regime.simulator.framework.scores import InsightScore
from hidden_regime.simulator.lengths import DAY, LENGTHS, MINUTE, SECOND
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.rounding import span, ticks
from hidden_regime.simulator.run_clock import NEW_YORK
from hidden_regime.simulator.spelling import TwoSpellings, either

if TYPE_CHECKING:
    from hidden_regime.simulator.core import Core

DELISTED = "QCAlgorithm.EmitInsights(): Warning: cannot emit insights for delisted securities, these will be discarded"
SESSION = timedelta(hours=6, minutes=30)


class _Bars(NamedTuple):
    """So many bars of a resolution, as the time that an insight holds."""

    resolution: Resolution
    number: int


class Insight(TwoSpellings):
    """A prediction of a symbol's direction until `close_time_utc`. Times are naive UTC inside, UTC outside.

    `Insight(symbol, period, type, direction, magnitude, confidence, source_model, weight, tag)`; the period is a timedelta
    or a function from a time (New York) to the end. `Insight.price` is the usual way.
    """

    settable = (
        "weight", "magnitude", "confidence", "source_model", "tag", "direction", "close_time_utc", "reference_value_final",
        "estimated_value",
    )  # fmt: skip

    def __init__(self, symbol: Any, *rest: Any, **options: Any) -> None:
        if isinstance(symbol, datetime):  # LEAN's other form begins with a time of generation
            symbol, *rest = rest  # type: ignore[assignment]
        self._fill(symbol, *rest, **options)

    def _fill(
        self, symbol: Symbol | str, period: timedelta | Callable[[datetime], datetime], type: InsightType,
        direction: InsightDirection, magnitude: Any = None, confidence: float | None = None, source_model: str | None = None,
        weight: float | None = None, tag: str = "",
    ) -> None:  # fmt: skip
        if isinstance(magnitude, str):
            magnitude, tag = None, magnitude
        self.symbol = Symbol(symbol) if isinstance(symbol, str) else symbol.bare
        self.type, self.direction = type, InsightDirection(int(direction))
        self.magnitude, self.confidence, self.weight = magnitude, confidence, weight
        self.source_model, self.tag = source_model or "", tag
        self.id = uuid.UUID(int=0)
        self.group_id: uuid.UUID | None = None
        self.reference_value = self.reference_value_final = self.estimated_value = 0.0
        self.score = InsightScore()
        self.generated = self.close = datetime.min
        self.period = max(period, SECOND) if isinstance(period, timedelta) else SECOND
        self._rule: Any = _Bars(period, 0) if isinstance(period, Resolution) else period
        if isinstance(period, _Bars):
            self.period = LENGTHS.get(period.resolution, SECOND) * period.number

    @classmethod
    def price(cls, symbol: Symbol | str, period: Any, *rest: Any, **options: Any) -> Insight:
        """A prediction of a price's direction: `price(symbol, timedelta | datetime | function, direction, magnitude=None,
        confidence=None, source_model=None, weight=None, tag="")`, or `price(symbol, resolution, bars, direction, ...)`."""
        if isinstance(period, Resolution):
            count, rest = int(rest[0]), rest[1:]
            if count < 1:
                raise ParameterError("bar_count", count, "an integer of at least 1 (Insight barCount must be greater than zero.)")
            period = _Bars(period, count)
        elif isinstance(period, timedelta) and period < SECOND:
            raise ParameterError(
                "period", period, "a timedelta of at least 1 second",
                "(Insight period must be greater than or equal to 1 second.)",
            )  # fmt: skip
        names = ("direction", "magnitude", "confidence", "source_model", "weight", "tag")
        given = dict(zip(names, rest, strict=False)) | options
        return cls(symbol, period, InsightType.PRICE, given.pop("direction"), **given)

    @property
    def generated_time_utc(self) -> datetime:
        """When it was made."""
        return self.generated.replace(tzinfo=UTC)

    @property
    def close_time_utc(self) -> datetime:
        """When it ends."""
        return self.close.replace(tzinfo=UTC)

    @close_time_utc.setter
    def close_time_utc(self, moment: datetime) -> None:
        self.close = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment

    def is_expired(self, utc: datetime) -> bool:
        """Whether its end is past."""
        return self.close < utc.replace(tzinfo=None)

    def is_active(self, utc: datetime) -> bool:
        """Whether it still holds."""
        return not self.is_expired(utc)

    def expire(self, utc: datetime) -> None:
        """End it a second ago."""
        utc = utc.replace(tzinfo=None)
        if self.is_active(utc):
            self.close = utc - SECOND
            self.period = self.close - self.generated

    cancel = expire

    def clone(self) -> Insight:
        """A copy."""
        return copy.copy(self)

    @staticmethod
    def group(*insights: Any) -> list[Insight]:
        """Mark insights as belonging together."""
        found = list(insights[0]) if len(insights) == 1 and isinstance(insights[0], (list, tuple)) else list(insights)
        for insight in found:
            if insight.group_id is not None:
                raise ParameterError(
                    "insights", str(insight), "insights without a group",
                    f"(Unable to set group id on insight {insight} because it has already been assigned to a group.)",
                )  # fmt: skip
        key = uuid.uuid5(uuid.NAMESPACE_OID, "|".join(str(i.symbol) for i in found))
        for insight in found:
            insight.group_id = key
        return found

    def start_at(self, now: datetime, exchange: Any) -> None:
        """The same of a pair, in its exchange's time."""
        rule, to_utc = self._rule, exchange.zone.to_utc
        self.generated = to_utc(now)
        if isinstance(rule, _Bars):
            length, left, end = LENGTHS.get(rule.resolution, SECOND), rule.number, now
            while left > 0:
                end += length
                left -= exchange.open_during(end - length, end)
        elif isinstance(rule, timedelta):
            end = now + rule
        else:
            end = rule if isinstance(rule, datetime) else rule(now)
            if end < now:
                raise ParameterError("close_time_local", rule, "a time to come (Insight closeTimeLocal must not be in the past.)")
            self.period = end - now
        if not exchange.open_at(end) and not exchange.always:
            end = exchange.next_open(end)
        self.close = to_utc(end)

    def start(self, now: datetime, calendar: TradingCalendar) -> None:
        """Fix its end, from the New York time at which it is emitted."""
        self.generated = to_utc(now)
        rule = self._rule
        if isinstance(rule, _Bars):
            hours = rule.resolution == Resolution.HOUR
            length = MINUTE if hours else LENGTHS.get(rule.resolution, SECOND)
            end = step(now, length, rule.number * 60 if hours else rule.number, calendar)
        elif isinstance(rule, timedelta):
            end = _by_period(now, rule, calendar)
        elif isinstance(rule, datetime):
            if rule < now:
                raise ParameterError("close_time_local", rule, "a time to come (Insight closeTimeLocal must not be in the past.)")
            end = rule
            self.period = end - now
        else:
            end = rule(now)
            if not calendar.is_open(end):
                end = calendar.next_open(end)
            self.period = end - now
        self.close = to_utc(end)

    def __str__(self) -> str:
        text = (
            f"{self.id.hex}: {self.symbol} {self.type.to_string()} {self.direction.to_string()} within {span(ticks(self.period))}"
        )
        if self.magnitude is not None:
            text += f" by {self.magnitude}%"
        if self.confidence is not None:
            text += f" with {round(100 * self.confidence, 1):g}% confidence"
        if self.weight is not None:
            text += f" and {round(100 * self.weight, 1):g}% weight"
        return text


def step(moment: datetime, length: timedelta, count: int, calendar: TradingCalendar) -> datetime:
    """So many bars later: days count if they have a session, shorter bars if the market is open in them.

    After the last session that the data know weekdays count: an insight may outlive the run.
    """
    end = calendar.days[-1] if calendar.days else moment.date()
    while count > 0:
        moment += length
        after = moment.date() > end
        if length == DAY or after:
            known = moment.weekday() < 5 if after else calendar.find(moment.date()) is not None
            count -= known
            continue
        session = calendar.find(moment.date())
        if session is None or moment > session.close + length:
            moment = calendar.next_open(moment)
            continue
        count -= session.open < moment and moment - length < session.close
    return moment


def _by_period(now: datetime, period: timedelta, calendar: TradingCalendar) -> datetime:
    length = DAY if period >= DAY else MINUTE if period >= MINUTE else SECOND
    n = period // length
    end = step(now, length, n, calendar)
    rest = period - n * length
    if length == DAY:
        rest = rest / DAY * SESSION
    minutes = rest // MINUTE
    return step(end, MINUTE, minutes, calendar) if minutes >= 1 else end


class GeneratedInsightsCollection(TwoSpellings):
    """What handlers of `insights_generated` are told: the insights, and when they were made (naive UTC)."""

    def __init__(self, date_time_utc: datetime, insights: list[Insight]) -> None:
        self.date_time_utc, self.insights = date_time_utc, insights


class InsightManager(TwoSpellings):
    """Insights that haven't been removed: by symbol, in the order of their first insight.

    An insight that expired or was cancelled stays until a portfolio construction model's rebalance removes it, as in LEAN.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._by_symbol: dict[Symbol, list[Insight]] = {}
        self._every: list[Insight] = []
        self._numbers = 0
        self._scoring: Callable[[InsightManager, datetime], object] | None = None

    def _utc(self) -> datetime:
        return self._core.clock.to_utc(self._core.now)

    def prepare(self, insights: Iterable[Insight], source: str) -> list[Insight]:
        """Give insights their times and identity, and keep them."""
        out = []
        for insight in insights:
            security = self._core.securities[insight.symbol]
            if security.is_delisted:
                self._core.logs.say("error", DELISTED)
                continue
            self._numbers += 1
            insight.id = uuid.UUID(int=self._numbers)
            insight.reference_value = security.price
            insight.source_model = insight.source_model or source
            core, exchange = self._core, self._core.exchange_of(insight.symbol)
            if exchange is None:
                insight.start(core.clock.local(core.now, NEW_YORK), core.calendar)
            else:
                insight.start_at(exchange.local(core.now), exchange)
            out.append(insight)
        self.add_range(out)
        return out

    def add(self, insight: Insight) -> None:
        """Keep an insight."""
        self._by_symbol.setdefault(insight.symbol, []).append(insight)
        self._every.append(insight)

    def add_range(self, insights: Iterable[Insight]) -> None:
        """Keep some."""
        for insight in insights:
            self.add(insight)

    @property
    def count(self) -> int:
        """Number of insights kept."""
        return sum(map(len, self._by_symbol.values())) if self._by_symbol else 0

    @property
    def total_count(self) -> int:
        """Number of insights ever."""
        return len(self._every)

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Insight]:
        return iter([insight for found in self._by_symbol.values() for insight in found])

    def __contains__(self, item: object) -> bool:
        return any(insight is item for insight in self) or (isinstance(item, (str, Symbol)) and self.contains_key(item))

    contains = __contains__

    def contains_key(self, symbol: Symbol | str) -> bool:
        """Whether a symbol has insights."""
        return bool(self._by_symbol.get(self._core.symbol_of(symbol)))

    def __getitem__(self, symbol: Symbol | str) -> list[Insight]:
        return list(self._by_symbol[self._core.symbol_of(symbol)])

    def remove(self, insight: Insight) -> bool:
        """Forget an insight."""
        found = self._by_symbol.get(insight.symbol, [])
        for i, known in enumerate(found):
            if known is insight:
                del found[i]
                if not found:
                    del self._by_symbol[insight.symbol]
                return True
        return False

    def clear(self, symbols: Iterable[Symbol] = ()) -> None:
        """Forget those of some symbols."""
        for symbol in symbols:
            self._by_symbol.pop(symbol, None)

    def first_close(self) -> datetime | None:
        """End of the insight that ends first, naive UTC."""
        return min((insight.close for insight in self), default=None)

    def get_next_expiry_time(self) -> datetime | None:
        """End of the insight that ends first, UTC."""
        first = self.first_close()
        return None if first is None else first.replace(tzinfo=UTC)

    def try_get_value(self, symbol: Symbol | str, _: object = None) -> tuple[bool, list[Insight]]:
        """Whether a symbol has insights, and the insights."""
        return self.contains_key(symbol), list(self._by_symbol.get(self._core.symbol_of(symbol), []))

    def remove_insights(self, condition: Callable[[Insight], bool]) -> None:
        """Forget those for which a condition holds."""
        for insight in [i for i in self if condition(i)]:
            self.remove(insight)

    def get_insights(self, condition: Callable[[Insight], bool] | None = None) -> list[Insight]:
        """All insights ever, or those for which a condition holds."""
        return [insight for insight in self._every if condition is None or condition(insight)]

    def get_active_insights(self, utc: datetime) -> list[Insight]:
        """Insights that still hold."""
        return [insight for insight in self if insight.is_active(utc)]

    def has_active_insights(self, symbol: Symbol, utc: datetime) -> bool:
        """Whether a symbol has any that still holds."""
        return any(insight.is_active(utc) for insight in self._by_symbol.get(symbol, ()))

    def remove_expired_insights(self, utc: datetime) -> list[Insight]:
        """Forget those that ended."""
        gone = [insight for insight in self if insight.is_expired(utc)]
        for insight in gone:
            self.remove(insight)
        return gone

    def expire(self, items: Iterable[Any]) -> None:
        """End insights, or all of some symbols."""
        utc = self._utc()
        for item in items:
            if isinstance(item, Insight):
                item.expire(utc)
            else:
                for insight in self._by_symbol.get(self._core.symbol_of(item), ()):
                    insight.expire(utc)

    cancel = expire

    def set_insight_score_function(self, function: Any) -> None:
        """Score insights at the end of each step with `function.score(insight_manager, utc_time)`."""
        self._scoring = either(function, "score")

    def step(self, utc_time: datetime) -> None:
        """A step is over."""
        if self._scoring is not None:
            self._scoring(self, utc_time.replace(tzinfo=UTC))
