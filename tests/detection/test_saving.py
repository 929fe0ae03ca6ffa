"""What a saved detector may hold: anything else is refused, or goes on without a raw error and without a wrong number."""

from __future__ import annotations

import contextlib
import copy
import json
import math

import numpy as np
import pytest

from hidden_regime import RegimeDetector, load_dataset
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.exceptions import RegimeError, SavedModelError

JUNK = [None, -1, 2**70, -1e300, 1e300, math.nan, "x", [], [1], {}, -0.5, 10**400, True, [[0.5]]]
OPTIONS = [
    {"n_states": 2, "lookback": 100, "time_of_day": True},
    {"n_states": 3, "lookback": 100, "emission": "student_t", "retrain": "adaptive", "min_bars": 80},
]


def places(value, path=()):
    """Where something stands in nested content: of long lists the first and the last."""
    if path:
        yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list) and value:
        for i in (0, len(value) - 1):
            yield from places(value[i], (*path, i))


@pytest.fixture(scope="module", params=OPTIONS, ids=["gaussian", "student"])
def saved(request):
    detector = RegimeDetector(**request.param)
    detector.run(load_dataset("sp500").iloc[:260])
    return json.loads(json.dumps(detector.to_dict()))


def with_junk(content, path, junk):
    out = copy.deepcopy(content)
    inner = out
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = junk
    return out


@pytest.mark.parametrize("seed", range(4))
def test_whatever_stands_anywhere_is_refused_or_goes_on(saved, seed):
    bars = list(frame_to_bars(load_dataset("sp500").iloc[260:270]))
    rng = np.random.default_rng(seed)
    every = sorted(set(places(saved)), key=str)
    refused = 0
    for i in rng.integers(len(every), size=60):
        try:
            detector = RegimeDetector.from_dict(with_junk(saved, every[i], JUNK[rng.integers(len(JUNK))]))
        except SavedModelError:
            refused += 1
            continue
        with contextlib.suppress(RegimeError):
            for state in map(detector.update, bars):
                assert state is None or (math.isfinite(state.log_likelihood) and sum(state.probabilities) == pytest.approx(1.0))
    assert refused > 30


@pytest.mark.parametrize(
    ("path", "junk", "said"),
    [(("rows", 0, 0), 1e300, "rows"), (("known",), [], "known"), (("known", 0, 0), 0.99, "known"), (("filtered",), None, "filtered"),
     (("evidence", "weight", 0), 1e300, "evidence"), (("model", "parameters", "means", 0, 0), 1e20, "model"),
     (("model", "columns"), [1, 2], "columns"), (("options", "n_iter"), 10**9, "n_iter"), (("options", "margin"), 10**400, "margin"),
     (("observers", "", "bars", -1, 4), -1.0, "InvalidPriceError")],
)  # fmt: skip
def test_each_part_is_looked_at(saved, path, junk, said):
    with pytest.raises(SavedModelError, match=said):
        RegimeDetector.from_dict(with_junk(saved, path, junk))
    RegimeDetector.from_dict(saved)
