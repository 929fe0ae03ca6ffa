"""The `hidden-regime` command."""
