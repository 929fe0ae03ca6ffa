"""A deployment against its backtest: what drifted is named, what didn't isn't, and a post-mortem has all of it."""

from __future__ import annotations

import re
from datetime import datetime

import numpy as np
import pytest

from hidden_regime.exceptions import ParameterError
from hidden_regime.operation.drift.monitor import monitor
from hidden_regime.operation.drift.postmortem import postmortem
from hidden_regime.operation.drift.reference import live_returns, read_reference
from tests.operation.drift.worlds import invented, results
from tests.operation.journals import two_months
from tests.operation.worlds import WALL


@pytest.fixture(scope="module")
def backtest(tmp_path_factory):
    return results(tmp_path_factory.mktemp("backtest"))


def drifted(journal, backtest):
    return {(one.test, one.subject) for one in monitor(journal, "one", backtest).findings if one.drifted}


def test_what_has_not_changed_has_not_drifted(tmp_path, backtest):
    found = monitor(invented(tmp_path), "one", backtest)
    assert not found.drifted and not found.skipped and found.days == 90
    assert {one.test for one in found.findings} == {"returns", "orders", "ks", "psi", "log-loss"}
    assert len(found.findings) == 8 and all(one.p is None or one.p > 0.01 for one in found.findings)
    assert found.band[0] < found.growth < found.band[1]
    again = monitor(invented(tmp_path / "again"), "one", backtest)
    assert again == found


@pytest.mark.parametrize(
    ("planted", "named"),
    [
        ({"fall": 1.0}, {("returns", "deployment")}),
        ({"wild": 4.0}, {("ks", "SYN log_return"), ("psi", "SYN log_return"), ("ks", "SYN log_range"), ("psi", "SYN log_range")}),
        ({"flips": True}, {("log-loss", "SYN regimes")}),
        ({"order_days": (2, 20)}, {("orders", "deployment")}),
    ],
)
def test_what_was_planted_is_named_and_nothing_else(tmp_path, backtest, planted, named):
    assert drifted(invented(tmp_path, **planted), backtest) == named


def test_what_cannot_be_tested_is_said(tmp_path, backtest):
    found = monitor(invented(tmp_path, n_live=30, order_days=(2,)), "one", backtest)
    assert {one.test for one in found.findings} == {"returns", "orders"}
    assert len(found.skipped) == 3 and all("30 since" in one for one in found.skipped)
    alone = monitor(invented(tmp_path / "b"), "one")
    assert {one.test for one in alone.findings} == {"ks", "psi"} and alone.band is None
    assert any("nothing was given" in one for one in alone.skipped)


def test_returns_are_those_of_trading_days(tmp_path):
    journal = two_months(tmp_path)
    days, returns = live_returns(journal, "one")
    assert len(days) == 40 and np.prod(1.0 + returns) == pytest.approx(journal.equity("one")[-1][1] / 50_000, rel=1e-7)


def test_a_folder_without_results_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="against"):
        read_reference(tmp_path)


def test_a_post_mortem_is_filled_and_no_text_of_it_is_markup(tmp_path, backtest):
    journal = invented(tmp_path, fall=1.0)
    journal.begin_run("one", 7, "", "2026-01-01T17:00:00.000Z")
    journal.tell("one", WALL, datetime(2011, 1, 3, 16), "error", "crash", "<script>alert(1)</script> | # *x*")
    text = postmortem(journal, "one", monitor(journal, "one", backtest))
    assert text == postmortem(journal, "one", monitor(journal, "one", backtest))
    for head in ("What happened", "Orders", "Regimes", "Drift", "Equity", "Open questions"):
        assert f"\n## {head}\n" in text
    assert r"\<script\>alert(1)\</script\> \| \# \*x\*" in text and "<script>" not in text
    assert "3 orders (3 filled), 3 fills, fees 3.00; the target has not confirmed 3 of 3 events" in text
    assert "| returns | deployment | drifted |" in text and "deployment: returns drifted" in text
    assert "1 runs ended without a word" in text and "crash: the journal has 1 of it" in text
    value = journal.equity("one")[-1][1]
    assert f"{value:,.2f}" in text and re.search(r"\| SYN \| \w+ \(90\.0%\)", text)


def test_a_post_mortem_of_a_deployment_that_never_ran_says_so(tmp_path):
    from tests.operation.strategies import TURNING
    from tests.operation.worlds import deployed

    text = postmortem(deployed(tmp_path, TURNING), "one")
    assert text.count("None.") == 3 and "No trading day is over." in text and "Not tested." in text
