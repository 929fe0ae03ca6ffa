"""Last-bar accuracy on markets of other contrast, other durations and more noise than the reference market's."""

from __future__ import annotations

import numpy as np

from hidden_regime import RegimeDetector, make_market
from hidden_regime.data.synthetic import Profile, Regime

MARKETS = {
    "as the reference": ((-0.0016, 0.0210, 45), (0.0001, 0.0095, 70), (0.00075, 0.0060, 140)),
    "low contrast": ((-0.0010, 0.0150, 45), (0.0, 0.0100, 70), (0.0006, 0.0070, 140)),
    "short regimes": ((-0.0025, 0.0210, 15), (0.0, 0.0095, 20), (0.0010, 0.0060, 40)),
    "long regimes": ((-0.0010, 0.0180, 200), (0.0001, 0.0100, 250), (0.0005, 0.0060, 500)),
    "twice the volatility": ((-0.0030, 0.0450, 45), (0.0003, 0.0250, 70), (0.0015, 0.0130, 140)),
}
"""Mean and standard deviation a day and mean duration of bear, sideways and bull."""

ASSETS = {"market": Profile(1.0, 0.0, 0.001, 100.0), "stock": Profile(1.2, 0.0, 0.012, 50.0)}
DETECTORS = {"defaults": {}, "without memory": {"memory": 0.0}, "without memory and prior": {"memory": 0.0, "stay_weight": 0.0}}
SKIP = 600


def main(quick: bool = False) -> None:
    """Print the share of right regimes, market / stock, mean over seeds."""
    seeds = range(1 if quick else 5)
    print(f"SYNTHETIC markets, 3,000 sessions, seeds {list(seeds)}, window 252, trained monthly; market / stock")
    for title, numbers in MARKETS.items():
        regimes = [Regime(name, *row) for name, row in zip(("Bear", "Sideways", "Bull"), numbers, strict=True)]
        cells = []
        for name, options in DETECTORS.items():
            right: dict[str, list[float]] = {asset: [] for asset in ASSETS}
            for seed in seeds:
                made = make_market(n_days=3000, seed=seed, regimes=regimes, assets=ASSETS, shocks=5.0)
                for asset in ASSETS:
                    found = RegimeDetector(**options).run(made.market.load(asset).frame())["regime"]
                    hits = [a == b for a, b in zip(found[SKIP:], made.truth[SKIP:], strict=True)]
                    right[asset].append(float(np.mean(hits)))
            cells.append(f"{name} {np.mean(right['market']):.2f} / {np.mean(right['stock']):.2f}")
        print(f"{title:22}{'   '.join(cells)}")
