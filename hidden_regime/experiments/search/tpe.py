"""Bayesian search: Optuna's tree-structured Parzen estimator, asked anew for each batch."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from hidden_regime.exceptions import MissingDependencyError, ParameterError
from hidden_regime.experiments.search.base import BATCH, DIRECTIONS, Told, check_batch, check_count, check_seed
from hidden_regime.experiments.search.random import drawn, written
from hidden_regime.experiments.space import Choice, Parameter, Range, Space

FAR = 1e30
"""How far beyond its constraints a set counts that has no value; as far at most counts any other."""

ASKED_AGAIN = 4
"""How often a batch is asked for, at most, where what comes has been tried."""


@dataclass(frozen=True)
class Tpe:
    """Sets that resemble the best ones so far more than the rest: Bergstra et al. (2011), as Optuna has it.

    Each batch begins with a new sampler, seeded with the seed and the number of sets told, that is told all of them. Sets of one
    batch keep away from each other. A set that has been tried isn't proposed again: a strategy would give the same result.

    A set that violates constraints is worse than any that doesn't, the more so the further it is beyond them; one that failed
    or has no value is worse than all of these.

    Parameters
    ----------
    space : Space
    n_trials : int
    directions : tuple of "max" or "min"
        One for each objective; several look for a Pareto front.
    seed : int
    batch : int
    n_startup : int
        So many sets are drawn at random first, in whole batches.

    Raises
    ------
    MissingDependencyError
        Optuna isn't installed: when sets are asked for.

    References
    ----------
    J. Bergstra, R. Bardenet, Y. Bengio, B. Kégl (2011), Algorithms for hyper-parameter optimization, NeurIPS 24.
    """

    space: Space
    n_trials: int = 100
    directions: tuple[str, ...] = ("max",)
    seed: int = 0
    batch: int = BATCH
    n_startup: int = 10

    def __post_init__(self) -> None:
        check_count("n_trials", self.n_trials)
        check_count("n_startup", self.n_startup)
        check_seed(self.seed)
        check_batch(self.batch)
        object.__setattr__(self, "directions", tuple(self.directions))
        if not self.directions or not set(self.directions) <= set(DIRECTIONS):
            raise ParameterError("directions", self.directions, "max or min for each objective, such as ('max',)")

    def total(self) -> int:
        """The number of trials, or of the sets that there are, where these are fewer."""
        count = self.space.count
        return self.n_trials if count is None else min(self.n_trials, count)

    def propose(self, told: Sequence[Told]) -> list[dict[str, str]]:
        """The next sets; empty after `n_trials`, or when each set has been tried."""
        wanted = min(self.batch, self.total() - len(told))
        if wanted <= 0:
            return []
        tried = {self._key(one.parameters) for one in told}
        found: list[dict[str, str]] = []
        with _quiet() as optuna:
            study = self._study(optuna, told)
            distributions = {axis.name: axis.distribution(optuna) for axis in self._axes}
            for _ in range(ASKED_AGAIN * self.batch):  # not of `wanted`: a longer search begins with a shorter one's sets
                asked = study.ask(distributions).params
                one = {axis.name: axis.text(asked[axis.name]) for axis in self._axes}
                if self._key(one) not in tried:
                    tried.add(self._key(one))
                    found.append(one)
                if len(found) == wanted:
                    return found
        return found + self._others(tried, wanted - len(found), len(told))

    @cached_property
    def _axes(self) -> list[_Axis]:
        return [_Axis(one) for one in self.space]

    def _key(self, parameters: dict[str, str]) -> tuple[str, ...]:
        return tuple(parameters[name] for name in self.space.names)

    def _study(self, optuna: Any, told: Sequence[Told]) -> Any:
        rng = np.random.SeedSequence([self.seed, len(told)])
        # Before version 5 constraints are looked at only where a function for them is given; since then that is deprecated.
        old = {} if hasattr(optuna.trial.Trial, "set_constraint") else {"constraints_func": _told_already}
        sampler = optuna.samplers.TPESampler(
            seed=int(rng.generate_state(1)[0]), n_startup_trials=self.n_startup, multivariate=True, constant_liar=True, **old
        )
        directions = ["maximize" if direction == "max" else "minimize" for direction in self.directions]
        study = optuna.create_study(sampler=sampler, directions=directions)
        distributions = {axis.name: axis.distribution(optuna) for axis in self._axes}
        study.add_trials([self._trial(optuna, one, distributions) for one in told])
        return study

    def _trial(self, optuna: Any, told: Told, distributions: dict[str, Any]) -> Any:
        violation = sum(min(v, FAR) for v in told.violations if v > 0)
        values = told.values
        if values is not None and len(values) != len(self.directions):
            raise ParameterError("told", values, f"{len(self.directions)} values, one a direction")
        if values is None or not all(math.isfinite(value) for value in values):
            values, violation = (0.0,) * len(self.directions), FAR * (1 + len(told.violations))
        return optuna.trial.create_trial(
            params={axis.name: axis.number(told.parameters[axis.name]) for axis in self._axes},
            distributions=distributions,
            values=list(values),
            system_attrs={"constraints": [violation]},
        )

    def _others(self, tried: set[tuple[str, ...]], wanted: int, n_told: int) -> list[dict[str, str]]:
        """Sets that haven't been tried, drawn at random, for where the sampler insists on those that have."""
        rng = np.random.default_rng(np.random.SeedSequence([self.seed, n_told, 1]))
        found: list[dict[str, str]] = []
        while len(found) < wanted:
            one = {parameter.name: drawn(parameter, rng) for parameter in self.space}
            if self._key(one) not in tried:
                tried.add(self._key(one))
                found.append(one)
        return found


class _Axis:
    """A parameter as Optuna's numbers: places in the list of its values, or the values themselves where there is no list."""

    def __init__(self, one: Parameter) -> None:
        self.name, self._one = one.name, one
        self._texts = one.values() if isinstance(one, Choice) or one.step is not None else ()
        self._places = {text: place for place, text in enumerate(self._texts)}

    def distribution(self, optuna: Any) -> Any:
        one, kinds = self._one, optuna.distributions
        if isinstance(one, Choice):
            return kinds.CategoricalDistribution(self._texts)
        if self._texts:
            return kinds.IntDistribution(0, len(self._texts) - 1)
        if one.whole:
            return kinds.IntDistribution(int(one.low), int(one.high))
        return kinds.FloatDistribution(float(one.low), float(one.high))

    def text(self, number: Any) -> str:
        if isinstance(self._one, Choice):
            return str(number)
        return self._texts[number] if self._texts else written(self._one, number)

    def number(self, text: str) -> Any:
        if self._texts:
            if text not in self._places:
                raise ParameterError("told", {self.name: text}, f"a value of the space: {self._one}")
            return text if isinstance(self._one, Choice) else self._places[text]
        low, high = (float(bound) for bound in (self._one.low, self._one.high))  # type: ignore[union-attr]
        number = min(max(float(text), low), high)
        return int(number) if isinstance(self._one, Range) and self._one.whole else number


def _told_already(trial: Any) -> Any:
    return trial.system_attrs["constraints"]


@contextmanager
def _quiet() -> Iterator[Any]:
    """Optuna, without what it logs and without its warnings that something is experimental."""
    try:
        import optuna
    except ImportError as error:
        raise MissingDependencyError("method = 'tpe' needs Optuna: pip install 'hidden-regime[research]'.") from error
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield optuna
    finally:
        optuna.logging.set_verbosity(before)
