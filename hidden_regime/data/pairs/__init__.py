"""Crypto and forex spot: markets with their hours, pairs with their lots, and bars of trades and quotes."""
