"""Calls as pythonnet binds them: LEAN's overloads, its parameters' names, what each takes, and its words when none fits."""

from hidden_regime.simulator.binding.binder import Binder, binding, bound, taking

__all__ = ["Binder", "binding", "bound", "taking"]
