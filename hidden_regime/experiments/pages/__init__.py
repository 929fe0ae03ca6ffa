"""Pages of studies and walk-forwards: self-contained, for the screen and for paper."""
