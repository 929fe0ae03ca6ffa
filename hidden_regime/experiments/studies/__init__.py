"""A study: many trials of one strategy, what was best among them, and whether that is luck."""
