"""Figures of a run: samples, portfolio statistics, trade statistics."""
