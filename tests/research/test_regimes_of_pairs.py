"""Tables of a run that watches currencies and coins: their days are those of the data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hidden_regime.data import LeanFolder
from hidden_regime.research.backtest import collect
from hidden_regime.simulator import run_file
from tests.conftest import CASES
from tests.quantconnect.test_pairs import STRATEGY


@pytest.mark.parametrize("given", [{}, {"hourly": "1"}])
def test_states_and_closes_are_by_the_days_of_the_files(given, tmp_path):
    path = tmp_path / "pairs.py"
    path.write_text(STRATEGY)
    market = LeanFolder(CASES / "data", synthetic=True)
    made = collect(run_file(path, market, parameters=given), "pairs")
    assert made.synthetic and [asset.ticker for asset in made.assets] == ["EURUSD", "BTCUSD"]
    for asset, place, quotes, year in zip(
        made.assets, (("forex", "oanda"), ("crypto", "coinbase")), (True, False), (252.0, 365.0), strict=True
    ):
        bars = market.pairs.bars(*place, asset.ticker, 1440, quotes=quotes)
        own = pd.DataFrame(bars.values, pd.to_datetime(bars.starts, unit="m"))
        own = own.loc[asset.states.index]
        np.testing.assert_allclose(asset.close, (own[3] + own[8]) / 2 if quotes else own[3], rtol=1e-12)
        assert set(asset.table["bars_per_year"]) == {year}
        assert (asset.states["trained_at"].notna()).all()
