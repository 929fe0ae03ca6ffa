"""Strategies that drop into a LEAN project, one class a file. They run unchanged in the embedded engine."""
