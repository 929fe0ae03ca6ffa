"""What `self.history` gives a strategy goes straight into the library, and plain frames of pandas come out."""

from __future__ import annotations

import pytest

TOP = """
import pandas as pd
from hidden_regime import MarketDetector, RegimeDetector, compare, create_financial_pipeline, find_regimes
from hidden_regime.many.run import run_many
from hidden_regime.quantconnect import HistoryDataAdapter

def run(given):
    return RegimeDetector(2, lookback=60, retrain="weekly", challenge_every=10).run(given)

def same(found, expected):
    assert type(found) is pd.DataFrame, type(found)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
"""
BODY = """
self.spy = self.add_equity("SPY", Resolution.{resolution}).symbol
self.tlt = self.add_equity("TLT", Resolution.{resolution}).symbol
self.done, self.step = False, Resolution.{resolution}
"""


@pytest.mark.parametrize("resolution", ["DAILY", "HOUR"])
def test_every_form_of_history_becomes_regimes(play, resolution):
    hooks = """
    def on_data(self, data):
        if self.done or self.time < datetime(2014, 2, 3):
            return
        self.done = True
        spy, tlt, step = self.spy, self.tlt, self.step
        one, both = self.history(spy, 120, step), self.history([spy, tlt], 120, step)
        alone = {spy: run(pd.DataFrame(one.droplevel(0))), tlt: run(pd.DataFrame(both.loc[tlt]))}
        closes = {symbol: run(pd.DataFrame({"close": both.loc[symbol]["close"]})) for symbol in alone}
        same(run(one), alone[spy])
        same(run(one.loc[spy]), alone[spy])
        same(run(one.loc["SPY"]), alone[spy])
        same(run(self.history[TradeBar](spy, 120, step)), alone[spy])
        same(run(self.history("SPY", 120, step)), alone[spy])
        window = RollingWindow[TradeBar](120)
        for bar in self.history[TradeBar](spy, 120, step):
            window.add(bar)
        same(run(window), alone[spy])
        same(run(one["close"]), closes[spy])
        same(run(both.loc[spy].close), closes[spy])
        typed = self.history[TradeBar]([spy, tlt], 120, step)
        for given in (both, typed, self.history(120, step), self.history(TradeBar, [spy, tlt], 120, step), both.unstack(level=0)):
            found = run(given)
            for symbol, expected in alone.items():
                same(found[symbol], expected)
                same(found[symbol.value], expected)
            assert not found.errors
        for given in (both.close.unstack(level=0), both["close"], both["close"].unstack(0)):
            found = run(given)
            for symbol, expected in closes.items():
                same(found[symbol], expected)
                same(found[str(symbol)], expected)
        states = run_many(both, RegimeDetector(2, lookback=60, retrain="weekly", challenge_every=10)).states
        same(states["TLT"], alone[tlt])
        market = MarketDetector(2, lookback=60).run(both)
        same(market, MarketDetector(2, lookback=60).run({s.value: both.loc[s] for s in alone}))
        found = find_regimes(both, n_states=2, lookback=60)
        assert list(compare(found).index) == ["SPY", "TLT"] and found["SPY"].name == "SPY"
        assert type(found[tlt].prices) is pd.DataFrame and type(found[tlt].close) is pd.Series
        table = create_financial_pipeline(spy, 2, data=both, lookback=60).update()
        assert type(table) is pd.DataFrame and len(table) == 120
        converted = HistoryDataAdapter.convert_history(both)
        assert type(converted[spy]) is pd.DataFrame and list(converted) == ["SPY", "TLT"]
        try:
            run(self.history(spy, 0, step))
        except ValueError as error:
            self.seen.append(str(error))
    """
    done = play(BODY.format(resolution=resolution), hooks, top=TOP, end="2014, 2, 5")
    assert done.algorithm.done
    assert len(done.algorithm.seen) == 1
    assert "frame is an empty frame without columns" in done.algorithm.seen[0]
