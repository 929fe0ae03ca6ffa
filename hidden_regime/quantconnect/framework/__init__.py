"""Regimes for the models of LEAN's framework."""
