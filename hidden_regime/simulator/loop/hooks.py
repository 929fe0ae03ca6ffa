"""The user's hooks, found once each."""

from __future__ import annotations

from typing import Any

from hidden_regime.simulator.algorithm import QCAlgorithm
from hidden_regime.simulator.managed import hook


class Hooks:
    """Calls what the strategy defines; what it doesn't define costs nothing."""

    def __init__(self, algorithm: QCAlgorithm) -> None:
        self._algorithm = algorithm
        self._found: dict[str, Any] = {}

    def find(self, name: str) -> Any:
        """The user's hook, or None."""
        if name not in self._found:
            self._found[name] = hook(self._algorithm, name, QCAlgorithm)
        return self._found[name]

    def call(self, name: str, *arguments: Any) -> None:
        """Call a hook, if the strategy has it."""
        found = self.find(name)
        if found is not None:
            found(*arguments)
