"""Running strategies: what is asked of them before, told of them while they run, and settled after."""
