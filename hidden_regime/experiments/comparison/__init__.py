"""Strategies beside each other over the same days, and whether they differ by more than luck."""
