"""Photographs the pages of the gallery with a browser of this machine: python docs/make_gallery.py [FOLDER]."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hidden_regime import load_dataset
from hidden_regime.experiments import check_lookahead, compare_strategies, monte_carlo, segment
from hidden_regime.experiments.pages.printing import browser

WIDTH = 1000
PEEKS = """from AlgorithmImports import *
import pandas as pd
from pathlib import Path


class Peeks(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2005, 1, 1)
        self.set_end_date(2007, 12, 31)
        self.asset = self.add_equity("AAPL", Resolution.DAILY).symbol
        close = pd.read_csv(Path(__file__).with_name("aapl.csv"), index_col="date", parse_dates=True)["close"]
        self.rises = close.shift(-1) > close

    def on_data(self, data):
        self.set_holdings(self.asset, float(self.rises[pd.Timestamp(self.time.date())]))
"""


def _peeking(folder: Path) -> str:
    load_dataset("aapl").round(4).to_csv(folder / "aapl.csv")
    (folder / "peeks.py").write_text(PEEKS)
    return check_lookahead(folder / "peeks.py", "aapl").to_html()


PAGES = {
    "compare": (1480, lambda folder: compare_strategies(
        ["basic_regime_switching", "multi_asset_rotation", "optimized_multi_asset"]).to_html()),
    "monte-carlo": (1400, lambda folder: monte_carlo("multi_asset_rotation").to_html()),
    "regime-paths": (1400, lambda folder: monte_carlo(
        "multi_asset_rotation", kind="regime-paths", start=date(2010, 3, 1), n_paths=200).to_html()),
    "segments": (1500, lambda folder: segment("basic_regime_switching").to_html()),
    "check-lookahead": (1120, _peeking),
}  # fmt: skip
"""Name, height of the picture, and what makes the page."""


def photograph(page: str, height: int, picture: Path, folder: Path) -> None:
    """Take a picture of the upper part of a page."""
    source = folder / "page.html"
    source.write_text(page, encoding="utf-8")
    root = ["--no-sandbox"] if sys.platform == "linux" and os.geteuid() == 0 else []
    call = [browser(), "--headless", "--disable-gpu", "--hide-scrollbars", *root, f"--user-data-dir={folder}/profile",
            f"--window-size={WIDTH},{height}", f"--screenshot={picture.resolve()}", source.as_uri()]  # fmt: skip
    subprocess.run(call, check=True, capture_output=True, timeout=120)


def main(folder: Path) -> None:
    """Photograph all, or those that are named."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (height, make) in PAGES.items():
        with TemporaryDirectory() as place:
            photograph(make(Path(place)), height, folder / f"{name}.png", Path(place))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "gallery")
