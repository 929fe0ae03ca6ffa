"""The guard of costs: nothing that costs money runs without an estimate that fits into a budget."""
