"""Predictive densities of daily returns, ours and those to beat, each made from what was known the day before."""
