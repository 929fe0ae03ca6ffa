"""Steps of order prices in raw prices: a cent from a dollar on, a hundredth of a cent below.

The oracle is LEAN's `EquityPriceVariationModel` and `RoundOrderPrice`, in decimals as there.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import pytest

PRICES = (0.00012, 0.5, 0.56789, 0.99994, 0.99996, 1.0, 1.0001, 1.2345, 2.3456, 3.1416, 4.5678, 4.9999, 5.0001, 5.4321, 97.1254)
ROUNDED = "Warning: To meet brokerage precision requirements, order "


def rounded(price: float) -> tuple[Decimal, bool]:
    """What LEAN makes of a price, and whether it warns."""
    given = Decimal(str(price))
    step = Decimal("0.01") if given >= 1 else Decimal("0.0001")
    value = (given / step).quantize(Decimal(1), ROUND_HALF_EVEN) * step
    return value, value != given


@pytest.mark.parametrize(("mode", "is_raw"), [("RAW", True), ("ADJUSTED", False)])
def test_order_prices_are_rounded_to_their_step(play, mode, is_raw):
    body = f'self.spy = self.add_equity("SPY", Resolution.DAILY, data_normalization_mode=DataNormalizationMode.{mode}).symbol'
    hooks = f"""
    def on_data(self, data):
        if self.time.day == 3:
            for price in {PRICES}:
                self.seen.append(self.limit_order(self.spy, 1, price).get(OrderField.LIMIT_PRICE))
                self.seen.append(self.stop_market_order(self.spy, -1, price).get(OrderField.STOP_PRICE))
                both = self.stop_limit_order(self.spy, -1, price, price / 2)
                self.seen += [both.get(OrderField.STOP_PRICE), both.get(OrderField.LIMIT_PRICE)]
            self.moved = self.limit_order(self.spy, 1, 7)
            self.moved.update_limit_price(3.4567)
            self.moved = [self.moved]
        if self.time.day == 6:
            self.moved.append(self.moved[0].get(OrderField.LIMIT_PRICE))
    """
    done = play(body, hooks)
    given = [p for price in PRICES for p in (price, price, price, price / 2)]
    expected = [float(rounded(p)[0]) for p in given] if is_raw else given
    assert done.algorithm.seen == pytest.approx(expected, abs=1e-12)
    assert done.algorithm.moved[1] == pytest.approx(3.46 if is_raw else 3.4567, abs=1e-12)
    said = [line.partition("was rounded to ")[2].split(" from ") for line in done.algorithm._sim.logs.lines if ROUNDED in line]
    first = next(p for p in given if rounded(p)[1])  # LEAN says it once a run
    assert [(float(a), float(b)) for a, b in said] == ([(float(rounded(first)[0]), first)] if is_raw else [])
