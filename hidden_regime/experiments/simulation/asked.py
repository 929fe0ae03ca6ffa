"""What a simulation was asked, and who it is before anything has run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from hidden_regime.exceptions import ParameterError, RegimeError, StudyError
from hidden_regime.experiments.checks import number, whole
from hidden_regime.experiments.optimization import store_folder
from hidden_regime.experiments.result import Result
from hidden_regime.experiments.search.base import check_seed
from hidden_regime.experiments.sources import is_results, result_of
from hidden_regime.experiments.studies.folder import STUDY, read_study
from hidden_regime.experiments.studies.study import Study
from hidden_regime.experiments.trials.digests import digest_of
from hidden_regime.experiments.trials.setup import Setup, make_setup
from hidden_regime.experiments.trials.source import Data
from hidden_regime.experiments.workers import Workers
from hidden_regime.research.strategies import find_strategy

KINDS = ("bootstrap", "trades", "parameters", "regime-paths")
PATHS = {"bootstrap": 10_000, "trades": 10_000, "parameters": 40, "regime-paths": 200}
RUNS = ("parameters", "regime-paths")
"""Kinds that run a strategy for each path."""


@dataclass(frozen=True, eq=False)
class Asked:
    """A simulation's question; see `monte_carlo` for what each is."""

    source: Any
    kind: str
    n_paths: int
    block: float | None
    years: float | None
    ruin: float
    drawdowns: tuple[float, ...]
    seed: int
    name: str
    data: Data
    parameters: Mapping[str, object] | None
    start: date | None
    end: date | None
    cash: float | None
    space: Any
    objective: Any
    n_states: int
    workers: int | None
    backend: str
    store: str | Path | None
    progress: Any

    @property
    def folder(self) -> Path | None:
        """Where trials are kept."""
        return None if self.store is None else store_folder(self.store, None)

    @property
    def pool(self) -> Workers:
        """Who runs the paths."""
        return Workers(self.workers, self.backend)

    def question(self, name: str, **further: Any) -> dict[str, Any]:
        """As what JSON can hold: all that the answer depends on but the source itself."""
        told: dict[str, Any] = {"kind": self.kind, "name": name, "n_paths": self.n_paths, "seed": self.seed}
        if self.kind != "parameters":
            told |= {"years": self.years, "ruin": self.ruin, "drawdowns": list(self.drawdowns)}
        if self.kind == "bootstrap":
            told["block"] = self.block
        if self.kind == "regime-paths":
            told["n_states"] = self.n_states
        return told | further


def check(kind: str, n_paths: int | None, block: float | None, years: float | None, ruin: float, drawdowns: Sequence[float],
          seed: int, space: Any, n_states: int) -> tuple[int, float | None, float | None, tuple[float, ...]]:  # fmt: skip
    """Numbers of a question: paths, block, years and drawdowns.

    Raises
    ------
    ParameterError
    """
    if kind not in KINDS:
        raise ParameterError("kind", kind, f"one of {', '.join(KINDS)}")
    count = whole("n_paths", PATHS[kind] if n_paths is None else n_paths, "a whole number of at least 1")
    if block is not None and kind != "bootstrap":
        raise ParameterError("block", block, f"nothing with kind={kind!r}", "Days are drawn in blocks with kind='bootstrap'.")
    if space is not None and kind != "parameters":
        raise ParameterError("space", space, f"nothing with kind={kind!r}", "Parameters are moved with kind='parameters'.")
    if years is not None and kind == "parameters":
        raise ParameterError("years", years, "nothing with kind='parameters'", "Give start and end.")
    whole("n_states", n_states, "a whole number of at least 1")
    check_seed(seed)
    length = None if block is None else number("block", block, "a mean length in days of at least 1", low=1.0)
    span = None if years is None else number("years", years, "a number of years above 0", above=0.0)
    if not number("ruin", ruin, "a share of the start, between 0 and 1", above=0.0) < 1.0:
        raise ParameterError("ruin", ruin, "a share of the start, between 0 and 1", "0.5 is half of it.")
    try:
        falls = tuple(sorted({float(level) for level in drawdowns}))
    except (TypeError, ValueError):
        raise ParameterError("drawdowns", drawdowns, "fractions between 0 and 1, such as (0.1, 0.2)") from None
    if not all(math.isfinite(level) and 0.0 < level < 1.0 for level in falls):
        raise ParameterError("drawdowns", list(falls), "fractions between 0 and 1", "0.3 is thirty percent.")
    return count, length, span, falls


def as_result(asked: Asked) -> Result:
    """The run that days or trades are drawn from; a strategy is run."""
    return result_of(asked.source, name=asked.name, data=asked.data, parameters=asked.parameters, start=asked.start,
                     end=asked.end, cash=asked.cash, store=asked.folder)  # fmt: skip


def is_run_here(source: Any) -> bool:
    """Whether a source is a strategy, and not the results of one."""
    return isinstance(source, (str, Path)) and not is_results(Path(source))


def key_of(result: Result) -> str:
    """Digest of what is drawn from: the curve and the trades."""
    equity = result.equity["equity"].dropna()
    trades = result.trades
    parts = (
        [trades[name].astype(str).tolist() for name in ("entry_time", "exit_time", "profit_loss", "fees")] if len(trades) else []
    )
    return digest_of([f"{day:%Y-%m-%d}" for day in equity.index], equity.tolist(), parts)


def run_of(setup: Setup) -> dict[str, Any]:
    """What is run, as a study's question tells it: a simulation that was written says what it was of."""
    days = {name: None if day is None else day.isoformat() for name, day in (("start", setup.start), ("end", setup.end))}
    digests = {"strategy": setup.source_key, "data": setup.data_key}
    return {"parameters": dict(setup.base), **days, "cash": setup.cash, "digests": digests}


def identity_of(question: Mapping[str, Any], key: str) -> str:
    """Of a simulation, by its question and what it is of."""
    return digest_of("simulation", question, key)[:16]


def expect_unused(asked: Asked) -> None:
    """Raise for what only a strategy takes where there is none to run.

    Raises
    ------
    ParameterError
    """
    given = {"parameters": asked.parameters, "start": asked.start, "end": asked.end, "cash": asked.cash}
    for name, value in given.items():
        if value:
            raise ParameterError(
                name, value, "nothing with what has run already", "A strategy takes it: give that, or leave it out."
            )


def setup_key(setup: Setup) -> str:
    """Digest of a strategy's run before it has run; empty where nobody knows what the data hold."""
    return setup.trial_key({})


def setup_of(asked: Asked) -> Setup:
    """Of a strategy."""
    return make_setup(asked.source, asked.data, parameters=asked.parameters, start=asked.start, end=asked.end, cash=asked.cash,
                      store=asked.folder)  # fmt: skip


def study_in(source: Any) -> Study | None:
    """The study of a source that is the folder of one."""
    if isinstance(source, (str, Path)) and (Path(source) / STUDY).is_file():
        return read_study(Path(source))
    return None


def setup_of_study(asked: Asked, study: Study) -> Setup:
    """The winner of a study as a set-up: its strategy, data and dates.

    Raises
    ------
    StudyError
        It has no winner; or the strategy or the data aren't found, or have changed since.
    """
    spec, best = study.spec, study.best
    if best is None:
        raise StudyError(f"{asked.source}: no trial of the study is feasible: expected one with a winner.")
    if asked.parameters or asked.start or asked.end or asked.cash:
        raise ParameterError("source", str(asked.source), "a strategy, to go with parameters, start, end or cash",
                             "A study has its own.")  # fmt: skip
    path = _strategy_of(Path(asked.source), str(spec["strategy"]))
    start, end = (None if spec[name] is None else date.fromisoformat(spec[name]) for name in ("start", "end"))
    setup = make_setup(path, asked.data, parameters=spec["parameters"] | best.parameters, start=start, end=end, cash=spec["cash"],
                       store=asked.folder)  # fmt: skip
    kept = spec["digests"]
    if setup.source_key != kept["strategy"]:
        raise StudyError(
            f"{path} isn't what the study ran: it has changed since. Give the strategy, parameters and space instead."
        )
    if setup.data_key != kept["data"]:
        raise StudyError("the data aren't those of the study: expected data= as the study had it, unchanged.")
    return setup


def _strategy_of(folder: Path, name: str) -> Path:
    """A study's strategy: a template, or a file or project of its name here or beside the study."""
    places = [name] + [str(where / (name + ending)) for where in (Path(), folder.parent, folder) for ending in (".py", "")]
    for place in places:
        try:
            return find_strategy(place)
        except RegimeError:
            continue
    raise StudyError(
        f"the study's strategy {name!r} isn't found: expected {name}.py or a project of that name in the working folder or "
        "beside the study. Or give the strategy's file, with parameters= and space=."
    )


def unset(objective: Any) -> bool:
    """Whether an objective is what stands where none was given."""
    return isinstance(objective, str) and objective == "Sharpe Ratio"
