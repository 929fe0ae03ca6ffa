"""Requests for past data."""

from hidden_regime.simulator.history.requests import History

__all__ = ["History"]
