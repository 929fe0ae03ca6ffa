"""Security data filters: which data come through."""

from __future__ import annotations

from typing import Any

from hidden_regime.simulator.managed import Managed
from hidden_regime.simulator.spelling import TwoSpellings


class SecurityDataFilter(TwoSpellings, metaclass=Managed):
    """Everything. Override `filter(vehicle, data)`."""

    def filter(self, vehicle: Any, data: Any) -> bool:
        """Whether data come through."""
        return True


class EquityDataFilter(SecurityDataFilter):
    """What equities have: everything."""
