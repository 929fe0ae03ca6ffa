"""Looks at the bars of a subscription, beside what makes days of them."""

from __future__ import annotations

from typing import Any


class Watcher:
    """Base of what is shown each bar of a subscription while it asks for it.

    Parameters
    ----------
    algorithm : QCAlgorithm
    symbol : Symbol
    """

    def __init__(self, algorithm: Any, symbol: Any) -> None:
        self.algorithm, self.symbol = algorithm, symbol
        self._consolidator: Any = None

    def begin(self, resolution: Any) -> None:
        """Look at each bar from now on, if that isn't done already."""
        if self._consolidator is None:
            self._consolidator = self.algorithm.consolidate(self.symbol, resolution, lambda bar: self._look(bar))

    def stop(self) -> None:
        """Look at no more bars."""
        if self._consolidator is not None:
            self.algorithm.subscription_manager.remove_consolidator(self.symbol, self._consolidator)
            self._consolidator = None

    def _look(self, bar: Any) -> None:
        raise NotImplementedError  # pragma: no cover
