"""The process that runs a deployment, and the one that keeps it running."""
