"""What a study is: everything that decides which trials there are and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.constraint import Constraint
from hidden_regime.experiments.objective import Objective, path_of
from hidden_regime.experiments.reads import Watched
from hidden_regime.experiments.search import Euler, Grid, Random, Search, Tpe
from hidden_regime.experiments.search.euler import SEGMENTS
from hidden_regime.experiments.space import Space
from hidden_regime.experiments.studies.trial import is_path
from hidden_regime.experiments.trials.digests import digest_of
from hidden_regime.experiments.trials.setup import Setup

METHODS = ("grid", "euler", "random", "tpe")
ALL_AT_ONCE = 1_000_000


@dataclass(frozen=True)
class Spec:
    """A study's question.

    Attributes
    ----------
    setup : Setup
    space : Space
    method : str
        "grid", "euler", "random" or "tpe".
    n_trials : int
        Of random and tpe.
    objectives : tuple of Objective
    constraints : tuple of Constraint
    seed : int
    batch : int
        Sets that are proposed at once: what a search learns, it learns after each batch.
    segments : int or None
        Steps of a range without one, of grid and euler.
    watched : Watched
        What the strategy reads and which days it runs over.
    """

    setup: Setup
    space: Space
    method: str
    n_trials: int
    objectives: tuple[Objective, ...]
    constraints: tuple[Constraint, ...] = ()
    seed: int = 0
    batch: int = 8
    segments: int | None = None
    watched: Watched = field(kw_only=True)

    def search(self) -> Search:
        """The search that proposes its sets."""
        first, batch = self.objectives[0], self.batch
        if self.method == "grid":
            # Nothing is learnt from a grid, so all workers stay busy to its end; unless it may end at a value.
            return Grid(self.space, batch=batch if first.value is not None else ALL_AT_ONCE, segments=self.segments)
        if self.method == "euler":
            return Euler(self.space, direction=first.direction, batch=batch, segments=self.segments or SEGMENTS)
        if self.method == "random":
            return Random(self.space, self.n_trials, self.seed, batch if first.value is not None else ALL_AT_ONCE)
        if self.method == "tpe":
            directions = tuple(one.direction for one in self.objectives)
            return Tpe(self.space, self.n_trials, directions, self.seed, batch)
        raise ParameterError("method", self.method, f"one of {', '.join(METHODS)}")

    def to_dict(self) -> dict[str, Any]:
        """All of it but how many trials there are to be: a longer study goes on from a shorter one."""
        s = self.setup
        # What is varied overrides its own value: a config.json that the best was written into asks for the same study.
        fixed = {name: value for name, value in s.base.items() if name not in self.space.names}
        return {
            "strategy": s.name, "method": self.method, "space": self.space.to_dict()["parameters"],
            "objectives": [{"target": o.target, "direction": o.direction, "value": o.value} for o in self.objectives],
            "constraints": [str(c) for c in self.constraints], "seed": self.seed, "batch": self.batch, "segments": self.segments,
            "parameters": fixed, "start": None if s.start is None else s.start.isoformat(),
            "end": None if s.end is None else s.end.isoformat(), "cash": s.cash, "first": self.watched.first.isoformat(),
            "last": self.watched.last.isoformat(), "reads": sorted(self.watched.reads),
            "digests": {"strategy": s.source_key, "data": s.data_key} | {one.name: one.key for one in s.figures},
        }  # fmt: skip

    @property
    def id(self) -> str:
        """Of the study, equal for equal questions."""
        return digest_of(self.to_dict())[:16]


def targets_beyond(objectives: Sequence[Objective], constraints: Sequence[Constraint]) -> tuple[str, ...]:
    """Paths of what is asked for besides LEAN's statistics."""
    targets = [one.target for one in objectives] + [one.target for one in constraints]
    return tuple(dict.fromkeys(path_of(target, literal=True) for target in targets if is_path(target)))
