"""Members of the algorithm, a room each."""
