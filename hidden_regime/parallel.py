"""Many trainings at once, with equal results whatever the number of threads."""

from __future__ import annotations

import os
from collections.abc import Sequence

from hidden_regime.exceptions import TrainingError
from hidden_regime.models.training import Task, Trained, train

MOST_THREADS = 4
"""A strategy's machine has few cores; more threads than series only cost their start."""


def train_together(tasks: Sequence[Task], *, threads: int | None = None) -> list[Trained | TrainingError]:
    """Train all tasks in one kernel call that threads share; they are joined before it returns.

    Parameters
    ----------
    tasks : sequence of Task
    threads : int, optional
        Default: one for each processor, at most four.
    """
    count = min(os.cpu_count() or 1, MOST_THREADS) if threads is None else threads
    return train(tasks, threads=count)
