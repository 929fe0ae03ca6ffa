"""Guards: each rule fires where a reckoning by hand says so, in a backtest and on a clock alike."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from hidden_regime.data import TableMarket
from hidden_regime.exceptions import ParameterError
from hidden_regime.operation.guarding import watch_over
from hidden_regime.quantconnect.guards.rules import KINDS, Rules, read_rules
from hidden_regime.simulator import run_file
from hidden_regime.simulator.run_state import run_state_of

HOLD = """
from AlgorithmImports import *


class Hold(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2020, 1, 6)
        self.set_cash(100_000)
        self.a = self.add_equity("AAA", Resolution.DAILY).symbol
        self.b = self.add_equity("BBB", Resolution.DAILY).symbol
        self.again = bool(self.get_parameter("again", 0))
        self.share = float(self.get_parameter("share", 0.45))

    def on_data(self, data):
        if self.again or not self.portfolio.invested:
            self.set_holdings(self.a, self.share)
            self.set_holdings(self.b, 0.3)
"""


def prices(closes: list[float]) -> pd.DataFrame:
    days = pd.bdate_range("2020-01-02", periods=len(closes))
    close = np.array(closes)
    return pd.DataFrame({"open": close, "high": close, "low": close, "close": close, "volume": 1e6}, index=days)


def watched(tmp_path, rules: str, a: list[float], b: list[float] | None = None, text: str = HOLD, **parameters):
    path = tmp_path / "hold.py"
    path.write_text(text, encoding="utf-8")
    guards = []
    market = TableMarket({"AAA": prices(a), "BBB": prices(b or [50.0] * len(a))})
    run = run_file(path, market, parameters=parameters, prepare=lambda algorithm: guards.append(watch_over(algorithm, rules)))
    assert run.error is None, run.message
    return guards[0], run_state_of(run.algorithm)


def held(core) -> dict[str, float]:
    return {s.symbol.value: s.holdings.quantity for s in core.securities.values()}


FALLING = [100.0] * 6 + [100.0, 80.0, 80.0, 60.0, 60.0, 60.0, 60.0, 60.0]


def day_of(event) -> str:
    return f"{event.time:%m-%d}"


def test_a_drawdown_stops_once_and_for_all(tmp_path):
    guard, core = watched(tmp_path, '[guards]\ndrawdown = { limit = 0.05, action = "stop" }', FALLING, again="1")
    # 45% of it lose 20%: 9% of the value, on the eighth day.
    assert [(e.rule, e.action, day_of(e)) for e in guard.events] == [("drawdown", "stop", "01-13")]
    assert "8.9" in guard.events[0].said or "9.0" in guard.events[0].said
    assert held(core) == {"AAA": 0.0, "BBB": 0.0} and guard.is_stopped
    refused = [o for o in core.book.orders.values() if "everything was stopped" in (o.events[-1].message or "")]
    assert refused, "the strategy went on to order, and was refused"


def test_warn_changes_nothing(tmp_path):
    rules = '[guards]\ndrawdown = { limit = 0.05, action = "warn" }\ndaily_loss = { limit = 0.05, action = "warn" }'
    guard, core = watched(tmp_path, rules, FALLING)
    plain, _ = held(core), None
    _, unwatched = watched(tmp_path, "", FALLING)
    assert held(unwatched) == plain and guard.events
    # A daily loss twice (80 and 60), a drawdown each day from the first on.
    assert [day_of(e) for e in guard.events if e.rule == "daily_loss"] == ["01-13", "01-15"]
    assert [day_of(e) for e in guard.events if e.rule == "drawdown"][:2] == ["01-13", "01-14"]


def test_a_daily_loss_halves_what_is_held(tmp_path):
    guard, core = watched(tmp_path, '[guards]\ndaily_loss = { limit = 0.05, action = "reduce" }', FALLING)
    bought = {o.symbol.value: o.quantity for o in list(core.book.orders.values())[:2]}
    once = {ticker: quantity // 2 for ticker, quantity in bought.items()}
    # 80 halves both; of 60 only a quarter is left of AAA then, whose fall is 4.4% of the value: within the limit.
    assert [day_of(e) for e in guard.events] == ["01-13"] or len(guard.events) == 2
    expected = once if len(guard.events) == 1 else {ticker: quantity // 2 for ticker, quantity in once.items()}
    assert held(core) == expected


def test_a_position_is_cut_to_its_limit(tmp_path):
    rising = [100.0] * 6 + [150.0] * 6
    guard, core = watched(tmp_path, '[guards]\nposition = { limit = 0.5, action = "reduce" }', rising)
    assert [(e.rule, day_of(e)) for e in guard.events] == [("position", "01-10")]
    value = core.portfolio.total_portfolio_value
    share = held(core)["AAA"] * 150.0 / value
    assert 0.49 < share <= 0.5


def test_a_position_that_loses_too_much_is_closed_and_the_other_stays(tmp_path):
    guard, core = watched(tmp_path, '[guards]\nstop_loss = { limit = 0.15, action = "reduce" }', FALLING)
    assert [(e.rule, day_of(e)) for e in guard.events] == [("stop_loss", "01-13")]
    assert held(core)["AAA"] == 0.0 and held(core)["BBB"] > 0.0


def test_exposure_is_cut_over_all_positions(tmp_path):
    guard, core = watched(tmp_path, '[guards]\nexposure = { limit = 0.5, action = "reduce" }', [100.0] * 10)
    assert [e.rule for e in guard.events] == ["exposure"]
    whole = sum(q * core.securities[s].price for s, q in ((s.symbol, s.holdings.quantity) for s in core.securities.values()))
    assert 0.48 < whole / core.portfolio.total_portfolio_value <= 0.5


def test_an_order_that_is_too_large_is_refused(tmp_path):
    guard, core = watched(tmp_path, '[guards]\norder_size = { limit = 0.4, action = "reduce" }', [100.0] * 10)
    assert held(core)["AAA"] == 0.0 and held(core)["BBB"] > 0.0
    assert guard.events[0].rule == "order_size"


def test_too_many_orders_a_day_are_refused(tmp_path):
    text = HOLD.replace(
        "        if self.again", "        for _ in range(5):\n            self.market_order(self.b, 1)\n        if self.again"
    )
    guard, core = watched(tmp_path, '[guards]\norder_rate = { limit = 3, action = "reduce" }', [100.0] * 8, text=text)
    days: dict[date, int] = {}
    for order in core.book.orders.values():
        if str(order.status) != "INVALID":
            days[order.time.date()] = days.get(order.time.date(), 0) + 1
    assert max(days.values()) == 3
    assert {e.rule for e in guard.events} == {"order_rate"}


def test_a_position_that_has_drifted_is_told(tmp_path):
    rising = [100.0] * 6 + [200.0] * 4
    guard, _ = watched(tmp_path, '[guards]\ndrift = { limit = 0.1, action = "warn" }', rising)
    # 45% of the value become 62%.
    assert guard.events[0].rule == "drift" and "AAA" in guard.events[0].said and "17" in guard.events[0].said


AGED = HOLD.replace("class Hold(QCAlgorithm)", "class Aged(HiddenRegimeAlgorithm)").replace(
    "from AlgorithmImports import *", "from AlgorithmImports import *\nfrom hidden_regime.quantconnect import HiddenRegimeAlgorithm"
).replace("2020, 1, 6", "2021, 6, 1").replace(
    "        self.again", '        self.initialize_regime_detection("AAA", n_states=2, lookback_days=120, retrain_frequency="never")\n        self.again'
)  # fmt: skip


def test_an_old_model_is_told_and_nothing_is_bought(tmp_path):
    rng = np.random.default_rng(3)
    a = (100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, 480)))).tolist()
    guard, core = watched(tmp_path, '[guards]\nmodel_age = { limit = 30, action = "reduce" }', a, text=AGED, again="1")
    assert {e.rule for e in guard.events} == {"model_age"}
    first = guard.events[0].time
    trained = datetime(2021, 5, 31, 16)
    assert timedelta(days=30) < first - trained < timedelta(days=33)
    later = [o for o in core.book.orders.values() if o.time.date() > first.date() and o.quantity > 0]
    assert later and all(str(o.status) == "INVALID" for o in later)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[guard]\n", "guard"),
        ("[guards]\ndrawdwon = { limit = 0.1, action = 'stop' }", "drawdwon"),
        ("[guards]\ndrawdown = { limit = -0.1, action = 'stop' }", "guards.drawdown.limit"),
        ("[guards]\ndrawdown = { limit = true, action = 'stop' }", "guards.drawdown.limit"),
        ("[guards]\ndrawdown = { limit = nan, action = 'stop' }", "guards.drawdown.limit"),
        ("[guards]\norder_rate = { limit = 2.5, action = 'stop' }", "guards.order_rate.limit"),
        ("[guards]\ndrawdown = { limit = 0.1, action = 'sell' }", "guards.drawdown.action"),
        ("[guards]\ndrawdown = { limit = 0.1 }", "guards.drawdown"),
        ("[guards]\ndrawdown = 0.1", "guards.drawdown"),
        ("guards = 3", "rules"),
        ("[guards\n", "rules"),
    ],
)
def test_a_rule_that_means_nothing_is_an_error_that_names_it(text, names):
    with pytest.raises(ParameterError, match=names):
        read_rules(text)


def test_every_kind_of_rule_is_known_and_told():
    rules = Rules({name: {"limit": 1, "action": "warn"} for name in KINDS})
    assert len(rules) == len(KINDS) and all(kind.unit and kind.says for kind in KINDS.values())


def test_a_strategy_can_bring_its_guard_itself(tmp_path):
    own = HOLD.replace(
        "from AlgorithmImports import *", "from AlgorithmImports import *\nfrom hidden_regime.quantconnect.guards import guard"
    ).replace("    def initialize(self):\n", '    def initialize(self):\n        self.kept = guard(self, {"drawdown": {"limit": 0.05, "action": "stop"}})\n')  # fmt: skip
    _, core = watched(tmp_path, "", FALLING, text=own, again="1")
    outside, other = watched(tmp_path, '[guards]\ndrawdown = { limit = 0.05, action = "stop" }', FALLING, again="1")
    inside = core.algorithm.kept
    assert inside.events == outside.events and held(core) == held(other)
    assert [o.quantity for o in core.book.orders.values()] == [o.quantity for o in other.book.orders.values()]
