"""Whether a deployment still does what its backtest did: tests that state how often they are wrong where nothing has changed."""
