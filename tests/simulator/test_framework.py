"""The framework's parts where the reference cases don't look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.clock import TradingCalendar
from hidden_regime.simulator.enums import InsightDirection, Resolution
from hidden_regime.simulator.feed.catalog import EARLIEST, LATEST
from hidden_regime.simulator.framework.insight import Insight

SPY = 'self.spy = self.add_equity("SPY", Resolution.DAILY).symbol'
CALENDAR = TradingCalendar(EARLIEST, LATEST)


def end_of(insight, now):
    insight.start(now, CALENDAR)
    return insight.close_time_utc


def test_when_insights_end():
    friday = datetime(2014, 1, 3, 16)
    up = InsightDirection.UP
    assert end_of(Insight.price("SPY", timedelta(days=5), up), friday) == datetime(2014, 1, 10, 21, tzinfo=UTC)
    assert end_of(Insight.price("SPY", Resolution.DAILY, 2, up), friday) == datetime(2014, 1, 7, 21, tzinfo=UTC)
    assert end_of(Insight.price("SPY", Resolution.HOUR, 2, up), friday) == datetime(2014, 1, 6, 16, 30, tzinfo=UTC)
    assert end_of(Insight.Price("SPY", datetime(2014, 1, 8, 12), up), friday) == datetime(2014, 1, 8, 17, tzinfo=UTC)
    assert end_of(Insight.price("SPY", lambda now: now + timedelta(days=1), up), friday) == datetime(
        2014, 1, 6, 14, 30, tzinfo=UTC
    )
    insight = Insight.price("SPY", timedelta(days=1), up, 0.1, 0.2, "me", 0.3, "why")
    assert (insight.magnitude, insight.confidence, insight.source_model, insight.weight, insight.tag) == (
        0.1,
        0.2,
        "me",
        0.3,
        "why",
    )
    end_of(insight, friday)
    assert insight.is_active(datetime(2014, 1, 6, 21))
    assert insight.is_expired(datetime(2014, 1, 6, 21, 1, tzinfo=UTC))
    with pytest.raises(ParameterError, match="at least 1 second"):
        Insight.price("SPY", timedelta(0), up)
    with pytest.raises(ParameterError, match="barCount"):
        Insight.price("SPY", Resolution.DAILY, 0, up)
    with pytest.raises(ParameterError, match="already been assigned to a group"):
        Insight.group(*Insight.group(insight), insight)


def test_models_in_pascal_case_override(play):
    top = """
    class Up(AlphaModel):
        def __init__(self):
            self.done = False
        def Update(self, algorithm, data):
            if self.done or not data.Bars.ContainsKey("SPY"):
                return []
            self.done = True
            return [Insight.Price("SPY", timedelta(days=20), InsightDirection.Up)]
        def OnSecuritiesChanged(self, algorithm, changes):
            super().OnSecuritiesChanged(algorithm, changes)
            assert not hasattr(algorithm, "seen")

    class Half(EqualWeightingPortfolioConstructionModel):
        def DetermineTargetPercent(self, insights):
            return {i: 0.5 * v for i, v in super().DetermineTargetPercent(insights).items()}

    class Halve(RiskManagementModel):
        def ManageRisk(self, algorithm, targets):
            return [PortfolioTarget(t.Symbol, int(t.Quantity / 2)) for t in targets]

    class Noting(ImmediateExecutionModel):
        def Execute(self, algorithm, targets):
            super().Execute(algorithm, targets)
    """
    body = """
    self.universe_settings.resolution = Resolution.DAILY
    self.SetUniverseSelection(ManualUniverseSelectionModel("SPY"))
    self.SetAlpha(Up())
    self.SetPortfolioConstruction(Half())
    self.SetRiskManagement(Halve())
    self.SetExecution(Noting())
    """
    done = play(body, top=top)
    share = done.algorithm.portfolio["SPY"].holdings_value / done.algorithm.portfolio.total_portfolio_value
    assert share == pytest.approx(0.25, abs=0.01)


def test_emitted_insights_act_at_once_and_composites_join(play):
    body = (
        SPY
        + """
self.set_portfolio_construction(ConfidenceWeightedPortfolioConstructionModel())
self.add_alpha(NullAlphaModel())
self.add_risk_management(MaximumUnrealizedProfitPercentPerSecurity(0.5))
self.add_risk_management(MaximumDrawdownPercentPerSecurity(0.5))
self.insights_generated += lambda algorithm, insights: self.seen.append(len(insights.insights))
"""
    )
    hooks = """
    def on_data(self, data):
        if self.time.day == 6:
            self.emit_insights(Insight.price(self.spy, timedelta(days=30), InsightDirection.UP, None, 0.4))
            assert len(self.transactions.get_open_orders()) == 1
            assert self.insights.has_active_insights(self.spy, self.utc_time) and self.insights.contains_key(self.spy)
            assert self.insights.get_next_expiry_time() > self.utc_time
    """
    done = play(body, hooks)
    assert done.algorithm.seen == [1]
    assert done.algorithm.portfolio.invested


@pytest.mark.parametrize(
    "alpha",
    [
        "EmaCrossAlphaModel(3, 8)", "MacdAlphaModel(3, 8, 4)", "RsiAlphaModel(5)", "HistoricalReturnsAlphaModel(2)",
        "ConstantAlphaModel(InsightType.PRICE, InsightDirection.UP, timedelta(days=3))",
        "CompositeAlphaModel(RsiAlphaModel(5), EmaCrossAlphaModel(3, 8))",
    ],
)  # fmt: skip
def test_built_in_alphas_give_insights(play, alpha):
    body = f"""
    self.universe_settings.resolution = Resolution.DAILY
    self.add_universe_selection(ManualUniverseSelectionModel([Symbol.create(t, SecurityType.EQUITY, Market.USA) for t in ("SPY", "TLT")]))
    self.set_alpha({alpha})
    self.set_portfolio_construction(AccumulativeInsightPortfolioConstructionModel())
    """
    done = play(body, end="2014, 6, 30")
    if "Macd" not in alpha:
        assert done.algorithm.insights.total_count > 2
        assert len(done.algorithm._sim.book.orders) > 1


def test_a_cash_account_refuses_the_framework(play):
    from hidden_regime.simulator.failures import EngineError

    body = (
        SPY
        + """
self.set_brokerage_model(BrokerageName.DEFAULT, AccountType.CASH)
self.set_portfolio_construction(EqualWeightingPortfolioConstructionModel())
"""
    )
    with pytest.raises(EngineError, match="unsuitable for Cash Modeled brokerages"):
        play(body)
