"""What several tests need."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hidden_regime.data import LeanFolder, load_dataset

CASES = Path(__file__).parent / "cases"


@pytest.fixture(scope="session")
def reference_market() -> LeanFolder:
    """The invented market that real LEAN was run on."""
    return LeanFolder(CASES / "data", synthetic=True)


@pytest.fixture(scope="session")
def prices() -> pd.DataFrame:
    """Real daily bars."""
    return load_dataset("sp500").iloc[:900]


@pytest.fixture(scope="session")
def two_regimes() -> np.ndarray:
    """A calm and a wild stretch, (600, 1)."""
    rng = np.random.default_rng(7)
    return np.concatenate([rng.normal(0.05, 1.0, 300), rng.normal(-0.2, 3.0, 300)])[:, None]


@pytest.fixture
def recorded_regimes(monkeypatch):
    """Regimes as they were when real LEAN gave its answers to strategies that trade on them, so that the engine and the layer are
    held to these: bars filtered by the Gaussian itself, a name for each state, identity by probabilities alone, no bar left out.
    """
    from hidden_regime.detection import accept, course

    def none_alike(means, covars, weight):
        return np.zeros((len(means), means.shape[1] * (means.shape[1] - 1) // 2), bool)

    match = accept.match_states
    monkeypatch.setattr(accept, "with_tails", lambda p, degrees: p)
    monkeypatch.setattr(accept, "states_alike", none_alike)
    monkeypatch.setattr(accept, "match_states", lambda *parts: match(*parts[:-1], np.zeros_like(parts[-1])))
    monkeypatch.setattr(course, "look", lambda course, row, move: row)
    monkeypatch.setattr(course, "sift", lambda rows, place: 0)
