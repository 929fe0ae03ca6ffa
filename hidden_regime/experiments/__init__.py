"""Experiments: runs, searches for parameters, and whether what they find is luck."""
