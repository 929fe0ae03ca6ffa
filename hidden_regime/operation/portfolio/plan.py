"""An allocation plan: which strategy has which share of the money, from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any

from hidden_regime.data.offers import only_offered
from hidden_regime.exceptions import DataError, ParameterError
from hidden_regime.files.toml import read_tables
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
    ParameterError
        There is no such file, or it is no TOML.
    DataError
        It names a strategy twice, or gives more than all money away.

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
    told = read_tables("plan", path, decimals=True)
    try:
        return _plan(told)
    except ParameterError as error:
        raise DataError(f"{path}: {error.text}") from error


def plan_of(weights: Mapping[str, float], total: float = 1.0) -> Plan:
    """Weights as a plan of a share of the money; each is rounded down, and what that leaves is cash."""
    if not 0.0 < total <= 1.0:
        raise ParameterError("total", total, "a fraction above 0 and at most 1")
    return Plan(
        {name: (Decimal(str(value)) * Decimal(str(total))).quantize(DIGITS, ROUND_DOWN) for name, value in weights.items()}
    )


def _plan(told: dict[str, Any]) -> Plan:
    only_offered("the file", told, TOP)
    rows = told.get("strategy")
    if not isinstance(rows, list) or not rows:
        raise ParameterError("strategy", rows, "at least one table [[strategy]]")
    shares: dict[str, Decimal] = {}
    for number, row in enumerate(rows, 1):
        where = f"[[strategy]] {number}"
        only_offered(where, row, KEYS)
        name, share = row.get("name"), row.get("share")
        if not isinstance(name, str) or not name.strip():
            raise ParameterError(f"{where} name", name, "a text that is not empty")
        if name in shares:
            raise ParameterError(f"{where} name", name, "each strategy once")
        if isinstance(share, bool) or not isinstance(share, (int, Decimal)) or not Decimal(share).is_finite():
            raise ParameterError(f"{where} share", share, "a fraction from 0 to 1; 0.25 is a quarter")
        shares[name] = Decimal(share)
    return Plan(shares)


def _quoted(text: str) -> str:
    """A text as TOML has it: what is no plain letter is spelled out."""
    spelled = [c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08X}" for c in text]
    return f'"{"".join(spelled)}"'
