"""The steps of a hypothesis: each from what was asked and what earlier ones found to an outcome with its reason."""
