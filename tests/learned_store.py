"""An object store that holds a model made by hand: it wants the more, the likelier the market is in Bull."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from hidden_regime.quantconnect.learned.column import read_columns
from hidden_regime.quantconnect.learned.cores import Linear
from hidden_regime.quantconnect.learned.loading import key_of
from hidden_regime.quantconnect.learned.predictor import Single
from hidden_regime.quantconnect.learned.sizing import Sizing
from hidden_regime.quantconnect.learned.text import StrategyModel

COLUMNS = ("probability:Bull", "probability:Bear", "return:5", "rsi:14", "volatility:20@1")
WEIGHTS = [3.0, -3.0, 0.1, 0.01, -2.0]


def strategy_model(
    name="learned", origin=date(2000, 1, 3), n_states=3, columns=COLUMNS, predictor=None, **sizing
) -> StrategyModel:
    """A model without a training."""
    n = len(WEIGHTS)
    plain = {"kind": "linear", "mean": [0.0] * 3 + [50.0, 0.01], "scale": [1.0] * n, "coef": WEIGHTS, "intercept": 0.0}
    return StrategyModel(
        name, "0001-00000000", read_columns(list(columns)), {"n_states": n_states, "lookback": 252, "retrain": "monthly"}, origin,
        date(2000, 1, 4), predictor or Single(Linear(plain)), Sizing(**sizing), 10)  # fmt: skip


def learned_store(folder: Path, **options) -> Path:
    """The folder, with the model in it."""
    model = strategy_model(**options)
    path = Path(folder) / key_of(model.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(model.to_text(), encoding="utf-8")
    return Path(folder)
