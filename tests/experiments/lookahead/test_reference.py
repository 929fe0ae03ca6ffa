"""Every template and every strategy that real LEAN answered to is acquitted."""

from __future__ import annotations

from datetime import date

import pytest

from hidden_regime.experiments import check_lookahead
from hidden_regime.research.strategies import template_folder
from tests.conftest import CASES

TEMPLATES = sorted(path.stem for path in template_folder().glob("*.py") if path.stem != "__init__")
REFERENCE = sorted(path.stem for path in (CASES / "algorithms").glob("*.py"))
BEFORE_ANY_BAR = {"r09_object_store_and_train", "r24_failing_strategy"}
"""They fail, or end, before they decide anything that could be compared."""


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates(name, reference_market):
    if "hourly" in name:
        found = check_lookahead(name, reference_market, parameters={"assets": "SPY"}, end=date(2008, 12, 31), cuts=1)
    elif name in ("bitcoin_regimes", "currency_basket"):
        found = check_lookahead(name, reference_market, parameters={"start": "2016-12-01"}, end=date(2017, 2, 28), cuts=1)
    else:
        found = check_lookahead(name, end=date(2002, 6, 30), cuts=1)
    assert (found.verdict, list(found)) == ("clean", [])
    # Without a model in its object store `learned_allocation` holds nothing; its columns are checked in tests/learning.
    assert (found.n_decisions > 0) is (name != "learned_allocation")


@pytest.mark.filterwarnings("ignore::hidden_regime.exceptions.RegimeWarning")
@pytest.mark.parametrize("name", REFERENCE)
def test_strategies_of_the_reference(name, reference_market):
    found = check_lookahead(CASES / "algorithms" / f"{name}.py", reference_market, cuts=1)
    assert (found.verdict, list(found)) == ("clean", [])
    assert found.moments
