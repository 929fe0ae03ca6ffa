"""What a Sharpe ratio says once its error, its moments, and the trials behind it are counted. All of returns of trading days."""

from hidden_regime.experiments.honesty.best_of_many import deflated_sharpe, expected_best_sharpe, minimum_backtest_length
from hidden_regime.experiments.honesty.effective_trials import EffectiveTrials, effective_trials
from hidden_regime.experiments.honesty.families import SuperiorAbility, confidence_set, superior_ability, superior_ones
from hidden_regime.experiments.honesty.holm import holm
from hidden_regime.experiments.honesty.moments import ReturnMoments, return_moments
from hidden_regime.experiments.honesty.noise_band import NoiseBand, pbo_noise_band
from hidden_regime.experiments.honesty.overfitting import Overfitting, pbo
from hidden_regime.experiments.honesty.paired import SharpeDifference, sharpe_difference
from hidden_regime.experiments.honesty.paired_bootstrap import BootstrapDifference, sharpe_difference_bootstrap
from hidden_regime.experiments.honesty.sharpe import lo_eta, minimum_track_record, probabilistic_sharpe, sharpe_se
from hidden_regime.experiments.honesty.sharpe_interval import SharpeInterval, sharpe_interval
from hidden_regime.experiments.honesty.t_test import MeanDifference, paired_t_test

__all__ = [
    "BootstrapDifference",
    "EffectiveTrials",
    "MeanDifference",
    "NoiseBand",
    "Overfitting",
    "ReturnMoments",
    "SharpeDifference",
    "SharpeInterval",
    "SuperiorAbility",
    "confidence_set",
    "deflated_sharpe",
    "effective_trials",
    "expected_best_sharpe",
    "holm",
    "lo_eta",
    "minimum_backtest_length",
    "minimum_track_record",
    "paired_t_test",
    "pbo",
    "pbo_noise_band",
    "probabilistic_sharpe",
    "return_moments",
    "sharpe_difference",
    "sharpe_difference_bootstrap",
    "sharpe_interval",
    "sharpe_se",
    "superior_ability",
    "superior_ones",
]
