"""An allocation plan: which strategy has which share of the money, from a file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any

from hidden_regime.data.offers import close_to
from hidden_regime.exceptions import DataError, ParameterError
from hidden_regime.files.paths import given_path
from hidden_regime.files.whole import write_file

TOP, KEYS = ("strategy",), ("name", "share")
DIGITS = Decimal("0.0001")
"""Shares that are written: they are rounded down, so that their sum never is above what was asked."""


@dataclass(frozen=True)
class Plan:
    """Shares of the money, which sum to at most 1.

    Attributes
    ----------
    shares : dict of str to Decimal

    Raises
    ------
    ParameterError
        No strategy, a share that isn't from 0 to 1, or shares of more than all money.
    """

    shares: dict[str, Decimal]

    def __post_init__(self) -> None:
        if not self.shares:
            raise ParameterError("shares", self.shares, "at least one strategy with its share")
        for name, share in self.shares.items():
            if not 0 <= share <= 1:
                raise ParameterError(f"share of {name}", str(share), "a fraction from 0 to 1; 0.25 is a quarter")
        if self.total > 1:
            raise ParameterError("shares", str(self.total), "a sum of at most 1", "More than all money can't be given away.")

    @property
    def total(self) -> Decimal:
        """What is given away."""
        return sum(self.shares.values(), Decimal(0))

    @property
    def cash(self) -> Decimal:
        """What is left."""
        return 1 - self.total

    def amounts(self, money: Decimal) -> dict[str, Decimal]:
        """Dollars of each strategy, rounded down to the cent."""
        return {name: (share * money).quantize(Decimal("0.01"), ROUND_DOWN) for name, share in self.shares.items()}

    def text(self) -> str:
        """As TOML."""
        blocks = [f"[[strategy]]\nname = {_quoted(name)}\nshare = {share:f}\n" for name, share in self.shares.items()]
        return "\n".join(blocks)

    def write(self, path: str | Path) -> None:
        """Write it as TOML, which `read_plan` reads."""
        write_file(path, self.text())


def read_plan(path: str | Path) -> Plan:
    """A plan from a TOML file: [[strategy]] with name and share.

    Raises
    ------
    DataError
        It can't be read, names a strategy twice, or gives more than all money away.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> file = Path(mkdtemp()) / "plan.toml"
    >>> told = '[[strategy]]\\nname = "a"\\nshare = 0.6\\n[[strategy]]\\nname = "b"\\nshare = 0.3\\n'
    >>> _ = file.write_text(told, encoding="utf-8")
    >>> str(read_plan(file).cash)
    '0.1'
    """
    file = given_path("plan", path)
    try:
        told = tomllib.loads(file.read_bytes().decode("utf-8"), parse_float=Decimal)
    except OSError as error:
        raise DataError(f"{file}: {error.strerror or error}: expected a TOML file of an allocation plan.") from error
    except ValueError as error:
        raise DataError(f"{file} is no TOML in UTF-8 ({error}).") from error
    try:
        return _plan(told)
    except ParameterError as error:
        raise DataError(f"{file}: {error.text}") from error


def plan_of(weights: Mapping[str, float], total: float = 1.0) -> Plan:
    """Weights as a plan of a share of the money; each is rounded down, and what that leaves is cash."""
    if not 0.0 < total <= 1.0:
        raise ParameterError("total", total, "a fraction above 0 and at most 1")
    return Plan(
        {name: (Decimal(str(value)) * Decimal(str(total))).quantize(DIGITS, ROUND_DOWN) for name, value in weights.items()}
    )


def _plan(told: dict[str, Any]) -> Plan:
    _known("the file", told, TOP)
    rows = told.get("strategy")
    if not isinstance(rows, list) or not rows:
        raise ParameterError("strategy", rows, "at least one table [[strategy]]")
    shares: dict[str, Decimal] = {}
    for number, row in enumerate(rows, 1):
        where = f"[[strategy]] {number}"
        _known(where, row, KEYS)
        name, share = row.get("name"), row.get("share")
        if not isinstance(name, str) or not name.strip():
            raise ParameterError(f"{where} name", name, "a text that is not empty")
        if name in shares:
            raise ParameterError(f"{where} name", name, "each strategy once")
        if isinstance(share, bool) or not isinstance(share, (int, Decimal)) or not Decimal(share).is_finite():
            raise ParameterError(f"{where} share", share, "a fraction from 0 to 1; 0.25 is a quarter")
        shares[name] = Decimal(share)
    return Plan(shares)


def _known(where: str, told: Any, names: tuple[str, ...]) -> None:
    if not isinstance(told, dict):
        raise ParameterError(where, told, f"a table with {', '.join(names)}")
    for name in told:
        if name not in names:
            raise ParameterError(where, name, f"one of {', '.join(names)}", close_to(name, list(names)))


def _quoted(text: str) -> str:
    """A text as TOML has it: what is no plain letter is spelled out."""
    spelled = [c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08X}" for c in text]
    return f'"{"".join(spelled)}"'
