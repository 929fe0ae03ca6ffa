"""A stand-in for Docker whose containers are the embedded engine: no LEAN runs. For tests and for trying commands out."""
