"""What trainings know before they see a window, as pseudo-counts and pseudo-observations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hidden_regime import kernels
from hidden_regime.kernels.results import Floats
from hidden_regime.models.arrays import piled
from hidden_regime.models.parameters import Evidence
from hidden_regime.models.task import Task


def prior_of(tasks: Sequence[Task]) -> kernels.Prior:
    """The priors of some tasks of as many states and features, with a leading axis of tasks."""
    n_states, n_features = tasks[0].n_states, tasks[0].observations.shape[1]
    startprob, transmat = np.zeros((len(tasks), n_states)), np.zeros((len(tasks), n_states, n_states))
    if n_states > 1:
        weight = np.array([task.stay_weight for task in tasks])
        leave = weight / np.array([task.stay_duration for task in tasks])
        transmat[:] = (leave / (n_states - 1))[:, None, None]
        transmat.reshape(len(tasks), -1)[:, :: n_states + 1] = (weight - leave)[:, None]
    for i, task in enumerate(tasks):
        if task.transmat_counts is not None:
            transmat[i] += task.transmat_counts
        if task.mask is not None:
            transmat[i] *= task.mask
        if task.startprob_counts is not None:
            startprob[i] = task.startprob_counts
    nothing = Evidence.nothing(n_states, n_features)
    memory = [nothing if task.memory is None else task.memory for task in tasks]
    return kernels.Prior(startprob, transmat, *(piled(part) for part in zip(*memory, strict=True)))


def says_nothing(prior: kernels.Prior) -> bool:
    """Whether a prior is none: the kernels are faster without."""
    return not (prior.startprob.any() or prior.transmat.any() or prior.weight.any())


def transition_counts(task: Task) -> Floats:
    """Pseudo-counts (n_states, n_states) that the prior adds to those of the transitions."""
    return np.asarray(prior_of([task]).transmat[0])
