"""The run itself: what arrives at each moment, and what LEAN does with it, in its order."""
