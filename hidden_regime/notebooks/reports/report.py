"""What a run of a notebook came to."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.notebooks.reports.encoding import decode

COMPLETED, FAILED, NOT_RUN = "completed", "failed", "not run"


@dataclass(frozen=True)
class Failure:
    """Why a notebook didn't reach its end.

    Attributes
    ----------
    kind : str
        "failed cell", "timeout", "dead kernel", or "stopped" where the notebook doesn't say.
    cell : int or None
        Number of the cell among all cells of the notebook as it was before parameters were put in, from 1.
    line : int or None
        Of the cell, from 1; None where it isn't known.
    source : str
        That line.
    error : str
        Class of the exception.
    message : str
    """

    kind: str
    cell: int | None = None
    line: int | None = None
    source: str = ""
    error: str = ""
    message: str = ""

    def __str__(self) -> str:
        where = "" if self.cell is None else f"cell {self.cell}"
        where += "" if self.line is None else f" line {self.line}"
        what = ": ".join(part for part in (self.error, self.message) if part)
        return ": ".join(part for part in (where, self.kind, self.source.strip(), what) if part)


@dataclass(frozen=True)
class Report:
    """A run of a notebook. Two are equal if all that they say is, to the last bit; where it lies and how long it took aside.

    Attributes
    ----------
    status : str
        "completed", "failed", or "not run".
    error : Failure or None
    told : dict of str to JSON
        What was reported, as it stands in the notebook; `values` has it as it was.
    parameters : dict of str to object
    path : Path
        The executed notebook.
    seconds : float or None
    notes : tuple of str
        What is worth knowing of the run.
    """

    status: str
    error: Failure | None = None
    told: dict[str, Any] = field(default_factory=dict, repr=False)
    parameters: dict[str, Any] = field(default_factory=dict)
    path: Path = field(default_factory=Path, compare=False)
    seconds: float | None = field(default=None, compare=False)
    notes: tuple[str, ...] = field(default=(), compare=False)

    @cached_property
    def values(self) -> dict[str, Any]:
        """What the notebook reported, by name."""
        return {name: decode(one) for name, one in self.told.items()}

    def __getitem__(self, name: str) -> Any:
        if name not in self.told:
            reported = ", ".join(sorted(self.told)) or "nothing"
            raise ParameterError("name", name, f"a reported one; there is {reported}", "In the notebook: report(name, value).")
        return self.values[name]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Report) and self.compared() == other.compared()

    def __hash__(self) -> int:
        return hash(self.compared())

    def compared(self) -> tuple[Any, ...]:
        """What makes two reports equal."""
        # As text: 1 and 1.0 and True are equal in Python.
        return (
            self.status,
            self.error,
            json.dumps(self.told, sort_keys=True),
            json.dumps(self.parameters, sort_keys=True, default=repr),
        )
