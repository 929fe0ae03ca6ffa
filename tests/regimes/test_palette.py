"""What goes with a regime's usual name: every name has it, and better ones have no less."""

from __future__ import annotations

import itertools
import re

from hidden_regime.regimes import regime_names
from hidden_regime.regimes.palette import MIDDLE, PALETTE, score_of
from hidden_regime.signals import check_allocations


def test_every_usual_name_is_in_it():
    names = {name for n in range(1, 9) for name in regime_names(n) if not re.fullmatch(r"Sideways \d", name)}
    assert names == set(PALETTE)


def test_the_order_is_from_worst_to_best():
    for n in range(1, 7):
        names = [name for name in regime_names(n) if name in PALETTE]
        assert names == [name for name in PALETTE if name in names]
    for worse, better in itertools.pairwise(PALETTE.values()):
        assert worse.score < better.score
        assert worse.allocation <= better.allocation
        assert worse.scale <= better.scale
    assert len({usual.colour for usual in PALETTE.values()}) == len(PALETTE)


def test_what_rises_is_held_and_what_falls_is_not():
    for usual in PALETTE.values():
        assert (usual.score > 0) == (usual.allocation > MIDDLE.allocation) == (usual.kind == "bullish")
        assert (usual.score < 0) == (usual.allocation < MIDDLE.allocation) == (usual.kind in ("bearish", "crisis"))


def test_a_name_of_ones_own_is_in_the_middle():
    assert score_of("Calm") == 0.0
    assert check_allocations(None, 2, ("Calm", "Bull")) == {"Calm": 0.5, "Bull": 1.0}
