"""Measurements that the documentation quotes, each beside what a user would otherwise pick."""
