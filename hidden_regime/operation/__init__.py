"""Strategies that run every day: paper trading and its journal, targets, guards, alerts, and what is to be accounted for."""
