"""Where a strategy's orders go: a paper account here, LEAN on this machine, or QuantConnect's cloud."""
