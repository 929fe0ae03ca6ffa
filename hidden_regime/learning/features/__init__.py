"""Features: columns of bars and regimes, each of which knows its own bar and those before it alone."""

from hidden_regime.learning.features.making import Features, make_features
from hidden_regime.learning.features.spec import FeatureSpec

__all__ = ["FeatureSpec", "Features", "make_features"]
