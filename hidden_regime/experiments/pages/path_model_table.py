"""The regimes that paths were drawn from, as a table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from hidden_regime.experiments.pages.written import NOTHING, listed, number, percent, signed

COLUMNS = ("Regime", "Mean a day", "Volatility, open to close", "Stays another day", "Lasts, days", "Refit: mean",
           "Refit: volatility", "Refit: stays")  # fmt: skip


def rows(model: Mapping[str, Any]) -> list[list[str]]:
    """A row for each regime, and how far a fit on drawn days is from what they were drawn from."""
    again = model.get("refit", {})
    return [_row(model, again, i) for i in range(len(model.get("names", ())))]


def _row(model: Mapping[str, Any], again: Mapping[str, Any], i: int) -> list[str]:
    mean, stay = model["means"][i], model["stay"][i]
    off = again["means"][i] if "means" in again else []
    return [
        str(model["names"][i]),
        percent(mean[0], 2),
        percent(math.exp(mean[1]), 2) if len(mean) > 1 else NOTHING,
        number(stay, 3),
        number(1.0 / (1.0 - stay), 1) if stay < 1.0 else "for ever",
        signed(percent(off[0], 2)) if len(off) else NOTHING,
        signed(percent(math.expm1(off[1]), 1)) if len(off) > 1 else NOTHING,
        signed(number(again["stay"][i], 3)) if "stay" in again else NOTHING,
    ]


def note(model: Mapping[str, Any]) -> str:
    """What they were fitted to, and how days are drawn; empty without a model."""
    if "names" not in model:
        return ""
    assets = list(model["assets"])
    how = "from its regime's density" if model["method"] == "density" else "as a whole day of the past"
    return (
        f"Regimes of {listed(list(model['lead']) or assets)}, fitted to {model['n_days']:,} days. Drawn are {listed(assets)}, "
        f"each day {how}. Refit: how far a fit on {model['refit']['n_days']:,} drawn days is from what they were drawn from."
    )
