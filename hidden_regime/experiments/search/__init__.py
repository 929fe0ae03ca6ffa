"""Searches: which parameters to try next, given what is known of those tried."""

from hidden_regime.experiments.search.base import Search, Told, best_of
from hidden_regime.experiments.search.euler import Euler
from hidden_regime.experiments.search.grid import Grid
from hidden_regime.experiments.search.random import Random
from hidden_regime.experiments.search.tpe import Tpe

__all__ = ["Euler", "Grid", "Random", "Search", "Told", "Tpe", "best_of"]
