"""Hidden Markov model with Gaussian emissions."""

from __future__ import annotations

from hidden_regime.models.em import EMModel


class GaussianHMM(EMModel):
    """Gaussian hidden Markov model, fitted by expectation-maximisation.

    log p(x_t | state k) = log N(x_t; mean_k, covar_k). The likelihood never falls from one iteration to the next, and a
    variance can't collapse: it is floored at a share of the data's own, so decimal and percent returns give the same
    states.

    Parameters
    ----------
    n_states : int
        Number of hidden states.
    covariance_type : "diag", "full", "spherical" or "tied"
        What is free in each state: the variances, all covariances, one variance for all features; or one covariance matrix
        for all states.
    n_iter : int
        Largest number of iterations.
    tol : float
        Stop when the objective (log-likelihood plus log-prior) gains less, in nats.
    init : sequence of str
        Starts, of "volatility" (equal groups by volatility around each bar), "kmeans" and "random"; the best one wins.
    n_init : int
        Random starts besides those of `init`: on a year of days three states can be some nats below what 20 of them find.
    warm_start : bool
        Go on from the last fit; the starts are its challengers then.
    margin : float
        Nats by which a later start must beat the first.
    min_covar : float
        Floor of each feature's variance (given the features before it), as a share of its variance in the data.
    stay_duration, stay_weight : float
        Prior on persistence: each state is expected to last `stay_duration` bars, worth `stay_weight` bars of evidence.
        Weight 0, the default, is maximum likelihood.
    startprob_prior, transmat_prior : float or array
        Dirichlet parameters of the first state and of the transitions out of each: a - 1 imagined counts. 1 says nothing.
    transmat_mask : "left-to-right" or (n_states, n_states) array of 0 and 1, optional
        Transitions that are possible. Left to right: no way back to a lower state.
    means_prior, covars_prior, prior_weight
        Normal-inverse-gamma (or -Wishart) prior of each state: `prior_weight` imagined bars with this mean and covariance;
        by default the data's own. In the usual symbols kappa = nu + d + 2 = prior_weight, Psi = prior_weight * covars_prior.
    half_life : float, optional
        Exponential forgetting: the density of an observation so many bars before the last counts to the power 1/2.
    startprob_init, transmat_init, means_init, covars_init : array, optional
        A start of your own, given whole; it is tried before the others.
    random_state : int, optional
        Seed of the k-means and random starts; None takes another one at each fit.
    order_by : "volatility", "mean", "share", the name of a feature, or callable, optional
        Order of the states: calm ones first, low means of the first feature first, or frequent ones first. None, the default,
        leaves them as the winning start had them, which differs from fit to fit.

    Attributes
    ----------
    startprob_ : (n_states,)
    transmat_ : (n_states, n_states)
        The row of a state that is never left (the last bar alone is in it, and no prior says anything) is the average row: how
        often each state follows at all. A `NoEvidenceWarning` names such states.
    means_ : (n_states, n_features)
    covars_ : (n_states, n_features) for "diag", (n_states, n_features, n_features) for "full", (n_states,) for "spherical",
        (n_features, n_features) for "tied"
    log_likelihood_ : float
    converged_ : bool
    n_iter_ : int
    history_ : (n_iter_ + 1,)
        Objective at each iteration; never falls.
    restarts_ : DataFrame
        A row for every start: its name, likelihood, objective and iterations, whether it converged and was chosen.

    References
    ----------
    Rabiner (1989), "A tutorial on hidden Markov models", Proceedings of the IEEE 77(2).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = np.concatenate([rng.normal(0, 1, 200), rng.normal(0, 4, 200)])[:, None]
    >>> model = GaussianHMM(n_states=2).fit(X)
    >>> model.predict_online(X)[[100, 300]].tolist()
    [0, 1]
    """
