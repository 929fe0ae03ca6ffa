"""What the kernels hand to a backend: one struct of named arrays, made in `functions` and passed on whole."""

from __future__ import annotations

from typing import NamedTuple

from hidden_regime.kernels.results import Floats, Integers

COVARIANCES = ("diag", "full", "spherical", "tied")
"""Covariance types in the order of the backends' numbers: free variances, free covariances, one variance, one matrix."""


class Call(NamedTuple):
    """One call of a backend's `run`: what it reads, what it writes, and how it goes about it.

    A backend takes it by its names: C++ reads each attribute of the table in `native/problem.hpp`, and numba's parameters are
    called as the fields are, in their order. All arrays are C-contiguous. A job is a stretch of one series; what n_monomials
    counts is in `compiled`.

    Attributes
    ----------
    observations : (n_series, n_samples, n_features)
        Rows with NaN are missing. Log-densities of the states where the emissions are given.
    weights : (n_series, n_samples)
        Power to which each density is raised; (0, 0) where each counts once.
    jobs : (n_jobs, 3)
        Series, begin and end of each job.
    chain : (n_jobs, n_states + 1, n_states)
        Transitions, then the start's probabilities; overwritten by the fit's.
    moments : (n_jobs, n_states, n_monomials)
        Means of the monomials in each state; overwritten by the fit's.
    tails : (n_jobs or 0, n_states, 2)
        Of Student-t densities: degrees of freedom, and what their constants have besides their matrices', see `functions.tails`.
        No rows where densities are Gaussian, or given, and in a fit.
    center : (n_jobs, n_features or 0)
        What is subtracted from the observations first; no columns where the emissions are given.
    floor : (n_jobs, n_features or 0)
        Least variance of each feature given those before it.
    prior_counts : (n_jobs, n_states + 1, n_states)
        Pseudo-counts, laid out as `chain`.
    prior_sums : (n_jobs, n_states, n_monomials)
        Sums of the monomials of pseudo-observations.
    coefficients : (n_jobs, n_states, n_monomials)
        Written: each log-density as a linear function of the monomials.
    counts : (n_jobs, n_states + 1, n_states)
        Written: expected transitions and first states.
    sums : (n_jobs, n_states, n_monomials)
        Written: expected sums of the monomials.
    posterior : (n_jobs or 0, longest, n_states)
        Written, if it has rows: filtered probabilities, with `backward` smoothed ones.
    logs : (n_jobs or 0, longest)
        Written, if it has rows: log-densities of each observation given those before it.
    scores : (n_jobs, 2)
        Written: log-likelihood, objective.
    status : (n_jobs, 3)
        Written: number of M-steps, whether the fit converged, whether all covariances were positive definite.
    history : (n_jobs, n_iter + 1)
        Written: objective before each M-step and at the end. Its width says how many M-steps there may be.
    final : (n_jobs, n_states)
        Written: filtered (with `backward` smoothed) probabilities at each job's end.
    kind : int
        Place in `COVARIANCES`; one past the last where the emissions are given.
    backward : bool
        Whether to smooth what was filtered.
    tol : float
        A fit has converged that gains less than this.
    has_prior : bool
        Whether the prior says anything.
    threads : int
        Threads that share the jobs.
    """

    observations: Floats
    weights: Floats
    jobs: Integers
    chain: Floats
    moments: Floats
    tails: Floats
    center: Floats
    floor: Floats
    prior_counts: Floats
    prior_sums: Floats
    coefficients: Floats
    counts: Floats
    sums: Floats
    posterior: Floats
    logs: Floats
    scores: Floats
    status: Integers
    history: Floats
    final: Floats
    kind: int
    backward: bool
    tol: float
    has_prior: bool
    threads: int

    @property
    def longest(self) -> int:
        """Rows of the longest job."""
        return int((self.jobs[:, 2] - self.jobs[:, 1]).max(initial=0))

    def part(self, begin: int, end: int) -> Call:
        """The same for the jobs from `begin` to `end` only; what is written there is written here."""
        p = slice(begin, end)
        return self._replace(
            jobs=self.jobs[p], chain=self.chain[p], moments=self.moments[p], tails=self.tails[p],
            center=self.center[p], floor=self.floor[p],
            prior_counts=self.prior_counts[p], prior_sums=self.prior_sums[p], coefficients=self.coefficients[p],
            counts=self.counts[p], sums=self.sums[p], posterior=self.posterior[p], logs=self.logs[p], scores=self.scores[p],
            status=self.status[p], history=self.history[p], final=self.final[p])  # fmt: skip
