"""Days that LEAN makes of finer bars: what it filled forward before the first trade is no price of the day."""

from __future__ import annotations

import shutil
import zipfile
from datetime import date

import numpy as np
import pytest

from hidden_regime.data import LeanFolder
from tests.conftest import CASES
from tests.quantconnect.running import HEAD, run

LATE = ("20130708", "20130709", "20130715", "20130722")
TEXT = (
    HEAD
    + """
class Hours(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2013, 7, 1)
        self.set_end_date(2013, 7, 31)
        self.add_equity("QQQ", Resolution.HOUR, data_normalization_mode=DataNormalizationMode.MODE)
        self.initialize_regime_detection("QQQ", lookback_days=60)
        self.days = []
        offer = self._hr.assets["QQQ"].detector.offer

        def note(bar):
            self.days.append(bar)
            return offer(bar)

        self._hr.assets["QQQ"].detector.offer = note
"""
)


@pytest.fixture(scope="module")
def late_market(tmp_path_factory):
    """The reference market, in which QQQ's first trades of some days come after ten or eleven o'clock."""
    folder = tmp_path_factory.mktemp("late") / "data"
    shutil.copytree(CASES / "data", folder)
    path = folder / "equity" / "usa" / "hour" / "qqq.zip"
    with zipfile.ZipFile(path) as packed:
        name = packed.namelist()[0]
        lines = packed.read(name).decode().splitlines()
    kept = [line for line in lines if not (line[:8] in LATE and line[9:14] in ("09:00", "10:00"))]
    assert len(lines) - len(kept) == 2 * len(LATE)
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(name, "\n".join(kept) + "\n")
    rows = {}
    for line in kept:
        rows.setdefault(line[:8], []).append([int(x) / 1e4 for x in line.split(",")[1:5]])
    return LeanFolder(folder, synthetic=True), rows


@pytest.mark.parametrize("mode", ["ADJUSTED", "RAW"])
def test_a_day_begins_with_its_first_trade(tmp_path, late_market, mode):
    market, rows = late_market
    days = run(tmp_path, market, TEXT.replace("MODE", mode)).algorithm.days
    found = {f"{bar.end_time:%Y%m%d}": bar for bar in days}
    assert set(LATE) <= set(found)
    price, split = market.load("QQQ").factors.factors([date.fromisoformat(day) for day in found])
    scale = dict(zip(found, price * split, strict=True)) if mode == "ADJUSTED" else dict.fromkeys(found, 1.0)
    for day, bar in found.items():
        hours = np.array(rows[day])
        expected = [hours[0, 0], hours[:, 1].max(), hours[:, 2].min(), hours[-1, 3]]
        np.testing.assert_allclose([bar.open, bar.high, bar.low, bar.close], np.array(expected) * scale[day], rtol=1e-9)
