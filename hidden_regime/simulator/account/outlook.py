"""What an account's positions are worth at the rows of a panel that are still to come, reckoned at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from hidden_regime.simulator.models.buying_power import SecurityMarginModel

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security
    from hidden_regime.simulator.feed.panel import Panel

MAINTENANCE = attrgetter("maintenance")


class Outlook:
    """Value and maintenance margin of some positions from a panel's present row on.

    It holds as long as nothing but rows of the panel moves their prices, and the positions stay as they are. Running sums go
    position by position, as they do for a single row: what comes out is the same to the last bit.
    """

    def __init__(self, panel: Panel, held: Collection[Security]) -> None:
        self.panel, self._first = panel, panel.row
        self._models = [security.margins for security in held]
        self._requirements = list(map(MAINTENANCE, self._models))
        whole = margin = np.zeros(len(panel.ends) - panel.row)
        if self._models:
            with np.errstate(all="ignore"):
                quantities = np.array([security.holdings.quantity for security in held])
                values = quantities[:, None] * np.array([security.prices_ahead() for security in held])
                margins = np.abs(values) * np.array(self._requirements)[:, None]
                whole, margin = whole + values.cumsum(axis=0)[-1], margin + margins.cumsum(axis=0)[-1]
        self._values: list[tuple[float, float]] = list(zip(whole.tolist(), margin.tolist(), strict=True))

    @staticmethod
    def is_possible(panel: Panel, held: Iterable[Security]) -> bool:
        """Whether all positions follow a panel, and bind their margin by the usual model's rule."""
        usual = SecurityMarginModel
        return all(security.is_plain and security.follows(panel) and type(security.margins) is usual for security in held)

    def now(self) -> tuple[float, float] | None:
        """Value and margin at the panel's row; None where a model's requirement has changed."""
        if list(map(MAINTENANCE, self._models)) != self._requirements:
            return None
        return self._values[self.panel.row - self._first]
