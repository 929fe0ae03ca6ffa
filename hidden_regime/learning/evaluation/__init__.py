"""Whether a model knows anything: figures out of fold, beside what knows nothing, with their errors."""

from hidden_regime.learning.evaluation.evaluating import evaluate
from hidden_regime.learning.evaluation.evaluation import Evaluation

__all__ = ["Evaluation", "evaluate"]
