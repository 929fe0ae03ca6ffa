"""Hidden Markov models of observations."""
