"""Families of strategies: against arch asked directly, where all win, and where some are equal."""

from __future__ import annotations

import numpy as np
import pytest

from hidden_regime.exceptions import ParameterError

pytest.importorskip("arch")

from hidden_regime.experiments.honesty import confidence_set, superior_ability, superior_ones

FEW = {"block": 3.0, "n_resamples": 199, "seed": 1}


def family(means, n=400, seed=0):
    rng = np.random.default_rng(seed)
    market = rng.normal(0.0, 0.01, n)
    return market, market[:, None] * 0.5 + rng.normal(np.array(means), 0.005, (n, len(means)))


def test_some_win():
    from arch.bootstrap import MCS, SPA, StepM

    benchmark, returns = family([0.01, 0.0, -0.001, 0.002])
    spa = SPA(-benchmark, -returns, block_size=3, reps=199, seed=np.random.default_rng(1))
    stepwise = StepM(-benchmark, -returns, size=0.05, block_size=3, reps=199, seed=np.random.default_rng(1))
    kept = MCS(-returns, 0.1, block_size=3, reps=199, seed=np.random.default_rng(1))
    for one in (spa, stepwise, kept):
        one.compute()
    assert superior_ability(benchmark, returns, **FEW) == tuple(spa.pvalues)
    names = ["a", "b", "c", "d"]
    assert (
        superior_ones(benchmark, returns, names=names, **FEW) == tuple(names[i] for i in stepwise.superior_models) == ("a", "d")
    )
    assert confidence_set(returns, names=names, **FEW) == tuple(names[i] for i in kept.included) == ("a",)


def test_all_win_in_one_step_and_in_several():
    benchmark, returns = family([0.01, 0.012, 0.011])
    assert superior_ones(benchmark, returns, **FEW) == ("0", "1", "2")
    # The second wins only once the first, whose noise hides it, is out: then arch would ask of nobody.
    rng = np.random.default_rng(4)
    market = rng.normal(0.0, 0.01, 400)
    for size in np.linspace(0.05, 0.5, 10):
        returns = market[:, None] + rng.normal([0.02, 0.0006], [0.02, 0.005], (400, 2))
        assert "0" in superior_ones(market, returns, size=size, **FEW)


def test_nobody_wins_on_noise():
    benchmark, returns = family([0.0] * 5, seed=5)
    assert superior_ones(benchmark, returns, **FEW) == ()
    assert superior_ability(benchmark, returns, **FEW).consistent > 0.05
    assert len(confidence_set(returns, **FEW)) >= 4


def test_equal_ones_share_their_fate_and_the_benchmark_never_beats_itself():
    benchmark, returns = family([0.01, -0.01])
    doubled = np.column_stack([returns[:, 0], benchmark, returns[:, 1], returns[:, 0]])
    assert superior_ones(benchmark, doubled, **FEW) == ("0", "3")
    assert confidence_set(doubled, **FEW) == ("0", "3")
    assert superior_ability(benchmark, doubled, **FEW) == superior_ability(benchmark, returns, **FEW)
    assert superior_ability(benchmark, benchmark[:, None], **FEW) == (1.0, 1.0, 1.0)
    assert superior_ones(benchmark, benchmark[:, None], **FEW) == ()
    assert confidence_set(returns[:, :1], names=["alone"], **FEW) == ("alone",)


@pytest.mark.parametrize(
    ("options", "match"),
    [({"size": 0.0}, "size"), ({"size": 1.0}, "size"), ({"names": ["a"]}, "each of the 2"), ({"block": 0.0}, "block"),
     ({"n_resamples": 5}, "n_resamples"), ({"returns": [[0.1, 0.2]]}, "rows"), ({"seed": True}, "seed")],
)  # fmt: skip
def test_what_is_no_family_is_named(options, match):
    benchmark, returns = family([0.01, 0.0])
    with pytest.raises(ParameterError, match=match):
        superior_ones(**{"benchmark": benchmark, "returns": returns} | options)
