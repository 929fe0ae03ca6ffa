"""Orders: their kinds, the events of their lives, the tickets that strategies hold, and the book that carries them."""
