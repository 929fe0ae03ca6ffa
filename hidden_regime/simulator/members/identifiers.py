"""Standard identifiers of securities, as methods of the algorithm."""

from __future__ import annotations

from typing import Any

from hidden_regime.exceptions import UnsupportedError
from hidden_regime.simulator.core import Core
from hidden_regime.simulator.objects import Symbol


class IdentifierMembers:
    """See the module."""

    _sim: Core

    def cusip(self, symbol: Symbol) -> Any:
        """CUSIP of a symbol; None where LEAN's database has none."""
        return self._defined(symbol, "cusip")

    def composite_figi(self, symbol: Symbol) -> Any:
        """Composite FIGI of a symbol; None where LEAN's database has none."""
        return self._defined(symbol, "composite_figi")

    def sedol(self, symbol: Symbol) -> Any:
        """SEDOL of a symbol; None where LEAN's database has none."""
        return self._defined(symbol, "sedol")

    def isin(self, symbol: Symbol) -> Any:
        """ISIN of a symbol; None where LEAN's database has none."""
        return self._defined(symbol, "isin")

    def cik(self, symbol: Symbol) -> Any:
        """CIK of a symbol; None where LEAN's database has none."""
        return self._defined(symbol, "cik")

    def _defined(self, symbol: Symbol, name: str) -> Any:
        if not isinstance(symbol, Symbol):
            raise UnsupportedError(
                f"{name}({symbol!r}): a symbol by its {name.upper()} exists in LEAN only: the embedded engine finds the "
                f"{name.upper()} of a symbol. Pass a Symbol, or run the strategy in LEAN."
            )
        security = self._sim.securities.get(symbol)
        return getattr(symbol if security is None else security.symbol, name)
