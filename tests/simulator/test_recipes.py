"""What CONTRIBUTING says is enough to add to the engine is enough: each recipe is followed in a copy of the package."""

import json
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import hidden_regime
from tests.conftest import CASES

PACKAGE = Path(hidden_regime.__file__).parent
RUN = """
import json, sys
from hidden_regime.data import LeanFolder
from hidden_regime.simulator import run_file

done = run_file(sys.argv[1], LeanFolder(sys.argv[2], synthetic=True))
if done.error is not None:
    raise done.error
print(json.dumps(done.algorithm.seen))
"""
HEAD = """from AlgorithmImports import *

class Strategy(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2014, 1, 2)
        self.set_end_date(2014, 1, 31)
        self.set_cash(100000)
        self.seen = []
        self.spy = self.add_equity("SPY", Resolution.DAILY, data_normalization_mode=DataNormalizationMode.RAW).symbol
"""


@pytest.fixture
def follow(tmp_path):
    """follow(recipe, hooks): what a strategy has seen in a package with other files, whole or `{old: new}` of a text."""

    def run(recipe, hooks):
        package = tmp_path / "hidden_regime"
        shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
        for name, change in recipe.items():
            path = package / "simulator" / name
            if isinstance(change, str):
                assert not path.exists()
                path.write_text(textwrap.dedent(change))
                continue
            text = path.read_text()
            for old, new in change.items():
                assert text.count(old) == 1, (name, old)
                text = text.replace(old, new)
            path.write_text(text)
        strategy = tmp_path / "strategy.py"
        strategy.write_text(HEAD + textwrap.indent(textwrap.dedent(hooks), "    "))
        command = [sys.executable, "-B", "-c", RUN, str(strategy), str(CASES / "data")]
        done = subprocess.run(
            command, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_a_kind_of_order_is_a_file_a_name_in_kinds_and_lines_in_enums(follow):
    recipe = {
        "orders/kinds/capped_close.py": """
            from hidden_regime.simulator.enums import OrderType
            from hidden_regime.simulator.orders.order import Fill, Order

            class CappedCloseOrder(Order):
                \"\"\"Buys at the first close that is no higher than its cap.\"\"\"

                type = OrderType.CAPPED_CLOSE
                prices = event_fields = ("cap_price",)
                signatures = "capped_close_order symbol:Symbol quantity:int|double|decimal cap_price:decimal @end"

                def attempt(self, security, now):
                    bar = self.fresh_bar(security, now)
                    return Fill(bar.close, "capped") if bar is not None and bar.close <= self.cap_price else None
            """,
        "orders/kinds/__init__.py": {
            "from hidden_regime.simulator.orders.kinds.limit import LimitOrder\n": (
                "from hidden_regime.simulator.orders.kinds.capped_close import CappedCloseOrder\n"
                "from hidden_regime.simulator.orders.kinds.limit import LimitOrder\n"
            ),
            "        TrailingStopOrder,\n": "        TrailingStopOrder, CappedCloseOrder,\n",
        },
        "enums.py": {
            "    TRAILING_STOP = 11\n": "    TRAILING_STOP = 11\n    CAPPED_CLOSE = 99\n",
            "    TRAILING_AMOUNT = 3\n": "    TRAILING_AMOUNT = 3\n    CAP_PRICE = 5\n",
        },
    }
    hooks = """
    def on_data(self, data):
        close = data[self.spy].close
        if self.time.day == 2:
            self.by_place = self.capped_close_order(self.spy, 10, round(close, 2) + 50, False, "mine")
            self.by_name = self.CappedCloseOrder(symbol=self.spy, quantity=5, capPrice=1.006)
            request = SubmitOrderRequest(OrderType.CAPPED_CLOSE, self.spy, 3, cap_price=2.0)
            self.by_request = self.submit_order_request(request)
            self.seen.append([type(self.by_place._order).__name__, self.by_name.get(OrderField.CAP_PRICE), request.cap_price])
            try:
                self.capped_close_order(self.spy, 10)
            except TypeError as error:
                self.seen.append(str(error).splitlines()[0].partition(":")[0])
        if self.time.day == 10:
            fields = UpdateOrderFields()
            fields.CapPrice = round(close, 2) + 50
            self.seen.append(str(self.by_name.update(fields)))
            self.seen.append(self.by_name.update_requests[-1].cap_price == fields.cap_price)

    def on_order_event(self, event):
        if event.status == OrderStatus.FILLED:
            told = event.fill_price <= event.cap_price and "CapPrice: $" in str(event)
            self.seen.append([event.order_id, self.time.day, told, event.message, event.ticket.tag])
    """
    seen = follow(recipe, hooks)
    # Rounded as prices are; bound as LEAN's methods are; updated and told as other prices are.
    assert seen[0] == ["CappedCloseOrder", 1.01, 2.0]
    assert "No method matches given arguments for capped_close_order" in seen
    assert [row for row in seen if row in ("Success", True)] == ["Success", True]
    assert sorted(row for row in seen if isinstance(row, list) and len(row) == 5) == [
        [1, 3, True, "capped", "mine"], [2, 10, True, "capped", ""],
    ]  # fmt: skip


def test_a_consolidator_is_a_file_and_a_name_in_offered(follow):
    recipe = {
        "consolidation/steps.py": """
            from hidden_regime.simulator.consolidation.base import Consolidator
            from hidden_regime.simulator.objects.bars import TradeBar

            class StepConsolidator(Consolidator):
                \"\"\"Bars of a height.\"\"\"

                def __init__(self, size):
                    super().__init__()
                    self.size = size

                def update(self, data):
                    if self.working_data is None:
                        self.working_data = data
                    begun = self.working_data
                    if abs(data.close - begun.close) >= self.size:
                        self.working_data = data
                        low, high = sorted((begun.close, data.close))
                        self.emit(TradeBar(begun.end_time, data.symbol, begun.close, high, low, data.close, 0.0,
                                           data.end_time - begun.end_time))
            """,
        "consolidation/__init__.py": {
            "from hidden_regime.simulator.consolidation.trade_bars": (
                "from hidden_regime.simulator.consolidation.steps import StepConsolidator\n"
                "from hidden_regime.simulator.consolidation.trade_bars"
            ),
            "QuoteBarConsolidator, TradeBarConsolidator)": "QuoteBarConsolidator, StepConsolidator, TradeBarConsolidator)",
        },
    }
    hooks = """
        made = StepConsolidator(2.0)
        made.data_consolidated += lambda sender, bar: self.seen.append([bar.open, bar.close])
        self.subscription_manager.add_consolidator(self.spy, made)
        self.register_indicator(self.spy, SimpleMovingAverage(2), made)
        self.closes = []

    def on_data(self, data):
        self.closes.append(data[self.spy].close)

    def on_end_of_algorithm(self):
        self.seen = [self.seen, self.closes]
    """
    bars, closes = follow(recipe, hooks)
    wanted, begun = [], closes[0]
    for close in closes:
        if abs(close - begun) >= 2.0:
            wanted.append([begun, close])
            begun = close
    assert len(bars) > 1
    assert bars == wanted
