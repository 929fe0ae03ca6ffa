"""What your own parts must satisfy to be right inside: the suites that the package's own parts pass."""

from hidden_regime.testing.causality import check_causal, check_causal_function
from hidden_regime.testing.features import check_feature
from hidden_regime.testing.models import check_model
from hidden_regime.testing.naming import check_naming
from hidden_regime.testing.stores import check_store
from hidden_regime.testing.trainers import check_trainer

__all__ = [
    "check_causal", "check_causal_function", "check_feature", "check_model", "check_naming", "check_store", "check_trainer",
]  # fmt: skip
