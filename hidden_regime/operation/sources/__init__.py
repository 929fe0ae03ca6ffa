"""Where bars come from while a strategy runs: files that grow, an address, one's own class, or finished data played back."""
