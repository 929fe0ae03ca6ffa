"""Models by name and version, which of them is in use, and which was before."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hidden_regime.exceptions import ParameterError, SavedModelError, UnknownDataError
from hidden_regime.experiments.folders import to_json
from hidden_regime.files.paths import given_path
from hidden_regime.files.whole import write_file, write_folder
from hidden_regime.learning.model_file import ModelFile
from hidden_regime.learning.registry.files import MODEL, STRATEGY, SUMS, check_files, model_files, read_model
from hidden_regime.learning.trained import TrainedModel

STAGES = ("staging", "production")
INDEX = "stages.json"
SCHEMA = "hidden-regime/model-stages/1"
VERSION = re.compile(r"^\d{4}-[0-9a-f]{8}\Z", re.ASCII)


@dataclass(frozen=True)
class Entry:
    """One model of a registry.

    Attributes
    ----------
    name, version : str
    folder : Path
    stages : tuple of str
        In which it is the one in use.
    """

    name: str
    version: str
    folder: Path
    stages: tuple[str, ...]

    @property
    def id(self) -> str:
        """As commands take it."""
        return f"{self.name}@{self.version}"

    def model(self) -> TrainedModel:
        """The model; every file is what was written.

        Raises
        ------
        SavedModelError
        """
        return read_model(self.folder)

    def facts(self) -> dict[str, Any]:
        """What is known of it, without its numbers."""
        check_files(self.folder)
        found: dict[str, Any] = json.loads((self.folder / MODEL).read_text(encoding="utf-8"))
        return {"config": found["config"], "recipe": found["recipe"], **found["facts"]}

    def strategy_text(self) -> str:
        """The text that a strategy loads.

        Raises
        ------
        SavedModelError
        """
        text = self.model().strategy_text(self.version)  # says why there is none
        path = self.folder / STRATEGY
        if not path.is_file() or path.read_text(encoding="utf-8").strip() != text:
            raise SavedModelError(f"{path} isn't the text of the model beside it. Take it from a copy, or train the model again.")
        return text


class Registry:
    """A folder of models.

    Parameters
    ----------
    folder : path
        Made when the first model is added.

    Examples
    --------
    >>> import tempfile
    >>> from hidden_regime.learning import ModelFile, Registry, train
    >>> config = ModelFile("up", {"source": "sp500", "end": "2001-12-31"}, {"columns": ["return:5"]},
    ...                    validation={"n_resamples": 99})
    >>> registry = Registry(tempfile.mkdtemp())
    >>> entry = registry.add(train(config))
    >>> registry.promote(entry.id, "production").stages
    ('production',)
    >>> registry.get("up@production").version == entry.version
    True
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = given_path("registry", folder)

    def add(self, model: TrainedModel) -> Entry:
        """Keep a model; one that is there already is the same entry."""
        name = model.config.name
        known = self._versions(name)
        for version in known:
            if version.endswith(model.digest[:8]) and read_model(self.folder / name / version).digest == model.digest:
                return self._entry(name, version)
        number = 1 + max((int(version[:4]) for version in known), default=0)
        version = f"{number:04d}-{model.digest[:8]}"
        write_folder(self.folder / name / version, model_files(model, version))
        return self._entry(name, version)

    def list(self) -> tuple[Entry, ...]:
        """All entries, by name and version."""
        if not self.folder.is_dir():
            return ()
        names = sorted(path.name for path in self.folder.iterdir() if path.is_dir())
        return tuple(self._entry(name, version) for name in names for version in self._versions(name))

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.list())

    def get(self, id: str) -> Entry:
        """An entry: "name@version", "name@production" for the one in use, or "name" for the one in production, else the latest.

        Raises
        ------
        UnknownDataError
            There is none.
        """
        name, _, asked = str(id).partition("@")
        known = self._versions(name)
        stages = self._stages(name)["stages"] if known else {}
        if not asked:
            asked = stages.get("production") or (known[-1] if known else "")
        elif asked in STAGES:
            asked = stages.get(asked, "")
            if not asked:
                raise UnknownDataError(f"no model of {name!r} is in {id.partition('@')[2]}. See `hidden-regime ml list`.")
        if asked not in known:
            there = ", ".join(known[-3:]) or "none"
            raise UnknownDataError(f"model {id!r}: {self.folder} has {there} of {name!r}. See `hidden-regime ml list`.")
        return self._entry(name, asked)

    def promote(self, id: str, stage: str = "production") -> Entry:
        """Put a model into use; what was there before can come back.

        Raises
        ------
        SavedModelError
            Its files aren't those that were added.
        """
        _check_stage(stage)
        entry = self.get(id)
        entry.model()
        content = self._stages(entry.name)
        before = content["stages"].get(stage)
        if before != entry.version:
            content["stages"][stage] = entry.version
            content["history"].append({"stage": stage, "version": entry.version, "before": before})
            write_file(self.folder / entry.name / INDEX, to_json(content))
        return self._entry(entry.name, entry.version)

    def roll_back(self, name: str, stage: str = "production") -> Entry:
        """Put the model before this one back into use.

        Raises
        ------
        ParameterError
            There was none.
        """
        _check_stage(stage)
        content = self._stages(name)
        places = [i for i, one in enumerate(content["history"]) if one["stage"] == stage]
        before = content["history"][places[-1]]["before"] if places else None
        if before is None:
            raise ParameterError("name", name, f"a model whose {stage} had another one before")
        read_model(self.folder / name / before)
        content["stages"][stage] = before
        del content["history"][places[-1]]
        write_file(self.folder / name / INDEX, to_json(content))
        return self._entry(name, before)

    def trials(self, config: ModelFile) -> int:
        """Recipes that were looked at for the kept models of a question's name, but for those of the same question."""
        kept = [self._entry(config.name, version).facts() for version in self._versions(config.name)]
        others = [facts for facts in kept if facts["config"] != config.to_dict()]
        return sum(int(facts["n_trials"]) - int(facts["trials_before"]) for facts in others)

    def _versions(self, name: str) -> tuple[str, ...]:
        folder = self.folder / name
        if not name or "/" in name or "\\" in name or not folder.is_dir():
            return ()
        return tuple(sorted(path.name for path in folder.iterdir() if VERSION.match(path.name) and (path / SUMS).is_file()))

    def _stages(self, name: str) -> dict[str, Any]:
        path = self.folder / name / INDEX
        if not path.is_file():
            return {"schema": SCHEMA, "stages": {}, "history": []}
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["schema"] != SCHEMA:
                raise ValueError(f"schema {content['schema']!r}")
            moves = [(one["stage"], one["version"], one["before"]) for one in content["history"]]
            moves += [(stage, version, None) for stage, version in content["stages"].items()]
            for stage, version, before in moves:
                if stage not in STAGES or not VERSION.match(version) or (before is not None and not VERSION.match(before)):
                    raise ValueError(f"{stage!r}: {version!r} after {before!r}")
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise SavedModelError(f"{path} is damaged ({error}): remove it, and promote a model again.") from error
        return dict(content)

    def _entry(self, name: str, version: str) -> Entry:
        stages = tuple(stage for stage in STAGES if self._stages(name)["stages"].get(stage) == version)
        return Entry(name, version, self.folder / name / version, stages)


def _check_stage(stage: str) -> None:
    if stage not in STAGES:
        raise ParameterError("stage", stage, f"one of {', '.join(STAGES)}")
