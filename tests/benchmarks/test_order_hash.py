"""LEAN's hash of a run's orders: real LEAN's answers on the invented market of pairs, and .NET's decimals."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from pathlib import Path

import pytest

from benchmarks.lean_suite.order_hash import order_list_hash
from hidden_regime.simulator import run_file
from hidden_regime.simulator.comparison import read_case
from hidden_regime.simulator.result import build
from tests.conftest import CASES

EQUAL = (
    "c02_forex_hour_reversal", "c04_cross_rates", "c06_coinbase_cash", "c08_binance_margin", "c09_margin_calls_lever",
    "c10_time_stamps_minute", "c12_schedule", "c16_forex_accounts_cash", "f02_random_fx_1",
    "c05_euro_account", "c14_mixed_portfolio", "p06_tag_in_fourth_place", "r04_order_types", "r07_splits_dividends_raw",
)  # fmt: skip
"""Runs that trade pairs, equities beside them, and equities: all kinds of orders, filled, changed, cancelled, refused."""


def orders_of(name, market):
    """The orders of a case here, and LEAN's hash of them."""
    case = read_case(CASES / "expected" / f"{name}.json.xz")
    path = CASES / "algorithms" / f"{Path(case['algorithm']).stem}.py"
    parameters = {key: str(value) for key, value in case["parameters"].items()}
    return build(run_file(path, market, parameters=parameters), "run")["orders"], case["order_list_hash"]


@pytest.mark.parametrize("name", EQUAL)
def test_the_hash_of_orders_is_leans(name, reference_market):
    orders, known = orders_of(name, reference_market)
    assert order_list_hash(orders) == known
    first = next(iter(orders))
    for field, other in (("quantity", 1e-8), ("price", 1e-4), ("time", "Z"), ("tag", "?")):
        changed = orders | {first: orders[first] | {field: orders[first][field] + other}}
        assert order_list_hash(changed) != known


@pytest.mark.parametrize("name", ["c15_layer_bitcoin", "c15_layer_bitcoin_utc"])
def test_the_hash_of_orders_by_recorded_regimes_is_leans(name, reference_market, recorded_regimes):
    orders, known = orders_of(name, reference_market)
    assert order_list_hash(orders) == known


def order(**fields):
    seen = {"bidPrice": 1.34169, "askPrice": 1.34171, "lastPrice": 1.3417}
    return {
        "type": 0, "id": 1, "tag": "é", "price": 0.0, "quantity": 1.0, "orderSubmissionData": seen, "value": 0.0, "securityType": 4,
    } | fields  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"price": 1.3418, "quantity": 18585.0}, '"price":1.3418,"quantity":18585.0,'),
        ({"price": 144.7817217, "quantity": -100.0}, '"price":144.7817,"quantity":-100.0,'),
        ({"price": 12345.678949, "quantity": 1.0}, '"price":12345.6789,"quantity":1.0,'),
        ({"price": 0.00006, "quantity": 0.0001}, '"price":0.00006,"quantity":0.0001,'),
    ],
)
def test_decimals_are_written_as_nets(fields, text):
    sent = order(**fields)
    price, quantity = (
        Decimal(number) for number in (text.split(":")[1].split(",")[0], text.split(":")[2][:-1].removesuffix(".0"))
    )
    product = f"{price * quantity:f}"
    product = product if "." in product else f"{product}.0"
    expected = (
        f'{{"type":0,"id":1,"tag":"é",{text}"orderSubmissionData":{{"bidPrice":1.34169,"askPrice":1.34171,"lastPrice":1.34170}},'
        f'"value":{product},"securityType":4}}'
    )
    assert order_list_hash({"1": sent}) == hashlib.md5(expected.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(("quantity", "value"), [(-0.15360143, "0.00000000"), (527.46022395, "0.0"), (100.0, "0.0")])
def test_what_costs_nothing_has_nets_zeros(quantity, value):
    digits = f"{Decimal(repr(quantity)):f}"
    expected = (
        f'{{"type":0,"id":1,"tag":"é","price":0.0,"quantity":{digits},"orderSubmissionData":{{"bidPrice":1.34169,'
        f'"askPrice":1.34171,"lastPrice":1.34170}},"value":{value},"securityType":4}}'
    )
    assert order_list_hash({"1": order(quantity=quantity)}) == hashlib.md5(expected.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(("mode", "price"), [(0, "200.0800"), (1, "200.08000000000")])
def test_prices_of_equities_have_the_decimals_of_files_and_factors(mode, price):
    seen = dict.fromkeys(("bidPrice", "askPrice", "lastPrice"), 200.08)
    sent = {
        "price": 0.0,
        "quantity": 1.0,
        "securityType": 1,
        "orderSubmissionData": seen,
        "priceAdjustmentMode": mode,
        "value": 0.0,
    }
    expected = (
        f'{{"price":0.0,"quantity":1.0,"securityType":1,"orderSubmissionData":{{"bidPrice":{price},"askPrice":{price},'
        f'"lastPrice":{price}}},"priceAdjustmentMode":{mode},"value":0.0}}'
    )
    assert order_list_hash({"1": sent}) == hashlib.md5(expected.encode(), usedforsecurity=False).hexdigest()


def test_orders_are_sorted_by_their_numbers_and_none_is_a_hash_too():
    orders = {"10": order(id=10), "9": order(id=9)}
    assert order_list_hash(orders) == order_list_hash(dict(sorted(orders.items())))
    assert order_list_hash({}) == hashlib.md5(b"", usedforsecurity=False).hexdigest()
