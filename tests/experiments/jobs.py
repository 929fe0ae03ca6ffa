"""What workers are given to do: in a file that imports nothing, for each worker imports it."""

from __future__ import annotations

import os
import time


def squared(job):
    """The first is the last to be done."""
    time.sleep(0.02 if job == 0 else 0.0)
    return job * job


def process(job):
    return os.getpid()


def threads(job):
    return os.environ.get("OPENBLAS_NUM_THREADS"), os.environ.get("OMP_NUM_THREADS")


def failing(job):
    if job == 2:
        raise ValueError(f"job {job}")
    return job


def dying(here, job):
    """Ends the process that it is in, unless that is the one that asked."""
    if job == 1 and os.getpid() != here:
        os._exit(1)
    return job


def lost(job):
    return f"lost {job}"
