"""Models of the framework that optimise, wait or pair, against closed forms and what pandas finds in the same bars."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.enums import PortfolioBias
from hidden_regime.simulator.failures import ArgumentException
from hidden_regime.simulator.framework.optimized import RiskParityPortfolioConstructionModel
from hidden_regime.simulator.framework.optimizers import (
    MaximumSharpeRatioPortfolioOptimizer,
    MinimumVariancePortfolioOptimizer,
    RiskParityPortfolioOptimizer,
    UnconstrainedMeanVariancePortfolioOptimizer,
)
from hidden_regime.simulator.framework.patient_execution import SpreadExecutionModel


@pytest.fixture(scope="module")
def returns():
    rng = np.random.default_rng(11)
    mixed = rng.normal(0, 1, (400, 3)) @ np.array([[0.8, 0.2, 0.1], [0.0, 1.0, 0.3], [0.0, 0.0, 1.2]])
    return pd.DataFrame(mixed + np.array([0.12, 0.15, 0.2]), columns=["a", "b", "c"])


def test_optimisers_find_the_closed_forms(returns):
    matrix, means, ones = returns.cov().to_numpy(), returns.mean().to_numpy(), np.ones(3)
    inverse = np.linalg.inv(matrix)
    # Least variance for a return and a sum of one: Lagrange's equations.
    sides = np.array([ones @ inverse @ ones, ones @ inverse @ means, means @ inverse @ means])
    first, second = np.linalg.solve([[sides[0], sides[1]], [sides[1], sides[2]]], [1.0, 0.16])
    least = inverse @ (first * ones + second * means)
    found = MinimumVariancePortfolioOptimizer(target_return=0.16).optimize(returns)
    assert found == pytest.approx(least / np.abs(least).sum(), abs=1e-4)
    tangent = inverse @ (means - 0.01)
    found = MaximumSharpeRatioPortfolioOptimizer(risk_free_rate=0.01).optimize(returns)
    assert found == pytest.approx(tangent / tangent.sum(), abs=1e-3)
    assert UnconstrainedMeanVariancePortfolioOptimizer().optimize(returns) == pytest.approx(inverse @ means)
    # No weights within [0, 1] reach that return.
    assert MinimumVariancePortfolioOptimizer(0, 1, 9.0).optimize(returns) == pytest.approx(np.full(3, 1 / 3))
    with pytest.raises(ParameterError, match="Volatility cannot be zero"):
        MinimumVariancePortfolioOptimizer().optimize(returns * 0)


@pytest.mark.parametrize("budget", [None, [0.5, 0.3, 0.2]])
def test_risk_parity_gives_each_its_share_of_risk(returns, budget):
    weights = RiskParityPortfolioOptimizer().optimize(returns, budget)
    risk = weights * (np.cov(returns.to_numpy().T) @ weights)
    assert risk / risk.sum() == pytest.approx(budget or [1 / 3] * 3, abs=1e-6)
    assert weights.sum() == pytest.approx(1)


def test_risk_parity_needs_long_positions():
    with pytest.raises(ArgumentException, match="Long position must be allowed"):
        RiskParityPortfolioConstructionModel(portfolio_bias=PortfolioBias.SHORT)


UNIVERSE = """
self.universe_settings.resolution = Resolution.{resolution}
self.add_universe_selection(ManualUniverseSelectionModel([Symbol.create(t, SecurityType.EQUITY, Market.USA) for t in {tickers}]))
"""
THREE = UNIVERSE.format(resolution="DAILY", tickers=("SPY", "TLT", "GLD"))


def test_mean_variance_hands_past_returns_and_magnitudes_to_the_optimiser(play):
    top = """
    class Noting:
        def __init__(self, seen):
            self.seen = seen
        def optimize(self, returns, means=None, covariance=None):
            self.seen.append(returns)
            return [0.5, -0.2, 0.3]
    """
    body = (
        THREE
        + """
self.set_alpha(ConstantAlphaModel(InsightType.PRICE, InsightDirection.UP, timedelta(days=90), 0.025, None))
self.set_portfolio_construction(MeanVarianceOptimizationPortfolioConstructionModel(period=10, optimizer=Noting(self.seen)))
"""
    )
    hooks = """
    def on_end_of_algorithm(self):
        self.closes = self.history(["SPY", "TLT", "GLD"], datetime(2013, 12, 1), datetime(2014, 1, 3), Resolution.DAILY)
    """
    algorithm = play(body, hooks, top=top, end="2014, 1, 10").algorithm
    first = algorithm.seen[0]
    assert len(first.columns) == 3
    spy = next(name for name in first.columns if name.startswith("SPY"))
    column = first[spy].dropna()
    assert (column.iloc[0], len(column)) == (0.025, 10)  # the insight's magnitude has pushed the oldest one out
    moved = algorithm.closes.loc["SPY"]["close"].pct_change()
    held = column.iloc[1:]
    assert held.to_numpy() == pytest.approx(moved.loc[held.index].to_numpy(), rel=1e-6)
    worth = {name: algorithm.portfolio[name].holdings_value for name in ("SPY", "TLT", "GLD")}
    shares = sorted(value / algorithm.portfolio.total_portfolio_value for value in worth.values())
    assert shares == pytest.approx([-0.2, 0.3, 0.5], abs=0.02)


def test_mean_variance_needs_magnitudes(play):
    body = (
        THREE
        + """
self.set_alpha(ConstantAlphaModel(InsightType.PRICE, InsightDirection.UP, timedelta(days=90)))
self.set_portfolio_construction(MeanVarianceOptimizationPortfolioConstructionModel())
"""
    )
    assert "does not accept 'None' as Insight.magnitude" in str(play(body, fails=True).error)


def test_risk_parity_construction_reckons_with_the_latest_returns(play):
    top = """
    class Noting(RiskParityPortfolioOptimizer):
        def __init__(self, seen):
            super().__init__()
            self.seen = seen
        def optimize(self, returns, budget=None, covariance=None):
            weights = super().optimize(returns, budget, covariance)
            self.seen.append((returns, weights))
            return weights
    """
    body = (
        THREE
        + """
self.set_alpha(ConstantAlphaModel(InsightType.PRICE, InsightDirection.UP, timedelta(days=90)))
self.set_portfolio_construction(RiskParityPortfolioConstructionModel(period=60, optimizer=Noting(self.seen)))
"""
    )
    hooks = """
    def on_data(self, data):
        self.worth = {name: self.securities[name].price for name in ("SPY", "TLT", "GLD")}
        self.closes = self.history(["SPY", "TLT", "GLD"], 62, Resolution.DAILY)["close"].unstack(level=0)
    """
    algorithm = play(body, hooks, top=top, end="2014, 1, 3").algorithm
    returns, weights = algorithm.seen[-1]
    moved = algorithm.closes.pct_change().dropna()
    for name in returns.columns:
        ticker = next(column for column in moved.columns if str(column).split()[0] == name.split()[0])
        assert returns[name].to_numpy()[::-1] == pytest.approx(moved[ticker].iloc[-len(returns) :].to_numpy(), rel=1e-6)
    assert len(returns) == 60
    for name, weight in zip(returns.columns, weights, strict=True):
        ticker = name.split()[0]
        orders = [order for order in algorithm._sim.book.orders.values() if order.symbol.value == ticker]
        share = sum(order.quantity for order in orders) * algorithm.worth[ticker] / algorithm.portfolio.total_portfolio_value
        assert share == pytest.approx(weight, abs=0.01)


def waiting(model):
    """Hourly bars, one insight that lasts, and what was ordered."""
    return (
        UNIVERSE.format(resolution="HOUR", tickers=("SPY",)).replace('("SPY",)', '["SPY"]')
        + f"""
self.set_alpha(ConstantAlphaModel(InsightType.PRICE, InsightDirection.UP, timedelta(days=90)))
self.set_portfolio_construction(EqualWeightingPortfolioConstructionModel(timedelta(days=90)))
self.model = {model}
self.set_execution(self.model)
""",
        """
    def on_data(self, data):
        if data.bars.contains_key("SPY"):
            bar = data.bars["SPY"]
            self.seen.append((self.utc_time, bar.high, bar.low, bar.close, bar.volume))
    def on_order_event(self, event):
        if event.status == OrderStatus.SUBMITTED:
            self.orders = getattr(self, "orders", []) + [(self.utc_time, event.quantity)]
    """,
    )


def test_vwap_execution_buys_below_it_and_little_of_the_volume(play):
    model = "VolumeWeightedAveragePriceExecutionModel()\nself.model.maximum_order_quantity_percent_volume = 0.0001"
    algorithm = play(*waiting(model), end="2014, 1, 17").algorithm
    table = pd.DataFrame(algorithm.seen, columns=["time", "high", "low", "close", "volume"]).set_index("time")
    typical = (table["high"] + table["low"] + table["close"]) / 3
    days = table.index.map(lambda time: time.date())
    vwap = (typical * table["volume"]).groupby(days).cumsum() / table["volume"].groupby(days).cumsum()
    good = table[table["close"] < vwap]
    expected = [(time, int(0.0001 * volume)) for time, volume in good["volume"].items()]
    *orders, last = algorithm.orders
    assert len(orders) > 5
    assert orders == expected[: len(orders)]
    assert (last[0], last[1] <= expected[len(orders)][1]) == (expected[len(orders)][0], True)


def test_deviation_execution_buys_far_below_the_mean(play):
    model = "StandardDeviationExecutionModel(7, 1.5, Resolution.HOUR)\nself.model.maximum_order_value = 30000"
    body, hooks = waiting(model)
    hooks += """
    def on_end_of_algorithm(self):
        self.all = self.history(["SPY"], datetime(2013, 12, 20), self.time, Resolution.HOUR)
    """
    algorithm = play(body, hooks, end="2014, 2, 28").algorithm
    close = algorithm.all.loc["SPY"]["close"].tz_localize("America/New_York").tz_convert("UTC")
    good = close < close.rolling(7).mean() - 1.5 * close.rolling(7).std(ddof=0)
    expected = [(time, int(30000 / price)) for time, price in close[good].loc["2014":].items()]
    *orders, last = algorithm.orders
    assert len(orders) == 3
    assert orders == expected[:3]
    assert (last[0], last[1] < expected[3][1]) == (expected[3][0], True)


def test_spread_execution_waits_for_a_tight_spread(play):
    model = SpreadExecutionModel(-0.01)

    def security(bid, ask, price=100.0, is_open=True):
        return SimpleNamespace(
            price=price, bid_price=bid, ask_price=ask, exchange=SimpleNamespace(exchange_open=is_open)
        )  # fmt: skip

    good = [model.spread_is_favorable(security(*case)) for case in ((99.5, 100.5), (99.4, 100.5), (0, 100), (99.9, 100, 0))]
    assert good == [True, False, False, False]
    assert not model.spread_is_favorable(security(99.9, 100, is_open=False))
    algorithm = play(*waiting("SpreadExecutionModel()")).algorithm
    assert len(algorithm.orders) == 1
    assert algorithm.portfolio.invested


def test_pairs_tell_when_the_ratio_leaves_its_band(play):
    body = (
        UNIVERSE.format(resolution="HOUR", tickers=("SPY", "TLT"))
        + """
self.set_alpha(BasePairsTradingAlphaModel(3, Resolution.HOUR, 1.5))
self.insights_generated += lambda algorithm, made: self.told.extend(
    (self.utc_time, i.symbol.value, int(i.direction), i.period) for i in made.insights)
self.told = []
"""
    )
    hooks = """
    def on_data(self, data):
        if data.bars.contains_key("SPY") and data.bars.contains_key("TLT"):
            self.seen.append((self.utc_time, data.bars["SPY"].close, data.bars["TLT"].close))
    """
    algorithm = play(body, hooks, end="2014, 12, 31").algorithm
    ratios = [one / other for _, one, other in algorithm.seen]
    mean, side, expected = 0.0, 0, []
    for i, (time, ratio) in enumerate(zip([row[0] for row in algorithm.seen], ratios, strict=True)):
        if i < 499:
            continue
        mean = float(np.mean(ratios[:500])) if i == 499 else mean + (ratio - mean) * 2 / 501
        now = 1 if ratio > mean * 1.015 else -1 if ratio < mean * 0.985 else 0
        if now and now != side:
            side = now
            expected += [(time, "SPY", -now), (time, "TLT", now)]
    assert len(expected) > 2
    assert [row[:3] for row in algorithm.told] == expected
    assert {row[3].total_seconds() for row in algorithm.told} == {3 * 3600}


def test_the_pair_that_is_correlated_most(play):
    tickers = ("SPY", "TLT", "GLD", "QQQ")
    body = (
        UNIVERSE.format(resolution="DAILY", tickers=tickers)
        + """
self.model = PearsonCorrelationPairsTradingAlphaModel(40, Resolution.DAILY, minimum_correlation=-1)
self.strict = PearsonCorrelationPairsTradingAlphaModel(40, Resolution.DAILY, minimum_correlation=1)
self.set_alpha(CompositeAlphaModel(self.model, self.strict))
"""
    )
    hooks = f"""
    def on_data(self, data):
        if not self.seen:
            self.seen.append(self.history({list(tickers)}, 40, Resolution.DAILY)["close"].unstack(level=0))
            self.pair = self.model.best_pair
    """
    algorithm = play(body, hooks, end="2014, 1, 6").algorithm
    table = np.log(algorithm.seen[0]).diff().dropna()
    matrix = table.corr().where(~np.eye(len(tickers), dtype=bool)).stack()
    assert {symbol.value for symbol in algorithm.pair} == {str(name).split()[0] for name in matrix.idxmax()}
    assert (algorithm.strict.best_pair, len(algorithm.model.pairs), len(algorithm.strict.pairs)) == ((), 1, 0)
