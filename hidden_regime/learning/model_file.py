"""model.toml: the whole question in one file, from data to sizing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hidden_regime.data.packaged import load_series
from hidden_regime.exceptions import EmptyRangeError, ParameterError
from hidden_regime.experiments.checks import whole
from hidden_regime.files.toml import read_tables
from hidden_regime.learning.dataset import Dataset
from hidden_regime.learning.features.making import Features, make_features
from hidden_regime.learning.features.spec import USUAL, FeatureSpec
from hidden_regime.learning.labels.labelling import label
from hidden_regime.learning.labels.labels import Labels
from hidden_regime.learning.models.doors import door_of
from hidden_regime.learning.models.fitting import Recipe
from hidden_regime.learning.splits.base import Splitter
from hidden_regime.learning.splits.combinatorial import CombinatorialPurgedCV
from hidden_regime.learning.splits.purged import PurgedKFold
from hidden_regime.learning.splits.walk_forward import CalendarWalkForward
from hidden_regime.quantconnect.learned.column import Column
from hidden_regime.quantconnect.learned.rows import Rows
from hidden_regime.quantconnect.learned.sizing import Sizing

if TYPE_CHECKING:
    import pandas as pd

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
SPLITTERS: dict[str, Any] = {
    "purged": PurgedKFold, "combinatorial": CombinatorialPurgedCV, "walk-forward": CalendarWalkForward,
}  # fmt: skip
LABELS = ("kind", "horizon", "up", "down", "volatility", "tie", "at_end", "entry", "side", "regime")
TABLES = {
    "data": ("source", "asset", "start", "end"), "features": ("columns", "regimes"), "labels": LABELS,
    "validation": ("kind", "n_splits", "embargo", "n_folds", "n_test", "is_months", "oos_months", "anchored", "n_resamples"),
    "model": ("kind", "parameters", "calibration", "inner_splits", "embargo", "switching", "seed"), "tuning": ("trials",),
    "strategy": tuple(Sizing().to_dict()),
}  # fmt: skip


@dataclass(frozen=True)
class ModelFile:
    """A question to learn: what of, from what, how, and how it would be traded.

    Parameters
    ----------
    name : str
        Letters, digits, "-" and "_": the model is kept under it.
    data, features, labels, validation, model, tuning, strategy : mapping
        Its tables; `docs/learning.md` has all keys.

    Examples
    --------
    >>> from hidden_regime.learning import ModelFile
    >>> config = ModelFile("sp500-up", {"source": "sp500"}, {"columns": ["return:5", "volatility:20"]})
    >>> config.recipe.kind, config.spec.names
    ('logistic', ('return_5', 'volatility_20'))
    """

    name: str
    data: Mapping[str, Any]
    features: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, Any] = field(default_factory=dict)
    validation: Mapping[str, Any] = field(default_factory=dict)
    model: Mapping[str, Any] = field(default_factory=dict)
    tuning: Mapping[str, Any] = field(default_factory=dict)
    strategy: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not NAME.fullmatch(self.name):
            raise ParameterError("name", self.name, "at most 64 letters, digits, '-' and '_', the first a letter or a digit")
        for table, known in TABLES.items():
            given = getattr(self, table)
            if not isinstance(given, Mapping):
                raise ParameterError(table, given, f"a table of {', '.join(known)}")
            for key, value in given.items():
                if key not in known:
                    raise ParameterError(f"{table}.{key}", value, f"one of {', '.join(known)}", "There is no such key.")
        if not isinstance(self.data.get("source"), str):
            raise ParameterError("data.source", self.data.get("source"), "a packaged set, or a file of prices")
        if not isinstance(self.data.get("asset", ""), str):
            raise ParameterError("data.asset", self.data["asset"], "a ticker in quotes")
        for one in (self.days, self.spec, self.recipe, self.splitter, self.sizing, self.n_trials, self.n_resamples):
            del one  # each says what is wrong with it
        if self.sizing.rule == "kelly" and door_of(self.recipe.kind).learns == "up":
            raise ParameterError(
                "strategy.rule", "kelly", f"confidence or threshold for {self.recipe.kind}, which knows probabilities alone",
                "Kelly's share needs a mean and its error, which bayesian-ridge has.")  # fmt: skip

    @classmethod
    def read(cls, path: str | Path) -> ModelFile:
        """Of a file.

        Raises
        ------
        ParameterError
        """
        return cls.of(read_tables("MODEL", path))

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> ModelFile:
        """Of its tables.

        Raises
        ------
        ParameterError
        """
        strange = [name for name in content if name not in ("name", *TABLES)]
        if strange or "name" not in content or "data" not in content:
            raise ParameterError("MODEL", strange or list(content), f"name, data, and some of {', '.join(TABLES)}")
        return cls(**content)

    def to_dict(self) -> dict[str, Any]:
        """As what JSON and TOML can hold; equal questions are equal."""
        found = {"name": self.name} | {table: dict(getattr(self, table)) for table in TABLES}
        found["data"] = {key: str(value) if isinstance(value, date) else value for key, value in dict(self.data).items()}
        return found

    @property
    def days(self) -> tuple[str | None, str | None]:
        """First and last day of the data, as text."""
        start, end = (_day(f"data.{name}", self.data.get(name)) for name in ("start", "end"))
        return start, end

    @property
    def spec(self) -> FeatureSpec:
        """Of the columns."""
        return FeatureSpec(self.features.get("columns", USUAL), self.features.get("regimes", {}))

    @property
    def recipe(self) -> Recipe:
        """Of the model."""
        return Recipe(**dict(self.model))

    @property
    def splitter(self) -> Splitter:
        """Of the validation."""
        given = {key: value for key, value in self.validation.items() if key not in ("kind", "n_resamples")}
        kind = self.validation.get("kind", "purged")
        if not isinstance(kind, str) or kind not in SPLITTERS:
            raise ParameterError("validation.kind", kind, f"one of {', '.join(SPLITTERS)}")
        try:
            made: Splitter = SPLITTERS[kind](**given)
        except TypeError:
            known = [key for key in SPLITTERS[kind]().to_dict() if key != "kind"]
            raise ParameterError("validation", sorted(given), f"keys of {kind}: {', '.join(known)}") from None
        return made

    @property
    def sizing(self) -> Sizing:
        """Of the strategy."""
        return Sizing.of(self.strategy)

    @property
    def n_trials(self) -> int:
        """Recipes that tuning tries in each training; 0: it isn't tuned."""
        return whole("tuning.trials", self.tuning.get("trials", 0), "a whole number of at least 0", low=0)

    @property
    def n_resamples(self) -> int:
        """Of the bootstrap."""
        return whole("validation.n_resamples", self.validation.get("n_resamples", 500), "a whole number of at least 99", low=99)

    def frame(self) -> tuple[str, pd.DataFrame]:
        """Title and bars.

        Raises
        ------
        DataError
        """
        title, frame = load_series(self.data["source"], self.data.get("asset"))
        start, end = self.days
        chosen = frame.loc[start:end]
        if not len(chosen):
            raise EmptyRangeError(
                f"no bars of {title} between {start} and {end}: there are {frame.index[0]} to {frame.index[-1]}."
            )
        return title, chosen

    def make_features(self, frame: pd.DataFrame) -> Features:
        """Features of the bars."""
        return make_features(frame, self.spec)

    def make_labels(self, frame: pd.DataFrame, features: Features) -> Labels:
        """Labels of the bars."""
        given = dict(self.labels)
        if given.get("kind") == "meta":
            given["side"] = sides(frame, given.get("side", "return:20"))
        elif "side" in given:
            raise ParameterError("labels.side", given["side"], "nothing, but for meta labels")
        if given.get("kind") == "regime":
            given["regimes"] = features.regimes if features.regimes is not None else self.spec.detector().run(frame)
        return label(frame, **given)

    def dataset(self) -> tuple[str, Dataset]:
        """Title and data set.

        Raises
        ------
        DataError
        """
        title, frame = self.frame()
        features = self.make_features(frame)
        return title, Dataset.of(features, self.make_labels(frame, features))


def _day(name: str, given: Any) -> str | None:
    """A day of the file, with or without quotes, as a frame of any time zone is cut by it."""
    try:
        return None if given is None else date.fromisoformat(str(given)).isoformat()
    except ValueError:
        raise ParameterError(name, given, "a day such as 2012-12-31") from None


def sides(frame: pd.DataFrame, text: Any) -> list[int]:
    """The side of a rule for meta labels: long where a column is above 0, nothing elsewhere."""
    from hidden_regime.bars.frames import frame_to_bars

    column = Column.read(text)
    if column.is_of_regimes:
        raise ParameterError("labels.side", text, "a column of prices, such as 'return:20'")
    rows = Rows([column])
    out = []
    for bar in frame_to_bars(frame):
        rows.take(bar)
        out.append(1 if rows.row(())[0] > 0.0 else 0)
    return out
