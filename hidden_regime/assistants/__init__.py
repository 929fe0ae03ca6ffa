"""Hands for assistants: the commands of this package as tools of the Model Context Protocol, under the same guard of costs."""
