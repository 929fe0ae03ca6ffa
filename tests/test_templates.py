"""Every shipped template: documented, one class a file, and it runs."""

from __future__ import annotations

import ast

import pytest

from hidden_regime.cli.strategies import find_strategy, market_parameters, template_names
from hidden_regime.data import make_market
from hidden_regime.simulator import run_file


@pytest.fixture(scope="module")
def market():
    return make_market(n_days=900, seed=2).market


@pytest.mark.parametrize("name", template_names())
def test_a_template_trades_the_synthetic_market(name, market):
    path = find_strategy(name)
    tree = ast.parse(path.read_text())
    assert "Parameters:" in (ast.get_docstring(tree) or "")
    assert sum(isinstance(node, ast.ClassDef) for node in tree.body) == 1
    assert path.read_text().count("\n") < 130
    run = run_file(path, market, parameters=market_parameters(market, None, None))
    assert run.error is None
    orders = run.algorithm._sim.book.orders
    assert len(orders) > 10
    assert {order.status.name for order in orders.values()} <= {"FILLED", "SUBMITTED"}
    assert run.algorithm._hr.trainings > 20


def test_a_template_looks_at_no_later_bar(market):
    """The same run, cut short, has given the same orders until then."""
    path = find_strategy("optimized_multi_asset")
    parameters = market_parameters(market, None, None)
    whole = run_file(path, market, parameters=parameters)
    short = run_file(path, market, parameters=parameters | {"end": "2012-06-29"})
    cut = [(o.time, o.symbol, o.quantity) for o in short.algorithm._sim.book.orders.values()]
    full = [(o.time, o.symbol, o.quantity) for o in whole.algorithm._sim.book.orders.values()]
    assert len(cut) > 10
    assert full[: len(cut)] == cut


def test_the_synthetic_market_is_the_same_as_frames_and_as_a_lean_folder(tmp_path):
    from hidden_regime.data import open_market, write_lean_folder

    made = make_market(n_days=700, seed=4)
    folder = open_market(write_lean_folder(made, tmp_path))
    parameters = market_parameters(made.market, None, None)
    path = find_strategy("optimized_multi_asset")
    a, b = (run_file(path, source, parameters=parameters) for source in (made.market, folder))
    orders = [[(o.time, o.symbol, o.quantity) for o in run.algorithm._sim.book.orders.values()] for run in (a, b)]
    assert orders[0] == orders[1]
    assert len(orders[0]) > 10
