"""What the templates say of what one would sweep is what they read."""

from __future__ import annotations

import pytest

from hidden_regime.data import make_market
from hidden_regime.experiments.reads import find_reads
from hidden_regime.experiments.space.read import beside, read_space
from hidden_regime.experiments.trials.setup import make_setup
from hidden_regime.research.strategies import find_strategy, template_names
from tests.conftest import CASES

DECLARING = [name for name in template_names() if beside(find_strategy(name)).is_file()]


def test_all_declare_what_to_sweep_but_those_that_have_nothing():
    assert set(template_names()) - set(DECLARING) == {"learned_allocation", "optimized_ab_comparison", "precomputed_models"}


@pytest.mark.parametrize("name", DECLARING)
def test_a_template_reads_what_it_declares(name):
    asked = {
        "hourly_with_daily_regimes": {"assets": "SPY,QQQ", "start": "2013-01-02"},
        "bitcoin_regimes": {},
        "currency_basket": {},
    }
    data = CASES / "data" if name in asked else make_market(n_days=700).market
    reads = find_reads(make_setup(name, data, parameters=asked.get(name, {})))
    space = read_space(beside(find_strategy(name))).space
    typed = space.with_kinds({read.name: read.kind for read in reads.values()})
    assert typed.names == space.names
    assert 1 < typed.count < 5000
