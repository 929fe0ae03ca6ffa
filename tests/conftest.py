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
