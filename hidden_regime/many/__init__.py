"""Many detectors, many trainings at once: in one call of the kernels, in threads, processes or on a cluster."""
