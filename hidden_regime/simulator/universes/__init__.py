"""Universes: which securities a strategy has, chosen by rule."""
