"""Run a strategy here and compare it with what LEAN answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hidden_regime.data.market import MarketData
from hidden_regime.exceptions import DataError, UnknownStrategyError
from hidden_regime.simulator.comparison.differences import differences
from hidden_regime.simulator.comparison.facts import BROKEN, Facts, facts_of_folder, facts_of_run, read_case
from hidden_regime.simulator.run import run_file


@dataclass
class Check:
    """A comparison: LEAN's facts, ours, and where they differ."""

    lean: Facts
    ours: Facts
    differences: list[str]

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def check(target: str | Path, market: MarketData, *, strategy: str | Path | None = None,
          parameters: Mapping[str, str] | None = None) -> Check:  # fmt: skip
    """Compare a run of the embedded engine with one of LEAN's.

    Parameters
    ----------
    target : str or Path
        A folder of results that LEAN wrote, or a case: a file of facts.
    market : MarketData
        The data that LEAN had.
    strategy : str or Path, optional
        The strategy's file; by default the copy that LEAN's command keeps with its results (`code/main.py`), and for a case
        the file that it names, in the folder `algorithms` beside the case's folder.
    parameters : mapping, optional
        Besides those that LEAN's results name.

    Raises
    ------
    UnknownDataError, DataError, UnknownStrategyError
    """
    target = Path(target)
    lean = facts_of_folder(target) if target.is_dir() else read_case(target)
    kept = target / "code" / "main.py" if target.is_dir() else target.parent.parent / "algorithms" / lean["algorithm"]
    path = Path(strategy) if strategy is not None else kept
    if not path.is_file():
        raise UnknownStrategyError(f"strategy {str(path)!r}: expected the file that LEAN ran. Name it: --strategy FILE.")
    run = run_file(path, market, parameters=dict(lean["parameters"]) | dict(parameters or {}))
    ours = facts_of_run(run, path.stem)
    try:
        found = differences(lean, ours)
    except BROKEN as error:
        raise DataError(
            f"{target} can't be compared ({type(error).__name__}: {error}): expected results as LEAN wrote them. Run LEAN again."
        ) from error
    return Check(lean, ours, found)
