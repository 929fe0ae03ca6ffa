"""Answers that were kept: regimes, signals, forecasts and cache keys, by the number. See README.md beside this file."""
