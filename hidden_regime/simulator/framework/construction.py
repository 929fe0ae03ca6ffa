"""Portfolio construction models: from insights to targets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from hidden_regime.simulator.clock import from_utc
from hidden_regime.simulator.enums import InsightDirection, PortfolioBias, Resolution
from hidden_regime.simulator.framework.insight import Insight
from hidden_regime.simulator.lengths import LENGTHS
from hidden_regime.simulator.managed import Managed
from hidden_regime.simulator.orders.targets import PortfolioTarget
from hidden_regime.simulator.schedule import DateRule
from hidden_regime.simulator.spelling import TwoSpellings

Rebalance = Resolution | timedelta | DateRule | Callable[[datetime], datetime | None] | None


def _by_dates(rule: DateRule) -> Callable[[datetime], datetime | None]:
    """Next date of a rule after a time."""

    def following(utc: datetime) -> datetime | None:
        day = from_utc(utc).date()
        found = rule.dates(day, date(day.year + 2, 12, 31))
        return next((datetime(d.year, d.month, d.day) for d in found if datetime(d.year, d.month, d.day) > utc), None)

    return following


def rebalancing(when: Rebalance) -> Callable[[datetime], datetime | None] | None:
    """From UTC to the next rebalance."""
    if when is None:
        return None
    if isinstance(when, Resolution):
        when = LENGTHS[when]
    if isinstance(when, timedelta):
        length = when
        return lambda utc: utc + length
    return _by_dates(when) if isinstance(when, DateRule) else when


class PortfolioConstructionModel(TwoSpellings, metaclass=Managed):
    """Base of construction models. Override `determine_target_percent(insights)`, or all of `create_targets`.

    Parameters
    ----------
    rebalance : Resolution, timedelta, date rule, callable or None
        When to rebalance even without new insights; a resolution means that long after the last time. None: at each moment.
    portfolio_bias : PortfolioBias
    """

    def __init__(self, rebalance: Rebalance = None, portfolio_bias: PortfolioBias = PortfolioBias.LONG_SHORT) -> None:
        self._rule = rebalancing(rebalance)
        self._bias = PortfolioBias(portfolio_bias)

    settable = ("rebalance_on_insight_changes", "rebalance_on_security_changes")
    rebalance_on_insight_changes = True
    rebalance_on_security_changes = True
    _rule: Callable[[datetime], datetime | None] | None = None
    _bias = PortfolioBias.LONG_SHORT
    _next: datetime | None = None
    _changed = False
    algorithm: Any = None

    def create_targets(self, algorithm: Any, insights: list[Insight]) -> list[PortfolioTarget]:
        """Targets of a moment: none unless a rebalance is due."""
        self.algorithm = algorithm
        for name in ("rebalance_on_insight_changes", "rebalance_on_security_changes"):
            setting = getattr(algorithm.settings, name.replace("rebalance_on", "rebalance_portfolio_on"))
            if setting is not None:
                setattr(self, name, setting)
        utc = algorithm.utc_time.replace(tzinfo=None)
        if not self.is_rebalance_due(insights, utc):
            return []
        last = self.get_target_insights()
        percents = self.determine_target_percent(last)
        targets, failed = [], set()
        for insight in last:
            if insight in percents:
                target = PortfolioTarget.percent(algorithm, insight.symbol, float(percents[insight]))
                if target is None:
                    failed.add(insight.symbol)
                else:
                    targets.append(target)
        manager = algorithm.insights
        for symbol in dict.fromkeys(insight.symbol for insight in manager.remove_expired_insights(utc)):
            if symbol not in failed and not manager.has_active_insights(symbol, utc):
                targets.append(PortfolioTarget(symbol, 0))
        return targets

    def determine_target_percent(self, insights: list[Insight]) -> dict[Insight, float]:
        """Share of the account of each insight."""
        raise NotImplementedError(
            f"hidden_regime: {type(self).__name__}.determine_target_percent: expected the model to define it (or create_targets)."
        )

    def should_create_target_for_insight(self, insight: Insight) -> bool:
        """Whether an insight counts."""
        return True

    def get_target_insights(self) -> list[Insight]:
        """The latest insight of each symbol that still holds."""
        utc = self.algorithm.utc_time.replace(tzinfo=None)
        last: dict[Any, Insight] = {}
        for insight in self.algorithm.insights.get_active_insights(utc):
            if self.should_create_target_for_insight(insight):
                known = last.get(insight.symbol)
                if known is None or insight.generated >= known.generated:
                    last[insight.symbol] = insight
        return list(last.values())

    def is_rebalance_due(self, insights: Iterable[Insight], utc: datetime) -> bool:
        """Whether it is time: by the rule, or since insights or securities changed."""
        if self._rule is None:
            self._changed = False
            return True
        if self._next is None:
            self._next = self._rule(utc)
            if self._next is not None and self._next <= utc:
                self._next = None
                self._changed = False
                return True
        ends = self.algorithm.insights.first_close()
        news = bool(list(insights)) or (ends is not None and ends < utc)
        due = (
            (self._next is not None and self._next <= utc)
            or (self.rebalance_on_security_changes and self._changed)
            or (self.rebalance_on_insight_changes and news)
        )
        if due:
            self._next = self._rule(utc)
            self._changed = False
        return due

    def set_rebalancing_func(self, rule: Callable[[datetime], datetime | None]) -> None:
        """Rebalance by a function of UTC."""
        self._rule = rule

    def respects_portfolio_bias(self, insight: Insight) -> bool:
        """Whether an insight's direction is allowed."""
        return self._bias == PortfolioBias.LONG_SHORT or int(insight.direction) == int(self._bias)

    def on_securities_changed(self, algorithm: Any, changes: Any) -> None:
        """Follow the universe: what left it is sold."""
        self._changed = bool(changes.count)
        algorithm.insights.expire([security.symbol for security in changes.removed_securities])


class NullPortfolioConstructionModel(PortfolioConstructionModel):
    """No targets."""

    def create_targets(self, algorithm: Any, insights: list[Insight]) -> list[PortfolioTarget]:
        """None."""
        return []

    def on_securities_changed(self, algorithm: Any, changes: Any) -> None:
        """Nothing to follow."""


class EqualWeightingPortfolioConstructionModel(PortfolioConstructionModel):
    """The same share for each insight that isn't flat."""

    def __init__(self, rebalance: Rebalance = Resolution.DAILY, portfolio_bias: PortfolioBias = PortfolioBias.LONG_SHORT) -> None:
        super().__init__(rebalance, portfolio_bias)

    def determine_target_percent(self, insights: list[Insight]) -> dict[Insight, float]:
        """See the base."""
        n = sum(1 for i in insights if i.direction != InsightDirection.FLAT and self.respects_portfolio_bias(i))
        share = 1.0 / n if n else 0.0
        return {i: (int(i.direction) if self.respects_portfolio_bias(i) else 0) * share for i in insights}


class InsightWeightingPortfolioConstructionModel(EqualWeightingPortfolioConstructionModel):
    """Shares by the insights' weights, scaled down where they exceed the account."""

    def _weight(self, insight: Insight) -> float | None:
        return insight.weight

    def should_create_target_for_insight(self, insight: Insight) -> bool:
        """Insights without a weight don't count."""
        return self._weight(insight) is not None

    def determine_target_percent(self, insights: list[Insight]) -> dict[Insight, float]:
        """See the base."""
        allowed = {i: (self._weight(i) or 0.0) for i in insights}
        total = sum(weight for i, weight in allowed.items() if self.respects_portfolio_bias(i))
        factor = 1.0 / total if total > 1.0 else 1.0
        return {i: (int(i.direction) if self.respects_portfolio_bias(i) else 0) * w * factor for i, w in allowed.items()}


class ConfidenceWeightedPortfolioConstructionModel(InsightWeightingPortfolioConstructionModel):
    """Shares by the insights' confidence."""

    def _weight(self, insight: Insight) -> float | None:
        return insight.confidence


class AccumulativeInsightPortfolioConstructionModel(PortfolioConstructionModel):
    """Each insight adds a share in its direction; a flat one takes a share away."""

    def __init__(self, rebalance: Rebalance = None, portfolio_bias: PortfolioBias = PortfolioBias.LONG_SHORT,
                 percent: float = 0.03) -> None:  # fmt: skip
        super().__init__(rebalance, portfolio_bias)
        self._percent = abs(percent)

    def get_target_insights(self) -> list[Insight]:
        """All that still hold, oldest first."""
        utc = self.algorithm.utc_time.replace(tzinfo=None)
        return sorted(self.algorithm.insights.get_active_insights(utc), key=lambda i: i.generated)

    def determine_target_percent(self, insights: list[Insight]) -> dict[Insight, float]:
        """See the base."""
        shares: dict[Any, float] = {}
        for insight in insights:
            share, step = shares.get(insight.symbol, 0.0), self._percent
            if insight.direction == InsightDirection.FLAT:
                share = 0.0 if abs(share) < step else share - step if share > 0 else share + step
            else:
                share += step * int(insight.direction)
            if share * int(self._bias) < 0:
                share = 0.0
            shares[insight.symbol] = share
        last = {insight.symbol: insight for insight in insights}
        return {insight: shares[symbol] for symbol, insight in last.items()}
